"""``make bench-sizes``: the same searches by facets alone, asked of a small list and of a large one in turns.

``SIZES=160,1000000`` says of how many synthetic entries; they are those of ``make bench-peers``. Each search
is a random one that nobody asked before (``SEARCHES`` of them, of one to three facets, the same ones each
time), and is asked twice. No answer is kept: the second page is worked out with what is kept of its search,
as another order of it would be. Figures are medians; compare the ratios, not the times, between machines.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from urllib.parse import urlencode

from tests.serving import HOST

from .peers import ask, synthetic

SIZES = [int(size) for size in os.environ.get("SIZES", "160,1000000").split(",")]
SEARCHES = int(os.environ.get("SEARCHES", "300"))
# Facets that a search chooses values of, at most so many of each.
FACETS_MAX, VALUES_MAX = 3, 2
WARMING = 40
FIRST, AGAIN = KINDS = "nobody asked before", "again"

Times = dict[tuple[int, str, int], list[float]]


def searches(values: dict[str, list[str]]) -> Iterator[tuple[int, str]]:
    """Random queries without end, each once: how many facets they choose values of, and the query."""
    chance, given = random.Random(2024), set()
    while True:
        number = chance.randint(1, FACETS_MAX)
        pairs = [
            (facet, value)
            for facet in sorted(chance.sample(list(values), number), key=list(values).index)
            for value in sorted(chance.sample(values[facet], chance.randint(1, VALUES_MAX)))
        ]
        query = urlencode(pairs)
        if query not in given:
            given.add(query)
            yield number, query


def measured(connections: dict[int, http.client.HTTPConnection], asked: Iterable[tuple[int, str]]) -> Times:
    """Milliseconds of each page by the number of its facets, by kind and by size."""
    times: Times = {}
    for number, query in asked:
        for kind in KINDS:
            for size, connection in connections.items():
                started = time.perf_counter()
                ask(connection, f"/opportunities/?{query}")
                taken = 1000 * (time.perf_counter() - started)
                times.setdefault((number, kind, size), []).append(taken)
    return times


def table(times: Times) -> str:
    """The medians in milliseconds, and how many times the first size's they are."""
    smallest, *others = SIZES
    heads = [f"{size:,} entries, ms" for size in SIZES]
    lines = [f"| facets | search | {' | '.join(heads)} |", "| ---: | --- |" + " ---: |" * len(SIZES)]
    for number in range(1, FACETS_MAX + 1):
        for kind in KINDS:
            of = {size: statistics.median(times[number, kind, size]) for size in SIZES}
            cells = [f"{of[size]:.1f} ({of[size] / of[smallest]:.2f}×)" for size in others]
            lines.append(f"| {number} | {kind} | {of[smallest]:.1f} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> int:
    with ExitStack() as stack:
        portals = {size: stack.enter_context(synthetic(size, CACHE_URL="dummycache://")) for size in SIZES}
        connections = {
            size: http.client.HTTPConnection(HOST, portal.port, timeout=900)
            for size, portal in portals.items()
        }
        facets = json.loads(ask(connections[SIZES[0]], "/api/v1/facets/"))["facets"]
        queries = searches({name: [one["value"] for one in values] for name, values in facets.items()})
        measured(connections, islice(queries, WARMING))
        print(table(measured(connections, islice(queries, SEARCHES))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
