"""The order by relevance: the best field first, there what is written before what only sounds so."""

from __future__ import annotations

import pytest

from opportunities.models import District, Sector
from opportunities.search.query import Search
from tests.factories import make_edition, make_opportunity
from tests.opportunities.search.asking import found, search

pytestmark = pytest.mark.django_db


@pytest.fixture
def places() -> None:
    edition = make_edition()
    Sector.objects.filter(slug="tools").update(name_zh="半导体设备", name_en="Chip tools")
    District.objects.filter(code="2201").update(name_zh="山西区", name_en="Hills", aliases=["旧城"])
    assert edition.is_current


def test_a_name_comes_before_sector_and_district_and_these_before_the_rest(places: None) -> None:
    make_opportunity(reference="REST", content_zh="半导体", investment=900)
    make_opportunity(reference="LABEL", sector="tools", investment=500)
    make_opportunity(reference="NAME-1", name_zh="半导体封装", investment=1)
    make_opportunity(reference="NAME-2", name_zh="化合物半导体", investment=2, content_zh="半导体")
    make_opportunity(reference="NAME-3", name_zh="半导体材料", investment=2)
    assert found(q="半导体") == ["NAME-2", "NAME-3", "NAME-1", "LABEL", "REST"]
    assert found(q="半導體", sort="relevance") == ["NAME-2", "NAME-3", "NAME-1", "LABEL", "REST"]
    assert found(q="半导体", sort="-investment") == ["REST", "LABEL", "NAME-2", "NAME-3", "NAME-1"]


def test_what_is_written_comes_before_what_only_sounds_so(places: None) -> None:
    make_opportunity(reference="REST", content_en="Data of a river", investment=900)
    make_opportunity(reference="SOUND", name_zh="大塘改造", investment=500)
    make_opportunity(reference="WORD", name_en="A data centre", investment=1)
    make_opportunity(reference="LABEL", districts="2201", investment=3)
    assert found(q="data") == ["WORD", "SOUND", "REST"]
    assert found(q="shanxi") == ["LABEL"]


def test_several_words_count_where_the_last_of_them_is_found(places: None) -> None:
    make_opportunity(reference="BOTH", name_zh="半导体封装", investment=1)
    make_opportunity(reference="LABEL", name_zh="封装", sector="tools", investment=2)
    make_opportunity(reference="REST", name_zh="半导体", content_zh="封装", investment=3)
    make_opportunity(reference="NONE", name_zh="半导体", investment=4)
    assert found(q="半导体 封装") == ["BOTH", "LABEL", "REST"]
    assert found(q="bandaoti 封装") == ["BOTH", "LABEL", "REST"]


def test_a_name_counts_in_either_language(places: None) -> None:
    make_opportunity(reference="REST", name_zh="测试", content_en="Batteries", investment=9)
    make_opportunity(reference="NAME", name_zh="电池", name_en="Battery cells")
    assert found(q="batter") == ["NAME", "REST"]


def test_without_words_relevance_is_the_usual_order(places: None) -> None:
    make_opportunity(reference="SMALL", investment=1)
    make_opportunity(reference="LARGE", investment=2)
    assert found(sort="relevance") == found() == ["LARGE", "SMALL"]


def test_pages_by_relevance_hold_each_reference_once(chongqing) -> None:
    whole = [one.reference for one in search("q=基地").results]
    paged = []
    for page in range(1, -(-len(whole) // 7) + 1):
        asked = search(f"q=基地&page={page}&page_size=7")
        paged += [one.reference for one in asked.rows(asked.count)]
    assert paged == whole
    assert len(whole) > 20
    assert Search.everything().sort == "-investment"
