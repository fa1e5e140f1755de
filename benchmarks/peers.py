"""``make bench-peers``: the portal beside Datasette and a portal as it is usually written, on the same rows.

``SIZES=160,10000`` says how many rows. For each size a synthetic edition is made, copied into a table for
Datasette, and served by all at once from this machine; each is asked the same questions over one kept
connection, in turns (A B C A B C), so that a drift of the machine's speed meets all alike. Figures are
medians of rounds; compare the ratios, not the times, between machines. What was made stays in
``var/peers/`` for the next run. From 100,000 rows on there is one round: some answers take a minute.

The portal is asked three times: for searches that nobody asked before, each with another bound that leaves
nothing out; for the same search again without keeping any answer, which is what the next page of a search
takes, as its numbers and its panel are kept; and as served, where whole answers are kept until something
changes. Datasette and the usual portal keep none. What they do not give is not counted against them:
Datasette has no sums, and both count a facet with its own filter.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from portal.management.commands.serve import server_command
from tests.serving import HOST, ROOT, Portal, free_port, running, served

from .chart import Row, drawn

SIZES = [int(size) for size in os.environ.get("SIZES", "160,10000").split(",")]
ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = float(os.environ.get("SECONDS", "0.5"))
DATASETTE = ROOT / ".venv" / "peers" / "bin" / "datasette"
MADE = ROOT / "var" / "peers"
# From so many rows on one round is enough to wait for.
LARGE = 100_000
CONNECTIONS = 4
# Datasette reads a file that never changes from end to end before it answers: seconds, for each GB.
READY_WITHIN = 600.0
SHOWN = (
    "from opportunities import publishing; from opportunities.models import Edition;"
    " publishing.make_current(Edition.objects.get(code='load-{size}'))"
)
CHART = ROOT / "docs" / "pictures" / "peers.svg"
PORTAL, DATASETTE_NAME = "portal, not kept", "Datasette"
FIRST = "portal, first"
PAGE, JSON = KINDS = "page", "JSON"


@dataclass(frozen=True)
class Question:
    """The same question in the words of the portal, which the usual one shares, and of Datasette."""

    name: str
    portal: str
    datasette: str


QUESTIONS = (
    Question("no filter", "", ""),
    Question("a region", "region=metro", "region__arraycontains=metro"),
    Question(
        "sector, region, bracket",
        "sector=smart-ev&region=metro&bracket=10-50",
        "sector=smart-ev&region__arraycontains=metro&bracket=10-50",
    ),
    Question("a range", "investment_min=10&investment_max=30", "investment__gte=10&investment__lte=30"),
    Question("a word", f"q={quote('生产线')}", f"_search={quote('生产线')}"),
)


@dataclass(frozen=True)
class Peer:
    """A server that is asked: the addresses of a question's page and facets, and its number in the JSON."""

    name: str
    port: int
    paths: Callable[[Question], dict[str, str]]
    count: str


@dataclass
class Case:
    """One question put to one peer, as a page or as JSON: the median time (ms) of each round."""

    peer: Peer
    question: Question
    kind: str
    times: list[float] = field(default_factory=list)

    @property
    def path(self) -> str:
        return self.peer.paths(self.question)[self.kind]


# --- what is compared -----------------------------------------------------------------------------


def of_portal(question: Question) -> dict[str, str]:
    query = f"?{question.portal}" if question.portal else ""
    return {PAGE: f"/opportunities/{query}", JSON: f"/api/v1/facets/{query}"}


# Periods that leave nothing out, as many as it takes for what is kept of one to be gone when it comes again.
EVERY_PERIOD = itertools.cycle(
    f"{least}cycle_max={most}" for least in ("", "cycle_min=1&") for most in range(100, 240)
)


def of_portal_first(question: Question) -> dict[str, str]:
    query = "&".join(filter(None, (question.portal, next(EVERY_PERIOD))))
    return {PAGE: f"/opportunities/?{query}", JSON: f"/api/v1/facets/?{query}"}


def of_naive(question: Question) -> dict[str, str]:
    query = f"?{question.portal}" if question.portal else ""
    return {PAGE: f"/{query}", JSON: f"/json{query}"}


def of_datasette(question: Question) -> dict[str, str]:
    facets = "_facet=sector&_facet=bracket&_facet=cycle&_facet=status&_facet_array=region"
    facets += "&_facet_array=district&_facet_array=cooperation"
    query = "&".join(filter(None, (question.datasette, facets)))
    table = "/rows/opportunities"
    return {
        PAGE: f"{table}?{query}&_size=20&_sort_desc=investment",
        JSON: f"{table}.json?{query}&_size=0",
    }


# The rows as somebody would publish them with Datasette: one table, facets as columns or lists, an index
# for each plain column and one over the words, of three characters as it has no other for Chinese.
TABLE = """
CREATE TABLE opportunities (
  reference TEXT PRIMARY KEY, name_zh TEXT, name_en TEXT, summary_zh TEXT, summary_en TEXT, content_zh TEXT,
  content_en TEXT, sector TEXT, investment REAL, bracket TEXT, cycle_months INTEGER, cycle TEXT, status TEXT,
  region TEXT, district TEXT, cooperation TEXT, updated_at TEXT
);
INSERT INTO opportunities SELECT
  reference, o.name_zh, o.name_en, summary_zh, summary_en, content_zh, content_en, s.slug, investment,
  CASE WHEN investment < 10 THEN 'under-10' WHEN investment < 50 THEN '10-50'
    WHEN investment < 100 THEN '50-100' ELSE '100-plus' END,
  cycle_months,
  CASE WHEN cycle_months < 13 THEN 'up-to-12' WHEN cycle_months < 25 THEN '13-24'
    WHEN cycle_months < 37 THEN '25-36' ELSE 'over-36' END,
  status,
  (SELECT json_group_array(DISTINCT r.slug) FROM portal.opportunities_location l
    JOIN portal.opportunities_district d ON d.id = l.district_id
    JOIN portal.opportunities_region r ON r.id = d.region_id WHERE l.opportunity_id = o.id),
  (SELECT json_group_array(d.code) FROM portal.opportunities_location l
    JOIN portal.opportunities_district d ON d.id = l.district_id WHERE l.opportunity_id = o.id),
  (SELECT json_group_array(c.form) FROM portal.opportunities_cooperation c WHERE c.opportunity_id = o.id),
  updated_at
FROM portal.opportunities_opportunity o
JOIN portal.opportunities_edition e ON e.id = o.edition_id AND e.is_current
JOIN portal.opportunities_sector s ON s.id = o.sector_id
WHERE publication = 'published';
CREATE INDEX by_sector ON opportunities (sector);
CREATE INDEX by_investment ON opportunities (investment);
CREATE INDEX by_bracket ON opportunities (bracket);
CREATE INDEX by_cycle ON opportunities (cycle);
CREATE INDEX by_status ON opportunities (status);
CREATE VIRTUAL TABLE words USING fts5(name_zh, name_en, summary_zh, summary_en, content_zh, content_en,
  content="opportunities", tokenize='trigram');
INSERT INTO words(words) VALUES ('rebuild');
ANALYZE;
"""


def datasette_command(database: Path, port: int) -> list[str]:
    """Datasette on rows that never change, without the limits at which it leaves facets out."""
    limits = {
        "sql_time_limit_ms": 60_000,
        "facet_time_limit_ms": 60_000,
        "default_facet_size": 100,
        "suggest_facets": 0,
    }
    settings = [part for name, value in limits.items() for part in ("--setting", name, str(value))]
    return [str(DATASETTE), "serve", "-i", str(database), "--host", HOST, "--port", str(port), *settings]


@contextmanager
def synthetic(size: int, **settings: str) -> Iterator[Portal]:
    """A portal that serves ``size`` synthetic entries, with ``rows.db`` for Datasette beside its database."""
    with served(folder=MADE / str(size), **settings) as portal:
        database = portal.folder / "rows.db"
        if not database.exists():
            said(f"{size} rows: making them, which takes a minute for each 60,000 …")
            portal.manage("make_load", str(size), "--current", "--replace")
            partial = database.with_suffix(".partial")
            partial.unlink(missing_ok=True)
            with closing(sqlite3.connect(partial)) as rows:
                rows.execute("ATTACH ? AS portal", (str(portal.folder / "portal.sqlite3"),))
                rows.executescript(TABLE)
            partial.replace(database)
        # The samples are current again whenever a portal is made ready.
        portal.manage("shell", "--verbosity", "0", "--command", SHOWN.format(size=size))
        yield portal


@contextmanager
def peers(size: int) -> Iterator[list[Peer]]:
    """All of them, served on the same ``size`` rows until the block ends."""
    with ExitStack() as stack:
        portal = stack.enter_context(synthetic(size))

        def start(command: Callable[[int], list[str]], ready: str, **settings: str) -> int:
            port = free_port()
            environment = {**portal.environment, **settings}
            address = f"http://{HOST}:{port}{ready}"
            server = running(command(port), address, environment, silent=True, within=READY_WITHIN)
            stack.enter_context(server)
            return port

        fresh = start(server_command, "/readyz", CACHE_URL="dummycache://")
        naive = start(server_command, "/ready", DJANGO_SETTINGS_MODULE="benchmarks.naive_settings")
        database = portal.folder / "rows.db"
        datasette = start(lambda port: datasette_command(database, port), "/-/versions.json")
        yield [
            Peer(FIRST, fresh, of_portal_first, "count"),
            Peer(PORTAL, fresh, of_portal, "count"),
            Peer("portal, kept", portal.port, of_portal, "count"),
            Peer(DATASETTE_NAME, datasette, of_datasette, "filtered_table_rows_count"),
            Peer("usual Django", naive, of_naive, "count"),
        ]


# --- measuring ------------------------------------------------------------------------------------


def ask(connection: http.client.HTTPConnection, path: str) -> bytes:
    """The body of an answer; the connection is opened where it is not."""
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{path} answered {answer.status}: {body[:200]!r}")
    return body


def check(cases: Sequence[Case], connections: dict[Peer, http.client.HTTPConnection]) -> None:
    """All must find the same number; this warms them, too."""
    found: dict[str, dict[str, int]] = {}
    for case in cases:
        # While others took their minutes, a server may have closed it.
        connections[case.peer].close()
        body = ask(connections[case.peer], case.path)
        if case.kind == JSON:
            found.setdefault(case.question.name, {})[case.peer.name] = json.loads(body)[case.peer.count]
    for question, numbers in found.items():
        if len(set(numbers.values())) != 1:
            raise SystemExit(f"“{question}” is not the same question: {numbers}")
        said(f"“{question}” finds {next(iter(numbers.values()))}")


def measure(case: Case, connection: http.client.HTTPConnection) -> None:
    connection.close()
    times: list[float] = []
    until = time.perf_counter() + SECONDS
    while not times or time.perf_counter() < until:
        path = case.path
        started = time.perf_counter()
        ask(connection, path)
        times.append(1000 * (time.perf_counter() - started))
    case.times.append(statistics.median(times))


def rate(peer: Peer, question: Question) -> float:
    """How many pages a second a peer answers a question with, over a few connections at once.

    The median of the rounds, each over connections of its own: which of a server's processes takes one is
    chance, and where one takes them all, the other rests.
    """
    return statistics.median(_rate(peer, question) for _ in range(ROUNDS))


def _rate(peer: Peer, question: Question) -> float:
    until = time.perf_counter() + SECONDS

    def asked() -> int:
        connection = http.client.HTTPConnection(HOST, peer.port, timeout=900)
        count = 0
        while time.perf_counter() < until:
            ask(connection, peer.paths(question)[PAGE])
            count += 1
        connection.close()
        return count

    started = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as readers:
        count = sum(future.result() for future in [readers.submit(asked) for _ in range(CONNECTIONS)])
    return count / (time.perf_counter() - started)


def rates(asked: Sequence[Peer]) -> str:
    """Pages a second of each peer, and how many times Datasette's that is."""
    lines = [f"| pages a second | {' | '.join(peer.name for peer in asked)} |"]
    lines.append("| --- |" + " ---: |" * len(asked))
    for question in QUESTIONS[:3]:
        found = {peer.name: rate(peer, question) for peer in asked}
        times = [f"{number:.0f} ({number / found[DATASETTE_NAME]:.1f}×)" for number in found.values()]
        lines.append(f"| {question.name} | {' | '.join(times)} |")
    return "\n".join(lines)


def compared(size: int) -> list[Row]:
    """The median times of every question at one size; of small ones the rates are printed, too."""
    said(f"{size} rows …")
    with peers(size) as asked:
        # The kind and the question outside, so that the peers take turns.
        cases = [Case(peer, question, kind) for kind in KINDS for question in QUESTIONS for peer in asked]
        connections = {peer: http.client.HTTPConnection(HOST, peer.port, timeout=900) for peer in asked}
        check(cases, connections)
        rounds = 1 if size >= LARGE else ROUNDS
        for number in range(1, rounds + 1):
            for done, case in enumerate(cases, start=1):
                said(f"{size} rows, round {number} of {rounds}, {done} of {len(cases)} …", again=True)
                measure(case, connections[case.peer])
        for connection in connections.values():
            connection.close()
        if size < LARGE:
            print(f"{size:,} rows, {CONNECTIONS} connections:\n\n{rates(asked)}\n", flush=True)
    return [
        Row(size, kind, question.name, times_of(cases, kind, question))
        for kind in KINDS
        for question in QUESTIONS
    ]


def times_of(cases: Sequence[Case], kind: str, question: Question) -> dict[str, float]:
    return {
        case.peer.name: statistics.median(case.times)
        for case in cases
        if case.kind == kind and case.question == question
    }


# --- saying it ------------------------------------------------------------------------------------


def table(rows: Sequence[Row]) -> str:
    """The times in milliseconds and, for all but the portal, how many times the portal's that is."""
    names = list(rows[0].times)
    lines = [
        "| rows | answer | question | " + " | ".join(f"{name}, ms" for name in names) + " |",
        "| ---: | --- | --- |" + " ---: |" * len(names),
    ]
    for row in rows:
        times = [written(row.times[name], row.times[PORTAL], name != PORTAL) for name in names]
        lines.append(f"| {row.size:,} | {row.kind} | {row.question} | {' | '.join(times)} |")
    return "\n".join(lines)


def written(milliseconds: float, portals: float, is_peer: bool) -> str:
    """A time, and of a peer how many times the portal's it is: ``26.1 (3.2×)``."""
    time = f"{milliseconds:.1f}" if milliseconds < 100 else f"{milliseconds:.0f}"
    times = float(f"{milliseconds / portals:.2g}")
    return f"{time} ({times:g}×)" if is_peer else time


def said(text: str, *, again: bool = False) -> None:
    """Progress: in place on a terminal, and else only what is not said again and again."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="" if again else "\n", file=sys.stderr, flush=True)
    elif not again or ", 1 of " in text:
        print(text, file=sys.stderr, flush=True)


def main() -> int:
    if not DATASETTE.exists():
        raise SystemExit("Datasette is not installed; `make bench-peers` does it.")
    rows: list[Row] = []
    for size in SIZES:
        own = compared(size)
        print(f"{table(own)}\n", flush=True)
        rows += own
    CHART.write_text(drawn(rows), encoding="utf-8")
    print(f"Drawn in {CHART.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
