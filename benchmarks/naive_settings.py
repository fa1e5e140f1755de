"""The portal's database under a portal as it is usually written: no middleware, nothing kept."""

from portal.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.naive"
MIDDLEWARE: list[str] = []
