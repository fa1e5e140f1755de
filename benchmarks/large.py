"""``make bench-large``: what searches, suggestions and writes of a large list take, on either database.

``DATABASE_URL`` names a database whose current edition is synthetic (``make_load N --current``); entries of
it are changed. Each question is asked in this process as the search page asks it: its numbers and the keys
of its first page, with nothing kept of the words. Figures are milliseconds; a write is compared with a
plain save.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from urllib.parse import quote

from django.db import connection, transaction
from django.http import QueryDict

from opportunities import publishing
from opportunities.models import Opportunity
from opportunities.search import columns, text
from opportunities.search.parameters import DEPTH_MAX
from opportunities.search.query import Search
from opportunities.search.scheme import Scheme
from opportunities.search.suggesting import suggest
from opportunities.synthesising import PREFIX

WRITES = 200
WRITERS = 4
TIMES = 15
TYPED = [
    "梁",
    "梁平",
    "半导",
    "bandaoti",
    "l",
    "li",
    "10亿",
    "汽车 梁",
    "LOAD",
    "chip",
    "food",
    "装备制",
    "e",
    "基地",
]
WORDS = ["基地", "项目", "装备", "生产", "汽车", "储能", "芯片", "锂电", "物流", "医药", "园区", "工厂"]


def main() -> None:
    begun = time.perf_counter()
    search = Search.everything()
    # It changes, withdraws and publishes entries, which must be nobody's.
    if not search.scheme.edition.code.startswith(PREFIX) or search.ready is None:
        raise SystemExit(
            "The current edition is not a large synthetic one; make_load 100000 --current makes such."
        )
    print(f"{search.count:,} entries on {connection.vendor}, read in {time.perf_counter() - begun:.1f} s\n")
    searches(search.count)
    suggestions()
    writes()
    four_writers()


def milliseconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - begun)


def searches(size: int) -> None:
    first, second = list(Scheme.of().options["district"])[:2]
    found = {word: len(text.keys_holding(word)) for word in WORDS}
    rare = min(WORDS, key=lambda word: abs(found[word] - size / 100))
    frequent = min(WORDS, key=lambda word: abs(found[word] - size * 0.3))
    in_region = Search.from_query(QueryDict("region=metro"))
    deep = min(DEPTH_MAX // in_region.page_size, in_region.last_page(in_region.count))
    three = "sector=smart-ev&sector=smart-equipment&sector=food&region=metro&status=open"
    questions = {
        "no filter": "",
        "a sector": "sector=smart-ev",
        "a region": "region=metro",
        "three filters": f"sector=smart-ev&sector=food&bracket=10-50&district={first}&district={second}",
        "a range": "investment_min=9&investment_max=31",
        "a region and a range": "region=metro&investment_min=7.5",
        "a period": "sector=smart-ev&region=metro&cycle_min=13&cycle_max=30",
        f"{rare} (in {found[rare]:,}), three filters": f"q={quote(rare)}&{three}",
        f"{frequent} (in {found[frequent]:,}), a region": f"q={quote(frequent)}&region=metro",
        f"{frequent}, no filter": f"q={quote(frequent)}",
        f"page {deep} by name": f"region=metro&sort=name&page={deep}",
    }

    def ask(query: str) -> int:
        for kept in columns._kept.values():
            kept._held.clear()
        search = Search.from_query(QueryDict(query))
        search.scheme.numbers.clear()
        count = search.facets.count
        search.keys(count)
        return count

    print("| question | finds | p50 ms | p95 ms |\n| --- | ---: | ---: | ---: |")
    for name, query in questions.items():
        count = ask(query)
        print(f"| {name} | {count:,} | {percentiles(lambda query=query: ask(query), TIMES)} |")


def percentiles(act: Callable[[], object], times: int) -> str:
    taken = sorted(milliseconds(act) for _ in range(times))
    return f"{statistics.median(taken):.1f} | {taken[int(0.95 * times)]:.1f}"


def suggestions() -> None:
    taken = []
    for turn in range(TIMES + 1):
        for typed in TYPED:
            for kept in columns._kept.values():
                kept._held.clear()
            time_of = milliseconds(lambda typed=typed: suggest(QueryDict(f"q={quote(typed)}")))
            if turn:  # the first reads the vocabulary and fills the database's own cache
                taken.append(time_of)
    taken.sort()
    p50, p95 = statistics.median(taken), taken[int(0.95 * len(taken))]
    print(f"| suggestions of {len(TYPED)} beginnings | | {p50:.1f} | {p95:.1f} |\n")


def writes() -> None:
    chance = random.Random(2024)  # noqa: S311 - no secret
    keys = _some_keys()

    def taken(prepare: Callable[[Opportunity], None], store: Callable[[Opportunity], object]) -> float:
        times = []
        for _ in range(WRITES):
            one = Opportunity.objects.select_related("edition", "sector").get(pk=chance.choice(keys))
            prepare(one)
            times.append(milliseconds(lambda one=one: store(one)))
        return statistics.median(times)

    def amount(one: Opportunity) -> None:
        one.investment = Decimal(chance.randrange(100, 9000)) / 100

    def content(one: Opportunity) -> None:
        one.content_zh = f"{one.content_zh.partition('。改')[0]}。改{chance.randrange(10**6)}产线"

    def jobs(one: Opportunity) -> None:
        one.jobs = chance.randrange(10, 900)

    # Of something that counts nowhere, since nothing is derived from it; one transaction, as the others are.
    plain = taken(jobs, transaction.atomic(lambda one: one.save()))
    unchanged = taken(amount, publishing.record_change)
    changed = taken(content, publishing.record_change)
    print("| write | p50 ms | of a plain save |\n| --- | ---: | ---: |")
    print(f"| plain save with its history | {plain:.1f} | 1.0 |")
    print(f"| change of an amount | {unchanged:.1f} | {unchanged / plain:.1f} |")
    print(f"| change of a text | {changed:.1f} | {changed / plain:.1f} |\n")


def four_writers() -> None:
    """Four at once change, withdraw and publish the same few entries; all is counted afterwards."""
    keys = _some_keys()[:50]

    def write(seed: int) -> int:
        chance = random.Random(seed)  # noqa: S311 - no secret
        try:
            for _ in range(WRITES // WRITERS):
                with transaction.atomic():
                    one = Opportunity.objects.select_for_update().get(pk=chance.choice(keys))
                    one.investment = Decimal(chance.randrange(100, 9000)) / 100
                    act = chance.choice((publishing.withdraw, publishing.publish, publishing.record_change))
                    act(one)
        finally:
            connection.close()
        return WRITES // WRITERS

    begun = time.perf_counter()
    with ThreadPoolExecutor(WRITERS) as writers:
        done = sum(writers.map(write, range(WRITERS)))
    seconds = time.perf_counter() - begun
    followed = Search.everything().facets
    columns._kept.clear()
    recounted = Search.everything().facets
    print(f"{WRITERS} writers: {done} writes, {done / seconds:.0f} a second, no deadlock;")
    print(f"followed and read anew add up to the same: {followed == recounted}")


def _some_keys() -> list[int]:
    public = Opportunity.objects.public().filter(edition__is_current=True).order_by("pk")
    return list(public.values_list("pk", flat=True)[:100_000])
