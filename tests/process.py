"""A server process of its own on the tests' database: for each search it reads, it writes what it finds.

Started by ``started``; every list is large to it, so that it answers from what it has in memory.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent


class Process:
    """A started process; ``finds`` asks it and waits for its answer."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def finds(self, query: str) -> str:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{query}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()


@contextmanager
def started(count: int) -> Iterator[list[Process]]:
    """So many processes, until the block ends."""
    environment = {**os.environ, "DATABASE_URL": _database(), "DJANGO_SETTINGS_MODULE": "portal.settings"}
    command = [sys.executable, "-m", "tests.process"]
    with ExitStack() as stack:
        yield [
            Process(
                stack.enter_context(
                    subprocess.Popen(
                        command,
                        cwd=ROOT,
                        env=environment,
                        stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE,
                        text=True,
                    )
                )
            )
            for _ in range(count)
        ]


def _database() -> str:
    from django.db import connection

    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def found(query: str) -> str:
    """What a search finds, in one line."""
    from django.http import QueryDict

    from opportunities.search.query import Search

    search = Search.from_query(QueryDict(query))
    assert search.ready, "every list is large here"
    return f"{search.facets} {search.keys(search.count)}"


def main() -> None:
    import django

    django.setup()
    from opportunities.search import scheme

    scheme.LARGE_FROM = 1
    for line in sys.stdin:
        print(found(line.rstrip("\n")), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
