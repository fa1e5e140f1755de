"""What a refused search still holds, and how each reason for refusing it is put right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.http import QueryDict

from .parameters import FACETS, IN_CNY_BN, PAGE, OneOfField
from .query import Search, bound
from .refusals import Refusal, SearchRefused
from .saying import bound_value, range_label

# A range is refused as a whole.
PARTNERS = {"investment_min": "investment_max", "cycle_min": "cycle_max"}


@dataclass(frozen=True)
class Mend:
    """A reason for refusing a search, and the search that was probably meant.

    ``query`` is that search's, or None where there is no guess; ``label`` says what it asks for instead.
    ``allowed`` are the values to choose from, each with its label; bounds stand in the refusal's words.
    """

    refusal: Refusal
    query: str | None = None
    label: object = ""
    allowed: Sequence[tuple[str, object]] = ()


def kept(query: QueryDict, accepts: Sequence[str] = PAGE) -> Search:
    """The search that is left of a refused query: everything that was refused is left out."""
    rest = query.copy()
    # Leaving out a name may bring up what was hidden behind it, such as a range now complete.
    for _round in range(3):
        filterset = bound(rest, accepts)
        if filterset.form.is_valid():
            return Search(filterset)
        for refusal in filterset.form.refusals():
            _leave_out(rest, refusal.parameter, filterset.scheme.options)
    return Search.everything()


def _leave_out(query: QueryDict, name: str, options: dict[str, dict[str, object]]) -> None:
    if name in FACETS:
        query.setlist(name, [value for value in query.getlist(name) if value in options[name]])
        return
    for one in (name, PARTNERS.get(name), IN_CNY_BN.get(name)):
        if one is not None:
            query.pop(one, None)
    partner = PARTNERS.get(name)
    for in_bn, canonical in IN_CNY_BN.items():
        if canonical in (name, partner):
            query.pop(in_bn, None)


def mends(query: QueryDict, refusals: Sequence[Refusal], rest: Search) -> list[Mend]:
    """Each refusal with the search that was probably meant; ``rest`` is what is kept of the query."""
    return [_mend(query, refusal, rest) for refusal in refusals]


def _mend(query: QueryDict, refusal: Refusal, rest: Search) -> Mend:
    name, meant = refusal.parameter, refusal.did_you_mean
    if name in PARTNERS and set(refusal.params) == {"maximum"}:
        return _turned_round(refusal, rest)
    if name not in PAGE:
        return _renamed(query, refusal, rest)
    field = rest.filterset.form.fields[name]
    if not isinstance(field, OneOfField):
        return Mend(refusal)
    allowed = list(field.options.items())
    if meant is None:
        return Mend(refusal, allowed=allowed)
    value = [*rest.values[name], meant] if name in FACETS else meant
    return Mend(refusal, rest.query_with(**{name: value}), refusal.did_you_mean_label, allowed)


def _renamed(query: QueryDict, refusal: Refusal, rest: Search) -> Mend:
    """A name that is not known, with its values under the name that is near."""
    allowed = [(name, "") for name in refusal.allowed]
    meant = refusal.did_you_mean
    if meant is None:
        return Mend(refusal, allowed=allowed)
    renamed = QueryDict(rest.canonical_query, mutable=True)
    renamed.setlist(meant, [*renamed.getlist(meant), *query.getlist(refusal.parameter)])
    try:
        return Mend(refusal, Search.from_query(renamed).canonical_query, meant, allowed)
    except SearchRefused:
        return Mend(refusal, allowed=allowed)


def _turned_round(refusal: Refusal, rest: Search) -> Mend:
    """A range upside down, with its bounds exchanged."""
    lower, upper = refusal.parameter, PARTNERS[refusal.parameter]
    smaller, larger = Decimal(str(refusal.params["maximum"])), Decimal(refusal.value)
    return Mend(
        replace(
            refusal,
            value=str(bound_value(lower, larger)),
            params={"maximum": bound_value(lower, smaller)},
        ),
        rest.query_with(**{lower: smaller, upper: larger}),
        range_label(lower, smaller, larger),
    )
