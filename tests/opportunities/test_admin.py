"""What staff do in the administration, through its pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from opportunities import publishing
from opportunities.models import (
    Catalogue,
    District,
    Edition,
    Fact,
    FactKind,
    Opportunity,
    PublishedFigure,
    Region,
    Revision,
    Sector,
)
from tests.factories import make_edition, make_opportunity, make_user, signed_in

pytestmark = pytest.mark.django_db

LIST = "/admin/opportunities/opportunity/"


@pytest.fixture
def editor() -> Client:
    return signed_in("editor", email="editor@staff.example")


@pytest.fixture
def reviewer() -> Client:
    return signed_in("reviewer", email="reviewer@staff.example")


def change_page(opportunity: Opportunity) -> str:
    return f"{LIST}{opportunity.pk}/change/"


def fresh(opportunity: Opportunity) -> Opportunity:
    return Opportunity.objects.get(pk=opportunity.pk)


def filled_in(response: HttpResponse) -> dict[str, Any]:
    """The form of a change page as a browser would send it back."""
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data: dict[str, Any] = {}
    for form in forms:
        for bound in form:
            value = bound.value()
            shown = bound.field.prepare_value(value) if value is not None else ""
            if isinstance(shown, list):
                data[bound.html_name] = shown
            elif isinstance(shown, date):
                data[bound.html_name] = shown.isoformat()
            elif isinstance(shown, bool):
                data.update({bound.html_name: "on"} if shown else {})
            else:
                # As browsers send the lines of a text.
                data[bound.html_name] = str(shown).replace("\n", "\r\n")
    return data


def save(client: Client, opportunity: Opportunity, button: str = "_save", **changes: Any) -> HttpResponse:
    data = filled_in(client.get(change_page(opportunity)))
    return client.post(change_page(opportunity), {**data, **changes, button: "1"})


def told(response: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def select(client: Client, action: str, *opportunities: Opportunity, **more: str) -> HttpResponse:
    return client.post(LIST, {"action": action, "_selected_action": [o.pk for o in opportunities], **more})


def act(client: Client, action: str, *opportunities: Opportunity) -> list[str]:
    return told(select(client, action, *opportunities))


def asked_again(page: HttpResponse) -> dict[str, list[str]]:
    """The form of a page that asks before it does something, as its button sends it."""
    assert page.status_code == 200
    form = page.text.split('class="asked"')[1].split("</form>")[0]
    data: dict[str, list[str]] = {}
    for name, value in re.findall(
        r'<(?:input type="hidden"|button[^>]*) name="([^"]+)" value="([^"]*)"', form
    ):
        data.setdefault(name, []).append(value)
    return data


def words_of(page: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>|\s+", " ", page.text).split())


def listed(client: Client, **query: str) -> list[str]:
    response = client.get(LIST, query)
    assert response.status_code == 200
    return [opportunity.reference for opportunity in response.context["cl"].result_list]


def errors_of(response: HttpResponse) -> list[str]:
    assert response.status_code == 200
    context = response.context
    found = [error for errors in context["adminform"].form.errors.values() for error in errors]
    for inline in context["inline_admin_formsets"]:
        found += inline.formset.non_form_errors()
        found += [error for form in inline.formset.errors for errors in form.values() for error in errors]
    return found


# --- who may what


@pytest.mark.parametrize(
    "path", ["", "opportunities/opportunity/", "opportunities/sector/", "accounts/user/"]
)
@pytest.mark.parametrize("language", ["", "/en"])
def test_nobody_sees_anything_without_signing_in(client: Client, path: str, language: str) -> None:
    response = client.get(f"{language}/admin/{path}")
    assert response.status_code == 302
    assert response["Location"].startswith(f"{language}/admin/login/")


def test_an_editor_changes_and_confirms_but_neither_publishes_nor_edits_reference_data(
    editor: Client,
) -> None:
    draft = make_opportunity(publication="draft")
    public = make_opportunity()
    page = editor.get(change_page(public)).text
    assert "只确认仍然有效" in page
    assert "撤回</button>" not in page
    assert "保存并发布" not in editor.get(change_page(draft)).text
    assert "publish_selected" not in editor.get(LIST).text
    assert editor.post(f"{LIST}{public.pk}/withdraw/").status_code == 403
    save(editor, draft, "_publish", name_zh="新名称")
    assert (fresh(draft).name_zh, fresh(draft).publication) == ("新名称", "draft")
    act(editor, "withdraw_selected", public)
    assert fresh(public).publication == "published"
    sector = Sector.objects.first()
    data = {"name_zh": "改了", "_save": "1"}
    assert editor.post(f"/admin/opportunities/sector/{sector.pk}/change/", data).status_code == 403
    assert editor.get(f"/admin/opportunities/sector/{sector.pk}/change/").status_code == 200
    assert editor.get("/admin/accounts/user/").status_code == 403


def test_a_reviewer_publishes_and_edits_reference_data(reviewer: Client) -> None:
    draft = make_opportunity(publication="draft")
    assert "保存并发布" in reviewer.get(change_page(draft)).text
    assert reviewer.get("/admin/opportunities/sector/add/").status_code == 200
    assert reviewer.get("/admin/accounts/user/").status_code == 403


def test_someone_without_a_role_is_kept_out() -> None:
    client = signed_in("")
    make_opportunity()
    assert client.get(LIST).status_code == 302


# --- the journey


def test_an_entry_goes_from_draft_to_page_to_withdrawn(reviewer: Client, client: Client) -> None:
    draft = make_opportunity(publication="draft", reference="NEW-001", name_zh="旧名称")
    page = "/opportunities/NEW-001/"
    assert client.get(page).status_code == 404
    save(reviewer, draft, "_publish", name_zh="长江航运枢纽", status="negotiating")
    shown = client.get(page)
    assert shown.status_code == 200
    assert "长江航运枢纽" in shown.text
    assert 'href="/opportunities/NEW-001/"' in reviewer.get(change_page(draft)).text
    found = client.get("/opportunities/", {"q": "航运枢纽"})
    assert 'data-reference="NEW-001"' in found.text

    save(reviewer, draft, name_zh="嘉陵江航运枢纽")
    assert "嘉陵江航运枢纽" in client.get(page).text

    reviewer.post(f"{LIST}{draft.pk}/withdraw/", {"version": publishing.version(draft)})
    gone = client.get(page)
    assert gone.status_code == 410
    assert "嘉陵江航运枢纽" not in gone.text
    assert 'data-reference="NEW-001"' not in client.get("/opportunities/", {"q": "航运枢纽"}).text
    assert 'class="viewsitelink"' not in reviewer.get(change_page(draft)).text


def test_a_new_entry_is_a_draft_with_all_that_is_derived(editor: Client) -> None:
    edition = make_edition(is_sample=True)
    page = editor.get(f"{LIST}add/")
    data = filled_in(page)
    assert (data["edition"], data["source"]) == (str(edition.pk), edition.source_zh)
    response = editor.post(
        f"{LIST}add/",
        {
            **data,
            "reference": "NEW-002",
            "name_zh": "长江航运枢纽",
            "sector": edition.sectors.first().pk,
            "investment": "0.03",
            "cycle_months": "12",
            "cooperation": ["joint-venture", "leasing"],
            "locations-TOTAL_FORMS": "2",
            "locations-0-district": edition.districts.get(code="1101").pk,
            "locations-0-share": "0.5",
            "locations-1-district": edition.districts.get(code="2201").pk,
            "locations-1-share": "0.5",
            "contacts-TOTAL_FORMS": "0",
            "_save": "1",
        },
    )
    assert (response.status_code, response["Location"]) == (302, LIST)
    added = Opportunity.objects.get(reference="NEW-002")
    assert (added.publication, added.is_sample) == ("draft", True)
    assert "航运枢纽" in added.searched.text and added.name_key
    assert [(p.district.code, p.investment, p.position) for p in added.locations.all()] == [
        ("1101", Decimal("0.02"), 0),
        ("2201", Decimal("0.01"), 1),
    ]
    assert [form.value for form in added.cooperation] == ["joint-venture", "leasing"]
    assert timezone.now() - added.updated_at < timedelta(minutes=1)
    assert [(row.history_type, row.history_user.email) for row in added.history.all()] == [
        ("+", "editor@staff.example")
    ]


# --- what a save does and does not do


def test_saving_without_a_change_leaves_no_trace(editor: Client) -> None:
    opportunity = make_opportunity(advantages_zh="第一点\n第二点", content_en="One.\n\nTwo.")
    before = (Revision.current(), fresh(opportunity).updated_at, opportunity.history.count())
    assert save(editor, opportunity).status_code == 302
    assert (Revision.current(), fresh(opportunity).updated_at, opportunity.history.count()) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"name_en": "Another name"},
        {"cooperation": ["leasing"]},
        {"contacts-0-office_phone": "000-1"},
        {"locations-0-district": "1102"},
    ],
)
def test_any_change_of_a_public_entry_moves_revision_date_and_history_once(
    editor: Client, clock, changes: dict[str, Any]
) -> None:
    opportunity = make_opportunity()
    if "locations-0-district" in changes:
        changes = {"locations-0-district": District.objects.get(code="1102").pk}
    before, rows = Revision.current(), opportunity.history.count()
    clock.move(days=1)
    save(editor, opportunity, **changes)
    changed = fresh(opportunity)
    assert Revision.current() != before
    assert changed.updated_at == clock.now
    assert opportunity.history.count() == rows + 1
    assert opportunity.history.first().history_user.email == "editor@staff.example"


def test_reference_edition_and_publication_cannot_be_posted(editor: Client) -> None:
    opportunity = make_opportunity(reference="KEPT-001", publication="draft")
    other = make_edition("2030-01", current=False)
    save(
        editor, opportunity, reference="OTHER-001", edition=str(other.pk), publication="published",
        first_published_at="2020-01-01", is_sample="on", name_zh="新名称",
    )  # fmt: skip
    kept = fresh(opportunity)
    assert (kept.reference, kept.edition_id, kept.publication, kept.is_sample, kept.name_zh) == (
        "KEPT-001",
        opportunity.edition_id,
        "draft",
        False,
        "新名称",
    )


def test_districts_can_be_exchanged_and_replaced_in_one_save(editor: Client) -> None:
    opportunity = make_opportunity(districts={"1101": "0.6", "2201": "0.4"}, investment=Decimal(10))
    one, two, three = (District.objects.get(code=code).pk for code in ("1101", "2201", "1102"))
    save(editor, opportunity, **{"locations-0-district": two, "locations-1-district": one})
    assert [(p.district.code, p.investment) for p in fresh(opportunity).locations.all()] == [
        ("2201", Decimal(6)),
        ("1101", Decimal(4)),
    ]
    save(
        editor, opportunity,
        **{
            "locations-0-DELETE": "on", "locations-1-district": two, "locations-TOTAL_FORMS": "3",
            "locations-2-district": three, "locations-2-share": "0.6",
        },
    )  # fmt: skip
    assert [(p.district.code, p.investment) for p in fresh(opportunity).locations.all()] == [
        ("2201", Decimal(4)),
        ("1102", Decimal(6)),
    ]


def test_kinds_of_facts_can_be_exchanged(editor: Client) -> None:
    opportunity = make_opportunity()
    catalogue = Catalogue.objects.get()
    kinds = [
        FactKind.objects.create(catalogue=catalogue, key=key, label_zh=key, label_en=key, position=n)
        for n, key in enumerate(("land", "power"))
    ]
    for kind in kinds:
        Fact.objects.create(opportunity=opportunity, kind=kind, value_zh=kind.key)
    response = save(editor, opportunity, **{"facts-0-kind": kinds[1].pk, "facts-1-kind": kinds[0].pk})
    assert response.status_code == 302
    facts = fresh(opportunity).facts.all()
    assert [(fact.kind.key, fact.value_zh) for fact in facts] == [("land", "power"), ("power", "land")]


# --- what is refused


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"locations-0-share": "0.9"}, "份额相加是 0.9，应当等于 1。"),
        ({"locations-0-DELETE": "on"}, "已发布的机会至少要有一个所在区县。"),
        ({"contacts-0-DELETE": "on"}, "已发布的机会至少要有一个联系单位。"),
        ({"cooperation": []}, "已发布的机会至少要有一种合作方式。"),
        ({"investment": "18.2五"}, "这不是数字，请写成 18.25 这样。"),
        ({"investment": "100000.01"}, None),
        ({"cycle_months": "241"}, None),
        ({"name_zh": ""}, None),
        ({"sector": "99999"}, None),
        ({"locations-0-district": "abc"}, None),
        ({"locations-TOTAL_FORMS": "x"}, None),
        ({"contacts-0-id": "99999"}, None),
        ({"predecessor": "99999999999999999999"}, None),
        ({"version": "'; drop table"}, None),
    ],
)
def test_a_wrong_value_is_refused_with_a_message_and_changes_nothing(
    editor: Client, changes: dict[str, Any], message: str | None
) -> None:
    opportunity = make_opportunity()
    before, rows = Revision.current(), opportunity.history.count()
    errors = errors_of(save(editor, opportunity, **{"name_en": "Another name", **changes}))
    assert errors
    if message:
        assert errors == [message]
    assert (Revision.current(), opportunity.history.count()) == (before, rows)


def test_a_district_is_named_once(editor: Client) -> None:
    opportunity = make_opportunity(districts={"1101": "0.6", "2201": "0.4"})
    same = District.objects.get(code="1101").pk
    errors = errors_of(save(editor, opportunity, **{"locations-1-district": same}))
    assert "同一项写了两次，只能写一次。" in errors


def test_sectors_and_districts_are_those_of_the_entry_s_edition(editor: Client) -> None:
    opportunity = make_opportunity()
    other = make_edition("2030-01", current=False, sectors=["ships"], places={"north": ["9901"]})
    page = editor.get(change_page(opportunity)).text
    assert "板块ships" not in page and "区9901" not in page
    assert errors_of(save(editor, opportunity, sector=other.sectors.get().pk))
    assert errors_of(save(editor, opportunity, **{"locations-0-district": other.districts.get().pk}))


def test_a_reference_is_never_issued_twice(editor: Client) -> None:
    opportunity = make_opportunity(reference="ONCE-001")
    data = filled_in(editor.get(f"{LIST}add/"))
    response = editor.post(f"{LIST}add/", {**data, "reference": "ONCE-001"})
    assert "这个编号已经发出过。" in errors_of(response)
    assert Opportunity.objects.get() == opportunity


# --- two editors


def test_the_second_of_two_saves_is_refused_and_shows_both(editor: Client, reviewer: Client) -> None:
    opportunity = make_opportunity(name_zh="旧名称")
    opened = filled_in(editor.get(change_page(opportunity)))
    save(reviewer, opportunity, name_zh="审核员的名称")
    refused = editor.post(change_page(opportunity), {**opened, "name_zh": "编辑的名称", "_save": "1"})
    assert errors_of(refused)[0].startswith("您打开之后，别人改过这个机会")
    assert fresh(opportunity).name_zh == "审核员的名称"
    for words in ("编辑的名称", "审核员的名称", "旧名称", "reviewer@staff.example"):
        assert words in refused.text
    # Shown both, the editor decides.
    again = filled_in(refused)
    assert editor.post(change_page(opportunity), {**again, "_save": "1"}).status_code == 302
    assert fresh(opportunity).name_zh == "编辑的名称"


@pytest.mark.parametrize("operation", ["confirm", "withdraw"])
def test_an_entry_changed_meanwhile_is_neither_confirmed_nor_withdrawn(
    reviewer: Client, operation: str
) -> None:
    opportunity = make_opportunity()
    seen = publishing.version(opportunity)
    publishing.record_change(fresh(opportunity))
    response = reviewer.post(f"{LIST}{opportunity.pk}/{operation}/", {"version": seen})
    assert told(response) == ["您打开之后，别人改过这个机会。请先看一遍再决定。"]
    kept = fresh(opportunity)
    assert (kept.publication, kept.last_confirmed_on) == ("published", None)


# --- publish, withdraw, confirm, delete


def test_only_confirming_saves_nothing_else(editor: Client) -> None:
    opportunity = make_opportunity()
    response = editor.post(
        f"{LIST}{opportunity.pk}/confirm/", {"version": publishing.version(opportunity), "name_zh": "改了"}
    )
    assert told(response) == [f"{opportunity.reference}: 已确认仍然有效。"]
    assert (fresh(opportunity).last_confirmed_on, fresh(opportunity).name_zh) == (
        timezone.localdate(),
        opportunity.name_zh,
    )


@pytest.mark.parametrize("operation", ["confirm", "withdraw"])
def test_operations_need_a_post_and_an_entry(reviewer: Client, operation: str) -> None:
    opportunity = make_opportunity()
    assert reviewer.get(f"{LIST}{opportunity.pk}/{operation}/").status_code == (
        405 if operation == "confirm" else 200
    )
    assert reviewer.put(f"{LIST}{opportunity.pk}/{operation}/").status_code == 405
    assert reviewer.post(f"{LIST}nothing/{operation}/").status_code == 302
    kept = fresh(opportunity)
    assert (kept.publication, kept.last_confirmed_on) == ("published", None)


def test_saving_and_publishing_what_is_incomplete_keeps_the_edit_and_says_why(reviewer: Client) -> None:
    draft = make_opportunity(publication="draft", cooperation=())
    response = save(reviewer, draft, "_publish", name_zh="新名称")
    assert told(response) == [
        f"{draft.reference} 已保存。",
        f"{draft.reference} 没有发布：没有合作方式。",
    ]
    assert (fresh(draft).name_zh, fresh(draft).publication) == ("新名称", "draft")


def test_a_bulk_publication_names_those_refused_and_publishes_the_others(reviewer: Client) -> None:
    good, bad, public = (
        make_opportunity(publication="draft"),
        make_opportunity(publication="draft", cooperation=()),
        make_opportunity(),
    )
    messages = act(reviewer, "publish_selected", good, bad, public)
    assert messages == [
        "已发布 1 个机会。",
        f"跳过 1 个（{bad.reference}）：没有合作方式。",
        f"跳过 1 个（{public.reference}）：已经是发布状态。",
    ]
    assert [fresh(o).publication for o in (good, bad, public)] == ["published", "draft", "published"]
    assert fresh(good).history.first().history_user.email == "reviewer@staff.example"
    assert not bad.history.filter(publication="published").exists()


def test_a_bulk_confirmation_says_how_many_and_passes_over_those_of_today(editor: Client) -> None:
    one, draft = make_opportunity(), make_opportunity(publication="draft")
    today = make_opportunity(last_confirmed_on=timezone.localdate())
    assert act(editor, "confirm_selected", one, draft, today) == [
        "已确认 2 个机会仍然有效。",
        f"跳过 1 个（{today.reference}）：今天已经确认过。",
    ]


def test_a_bulk_withdrawal_asks_first_and_then_says_what_was_done_and_passed_over(
    reviewer: Client, client: Client
) -> None:
    one, two = make_opportunity(name_zh="去者甲"), make_opportunity(name_zh="去者乙")
    drafts = [make_opportunity(publication="draft") for _ in range(2)]
    gone = make_opportunity(publication="withdrawn")
    asked = select(reviewer, "withdraw_selected", one, two, *drafts, gone)
    page = words_of(asked)
    for words in ("撤回 2 个机会？", "去者甲", "去者乙", "410", f"{gone.reference}: 已经撤回。"):
        assert words in page
    assert {fresh(o).publication for o in (one, two)} == {"published"}, "nothing is changed by asking"
    answer = reviewer.post(LIST, asked_again(asked))
    assert told(answer) == ["已撤回 2 个机会。"]
    assert [fresh(o).publication for o in (one, two, *drafts)] == ["withdrawn"] * 2 + ["draft"] * 2
    assert client.get(one.get_absolute_url()).status_code == 410


def test_a_bulk_withdrawal_withdraws_what_was_shown_and_nothing_else(reviewer: Client) -> None:
    """Also when the whole list was selected and somebody publishes another one before the answer."""
    shown = make_opportunity()
    asked = select(reviewer, "withdraw_selected", shown, select_across="1")
    later = make_opportunity()
    reviewer.post(LIST, asked_again(asked))
    assert (fresh(shown).publication, fresh(later).publication) == ("withdrawn", "published")


def test_a_bulk_withdrawal_without_anything_public_names_the_reasons(reviewer: Client) -> None:
    draft, gone = make_opportunity(publication="draft"), make_opportunity(publication="withdrawn")
    archived = make_opportunity(publication="archived")
    assert act(reviewer, "withdraw_selected", draft, gone, archived) == [
        "已撤回 0 个机会。",
        f"跳过 1 个（{draft.reference}）：是草稿，没有公开。",
        f"跳过 1 个（{gone.reference}）：已经撤回。",
        f"跳过 1 个（{archived.reference}）：没有公开。",
    ]


def test_a_bulk_action_names_twenty_and_counts_the_rest(editor: Client) -> None:
    entries = [make_opportunity(last_confirmed_on=timezone.localdate()) for _ in range(23)]
    message = act(editor, "confirm_selected", *entries)[1]
    assert message.startswith("跳过 23 个（")
    assert entries[19].reference in message and entries[20].reference not in message
    assert "等，另有 3 个" in message


@pytest.mark.parametrize("action", ["publish_selected", "withdraw_selected", "confirm_selected"])
def test_a_bulk_action_takes_no_more_than_it_can_show(
    reviewer: Client, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    monkeypatch.setattr("opportunities.admin.AT_ONCE_MAX", 2)
    entries = [make_opportunity() for _ in range(3)]
    assert act(reviewer, action, *entries) == ["选了 3 个，一次最多 2 个。没有作任何改动。"]
    assert {(fresh(o).publication, fresh(o).last_confirmed_on) for o in entries} == {("published", None)}


def test_withdrawing_one_asks_first_in_both_languages(reviewer: Client) -> None:
    entry = make_opportunity(name_zh="去者甲", name_en="The one to go")
    path = f"{LIST}{entry.pk}/withdraw/"
    assert f'href="{path}"' in reviewer.get(change_page(entry)).text
    assert "去者甲" in words_of(reviewer.get(path)) and "不再显示任何内容" in reviewer.get(path).text
    english = words_of(reviewer.get(f"/en{path}"))
    assert "Withdraw 1 opportunity?" in english and "410 Gone" in english
    assert "The one to go" in english and "去者甲" not in english
    assert fresh(entry).publication == "published"
    answer = reviewer.post(path, asked_again(reviewer.get(path)))
    assert told(answer) == [f"{entry.reference}: 已撤回。"]
    assert fresh(entry).publication == "withdrawn"


def test_an_entry_changed_after_the_question_is_not_withdrawn(reviewer: Client) -> None:
    entry = make_opportunity()
    path = f"{LIST}{entry.pk}/withdraw/"
    asked = reviewer.get(path)
    publishing.record_change(fresh(entry))
    assert told(reviewer.post(path, asked_again(asked))) == [
        "您打开之后，别人改过这个机会。请先看一遍再决定。"
    ]
    assert fresh(entry).publication == "published"


def test_there_is_nothing_to_ask_about_an_entry_that_is_not_public(reviewer: Client) -> None:
    draft = make_opportunity(publication="draft")
    answer = reviewer.get(f"{LIST}{draft.pk}/withdraw/")
    assert answer["Location"] == change_page(draft)
    assert told(answer) == [f"{draft.reference}: 是草稿，没有公开。"]


@pytest.mark.parametrize("bulk", [True, False])
def test_a_withdrawal_needs_a_token_against_forgery(bulk: bool) -> None:
    entry = make_opportunity()
    client = Client(enforce_csrf_checks=True)
    user = make_user("reviewer")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    path = LIST if bulk else f"{LIST}{entry.pk}/withdraw/"
    data = {"action": "withdraw_selected", "_selected_action": [entry.pk], "_withdraw": "1"}
    data = data if bulk else {"version": publishing.version(entry)}
    assert client.post(path, data).status_code == 403
    assert fresh(entry).publication == "published"


@pytest.mark.parametrize("publication", ["published", "withdrawn"])
def test_what_was_public_is_never_deleted(publication: str) -> None:
    administrator = signed_in("superuser")
    opportunity = make_opportunity(publication=publication)
    for method in ("get", "post"):
        response = getattr(administrator, method)(f"{LIST}{opportunity.pk}/delete/", {"post": "yes"})
        assert response["Location"] == change_page(opportunity)
    assert "公开过，不能删除" in told(response)[-1]
    assert "deletelink" not in administrator.get(change_page(opportunity)).text
    assert "delete_selected" not in administrator.get(LIST).text
    assert Opportunity.objects.get() == opportunity


def test_a_draft_can_be_deleted(editor: Client) -> None:
    draft = make_opportunity(publication="draft")
    editor.post(f"{LIST}{draft.pk}/delete/", {"post": "yes"})
    assert not Opportunity.objects.exists()
    assert Opportunity.history.first().history_type == "-"


# --- the list


def test_the_counts_on_top_lead_to_exactly_those_entries(editor: Client) -> None:
    full = {"content_zh": "内", "expected_benefit_zh": "效", "advantages_zh": "优", "conditions_zh": "条"}
    make_opportunity(last_confirmed_on=timezone.localdate(), **full)
    make_opportunity(last_confirmed_on=timezone.localdate() - timedelta(days=200), **full)
    make_opportunity(publication="draft", **full)
    make_opportunity(last_confirmed_on=None)
    for page in ("/admin/", LIST):
        queue = editor.get(page).context["queue"]
        assert [(item.label, item.count) for item in queue] == [
            ("草稿", 1),
            ("已发布", 3),
            ("建议确认", 2),
            ("信息不满 12 项", 1),
        ]
        for item in queue:
            assert editor.get(item.url).context["cl"].result_count == item.count


def test_entries_are_found_by_reference_name_district_and_unit(editor: Client) -> None:
    make_opportunity(reference="AAA-118", name_zh="动力电池结构件", districts="1101")
    make_opportunity(
        reference="BBB-200", name_zh="抗体药物", contact={"unit_zh": "梁平招商中心"}, districts="2201"
    )
    expected = {
        "118": ["AAA-118"], "aaa-118": ["AAA-118"], "電池": ["AAA-118"], "区2201": ["BBB-200"],
        "梁平招商": ["BBB-200"], "抗体 梁平": ["BBB-200"], "没有": [], "": ["AAA-118", "BBB-200"],
    }  # fmt: skip
    assert {words: listed(editor, q=words) for words in expected} == expected


@pytest.mark.parametrize("words", ["!!!", " ".join("一二三四五六七八九十百")])
def test_words_that_cannot_be_searched_are_named_and_find_nothing(editor: Client, words: str) -> None:
    make_opportunity()
    response = editor.get(LIST, {"q": words})
    assert response.context["cl"].result_count == 0
    assert "无法搜索" in response.text


def test_filters_narrow_the_list(editor: Client) -> None:
    today = timezone.localdate()
    make_edition(sectors=["grain", "tools"])
    make_opportunity(
        reference="AAA", sector="grain", districts={"1101": "0.5", "1102": "0.5"}, last_confirmed_on=today
    )
    make_opportunity(
        reference="BBB", sector="tools", districts="2201", status="signed",
        last_confirmed_on=today - timedelta(days=40),
    )  # fmt: skip
    make_opportunity(
        reference="CCC", districts="2201", publication="draft", last_confirmed_on=today - timedelta(days=121)
    )
    make_opportunity(reference="DDD", edition=make_edition("2030-01", current=False))
    for query, expected in [
        ({"publication__exact": "draft"}, ["CCC"]),
        ({"status__exact": "signed"}, ["BBB"]),
        ({"sector": "tools"}, ["BBB"]),
        ({"region": "east"}, ["AAA", "DDD"]),
        ({"region": "west"}, ["BBB", "CCC"]),
        ({"district": "1102"}, ["AAA"]),
        ({"edition": "2030-01"}, ["DDD"]),
        ({"confirmed": "within-30"}, ["AAA"]),
        ({"confirmed": "31-120"}, ["BBB"]),
        ({"confirmed": "over-120"}, ["CCC"]),
        ({"confirmed": "never"}, ["DDD"]),
        ({"confirmed": "due"}, ["DDD"]),
        ({"complete": "yes"}, []),
        ({"region": "west", "status__exact": "signed", "q": "测试"}, ["BBB"]),
        ({"sector": "nothing"}, []),
    ]:
        assert listed(editor, **query) == expected, query
    assert editor.get(LIST, {"region": "east", "_facets": "True"}).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        {"p": "x"}, {"p": "99999999999999999999"}, {"o": "1.2.x"}, {"o": "99"},
        {"publication__exact": "\ud7ff"},
        {"confirmed": "x"}, {"complete": "x"}, {"edition": "x"}, {"nonsense__foo": "1"}, {"all": "x"},
        {"sector": "x" * 2000}, {"q": "%" * 200},
    ],
)  # fmt: skip
def test_a_hostile_address_of_the_list_is_no_server_error(editor: Client, query: dict[str, str]) -> None:
    make_opportunity()
    assert editor.get(LIST, query, follow=True).status_code < 500


def test_the_list_costs_the_same_number_of_queries_for_2_and_for_40_rows(
    editor: Client, django_assert_num_queries: Callable[..., Any], django_assert_max_num_queries: Any
) -> None:
    for _ in range(2):
        make_opportunity(districts=["1101", "2201"])
    editor.get(LIST)
    with django_assert_max_num_queries(30) as few:
        editor.get(LIST)
    for _ in range(38):
        make_opportunity(districts=["1101", "2201"])
    with django_assert_num_queries(len(few)):
        assert len(listed(editor)) == 40


def test_the_change_page_costs_the_same_for_2_and_for_8_facts(
    editor: Client, django_assert_num_queries: Callable[..., Any], django_assert_max_num_queries: Any
) -> None:
    opportunity = make_opportunity()
    catalogue = Catalogue.objects.get()

    def add(count: int) -> None:
        for _ in range(count):
            number = Fact.objects.count()
            kind = FactKind.objects.create(
                catalogue=catalogue, key=f"k{number}", label_zh="事项", label_en="Fact"
            )
            Fact.objects.create(opportunity=opportunity, kind=kind)

    add(2)
    editor.get(change_page(opportunity))
    with django_assert_max_num_queries(40) as few:
        editor.get(change_page(opportunity))
    add(6)
    with django_assert_num_queries(len(few)):
        editor.get(change_page(opportunity))


def test_a_row_shows_what_staff_look_for(editor: Client) -> None:
    make_opportunity(
        reference="AAA-118", name_zh="动力电池结构件", investment=Decimal("1234.50"), districts="1101",
        last_confirmed_on=date(2024, 1, 2), is_sample=True,
    )  # fmt: skip
    row = re.sub(r"<[^>]+>|\s+", " ", editor.get(LIST).text.split("<tbody>")[1].split("</tbody>")[0])
    assert row.split() == [
        "AAA-118", "示例", "动力电池结构件", "板", "板块grain", "区1101", "地区east", "1,234.5", "已发布",
        "招商中", "2024-01-02", "建议确认", "8/12",
    ]  # fmt: skip


# --- what entries refer to


def test_renaming_a_sector_shows_on_the_page_and_is_found(reviewer: Client, client: Client) -> None:
    opportunity = make_opportunity(reference="AAA-118")
    page = f"/admin/opportunities/sector/{opportunity.sector_id}/change/"
    assert client.get("/opportunities/AAA-118/").status_code == 200
    data = filled_in(reviewer.get(page))
    assert reviewer.post(page, {**data, "name_zh": "深海装备", "slug": "other"}).status_code == 302
    assert Sector.objects.get(pk=opportunity.sector_id).slug == opportunity.sector.slug
    assert "深海装备" in client.get("/opportunities/AAA-118/").text
    assert 'data-reference="AAA-118"' in client.get("/opportunities/", {"q": "深海装备"}).text
    history = page.replace("change", "history")
    assert "名称（中文） 板块grain → 深海装备" in words_of(reviewer.get(history))
    assert "Name (Chinese) 板块grain → 深海装备" in words_of(reviewer.get(f"/en{history}"))


@pytest.mark.parametrize("model", [Sector, District, Region, Edition, Catalogue, PublishedFigure, FactKind])
def test_every_edit_of_reference_data_moves_the_revision_and_none_without_a_change(
    reviewer: Client, catalogue: Edition, model: type
) -> None:
    row = model.objects.first()
    page = reverse(f"admin:opportunities_{model._meta.model_name}_change", args=[row.pk])
    data = filled_in(reviewer.get(page))
    before = Revision.current()
    assert reviewer.post(page, data).status_code == 302
    assert Revision.current() == before
    name = next(name for name in data if name.endswith("_en"))
    assert reviewer.post(page, {**data, name: "Something else"}).status_code == 302
    assert Revision.current() != before


@pytest.mark.parametrize(
    ("model", "changes"),
    [
        ("sector", {"slug": "has spaces"}),
        ("sector", {"slug": "../x"}),
        ("sector", {"colour": "10"}),
        ("district", {"code": "Ü", "region": "1"}),
        ("publishedfigure", {"claim": "sector-investment", "value": "no-such-sector", "published": "1"}),
        ("publishedfigure", {"claim": "opportunities-at-least", "value": "abc", "published": "1"}),
        ("publishedfigure", {"claim": "investment", "value": "10", "published": "1"}),
    ],
)
def test_reference_data_that_pages_could_not_bear_is_refused(
    reviewer: Client, catalogue: Edition, model: str, changes: dict[str, str]
) -> None:
    page = f"/admin/opportunities/{model}/add/"
    full = {
        "edition": str(catalogue.pk), "slug": "new", "code": "9901", "name_zh": "新", "name_en": "New",
        "short_zh": "新", "short_en": "New", "seal_zh": "新", "seal_en": "NW", "colour": "1",
        "position": "99", "kind": "district", "source_zh": "虚构",
    }  # fmt: skip
    data = filled_in(reviewer.get(page))
    before = Revision.current()
    response = reviewer.post(page, {**data, **full, **changes})
    assert set(response.context["adminform"].form.errors) & set(changes)
    assert Revision.current() == before


def test_aliases_are_one_a_line(reviewer: Client) -> None:
    opportunity = make_opportunity(districts="1101")
    district = District.objects.get(code="1101")
    page = f"/admin/opportunities/district/{district.pk}/change/"
    data = filled_in(reviewer.get(page))
    reviewer.post(page, {**data, "aliases": " 临港 \r\n\r\n空港"})
    district.refresh_from_db()
    assert district.aliases == ["临港", "空港"]
    assert listed(reviewer, q="空港") == [opportunity.reference]


def test_a_reviewer_makes_an_edition_the_current_one(reviewer: Client) -> None:
    make_edition("2020-01")
    new = make_edition("2030-01", current=False)
    reviewer.post("/admin/opportunities/edition/", {"action": "make_current", "_selected_action": [new.pk]})
    assert list(Edition.objects.filter(is_current=True)) == [new]


# --- history and frame


def test_the_history_says_who_when_old_and_new_for_entry_and_contact(editor: Client) -> None:
    opportunity = make_opportunity(name_zh="旧名称", contact={"office_phone": "000-1"})
    save(editor, opportunity, **{"name_zh": "新名称", "status": "signed", "contacts-0-office_phone": "000-2"})
    page = re.sub(r"<[^>]+>|\s+", " ", editor.get(f"{LIST}{opportunity.pk}/history/").text)
    page = " ".join(page.split())
    assert "editor@staff.example" in page
    for change in (
        "名称（中文） 旧名称 → 新名称",
        "状态 招商中 → 已签约",
        "办公电话 000-1 → 000-2",
        "发布 草稿 → 已发布",
    ):
        assert change in page


def test_the_history_says_what_became_of_districts_cooperation_and_facts(editor: Client) -> None:
    opportunity = make_opportunity(districts={"1101": "0.6", "2201": "0.4"})
    kind = FactKind.objects.create(
        catalogue=Catalogue.objects.get(), key="land", label_zh="用地", label_en="Land"
    )
    Fact.objects.create(opportunity=opportunity, kind=kind, value_zh="80 亩")
    save(
        editor,
        opportunity,
        **{
            "cooperation": ["leasing"],
            "locations-0-share": "0.7",
            "locations-1-share": "0.3",
            "facts-0-value_zh": "90 亩",
        },
    )
    save(editor, opportunity, **{"locations-1-district": District.objects.get(code="1102").pk})
    page = re.sub(r"<[^>]+>|\s+", " ", editor.get(f"{LIST}{opportunity.pk}/history/").text)
    page = " ".join(page.split())
    for change in (
        "份额 0.6000 → 0.7000",
        "份额 0.4000 → 0.3000",
        "合作方式 · 合资 删除",
        "合作方式 · 租赁 新增",
        "内容（中文） 80 亩 → 90 亩",
        "所在区县 · 区2201 0.3000 删除",
        "所在区县 · 区1102 0.3000 新增",
    ):
        assert change in page


def test_the_old_state_of_an_entry_has_no_form_to_write_it_back(editor: Client) -> None:
    opportunity = make_opportunity()
    record = opportunity.history.first()
    response = editor.post(f"{LIST}{opportunity.pk}/history/{record.pk}/", {"name_zh": "x"}, follow=True)
    assert fresh(opportunity).name_zh == opportunity.name_zh
    assert response.status_code in (200, 404)


@pytest.mark.parametrize(
    ("path", "title", "other"),
    [("/admin/", "机会管理", "/en/admin/"), ("/en/admin/", "Opportunity administration", "/admin/")],
)
def test_the_administration_stands_in_both_languages_and_leads_to_the_other(
    editor: Client, settings: Any, path: str, title: str, other: str
) -> None:
    settings.ENVIRONMENT = "预演"
    page = editor.get(path).text
    assert title in page and "预演" in page
    assert f'href="{other}"' in page
    listing = editor.get(f"{path}opportunities/opportunity/?status__exact=open").text
    assert f'href="{other}opportunities/opportunity/?status__exact=open"' in listing


def test_english_pages_call_everything_by_its_english_name(reviewer: Client, editor: Client) -> None:
    edition = make_edition()
    kind = FactKind.objects.create(
        catalogue=edition.catalogue, key="land", label_zh="用地", label_en="Land area"
    )
    names = {
        "name_zh": "中文名甲", "name_en": "English name",
        "contact": {"unit_zh": "中文单位", "unit_en": "English office"},
    }  # fmt: skip
    entry = make_opportunity(**names)
    Fact.objects.create(opportunity=entry, kind=kind, value_zh="八十亩", value_en="80 mu")
    draft = make_opportunity(publication="draft", **names)
    sector, district = edition.sectors.first(), edition.districts.first()
    save(reviewer, entry, status="signed")
    save(
        reviewer, entry,
        **{"sector": edition.sectors.last().pk, "locations-0-district": edition.districts.last().pk},
    )  # fmt: skip
    reviewer.get("/admin/")  # where it is told that they were saved
    shown = {
        "/en/admin/": f"{entry.reference} English name",
        f"/en{LIST}": "English name",
        f"/en{change_page(entry)}": f"&rsaquo; {entry.reference} English name",
        f"/en{LIST}{entry.pk}/history/": "Sector Sector grain → Sector tools",
        f"/en{LIST}{entry.pk}/withdraw/": "English name",
        f"/en{LIST}{draft.pk}/delete/": "Contact: English office",
        f"/en/admin/opportunities/sector/{sector.pk}/change/": "&rsaquo; Sector grain",
        f"/en/admin/opportunities/district/{district.pk}/change/": "&rsaquo; District 1101",
        f"/en/admin/opportunities/edition/{edition.pk}/change/": "Opportunity List of Test City 2020-01",
        f"/en/admin/opportunities/factkind/{kind.pk}/change/": "&rsaquo; Land area",
    }
    for path, words in shown.items():
        page = words_of(reviewer.get(path))
        assert words in page, path
        for chinese in ("中文名甲", "中文单位", "板块grain", "区1101", "测试市"):
            assert chinese not in page, path
    assert "中文名甲" in words_of(reviewer.get("/admin/"))


def test_what_has_no_english_name_is_called_by_its_chinese_one(editor: Client) -> None:
    entry = make_opportunity(name_zh="中文名甲", name_en="")
    assert f"&rsaquo; {entry.reference} 中文名甲" in words_of(editor.get(f"/en{change_page(entry)}"))
    assert '<span lang="zh-Hans">中文名甲</span>' in editor.get(f"/en{LIST}").text


def test_texts_of_either_language_are_marked_in_lists_and_forms(reviewer: Client) -> None:
    sector = make_opportunity().sector
    listing = reviewer.get("/en/admin/opportunities/sector/").text
    assert f'<span lang="zh-Hans">{sector.name_zh}</span>' in listing
    assert f'<span lang="en">{sector.name_en}</span>' in listing
    form = reviewer.get(f"/en/admin/opportunities/sector/{sector.pk}/change/").text
    assert re.search(r'<input[^>]*name="name_zh"[^>]*lang="zh-Hans"', form)
    assert re.search(r'<input[^>]*name="name_en"[^>]*lang="en"', form)


def test_the_history_of_reference_data_says_old_and_new_in_the_reader_s_language(reviewer: Client) -> None:
    edition = make_edition()
    district, region = edition.districts.first(), edition.regions.last()
    path = f"/admin/opportunities/district/{district.pk}"
    assert "还没有人在这里改过" in words_of(reviewer.get(f"{path}/history/"))
    data = filled_in(reviewer.get(f"{path}/change/"))
    reviewer.post(
        f"{path}/change/", {**data, "region": region.pk, "kind": "county", "aliases": "临港\r\n空港"}
    )
    for prefix, changes in {
        "": ("区域 地区east → 地区west", "种类 区 → 县", "– → 临港 · 空港"),
        "/en": ("Region Region east → Region west", "Kind district → county"),
    }.items():
        page = words_of(reviewer.get(f"{prefix}{path}/history/"))
        for change in changes:
            assert change in page, page
        assert "reviewer@staff.example" in page


def test_making_an_edition_current_is_in_its_history(reviewer: Client) -> None:
    make_edition("2020-01")
    new = make_edition("2030-01", current=False)
    reviewer.post("/admin/opportunities/edition/", {"action": "make_current", "_selected_action": [new.pk]})
    history = words_of(reviewer.get(f"/admin/opportunities/edition/{new.pk}/history/"))
    assert "当前版次 否 → 是" in history


def test_my_recent_changes_lead_to_what_is_still_there(editor: Client) -> None:
    entry, draft = make_opportunity(), make_opportunity(publication="draft", name_zh="草稿甲")
    assert "还没有。" in words_of(editor.get("/admin/"))
    save(editor, entry, name_zh="改名以后")
    editor.post(f"{LIST}{draft.pk}/delete/", {"post": "yes"})
    page = editor.get("/admin/").text
    assert f'<a href="{change_page(entry)}">{entry.reference} 改名以后</a>' in page
    assert f"{draft.reference} 草稿甲" in page
    assert change_page(draft) not in page


def test_the_way_back_from_a_deletion_is_a_link(editor: Client) -> None:
    draft = make_opportunity(publication="draft")
    page = editor.get(f"{LIST}{draft.pk}/delete/").text
    assert f'href="{change_page(draft)}">不改，返回</a>' in page


def test_a_predecessor_is_named_by_its_reference(editor: Client) -> None:
    old = make_opportunity(reference="OLD-001", edition=make_edition("2019-01", current=False))
    make_edition("2020-01")
    entry = make_opportunity()
    assert save(editor, entry, predecessor="OLD-001").status_code == 302
    assert fresh(entry).predecessor == old
    assert 'value="OLD-001"' in editor.get(change_page(entry)).text
    assert save(editor, entry).status_code == 302
    assert fresh(entry).predecessor == old
    assert errors_of(save(editor, entry, predecessor="NEVER-1")) == ["没有这个编号的机会。"]


PAGES = [
    "/admin/", LIST, f"{LIST}add/", "{entry}change/", "{entry}history/", "{draft}delete/",
    "/admin/accounts/user/", "/admin/accounts/user/add/", "/admin/password_change/",
    "/admin/opportunities/sector/", "/admin/opportunities/district/", "/admin/opportunities/edition/",
]  # fmt: skip


@pytest.mark.parametrize("language", ["", "/en"])
@pytest.mark.parametrize("page", PAGES)
def test_no_page_of_the_administration_holds_style_or_script_of_its_own(page: str, language: str) -> None:
    client = signed_in("superuser")
    entry, draft = make_opportunity(), make_opportunity(publication="draft")
    path = page.format(entry=f"{LIST}{entry.pk}/", draft=f"{LIST}{draft.pk}/")
    response = client.get(language + path)
    assert response.status_code == 200
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", response.text)


@pytest.mark.django_db(transaction=True)
def test_of_two_saves_at_the_same_time_one_is_refused() -> None:
    opportunity = make_opportunity(name_zh="旧名称")
    clients = [signed_in("editor"), signed_in("editor")]
    page = change_page(opportunity)
    for turn in range(5):
        opened = filled_in(clients[0].get(page))
        start = Barrier(2)

        def post(client: Client, name: str, opened: dict[str, Any] = opened, start: Barrier = start) -> int:
            start.wait()
            try:
                return client.post(page, {**opened, "name_zh": name, "_save": "1"}).status_code
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(post, clients, [f"甲{turn}", f"乙{turn}"]))
        assert sorted(answers) == [200, 302]
        assert fresh(opportunity).name_zh == (f"甲{turn}" if answers[0] == 302 else f"乙{turn}")
