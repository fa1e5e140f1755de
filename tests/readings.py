"""What page and API say of a search, read back into the oracle's form, and how two answers differ."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any, Protocol

from tests.oracle import Found, Params, query_string

PARTS = ("references", "matched", "count", "total", "facets", "at_least")
NOT_A_FILTER = ("sort", "page", "page_size")


class Answer(Protocol):
    status_code: int
    content: bytes

    def json(self) -> Any: ...


class Getter(Protocol):
    """Django's test client, or anything that asks a running portal."""

    def get(self, path: str, **extra: Any) -> Any: ...


class _Hooks(HTMLParser):
    """The ``data-`` hooks of a page, in the order they stand."""

    def __init__(self) -> None:
        super().__init__()
        self.references: list[str] = []
        self.counts: list[str] = []
        self.totals: list[str] = []
        self.facets: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if "data-reference" in values:
            self.references.append(values["data-reference"])
        if "data-result-count" in values:
            self.counts.append(values["data-result-count"])
        if "data-total-investment" in values:
            self.totals.append(values["data-total-investment"])
        if "data-facet" in values:
            self.facets.append({**values, "tag": tag})


def hooks_of(html: str) -> _Hooks:
    hooks = _Hooks()
    hooks.feed(html)
    return hooks


def read_page(client: Getter, prefix: str, params: Params) -> Found:
    """The search page, all its pages of results followed."""
    references: list[str] = []
    first: _Hooks | None = None
    number = 1
    while True:
        query = query_string({**params, "page": [str(number)], "page_size": ["100"]})
        answer = client.get(f"{prefix}/opportunities/?{query}", follow=True)
        assert answer.status_code == 200, f"{answer.status_code}: {prefix}/opportunities/?{query}"
        hooks = hooks_of(answer.content.decode())
        assert len(hooks.counts) == len(hooks.totals) == 1, "the numbers stand once"
        first = first or hooks
        references += hooks.references
        if number * 100 >= int(hooks.counts[0]):
            break
        number += 1
    facets: dict[str, dict[str, tuple[int, Decimal, bool]]] = {}
    for one in first.facets:
        values = facets.setdefault(one["data-facet"], {})
        assert one["data-value"] not in values, f"{one['data-facet']}={one['data-value']} stands twice"
        values[one["data-value"]] = (
            int(one["data-count"]),
            Decimal(one["data-investment"]),
            one["data-value"] in params.get(one["data-facet"], []),
        )
    return Found(references, {}, int(first.counts[0]), Decimal(first.totals[0]), facets, [])


def read_api(client: Getter, params: Params) -> Found:
    """List and facets of the API, all pages of the list followed."""
    results: list[dict[str, Any]] = []
    query = query_string({**params, "page_size": ["50"]})
    path = f"/api/v1/opportunities/?{query}"
    while path:
        answer = client.get(path)
        assert answer.status_code == 200, f"{answer.status_code}: {path} {answer.content[:300]!r}"
        page = answer.json()
        results += page["results"]
        path = "/" + page["next"].split("/", 3)[3] if page["next"] else ""
    filters = {name: values for name, values in params.items() if name not in NOT_A_FILTER}
    answer = client.get(f"/api/v1/facets/?{query_string(filters)}")
    assert answer.status_code == 200, f"{answer.status_code}: facets/?{query_string(filters)}"
    facets = answer.json()
    assert (facets["count"], facets["total_investment"]) == (page["count"], page["total_investment"])
    return Found(
        references=[item["reference"] for item in results],
        matched={item["reference"]: Decimal(item["matched_investment"]) for item in results},
        count=page["count"],
        total=Decimal(page["total_investment"]),
        facets={
            name: {
                one["value"]: (one["count"], Decimal(one["investment"]), one["selected"]) for one in values
            }
            for name, values in facets["facets"].items()
        },
        at_least=[
            (Decimal(one["threshold"]), one["count"], Decimal(one["investment"]))
            for one in facets["investment_at_least"]
        ],
    )


def differences(expected: Found, given: Found, parts: Sequence[str] = PARTS) -> list[str]:
    """Where two answers differ, in words; empty when they are the same."""
    found = []
    for part in parts:
        ours, theirs = getattr(expected, part), getattr(given, part)
        if part == "facets":
            for name in {*ours, *theirs}:
                for value in {*ours.get(name, {}), *theirs.get(name, {})}:
                    pair = ours.get(name, {}).get(value), theirs.get(name, {}).get(value)
                    if pair[0] != pair[1]:
                        found.append(f"{name}={value}: expected {pair[0]}, given {pair[1]}")
        elif ours != theirs:
            found.append(f"{part}: expected {ours}, given {theirs}")
    return found
