"""Items by list, system, unit and progress: strict as the search, for page and API alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from opportunities.search.parameters import AnyOfField, StrictForm, given, is_tracker
from opportunities.search.query import Pairs, encoded
from opportunities.search.refusals import Refusal, SearchRefused

from .models import Item, Plan
from .models.steps import NOT_REPORTED, PROGRESS

ASKED = "asked"


class ItemsForm(StrictForm):
    """The filters, in the order of a canonical address."""

    list = AnyOfField(label=pgettext_lazy("of the plan", "List"), required=False)
    system = AnyOfField(label=_("System"), required=False)
    unit = AnyOfField(
        label=pgettext_lazy("of the plan", "Unit"), help_text=_("Responsible or taking part."), required=False
    )
    progress = AnyOfField(label=pgettext_lazy("of an item", "Progress"), required=False)

    def __init__(self, data: QueryDict, plan: Plan) -> None:
        super().__init__(data)
        self.accepts = FILTERS
        for name, options in options_of(plan).items():
            self.fields[name].options = options  # type: ignore[attr-defined]

    def options(self, name: str) -> dict[str, object]:
        """The values of a filter in order, each with its label."""
        return self.fields[name].options  # type: ignore[attr-defined]


FILTERS: tuple[str, ...] = tuple(ItemsForm.base_fields)


def options_of(plan: Plan) -> dict[str, dict[str, object]]:
    """For each filter its values in order, each with its label."""
    return {
        "list": {one.slug: one.name for one in plan.lists.all()},
        "system": {one.slug: one.name for one in plan.systems.all()},
        "unit": {one.slug: one.name for one in plan.units.all()},
        "progress": dict(PROGRESS),
    }


def values_of(item: Item) -> dict[str, set[str]]:
    """What of each filter's values an item has; what is not published it does not have."""
    units = [unit for unit in (item.unit, *item.partners.all()) if unit]
    return {
        "list": {item.list.slug},
        "system": {item.system.slug} if item.system else set(),
        "unit": {unit.slug for unit in units},
        "progress": {item.progress or NOT_REPORTED},  # type: ignore[attr-defined]
    }


@dataclass(frozen=True)
class Value:
    """A value of a filter as a link: ``count`` items with it alone and all other filters kept."""

    value: str
    label: object
    count: int
    is_selected: bool
    query: str


@dataclass(frozen=True)
class Filter:
    name: str
    label: object
    values: list[Value]

    @property
    def selected(self) -> int:
        return sum(value.is_selected for value in self.values)


class Selection:
    """The public items of a plan that meet a query's filters. Made by ``from_query`` alone."""

    def __init__(self, plan: Plan, form: ItemsForm) -> None:
        self.plan = plan
        self.form = form
        self.values: dict[str, list[str]] = form.cleaned_data

    @classmethod
    def from_query(cls, query: QueryDict, plan: Plan) -> Selection:
        """Raises SearchRefused with every reason."""
        form = ItemsForm(given(query, FILTERS), plan)
        if not form.is_valid():
            raise SearchRefused(form.refusals())
        return cls(plan, form)

    @cached_property
    def everything(self) -> list[Item]:
        """All public items, in the lists' order."""
        return list(Item.objects.of(self.plan).public().for_pages())

    @cached_property
    def items(self) -> list[Item]:
        return [item for item in self.everything if self._meets(item, self.values)]

    @property
    def is_narrowed(self) -> bool:
        return any(self.values.values())

    @property
    def filters(self) -> list[Filter]:
        return [
            Filter(
                name,
                field.label,
                [
                    Value(
                        value,
                        label,
                        sum(self._meets(item, {**self.values, name: [value]}) for item in self.everything),
                        value in self.values[name],
                        self.query_toggling(name, value),
                    )
                    for value, label in self.form.options(name).items()
                ],
            )
            for name, field in self.form.fields.items()
        ]

    def _meets(self, item: Item, chosen: dict[str, list[str]]) -> bool:
        has = values_of(item)
        return all(not values or has[name] & set(values) for name, values in chosen.items())

    # --- its address -----------------------------------------------------------------------------

    @property
    def canonical_pairs(self) -> Pairs:
        return _pairs(self.values)

    @property
    def canonical_query(self) -> str:
        return encoded(self.canonical_pairs)

    def query_toggling(self, name: str, value: str) -> str:
        """The canonical query with one value selected, or no longer."""
        chosen = self.values[name]
        toggled = [one for one in chosen if one != value] if value in chosen else [*chosen, value]
        return encoded(_pairs({**self.values, name: toggled}))


def _pairs(values: dict[str, list[str]]) -> Pairs:
    return [(name, value) for name in FILTERS for value in sorted(set(values[name]))]


# --- pages ----------------------------------------------------------------------------------------


def own(query: QueryDict) -> QueryDict:
    """A page's query without what other sites append to our addresses."""
    kept = query.copy()
    for name in query:
        if name == ASKED or is_tracker(name):
            del kept[name]
    return kept


@dataclass(frozen=True)
class Mend:
    """A reason for refusing a query, and the query that was probably meant; None without a guess."""

    refusal: Refusal
    query: str | None
    allowed: Sequence[tuple[str, object]]


def kept(query: QueryDict, plan: Plan) -> dict[str, list[str]]:
    """What of a refused query can stay: the values that are known, by filter."""
    options = options_of(plan)
    return {name: [value for value in query.getlist(name) if value in options[name]] for name in FILTERS}


def kept_query(query: QueryDict, plan: Plan) -> str:
    return encoded(_pairs(kept(query, plan)))


def mends(query: QueryDict, refusals: Sequence[Refusal], plan: Plan) -> list[Mend]:
    """Each refusal with the query that was probably meant; what is known of the rest stays."""
    options = options_of(plan)
    rest = kept(query, plan)
    found = []
    for refusal in refusals:
        name, meant = refusal.parameter, refusal.did_you_mean
        known = name in FILTERS
        allowed = list(options[name].items()) if known else [(one, "") for one in FILTERS]
        if meant is None:
            found.append(Mend(refusal, None, allowed))
            continue
        under = name if known else meant
        values = [meant] if known else [value for value in query.getlist(name) if value in options[under]]
        found.append(Mend(refusal, encoded(_pairs({**rest, under: [*rest[under], *values]})), allowed))
    return found
