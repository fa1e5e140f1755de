"""One to four opportunities side by side, from an address that can be passed on."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.factories import make_edition, make_opportunity


@pytest.fixture
def three(db):
    make_edition(sectors=["grain", "tools"], places={"east": ["1101", "1102"], "west": ["2201"]})
    return [
        make_opportunity(reference="TEST-A", name_zh="甲", sector="grain", investment=Decimal(20)),
        make_opportunity(reference="TEST-B", name_zh="乙", sector="grain", investment=Decimal(5)),
        make_opportunity(reference="TEST-C", name_zh="丙", sector="tools", investment=Decimal(20)),
    ]


def compare(client, *references, language=""):
    return client.get(f"{language}/compare/", {"reference": list(references)})


def columns(page):
    head = page.text[page.text.index("<thead") : page.text.index("</thead>")]
    return re.findall(r'class="sm ink2 num">([^<]+)<', head)


def rows(page, kind):
    return re.findall(rf'<tr role="row" class="{kind}" data-attribute="([^"]+)"', page.text)


def test_the_columns_stand_in_the_order_given_each_once(client, three):
    page = compare(client, "TEST-C", "TEST-A", "TEST-C", "TEST-B")
    assert page.status_code == 200
    assert columns(page) == ["TEST-C", "TEST-A", "TEST-B"]


def test_what_differs_comes_first_and_is_marked(client, three):
    page = compare(client, "TEST-A", "TEST-B")
    assert rows(page, "diff") == ["investment"]
    assert rows(page, "same") == [
        "cycle", "locations", "cooperation", "sector", "content", "benefit", "advantages", "conditions",
        "contact", "phone", "status", "confirmed", "edition",
    ]  # fmt: skip
    assert page.text.index('data-attribute="investment"') < page.text.index('data-attribute="sector"')
    assert page.text.count("不同</span>") == 1


def test_a_bar_shows_each_amount_against_the_largest(client, three):
    page = compare(client, "TEST-A", "TEST-B")
    assert re.findall(r'<rect class="a" width="([\d.]+)"', page.text) == ["100.0", "25.0"]


def test_each_column_can_be_removed(client, three):
    page = compare(client, "TEST-A", "TEST-B", "TEST-C")
    assert re.findall(r'<a class="no-print" href="([^"]+)"', page.text) == [
        "/compare/?reference=TEST-B&amp;reference=TEST-C",
        "/compare/?reference=TEST-A&amp;reference=TEST-C",
        "/compare/?reference=TEST-A&amp;reference=TEST-B",
    ]


def test_a_single_one_has_ways_to_add_another(client, three):
    page = compare(client, "TEST-A")
    assert page.status_code == 200
    assert not rows(page, "diff") and not rows(page, "same")
    assert "/compare/?reference=TEST-A&amp;reference=TEST-B" in page.text
    assert '<input type="hidden" name="reference" value="TEST-A">' in page.text
    assert 'href="/opportunities/"' in page.text


def test_more_can_be_added_while_there_is_room_and_none_twice(client, three):
    page = compare(client, "TEST-A", "TEST-B")
    added = re.findall(r'href="/compare/\?([^"]+)"><span class="vh">加入对比：', page.text)
    assert added == ["reference=TEST-A&amp;reference=TEST-B&amp;reference=TEST-C"]


def test_on_paper_it_says_where_it_is_found_again(client, three, settings):
    settings.SITE_URL = "https://invest.test"
    page = compare(client, "TEST-B", "TEST-A", language="/en")
    address = "https://invest.test/en/compare/?reference=TEST-B&amp;reference=TEST-A"
    assert f'<span class="address">{address}</span>' in page.text


def test_four_have_no_room_for_a_fifth(client, three):
    make_opportunity(reference="TEST-D")
    page = compare(client, "TEST-A", "TEST-B", "TEST-C", "TEST-D")
    assert columns(page) == ["TEST-A", "TEST-B", "TEST-C", "TEST-D"]
    assert 'name="reference"' not in page.text


def test_a_withdrawn_one_is_a_column_that_says_so_and_nothing_more(client, three):
    make_opportunity(
        reference="TEST-GONE", name_zh="撤下的机会", investment=Decimal("77.77"), publication="withdrawn"
    )
    page = compare(client, "TEST-GONE", "TEST-A", "TEST-B")
    assert page.status_code == 200
    assert columns(page) == ["TEST-GONE", "TEST-A", "TEST-B"]
    assert re.search(r"已于 \d{4} 年 \d+ 月 \d+ 日撤回", page.text)
    assert "撤下的机会" not in page.text and "77.77" not in page.text
    assert rows(page, "diff") == ["investment"]
    cells = re.findall(r'<td class="nil" role="cell">(.*?)</td>', page.text)
    assert len(cells) == len(rows(page, "diff")) + len(rows(page, "same"))
    assert set(cells) == {'<span aria-hidden="true">–</span><span class="vh">已不再发布</span>'}


def test_the_date_of_withdrawal_is_told(client, three, clock):
    clock.now = datetime(2024, 9, 20, 9, 0, tzinfo=UTC)
    make_opportunity(reference="TEST-GONE", publication="withdrawn")
    assert "Withdrawn on 20 September 2024" in compare(client, "TEST-GONE", "TEST-A", language="/en").text


REFUSED = [
    ("", "还没有选择要对比的机会"),
    ("reference=", "还没有选择要对比的机会"),
    ("reference=TEST-X", "TEST-X"),
    ("reference=TEST-A&reference=%3Cb%3E", "&lt;b&gt;"),
    ("reference=TEST-DRAFT", "TEST-DRAFT"),
    ("reference=TEST-A&sector=grain", "sector"),
    ("reference=TEST-A&page=2", "page"),
]


@pytest.mark.parametrize(("query", "named"), REFUSED)
def test_what_cannot_be_compared_is_refused_by_name_in_the_frame(client, three, query, named):
    make_opportunity(reference="TEST-DRAFT", publication="draft", name_zh="草稿")
    page = client.get(f"/compare/?{query}")
    assert page.status_code == 400
    assert named in page.text and 'role="alert"' in page.text and "</header>" in page.text
    assert "草稿" not in page.text and "<table" not in page.text


@pytest.mark.parametrize(
    ("language", "said"),
    [("", "<p>编号 · 还没有选择要对比的机会。"), ("/en", "<p>Reference · Nothing was chosen to compare.")],
)
def test_nothing_chosen_is_said_in_words(client, three, language, said):
    assert said in client.get(f"{language}/compare/").text


def test_a_refused_choice_keeps_its_ticks(client, three):
    make_opportunity(reference="TEST-D")
    make_opportunity(reference="TEST-E")
    page = compare(client, "TEST-A", "TEST-B", "TEST-C", "TEST-D", "TEST-E")
    assert page.status_code == 400
    assert "选了" in page.text
    assert re.findall(r'name="reference" value="([^"]+)" checked', page.text) == [
        "TEST-A", "TEST-B", "TEST-C", "TEST-D", "TEST-E",
    ]  # fmt: skip


def test_a_reference_in_small_letters_is_recognised_but_not_guessed(client, three):
    page = compare(client, "TEST-B", "test-a")
    assert page.status_code == 400
    assert "/compare/?reference=TEST-B&amp;reference=TEST-A" in page.text


def test_full_width_letters_and_spaces_are_normalised(client, three):
    assert columns(compare(client, "ＴＥＳＴ－Ａ ", "TEST-B")) == ["TEST-A", "TEST-B"]


def test_marks_of_trackers_and_the_asked_text_are_ignored(client, three):
    page = client.get("/compare/?reference=TEST-A&utm_source=x&asked=y&spm=1")
    assert page.status_code == 200 and columns(page) == ["TEST-A"]


def test_the_canonical_address_holds_the_references_alone(client, three):
    page = client.get("/compare/?utm_source=x&reference=TEST-B&reference=TEST-A&reference=TEST-B")
    assert re.search(
        r'rel="canonical" href="[^"?]+/compare/\?reference=TEST-B&amp;reference=TEST-A"', page.text
    )


def test_where_all_are_withdrawn_nothing_is_left_to_compare(client, three):
    make_opportunity(reference="TEST-GONE", publication="withdrawn")
    page = compare(client, "TEST-GONE")
    assert page.status_code == 200
    assert columns(page) == ["TEST-GONE"] and '<tr role="row" data-attribute' not in page.text
