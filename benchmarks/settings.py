"""The portal's settings with one more address: a page without content, to compare with."""

from portal.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.urls"
