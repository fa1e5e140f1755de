"""The one declaration of the search: names, values, labels, refusals.

Page, API, OpenAPI schema and tests all read it. Adding a parameter: see docs/adding-a-parameter.md.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container, Iterable, Sequence
from copy import copy
from decimal import Decimal
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any, Self

import django_filters
from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .. import amounts
from ..models import Cooperation, Location, Opportunity
from ..models.catalogue import CYCLE_MONTHS_MAX
from . import text
from .refusals import Refusal, in_both, nearest
from .scheme import CYCLES, Scheme

PAGE_SIZE = 20
PAGE_SIZE_MAX = 100
DEPTH_MAX = 10_000
DEFAULT_SORT = "-investment"

TRACKERS = tuple((Path(__file__).parent / "trackers.txt").read_text(encoding="ascii").split())


def is_tracker(name: str) -> bool:
    """Whether a page ignores this name: a tracker's mark that others append to our addresses."""
    return any(
        name.startswith(tracker[:-1]) if tracker.endswith("*") else name == tracker for tracker in TRACKERS
    )


# --- fields: what a value may be -----------------------------------------------------------------


def _nfkc(value: Any) -> str:
    return unicodedata.normalize("NFKC", str(value)).strip()


class RefusingField(forms.CharField):
    """One text value. ``name`` is the parameter's, given by the form that holds it."""

    name = ""

    def __deepcopy__(self, memo: dict[int, Any]) -> RefusingField:
        # Every form copies its fields; what is inside of these nobody changes.
        return copy(self)

    def refuse(self, value: str, text: object, *, allowed: Sequence[str] = (), **params: object) -> None:
        raise Refusal(self.name, value, text, params, allowed).as_error()


class WordsField(RefusingField):
    limits = (f"≤ {text.CHARACTERS_MAX} characters", f"≤ {text.WORDS_MAX} words")

    def clean(self, value: Any) -> str:
        return self.few(self.legible(value)) if value not in self.empty_values else ""

    def legible(self, value: str) -> str:
        """The text in NFKC, one space between words. Refuses what is too long or holds no word."""
        written = text.legible(value)
        # NFKC can make several characters of one, and the address carries what it made.
        length = max(len(value), len(written))
        if length > text.CHARACTERS_MAX:
            self.refuse(
                value,
                _("The search text has %(length)s characters; at most %(limit)s are allowed."),
                allowed=self.limits,
                length=length,
                limit=text.CHARACTERS_MAX,
            )
        if not written:
            self.refuse(
                value, _("Only blanks were sent. Write a word, or nothing at all."), allowed=self.limits
            )
        if not text.words(value):
            self.refuse(
                value,
                _("“%(value)s” holds no word to search for. Use Chinese, Latin letters or digits."),
                allowed=self.limits,
            )
        return written

    def few(self, value: str) -> str:
        """The text as it is. Refuses too many words to search for at once."""
        words = text.words(value)
        if len(words) > text.WORDS_MAX:
            self.refuse(
                value,
                _("The search has %(length)s words; at most %(limit)s are allowed."),
                allowed=self.limits,
                length=len(words),
                limit=text.WORDS_MAX,
            )
        return value


class AmountField(RefusingField):
    parse: Callable[[str], Decimal] = staticmethod(amounts.parse)
    allowed = "0…100000"
    message = _(
        "“%(value)s” is not an amount in units of CNY 100 million. Use a number from 0 to 100000 with at"
        " most two decimals."
    )

    def clean(self, value: Any) -> Decimal | None:
        if value in self.empty_values:
            return None
        try:
            return type(self).parse(_nfkc(value))
        except ValueError:
            self.refuse(value, self.message, allowed=[self.allowed])
        return None


class AmountBnField(AmountField):
    parse = staticmethod(amounts.parse_cny_bn)
    allowed = "0…10000"
    message = _(
        "“%(value)s” is not an amount in CNY bn. Use a number from 0 to 10000 with at most three decimals."
    )


class WholeNumberField(RefusingField):
    def __init__(self, *, minimum: int, maximum: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.minimum, self.maximum = minimum, maximum

    def clean(self, value: Any) -> int | None:
        if value in self.empty_values:
            return None
        digits = _nfkc(value)
        if re.fullmatch(r"[1-9][0-9]{0,8}", digits) and self.minimum <= int(digits) <= self.maximum:
            return int(digits)
        self.refuse(
            value,
            _("“%(value)s” is not a whole number from %(minimum)s to %(maximum)s."),
            allowed=[f"{self.minimum}…{self.maximum}"],
            minimum=self.minimum,
            maximum=self.maximum,
        )
        return None


class MonthsField(WholeNumberField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(minimum=1, maximum=CYCLE_MONTHS_MAX, **kwargs)


class OneOfField(RefusingField):
    """One value of a list. Each option has a label, by which a misspelt one is recognised too."""

    def __init__(self, *, options: dict[str, object] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.options = options or {}

    def checked(self, value: Any) -> str:
        wanted = _nfkc(value)
        if wanted in self.options:
            return wanted
        near = nearest(wanted, {option: in_both(label).values() for option, label in self.options.items()})
        label = self.options[near] if near else ""
        raise Refusal(
            self.name,
            str(value),
            _("“%(value)s” is not a known value of “%(label)s”."),
            {"label": self.label},
            list(self.options),
            near,
            label,
        ).as_error()

    def clean(self, value: Any) -> Any:
        return "" if value in self.empty_values else self.checked(value)


class AnyOfField(OneOfField):
    """Several values of a list, in its order."""

    widget = forms.SelectMultiple

    def clean(self, value: Any) -> list[str]:
        chosen = {self.checked(one) for one in value or [] if one not in self.empty_values}
        return [option for option in self.options if option in chosen]


# --- filters: what a value means -----------------------------------------------------------------


class ConditionFilter(django_filters.Filter):
    """A filter that says its condition, so that rows and facets ask the same."""

    def __init__(self, condition: Callable[[Any], Q], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.condition = condition

    def filter(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return queryset if value in (None, "", []) else queryset.filter(self.condition(value))


class WordsFilter(ConditionFilter):
    field_class = WordsField


class AmountFilter(ConditionFilter):
    field_class = AmountField


class MonthsFilter(ConditionFilter):
    field_class = MonthsField


class OneOfFilter(ConditionFilter):
    field_class = OneOfField


class FacetFilter(ConditionFilter):
    """A repeatable parameter with countable values; its options are those of the edition's scheme."""

    field_class = AnyOfField


class LocationFilter(FacetFilter):
    """A facet of places. All of these are asked of the same location; see ``locations()``."""


def _within(column: str, bands: Iterable[amounts.Band]) -> Q:
    """The column lies in any of the bands."""
    return reduce(
        or_,
        (
            Q(**{f"{column}__gte": band.lower})
            & (Q() if band.upper is None else Q(**{f"{column}__lt": band.upper}))
            for band in bands
        ),
    )


def _offering(forms_of_cooperation: list[str]) -> Q:
    return Q(Exists(Cooperation.objects.filter(form__in=forms_of_cooperation, opportunity=OuterRef("pk"))))


SORTS = {
    "-investment": (_("investment, largest first"), ["-investment", "reference"]),
    "investment": (_("investment, smallest first"), ["investment", "reference"]),
    "cycle": (_("construction period, shortest first"), ["cycle_months", "reference"]),
    "-cycle": (_("construction period, longest first"), ["-cycle_months", "reference"]),
    "name": (_("name"), ["name_key", "reference"]),
    "-updated": (_("latest first"), ["-updated_at", "reference"]),
    "relevance": (_("relevance"), ["-investment", "reference"]),
}
VIEWS = {"list": _("List"), "table": _("Table"), "map": _("Map")}
FIELDS = {"full": _("every field of each opportunity")}
FORMATS = {"json": "JSON", "yaml": "YAML"}


# The bounds of the investment and of the construction period, the lower one first.
RANGE = ("investment_min", "investment_max")
MONTHS = ("cycle_min", "cycle_max")
IN_CNY_BN = {"investment_min_bn": "investment_min", "investment_max_bn": "investment_max"}


def given(query: QueryDict, accepts: Container[str]) -> QueryDict:
    """What a query string gives, for the names that are known: an empty value is an absent one, and a
    repeated equal value is one."""
    data = QueryDict(mutable=True)
    for name, values in query.lists():
        if name in accepts:
            values = list(dict.fromkeys(value for value in values if value != ""))
            if not values:
                continue
        data.setlist(name, values)
    return data


class StrictForm(forms.Form):
    """A form that refuses names it does not know, and a second value where it takes one.

    ``accepts`` is set by whoever asks whether the form is valid; a value it does not hold is neither
    read nor passed over in silence.
    """

    accepts: Sequence[str] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.name = name  # type: ignore[attr-defined]

    def of(self, data: QueryDict) -> Self:
        """The same form with other data. It shares the fields of this one, which nobody may change."""
        other = copy(self)
        vars(other).update(data=data, _errors=None, _bound_fields_cache={})
        return other

    @property
    def repeatable(self) -> set[str]:
        return {name for name, field in self.fields.items() if isinstance(field, AnyOfField)}

    def _clean_fields(self) -> None:
        # Django makes a BoundField of each of the many names, of which a query has few. It is for what no
        # field here has: a prefix, an initial value, a method of its own.
        for name, field in self.fields.items():
            given = (
                field.widget.value_from_datadict(self.data, self.files, name) if name in self.data else None
            )
            try:
                self.cleaned_data[name] = field.clean(given)
            except ValidationError as error:
                self.add_error(name, error)

    def clean(self) -> dict[str, Any]:
        given: QueryDict = self.data  # type: ignore[assignment]
        for name, values in given.lists():
            if name not in self.accepts:
                near = nearest(name, dict.fromkeys(self.accepts, ()))
                self._refuse(
                    Refusal(
                        name,
                        values[0] if values else "",
                        _("There is no parameter “%(parameter)s” here."),
                        {},
                        list(self.accepts),
                        near,
                        near or "",
                    )
                )
            elif len(values) > 1 and name not in self.repeatable:
                self._refuse(
                    Refusal(
                        name,
                        " · ".join(values),
                        _("“%(parameter)s” takes one value, not several: %(value)s."),
                    )
                )
        return self.cleaned_data

    def _refuse(self, refusal: Refusal) -> None:
        self.add_error(None, refusal.as_error())

    def refusals(self) -> list[Refusal]:
        """Every reason why this form is not valid: names first, then values of the names taken."""
        found = self.errors.as_data()
        errors = found.pop(NON_FIELD_ERRORS, [])
        errors += [error for name, own in found.items() if name in self.accepts for error in own]
        return [error.params["refusal"] for error in errors if error.params]


class SearchForm(StrictForm):
    """The search's form. It refuses values that contradict each other, too."""

    view = OneOfField(label=pgettext_lazy("of a search", "View"), options=dict(VIEWS), required=False)
    page = WholeNumberField(label=_("Page"), minimum=1, maximum=DEPTH_MAX, required=False)
    page_size = WholeNumberField(
        label=_("Results a page"),
        help_text=_("20 when absent; page × page_size is at most 10000."),
        minimum=1,
        maximum=PAGE_SIZE_MAX,
        required=False,
    )
    format = OneOfField(label=_("Format"), options=dict(FORMATS), required=False)

    investment_min_bn = AmountBnField(label=_("Investment from, CNY bn"), required=False)
    investment_max_bn = AmountBnField(label=_("Investment up to, CNY bn"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Not an attribute of the class, where a form's fields as a whole have this name.
        self.fields["fields"] = OneOfField(label=_("Fields"), options=dict(FIELDS), required=False)
        self.fields["fields"].name = "fields"  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for in_bn, canonical in IN_CNY_BN.items():
            if cleaned.get(in_bn) is None:
                continue
            if self.data.get(canonical):
                self._refuse(
                    Refusal(
                        in_bn,
                        str(self.data[in_bn]),
                        _("The same bound is given twice: in units of CNY 100 million and in CNY bn."),
                    )
                )
            cleaned[canonical] = cleaned[in_bn]
        for low, high in (RANGE, MONTHS):
            lower, upper = cleaned.get(low), cleaned.get(high)
            if lower is not None and upper is not None and lower > upper:
                self._refuse(
                    Refusal(
                        low,
                        str(lower),
                        _("The minimum %(value)s is above the maximum %(maximum)s."),
                        {"maximum": upper},
                        [f"≤ {upper}"],
                    )
                )
        if (cleaned.get("page") or 1) * (cleaned.get("page_size") or PAGE_SIZE) > DEPTH_MAX:
            self._refuse(
                Refusal(
                    "page",
                    str(cleaned["page"]),
                    _("A search shows its first %(depth)s results at most. Narrow the filters."),
                    {"depth": DEPTH_MAX},
                    [f"page × page_size ≤ {DEPTH_MAX}"],
                )
            )
        return cleaned


class OpportunityFilterSet(django_filters.FilterSet):
    """The filters and the order of a search, in the contract's order of names."""

    q = WordsFilter(
        text.containing,
        label=_("Words"),
        help_text=_(
            "Each of at most 10 words must occur, in either language: Chinese anywhere, Latin letters and"
            " digits at the start of a word. Names, sectors and districts are found by pinyin or its"
            " initials, too, from three letters on."
        ),
    )
    sector = FacetFilter(lambda slugs: Q(sector__slug__in=slugs), label=_("Sector"))
    region = LocationFilter(
        lambda slugs: Q(district__region__slug__in=slugs),
        label=_("Region"),
        help_text=_("Asked of the same location as the district."),
    )
    district = LocationFilter(
        lambda codes: Q(district__code__in=codes), label=pgettext_lazy("place", "District")
    )
    bracket = FacetFilter(Q, label=_("Bracket"), help_text=_("The lower bound belongs to it."))
    investment_min = AmountFilter(
        lambda amount: Q(investment__gte=amount), label=_("Investment from"), help_text=_("Inclusive.")
    )
    investment_max = AmountFilter(
        lambda amount: Q(investment__lte=amount), label=_("Investment up to"), help_text=_("Inclusive.")
    )
    cycle = FacetFilter(
        lambda slugs: _within("cycle_months", [band for band in CYCLES if band.slug in slugs]),
        label=_("Construction period"),
    )
    cycle_min = MonthsFilter(
        lambda months: Q(cycle_months__gte=months), label=_("Months from"), help_text=_("Inclusive.")
    )
    cycle_max = MonthsFilter(
        lambda months: Q(cycle_months__lte=months), label=_("Months up to"), help_text=_("Inclusive.")
    )
    cooperation = FacetFilter(_offering, label=pgettext_lazy("attribute", "Cooperation"))
    status = FacetFilter(lambda values: Q(status__in=values), label=pgettext_lazy("attribute", "Status"))
    edition = OneOfFilter(
        lambda code: Q(edition__code=code),
        label=_("Edition"),
        help_text=_("The current edition when absent."),
    )
    sort = OneOfFilter(
        lambda order: Q(),
        label=_("Sort"),
        help_text=_("Ties are broken by reference, so the order is total."),
    )

    class Meta:
        model = Opportunity
        fields: list[str] = []
        form = SearchForm

    def __init__(self, data: QueryDict, queryset: QuerySet[Opportunity], *, scheme: Scheme) -> None:
        super().__init__(data, queryset)
        self.scheme = scheme
        options = {
            **scheme.options,
            "edition": {code: code for code in scheme.editions},
            "sort": {value: label for value, (label, _order) in SORTS.items()},
        }
        for name, values in options.items():
            self.filters[name].extra["options"] = values
        self.filters["bracket"].condition = lambda slugs: _within(
            "investment", [bracket for bracket in scheme.brackets if bracket.slug in slugs]
        )

    def of(self, data: QueryDict) -> OpportunityFilterSet:
        """The same filters, asked of other data: they and the form's fields are made once a scheme."""
        other = copy(self)
        other.data = data
        other._form = self.form.of(data)
        return other

    def filter_queryset(self, queryset: QuerySet[Opportunity], *, without: Container[str] = ()) -> Any:
        """The opportunities that meet every parameter given, those named in ``without`` left out.

        An opportunity in two places is one row: places are asked of each row, never by a join, so that a
        page is read along the order.
        """
        for name, filter_ in self.filters.items():
            if name not in without and not isinstance(filter_, LocationFilter):
                queryset = filter_.filter(queryset, self.form.cleaned_data[name])
        places = self.places(without=without)
        if places:
            queryset = queryset.filter(Exists(Location.objects.filter(places, opportunity=OuterRef("pk"))))
        return queryset

    def places(self, *, without: Container[str] = ()) -> Q:
        """The condition on a location: region and district are asked of the same one."""
        condition = Q()
        for name, filter_ in self.filters.items():
            value = self.form.cleaned_data[name]
            if isinstance(filter_, LocationFilter) and value and name not in without:
                condition &= filter_.condition(value)
        return condition


FACETS = tuple(
    name for name, filter_ in OpportunityFilterSet.base_filters.items() if isinstance(filter_, FacetFilter)
)
PLACES = tuple(
    name for name, filter_ in OpportunityFilterSet.base_filters.items() if isinstance(filter_, LocationFilter)
)
FILTERS = tuple(name for name in OpportunityFilterSet.base_filters if name != "sort")
# A feed is the newest first, and a file is whole: neither has pages or views.
FEED = FILTERS
EXPORT = (*FILTERS, "sort")
LISTING = (*EXPORT, "page", "page_size")
API_LISTING = (*LISTING, "fields")
CANONICAL = (*FILTERS, "sort", "view", "page", "page_size", "fields")
PAGE = (*FILTERS, "sort", "view", "page", "page_size", *IN_CNY_BN)
