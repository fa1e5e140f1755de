"""Opportunities side by side: which ones were asked for, and in what they differ."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from .attributes import ATTRIBUTES, BESIDE, Attribute
from .models import Opportunity
from .search.parameters import is_tracker
from .search.query import encoded
from .search.refusals import Refusal, nearest

COMPARED_MAX = 4
PARAMETER = "reference"
KEY_FIGURES = ("investment", "cycle", "locations", "cooperation")


@dataclass(frozen=True)
class Choice:
    """What a query string asks to compare.

    ``opportunities`` are those once public, each once, in the order given. ``refusals`` say why they
    cannot be compared, and are empty when they can.
    """

    opportunities: list[Opportunity]
    refusals: list[Refusal]

    @property
    def mends(self) -> list[tuple[Refusal, str | None]]:
        """Each refusal with the query of the comparison that was probably meant, where one is near."""
        return [
            (refusal, encoded([*self._pairs, (PARAMETER, refusal.did_you_mean)]))
            if refusal.parameter == PARAMETER and refusal.did_you_mean
            else (refusal, None)
            for refusal in self.refusals
        ]

    @property
    def _pairs(self) -> list[tuple[str, str]]:
        return [(PARAMETER, opportunity.reference) for opportunity in self.opportunities]

    def query_without(self, opportunity: Opportunity) -> str:
        return query_of([one for one in self.opportunities if one != opportunity])

    def query_adding(self, opportunity: Opportunity) -> str:
        return query_of([*self.opportunities, opportunity])


@dataclass(frozen=True)
class Row:
    """One attribute over all columns; ``differs`` is None where there is nothing to compare it with."""

    attribute: Attribute
    differs: bool | None


def query_of(opportunities: Sequence[Opportunity]) -> str:
    """The canonical query of a comparison: the references in the order given."""
    return encoded((PARAMETER, opportunity.reference) for opportunity in opportunities)


def choice_of(query: QueryDict) -> Choice:
    refusals = [
        _no_parameter(name, query.get(name, ""))
        for name in query
        if name != PARAMETER and name != "asked" and not is_tracker(name)
    ]
    given = [unicodedata.normalize("NFKC", value).strip() for value in query.getlist(PARAMETER)]
    references = list(dict.fromkeys(value for value in given if value))
    known = _known(references)
    refusals.extend(unknown(reference) for reference in references if reference not in known)
    if not references:
        refusals.append(
            Refusal(PARAMETER, "", _("Nothing was chosen to compare."), {}, [f"1…{COMPARED_MAX}"])
        )
    if len(references) > COMPARED_MAX:
        refusals.append(
            Refusal(
                PARAMETER,
                str(len(references)),
                _("%(value)s opportunities were chosen; at most %(limit)s can be compared at once."),
                {"limit": COMPARED_MAX},
                [f"1…{COMPARED_MAX}"],
            )
        )
    return Choice([known[reference] for reference in references if reference in known], refusals)


def _known(references: Sequence[str]) -> dict[str, Opportunity]:
    rows = Opportunity.objects.once_public().filter(reference__in=references).for_detail()
    return {opportunity.reference: opportunity for opportunity in rows}


def _no_parameter(name: str, value: str) -> Refusal:
    near = nearest(name, {PARAMETER: ()})
    return Refusal(
        name, value, _("There is no parameter “%(parameter)s” here."), {}, [PARAMETER], near, near or ""
    )


def unknown(reference: str) -> Refusal:
    """Why a reference that never was public cannot be shown; with the one that was meant, if it is near."""
    near = reference.upper().replace("_", "-")
    is_near = near != reference and Opportunity.objects.public().filter(reference=near).exists()
    return Refusal(
        PARAMETER,
        reference,
        _("There is no opportunity “%(value)s”."),
        {},
        (),
        near if is_near else None,
        near if is_near else "",
    )


def rows(opportunities: Sequence[Opportunity]) -> list[Row]:
    """The attributes of public opportunities: those that differ first, in each the key figures first."""
    if not opportunities:
        return []
    attributes = sorted((*ATTRIBUTES[1:], *BESIDE), key=_place_in_key_figures)
    return sorted(
        (_row(attribute, opportunities) for attribute in attributes), key=lambda row: row.differs is False
    )


def _place_in_key_figures(attribute: Attribute) -> int:
    """By which the list's order is kept for all that are none."""
    keys = [*KEY_FIGURES, attribute.key]
    return keys.index(attribute.key)


def _row(attribute: Attribute, opportunities: Sequence[Opportunity]) -> Row:
    if len(opportunities) < 2:
        return Row(attribute, None)
    first, *rest = [attribute.value(opportunity) for opportunity in opportunities]
    return Row(attribute, any(value != first for value in rest))
