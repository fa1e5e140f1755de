"""What the benchmarks say of what they measured, and that all who are asked are asked the same."""

from __future__ import annotations

import json
from itertools import islice
from xml.etree import ElementTree

import pytest
from django.http import QueryDict

from benchmarks import naive, peers, sizes
from benchmarks.chart import Row, Scale, drawn
from benchmarks.peers import JSON, PAGE, PORTAL, QUESTIONS
from opportunities.search.query import Search

ROWS = [
    Row(160, PAGE, "no filter", {PORTAL: 12.0, "Datasette": 24.0}),
    Row(160, PAGE, "a <word>", {PORTAL: 8.0, "Datasette": 2.0}),
    Row(10_000, JSON, "no filter", {PORTAL: 150.0, "Datasette": 18_000.0}),
]
SVG = "{http://www.w3.org/2000/svg}"


def test_the_table_gives_each_time_and_how_many_times_the_portals_it_is():
    assert peers.table(ROWS).splitlines()[2:] == [
        "| 160 | page | no filter | 12.0 | 24.0 (2×) |",
        "| 160 | page | a <word> | 8.0 | 2.0 (0.25×) |",
        "| 10,000 | JSON | no filter | 150 | 18000 (120×) |",
    ]


def test_the_scale_goes_by_powers_of_ten_around_all_times():
    scale = Scale.around([0.4, 12, 150])
    assert [label for _x, label in scale.ticks] == ["0.1 ms", "1 ms", "10 ms", "100 ms", "1000 ms"]
    steps = [x for x, _label in scale.ticks]
    assert all(steps[0] < scale.at(time) < steps[-1] for time in (0.4, 12, 150))
    assert scale.at(1) == pytest.approx(steps[1])


def test_times_that_are_alike_have_a_scale_too():
    assert len(Scale.around([10, 10]).ticks) == 2


def test_the_chart_has_a_point_for_each_time_further_right_for_a_longer_one():
    chart = ElementTree.fromstring(drawn(ROWS))
    points = {name: [] for name in ("s0", "s1")}
    for element in chart:
        name = element.get("class", "").removeprefix("point ").partition(" ")[0]
        if name in points:
            points[name].append(float(element.get("cx") or element.get("x")))
    # The first of each is the legend's.
    portal, datasette = points["s0"][1:], points["s1"][1:]
    assert len(portal) == len(datasette) == len(ROWS)
    assert portal[0] < datasette[0]
    assert portal[1] > datasette[1]
    assert [text.text for text in chart.iter(f"{SVG}text") if "word" in text.text] == ["a <word>"]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_the_usual_portal_is_asked_what_the_portal_is_asked(chongqing, client, rf, question):
    expected = Search.from_query(QueryDict(question.portal)).count
    paths = peers.of_portal(question)
    assert expected
    assert client.get(paths[PAGE]).status_code == 200
    assert client.get(paths[JSON]).json()["count"] == expected
    usual = peers.of_naive(question)
    assert json.loads(naive.search(rf.get(usual[JSON])).content)["count"] == expected
    assert f"<h1>{expected} opportunities" in naive.search(rf.get(usual[PAGE])).content.decode()


def test_searches_of_lists_of_two_sizes_are_each_another_and_written_as_addresses_have_them(chongqing):
    scheme = Search.everything().scheme
    asked = list(islice(sizes.searches({name: list(values) for name, values in scheme.options.items()}), 50))
    assert len({query for _number, query in asked}) == len(asked)
    for number, query in asked:
        search = Search.from_query(QueryDict(query))
        assert search.canonical_query == query
        assert len({one.parameter for one in search.conditions}) == number


def test_pages_of_a_large_list_are_compared_with_those_of_a_small_one(monkeypatch):
    monkeypatch.setattr(sizes, "SIZES", [160, 1000])
    times = {
        (number, kind, size): [1.0, number * size / 100, 99.0]
        for number in (1, 2, 3)
        for kind in sizes.KINDS
        for size in (160, 1000)
    }
    assert sizes.table(times).splitlines()[2:4] == [
        "| 1 | nobody asked before | 1.6 | 10.0 (6.25×) |",
        "| 1 | again | 1.6 | 10.0 (6.25×) |",
    ]
