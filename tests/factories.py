"""Rows for tests: only the fields that matter are spelled out, the rest is made up.

``make_opportunity`` goes through ``opportunities.publishing``, as staff do, so what is derived is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client

from accounts.models import EDITORS, REVIEWERS, User
from financing.models import (
    Consequence,
    Evaluation,
    Figure,
    Indicator,
    Item,
    ItemList,
    Milestone,
    Pin,
    Plan,
    Report,
    Rule,
    System,
    Task,
    Unit,
)
from opportunities import publishing
from opportunities.models import (
    Catalogue,
    Contact,
    Cooperation,
    District,
    Edition,
    Location,
    Opportunity,
    PublishedFigure,
    Region,
    Revision,
    Sector,
)

PASSWORD = "a long pass phrase"
_numbers = count(1)


def make_edition(
    code: str = "2020-01",
    *,
    current: bool = True,
    released_on: date = date(2020, 1, 15),
    thresholds: Iterable[int] = (10, 50, 100),
    sectors: Iterable[str] = ("grain", "tools"),
    places: Mapping[str, Iterable[str]] | None = None,
    is_sample: bool = False,
) -> Edition:
    """An edition with sectors and, as ``places``, districts by region: ``{"east": ["1101", "1102"]}``."""
    catalogue = Catalogue.objects.create(
        slug=f"city-{code}",
        title_zh="测试市机会清单",
        title_en="Opportunity List of Test City",
        issuer_zh="测试市投资局",
        issuer_en="Investment Bureau of Test City",
        place_zh="测试市",
        place_en="Test City",
        bracket_thresholds=list(thresholds),
        is_sample=is_sample,
    )
    if current:
        Edition.objects.filter(is_current=True).update(is_current=False)
    edition = Edition.objects.create(
        catalogue=catalogue,
        code=code,
        released_on=released_on,
        source_zh="虚构",
        source_en="made up",
        is_current=current,
    )
    for position, slug in enumerate(sectors):
        Sector.objects.create(
            edition=edition,
            slug=slug,
            name_zh=f"板块{slug}",
            name_en=f"Sector {slug}",
            short_zh=f"板块{slug}",
            short_en=slug,
            seal_zh="板",
            seal_en=slug[:2].upper(),
            position=position,
        )
    places = {"east": ["1101", "1102"], "west": ["2201"]} if places is None else places
    for position, (region_slug, codes) in enumerate(places.items()):
        region = Region.objects.create(
            edition=edition,
            slug=region_slug,
            name_zh=f"地区{region_slug}",
            name_en=f"Region {region_slug}",
            short_zh=f"地区{region_slug}",
            short_en=region_slug,
            position=position,
        )
        for place, district_code in enumerate(codes):
            District.objects.create(
                edition=edition,
                code=district_code,
                name_zh=f"区{district_code}",
                name_en=f"District {district_code}",
                short_zh=f"区{district_code}",
                short_en=district_code,
                region=region,
                position=position * 100 + place,
            )
    Revision.bump()
    return edition


@transaction.atomic
def make_opportunity(
    *,
    edition: Edition | None = None,
    sector: str | Sector | None = None,
    districts: str | Iterable[str] | Mapping[str, str] | None = None,
    cooperation: Iterable[str] = ("joint-venture",),
    contact: Mapping[str, Any] | None = None,
    publication: str = Opportunity.Publication.PUBLISHED,
    published_at: datetime | None = None,
    **fields: Any,
) -> Opportunity:
    """One opportunity of the edition given, of the current one, or of a new one where there is none.

    ``districts`` are codes (``"1101"``, ``["1101", "2201"]`` in equal parts) or shares by code
    (``{"1101": "0.6", "2201": "0.4"}``); without them it lies in the first district. ``publication``
    is where it ends: ``withdrawn`` and ``archived`` ones were public first.
    """
    number = next(_numbers)
    edition = edition or Edition.objects.filter(is_current=True).first() or make_edition()
    if not isinstance(sector, Sector):
        sectors = edition.sectors.all()
        sector = sectors.get(slug=sector) if sector else sectors[0]
    at = published_at or fields.pop("updated_at", None) or datetime(2024, 4, 10, tzinfo=UTC)
    opportunity = Opportunity(
        edition=edition,
        sector=sector,
        **{
            "reference": f"TEST-{number:03d}",
            "name_zh": f"测试机会{number}",
            "name_en": f"Test opportunity {number}",
            "investment": Decimal(10),
            "cycle_months": 12,
            "updated_at": at,
            **fields,
        },
    )
    opportunity.save()
    for position, (code, share) in enumerate(_shares(edition, districts).items()):
        Location.objects.create(
            opportunity=opportunity,
            district=edition.districts.get(code=code),
            share=share,
            position=position,
        )
    for form in cooperation:
        Cooperation.objects.create(opportunity=opportunity, form=form)
    Contact.objects.create(
        opportunity=opportunity,
        **{
            "unit_zh": "测试市招商服务中心",
            "unit_en": "Test City Investment Service Centre",
            "office_phone": "000-0000 0001",
            "office_email": "office@invest.example",
            "name": f"联系人{number}",
            "post_zh": "招商经理",
            "post_en": "Investment manager",
            "phone": f"000-0000 9{number:03d}",
            **(contact or {}),
        },
    )
    opportunity = Opportunity.objects.get(pk=opportunity.pk)
    if publication in ("draft", "in-review"):
        opportunity.publication = publication
        publishing.record_change(opportunity)
        return opportunity
    publishing.publish(opportunity, at=at)
    if publication in ("withdrawn", "archived"):
        publishing.withdraw(opportunity)
    if publication == "archived":
        opportunity.publication = publication
        publishing.record_change(opportunity)
    return opportunity


def _shares(
    edition: Edition, districts: str | Iterable[str] | Mapping[str, str] | None
) -> dict[str, Decimal]:
    if isinstance(districts, Mapping):
        return {code: Decimal(share) for code, share in districts.items()}
    if districts is None:
        codes = [edition.districts.all()[0].code]
    else:
        codes = [districts] if isinstance(districts, str) else list(districts)
    each = (Decimal(1) / len(codes)).quantize(Decimal("0.0001"))
    return dict.fromkeys(codes[:-1], each) | {codes[-1]: 1 - each * (len(codes) - 1)}


def claimed(edition: Edition, *figures: tuple[str, str, int]) -> Edition:
    """The edition with published figures: claim, of what, figure; in the order given."""
    for position, (claim, value, published) in enumerate(figures):
        PublishedFigure.objects.create(
            edition=edition,
            claim=claim,
            value=value,
            published=published,
            source_zh="某报",
            source_en="a newspaper",
            position=position,
        )
    Revision.bump()
    return Edition.objects.get(pk=edition.pk)


def make_plan(edition: Edition | None = None) -> Plan:
    """A plan with a lead office, a system, a task, an indicator and a list of three items, none named."""
    edition = edition or Edition.objects.filter(is_current=True).first() or make_edition()
    plan = Plan.objects.create(
        catalogue=edition.catalogue,
        slug="test-plan",
        name_zh="测试计划",
        name_en="Test plan",
        goal_zh="测试目标",
        goal_en="A goal to test",
        starts_in=2024,
        ends_in=2027,
        source_zh="测试报",
        source_en="Test paper",
        indicators_stated=2,
        system_tasks_stated=3,
        organisation_tasks_stated=1,
    )
    Unit.objects.create(plan=plan, slug="lead", name_zh="牵头办", name_en="Lead office", role="lead")
    System.objects.create(plan=plan, slug="markets", name_zh="市场体系", name_en="Markets")
    Task.objects.create(plan=plan, slug="publicity", name_zh="宣传", name_en="Publicity")
    Indicator.objects.create(plan=plan, slug="loans", name_zh="贷款", name_en="Loans", measure="trillion-cny")
    ItemList.objects.create(
        plan=plan,
        slug="reforms",
        name_zh="重大改革",
        name_en="Major reforms",
        kind_zh="改革",
        kind_en="Reform",
        stated=3,
    )
    Revision.bump()
    return plan


def make_item(plan: Plan | None = None, **fields: Any) -> Item:
    """A published item of the plan's list; without a plan of the only one, or of a new one."""
    plan = plan or Plan.objects.first() or make_plan()
    number = next(_numbers)
    item = Item.objects.create(
        list=plan.lists.get(),
        **{
            "code": f"reforms-{number % 100:02d}",
            "name_zh": f"测试事项{number}",
            "name_en": f"Test item {number}",
            "source_zh": "测试报",
            "is_public": True,
            **fields,
        },
    )
    Revision.bump()
    return Item.objects.get(pk=item.pk)


def make_ledger() -> Item:
    """A row of each kind that the finance plan knows, around one item: ``reforms-01``."""
    item = make_item(code="reforms-01")
    opportunity = make_opportunity()
    Rule.objects.create(item=item, sectors=[opportunity.sector.slug], basis_zh="测试")
    Pin.objects.create(item=item, opportunity=opportunity, kind="pin", reason_zh="测试")
    Milestone.objects.create(item=item, year=2025, quarter=1, text_zh="立项")
    report = Report.objects.create(item=item, year=2025, quarter=1, progress="on-track", summary_zh="报告")
    evaluation = Evaluation.objects.create(report=report, result="met")
    Consequence.objects.create(evaluation=evaluation, text_zh="通报")
    indicator = item.list.plan.indicators.get()
    Figure.objects.create(indicator=indicator, kind="actual", year=2024, value=2, source_zh="测试报")
    Revision.bump()
    return item


def make_user(role: str = "", **fields: Any) -> User:
    """A user: ``""`` nobody in particular, ``editor``, ``reviewer`` or ``superuser``; see PASSWORD."""
    email = fields.pop("email", f"user{next(_numbers)}@staff.example")
    if role == "superuser":
        return User.objects.create_superuser(email, PASSWORD, **fields)
    user = User.objects.create_user(email, PASSWORD, is_staff=bool(role), **fields)
    if role:
        user.groups.add(Group.objects.get_or_create(name={"editor": EDITORS, "reviewer": REVIEWERS}[role])[0])
    return user


def signed_in(role: str, **fields: Any) -> Client:
    """A client signed in as a new user of this role, or an anonymous one."""
    client = Client()
    if role != "anonymous":
        client.force_login(make_user(role, **fields), backend="django.contrib.auth.backends.ModelBackend")
    return client
