"""Which items of the plan can serve an opportunity, each with its reasons in words; and the reverse.

A match is a hint whom to ask, never a promise: the responsible unit's answer counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import TypeVar

from django.db.models import Q
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from opportunities import amounts
from opportunities.models import Cooperation, CooperationForm, Edition, Location, Opportunity, Text
from opportunities.models.catalogue import OpportunityQuerySet

from .models import Item, Pin, Rule, Unit

Bound = TypeVar("Bound", Decimal, date)

NOTICE = _("The responsible unit's answer counts.")


@dataclass(frozen=True)
class Reason:
    """One condition that held: the name of the condition, and words in the active language."""

    condition: str
    words: object

    def __str__(self) -> str:
        return str(self.words)


# Values of the edition's facets with their labels (``Scheme.options``), for the names of slugs.
Options = Mapping[str, Mapping[str, object]]


class Joined:
    """Names in one line, in the language that is active when it is read."""

    between = pgettext_lazy("between the items of a list", ", ")

    def __init__(self, names: Iterable[object]) -> None:
        self.names = list(names)

    def __str__(self) -> str:
        return str(self.between).join(map(str, self.names))


class Either(Joined):
    between = pgettext_lazy("between values any of which will do", " or ")


def _named(facet: str, values: Iterable[str], options: Options) -> Iterator[object]:
    """Labels of values; one that the edition does not have stands as it is."""
    return (options.get(facet, {}).get(value, value) for value in values)


# --- conditions -----------------------------------------------------------------------------------


class Condition:
    """One kind of condition, said three ways: of an opportunity in memory, in a query, and in words."""

    name = ""

    def is_given(self, rule: Rule) -> bool:
        raise NotImplementedError

    def holds(self, rule: Rule, opportunity: Opportunity, today: date) -> bool:
        raise NotImplementedError

    def query(self, rule: Rule, today: date) -> Q:
        raise NotImplementedError

    def words(self, rule: Rule, opportunity: Opportunity) -> object:
        """Why it holds for an opportunity for which it does."""
        return self.asked(rule, {})

    def asked(self, rule: Rule, options: Options) -> object:
        """What it asks of any opportunity."""
        raise NotImplementedError


class InSector(Condition):
    name = "sector"

    def is_given(self, rule: Rule) -> bool:
        return bool(rule.sectors)

    def holds(self, rule: Rule, opportunity: Opportunity, today: date) -> bool:
        return opportunity.sector.slug in rule.sectors

    def query(self, rule: Rule, today: date) -> Q:
        return Q(sector__slug__in=rule.sectors)

    def asked(self, rule: Rule, options: Options) -> object:
        names = Either(_named("sector", rule.sectors, options))
        return format_lazy(_("the sector is {sector}"), sector=names)

    def words(self, rule: Rule, opportunity: Opportunity) -> object:
        return format_lazy(_("the sector is {sector}"), sector=opportunity.sector.name)


class InPlace(Condition):
    """A location in a region or in a district that the rule names."""

    name = "place"

    def is_given(self, rule: Rule) -> bool:
        return bool(rule.regions or rule.districts)

    def holds(self, rule: Rule, opportunity: Opportunity, today: date) -> bool:
        return bool(self._places(rule, opportunity))

    def query(self, rule: Rule, today: date) -> Q:
        named = Q(district__region__slug__in=rule.regions) | Q(district__code__in=rule.districts)
        return Q(pk__in=Location.objects.filter(named).values("opportunity"))

    def asked(self, rule: Rule, options: Options) -> object:
        regions = _named("region", rule.regions, options)
        districts = _named("district", rule.districts, options)
        return format_lazy(_("it lies in {places}"), places=Either([*regions, *districts]))

    def words(self, rule: Rule, opportunity: Opportunity) -> object:
        return format_lazy(_("it lies in {places}"), places=Joined(self._places(rule, opportunity)))

    def _places(self, rule: Rule, opportunity: Opportunity) -> list[Text]:
        """The districts and regions named that it lies in, by name, each once."""
        found = []
        for location in opportunity.locations.all():
            district = location.district
            if district.code in rule.districts:
                found.append(district.name)
            elif district.region.slug in rule.regions:
                found.append(district.region.name)
        return list(dict.fromkeys(found))


class AtLeast(Condition):
    name = "investment_min"

    def is_given(self, rule: Rule) -> bool:
        return rule.investment_min is not None

    def holds(self, rule: Rule, opportunity: Opportunity, today: date) -> bool:
        return opportunity.investment >= _given(rule.investment_min)

    def query(self, rule: Rule, today: date) -> Q:
        return Q(investment__gte=rule.investment_min)

    def asked(self, rule: Rule, options: Options) -> object:
        return format_lazy(_("the investment is ≥ {amount}"), amount=_money(_given(rule.investment_min)))


class AtMost(Condition):
    name = "investment_max"

    def is_given(self, rule: Rule) -> bool:
        return rule.investment_max is not None

    def holds(self, rule: Rule, opportunity: Opportunity, today: date) -> bool:
        return opportunity.investment <= _given(rule.investment_max)

    def query(self, rule: Rule, today: date) -> Q:
        return Q(investment__lte=rule.investment_max)

    def asked(self, rule: Rule, options: Options) -> object:
        return format_lazy(_("the investment is ≤ {amount}"), amount=_money(_given(rule.investment_max)))


class Offering(Condition):
    name = "cooperation"

    def is_given(self, rule: Rule) -> bool:
        return bool(rule.cooperation)

    def holds(self, rule: Rule, opportunity: Opportunity, today: date) -> bool:
        return bool(self._forms(rule, opportunity))

    def query(self, rule: Rule, today: date) -> Q:
        offered = Cooperation.objects.filter(form__in=rule.cooperation)
        return Q(pk__in=offered.values("opportunity"))

    def asked(self, rule: Rule, options: Options) -> object:
        forms = Either(_named("cooperation", rule.cooperation, options))
        return format_lazy(_("the cooperation on offer includes: {forms}"), forms=forms)

    def words(self, rule: Rule, opportunity: Opportunity) -> object:
        forms = Joined(form.label for form in self._forms(rule, opportunity))
        return format_lazy(_("the cooperation on offer includes: {forms}"), forms=forms)

    def _forms(self, rule: Rule, opportunity: Opportunity) -> list[CooperationForm]:
        return [form for form in opportunity.cooperation if form.value in rule.cooperation]


class ValidFrom(Condition):
    name = "valid_from"

    def is_given(self, rule: Rule) -> bool:
        return rule.valid_from is not None

    def holds(self, rule: Rule, opportunity: Opportunity, today: date) -> bool:
        return _given(rule.valid_from) <= today

    def query(self, rule: Rule, today: date) -> Q:
        return _always(_given(rule.valid_from) <= today)

    def asked(self, rule: Rule, options: Options) -> object:
        return format_lazy(_("valid from {day}"), day=_given(rule.valid_from).isoformat())


class ValidTo(Condition):
    name = "valid_to"

    def is_given(self, rule: Rule) -> bool:
        return rule.valid_to is not None

    def holds(self, rule: Rule, opportunity: Opportunity, today: date) -> bool:
        return today <= _given(rule.valid_to)

    def query(self, rule: Rule, today: date) -> Q:
        return _always(today <= _given(rule.valid_to))

    def asked(self, rule: Rule, options: Options) -> object:
        return format_lazy(_("valid until {day}"), day=_given(rule.valid_to).isoformat())


CONDITIONS: tuple[Condition, ...] = (
    InSector(), InPlace(), AtLeast(), AtMost(), Offering(), ValidFrom(), ValidTo(),
)  # fmt: skip


def _given(bound: Bound | None) -> Bound:
    """A bound of a rule that is known to be given."""
    if bound is None:
        raise ValueError("this rule gives no such bound")
    return bound


def _always(holds: bool) -> Q:
    return Q() if holds else Q(pk__in=[])


def _money(amount: Decimal) -> Text:
    return Text(f"{amounts.shortest(amount)} 亿元", f"CNY {amounts.format_en(amount)} bn")


# --- one rule -------------------------------------------------------------------------------------


def conditions_of(rule: Rule) -> list[Condition]:
    return [condition for condition in CONDITIONS if condition.is_given(rule)]


def reasons_of(rule: Rule, opportunity: Opportunity, today: date) -> list[Reason]:
    """Why a rule holds for an opportunity, condition by condition; empty when it does not."""
    conditions = conditions_of(rule)
    if not all(condition.holds(rule, opportunity, today) for condition in conditions):
        return []
    return [Reason(condition.name, condition.words(rule, opportunity)) for condition in conditions]


def query_of(rule: Rule, today: date) -> Q:
    """The same rule as a condition on opportunities; one without conditions meets none."""
    conditions = conditions_of(rule)
    if not conditions:
        return Q(pk__in=[])
    whole = Q()
    for condition in conditions:
        whole &= condition.query(rule, today)
    return whole


# --- an opportunity and its items -----------------------------------------------------------------


@dataclass(frozen=True)
class Match:
    """An item that can serve an opportunity: ``reasons`` in words, ``office`` whom to ask.

    ``is_sample``: no more than a sample rule speaks for it.
    """

    item: Item
    reasons: list[Reason]
    office: Unit | None
    is_sample: bool

    @property
    def asks_the_lead(self) -> bool:
        """Whether it names the plan's lead office, for want of a responsible unit."""
        return self.item.unit_id is None


def matches_of(opportunities: Sequence[Opportunity], today: date | None = None) -> dict[int, list[Match]]:
    """By opportunity's key the items that can serve it, in the lists' order. Three queries at most.

    The opportunities come with what ``for_results`` reads.
    """
    today = today or timezone.localdate()
    catalogues = {opportunity.edition.catalogue_id for opportunity in opportunities}
    of_plan = {"item__is_public": True, "item__list__plan__catalogue__in": catalogues}
    with_item = ("item__list__plan", "item__unit")
    rules = list(Rule.objects.filter(is_active=True, **of_plan).select_related(*with_item))
    pins = list(Pin.objects.filter(opportunity__in=opportunities, **of_plan).select_related(*with_item))
    leads = _leads([*(rule.item for rule in rules), *(pin.item for pin in pins)])
    return {
        opportunity.pk: _matches(
            opportunity,
            [rule for rule in rules if rule.item.list.plan.catalogue_id == opportunity.edition.catalogue_id],
            [pin for pin in pins if pin.opportunity_id == opportunity.pk],
            leads,
            today,
        )
        for opportunity in opportunities
    }


def _leads(items: Iterable[Item]) -> dict[int, Unit]:
    """The lead office by plan."""
    plans = {item.list.plan_id for item in items}
    found = Unit.objects.filter(plan__in=plans, role=Unit.Role.LEAD) if plans else []
    return {unit.plan_id: unit for unit in found}


def _matches(
    opportunity: Opportunity,
    rules: Iterable[Rule],
    pins: Iterable[Pin],
    leads: dict[int, Unit],
    today: date,
) -> list[Match]:
    items: dict[int, Item] = {}
    reasons: dict[int, list[Reason]] = {}
    firm: set[int] = set()
    excluded = {pin.item_id for pin in pins if pin.kind == Pin.Kind.EXCLUDE}
    for pin in pins:
        if pin.kind == Pin.Kind.PIN:
            items[pin.item_id] = pin.item
            firm.add(pin.item_id)
            reasons.setdefault(pin.item_id, []).append(Reason("pin", pin.reason))
    for rule in rules:
        found = reasons_of(rule, opportunity, today)
        if not found or rule.item_id in excluded:
            continue
        items.setdefault(rule.item_id, rule.item)
        if not rule.is_sample:
            firm.add(rule.item_id)
        said = reasons.setdefault(rule.item_id, [])
        known = {(reason.condition, str(reason)) for reason in said}
        said += [reason for reason in found if (reason.condition, str(reason)) not in known]
    ordered = sorted(items.values(), key=lambda item: (item.list.position, item.code))
    return [
        Match(item, reasons[item.pk], item.unit or leads.get(item.list.plan_id), item.pk not in firm)
        for item in ordered
    ]


# --- an item and its opportunities ----------------------------------------------------------------


def opportunities_for(item: Item, today: date | None = None) -> OpportunityQuerySet:
    """Public opportunities of the current edition that an item can serve, each once, in no order."""
    today = today or timezone.localdate()
    rules = [query_of(rule, today) for rule in item.rules.all() if rule.is_active]
    return (
        _current(item)
        .filter(reduce(or_, rules, Q(pk__in=_decided(item, Pin.Kind.PIN))))
        .exclude(pk__in=_decided(item, Pin.Kind.EXCLUDE))
    )


def opportunities_by(rule: Rule, today: date | None = None) -> OpportunityQuerySet:
    """Public opportunities of the current edition that one rule meets, stored or not."""
    return _current(rule.item).filter(query_of(rule, today or timezone.localdate()))


def _current(item: Item) -> OpportunityQuerySet:
    edition = Edition.objects.filter(is_current=True, catalogue=item.list.plan.catalogue_id).first()
    return Opportunity.objects.public().filter(edition=edition)


def _decided(item: Item, kind: str) -> list[int]:
    return [pin.opportunity_id for pin in item.pins.all() if pin.kind == kind]
