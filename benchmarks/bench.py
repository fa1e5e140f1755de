"""``make bench``: rates of the faceted page and the facets API beside a bare page, and how soon pages paint.

Serves the portal as ``make run`` does, on a copy of the sample catalogue, and asks it over HTTP from
one process with a few kept connections. Figures are ratios: compare them, not the rates, between
machines. Rounds go A B C A B C, so that a drift of the machine's speed meets all alike.
"""

from __future__ import annotations

import itertools
import os
import re
import socket
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.serving import HOST, served

from . import paint

CONNECTIONS = 4
ROUNDS = 5
SECONDS = float(os.environ.get("SECONDS", "2"))

SECTORS = (
    "smart-ev",
    "biomedicine",
    "smart-equipment",
    "culture-commerce-consumer",
    "advanced-materials",
    "electronics",
    "software",
    "food",
    "new-energy",
)


@dataclass
class Case:
    """One kind of request: how its paths come, and the request headers beyond the usual."""

    name: str
    paths: Callable[[], Iterator[str]]
    headers: str = ""
    status: bytes = b"200"
    rates: list[float] = field(default_factory=list)
    times: list[float] = field(default_factory=list)


def new_searches(path: str) -> Iterator[str]:
    """Searches that were not asked before in this revision, each with a different range."""
    for number in _NUMBERS:
        sector = SECTORS[number % len(SECTORS)]
        amount = f"{number % 7}.{number // 7 % 90 + 10}"
        yield f"{path}?sector={sector}&investment_min={amount}&cycle_min={number // 630 + 1}"


_NUMBERS = (n for n in itertools.count() if (n // 7 % 90 + 10) % 10 and n // 630 < 239)


def main() -> int:
    with served(DJANGO_SETTINGS_MODULE="benchmarks.settings") as portal:
        cases = _cases(portal.port)
        for number in range(ROUNDS):
            print(f"round {number + 1} of {ROUNDS} …", file=sys.stderr, flush=True)
            for case in cases:
                _measure(case, portal.port)
        print(_table(cases))
        print("\n" + paint.table(portal.address))
    return 0


def _cases(port: int) -> list[Case]:
    page, facets = "/opportunities/", "/api/v1/facets/"
    warm_page, warm_facets = f"{page}?region=metro&bracket=10-50", f"{facets}?region=metro&bracket=10-50"
    tag = re.search(rb"(?i)etag: (\S+)", _ask(_connect(port), warm_page)[0])
    if tag is None:
        raise SystemExit("the page carries no ETag")
    return [
        Case("bare page", lambda: itertools.repeat("/bare/")),
        Case("faceted page, warm", lambda: itertools.repeat(warm_page)),
        Case("facets API, warm", lambda: itertools.repeat(warm_facets)),
        Case(
            "faceted page, 304",
            lambda: itertools.repeat(warm_page),
            f"If-None-Match: {tag[1].decode()}\r\n",
            b"304",
        ),
        Case("faceted page, uncached", lambda: new_searches(page)),
        Case("facets API, uncached", lambda: new_searches(facets)),
    ]


def _connect(port: int) -> socket.socket:
    connection = socket.create_connection((HOST, port), timeout=30)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _ask(connection: socket.socket, path: str, headers: str = "") -> tuple[bytes, bytes]:
    """One GET on a kept connection: the head and the body as sent."""
    connection.sendall(
        f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept-Encoding: gzip\r\n{headers}\r\n".encode()
    )
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65536)
        if not chunk:
            raise ConnectionError("the server closed the connection")
        received += chunk
    head, body = received.split(b"\r\n\r\n", 1)
    length = re.search(rb"(?i)content-length: (\d+)", head)
    wanted = int(length[1]) if length else 0
    while len(body) < wanted:
        body += connection.recv(65536)
    return head, body


def _measure(case: Case, port: int) -> None:
    paths = case.paths()
    lock = threading.Lock()
    until = time.perf_counter() + SECONDS
    counts, times = [], []

    def ask_on() -> None:
        connection, count = _connect(port), 0
        while time.perf_counter() < until:
            with lock:
                path = next(paths)
            started = time.perf_counter()
            head, _body = _ask(connection, path, case.headers)
            times.append(time.perf_counter() - started)
            if case.status not in head[:15]:
                raise SystemExit(f"{path} answered {head[:60]!r}")
            count += 1
        counts.append(count)
        connection.close()

    threads = [threading.Thread(target=ask_on) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    case.rates.append(sum(counts) / SECONDS)
    case.times.extend(times)


def _table(cases: list[Case]) -> str:
    lines = [
        "| request | requests/s | p50 ms | p95 ms | of the bare page's rate |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for case in cases:
        times = sorted(case.times)
        ratio = statistics.median(a / b for a, b in zip(case.rates, cases[0].rates, strict=True))
        lines.append(
            f"| {case.name} | {statistics.median(case.rates):.0f} | {1000 * times[len(times) // 2]:.1f} "
            f"| {1000 * times[len(times) * 95 // 100]:.1f} | {ratio:.2f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
