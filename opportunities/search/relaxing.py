"""When nothing meets every condition: the smallest changes of the search that do find something.

A change keeps a condition and asks for less of it, or leaves it out. Only those that find something are
given, each with the number that its search shows; two together only where no single one does, and one
condition of all only where no two do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby
from operator import attrgetter, or_
from typing import Any

from django.db.models import Aggregate, Max, Min, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ..models import Opportunity
from .asking import interpret, without_connecting
from .parameters import FACETS
from .query import Search, counts
from .refusals import SearchRefused
from .rewording import ONE_LEFT, ONE_LEFT_OUT, all_but_one, apart, each_alone, reworded
from .saying import NAMES, bound_label, either

RELAXATIONS_MAX = 4
NEAREST_MAX = 4

# The bounds, each with its column and with what finds the nearest value beyond it.
BOUNDS: dict[str, tuple[str, type[Aggregate]]] = {
    "investment_min": ("investment", Max),
    "investment_max": ("investment", Min),
    "cycle_min": ("cycle_months", Max),
    "cycle_max": ("cycle_months", Min),
}
# What is done where words that say the same are kept and no other condition.
SAID_ALONE = "said alone"
# Facets whose values follow one another.
BANDS = ("bracket", "cycle")

# How much a change gives up: a bound the part of it that it moves, a word the part of it that it loses, bands
# one for each step.
RESPELLED, ONE_STEP, LEFT_OUT = 0.0, 1.0, 2.0


@dataclass(frozen=True)
class Change:
    """One change of a search: what it does to which condition, and the values it puts in place.

    Of changes that do the same (``does``) to a condition the smallest that finds something is enough.
    """

    parameter: str
    does: str
    effort: float
    label: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Relaxation:
    """A search that finds something, by one change or two of one that does not."""

    changes: tuple[Change, ...]
    search: Search
    count: int

    @property
    def label(self) -> str:
        first, *others = (one.label for one in self.changes)
        following = (label[:1].lower() + label[1:] for label in others)
        return pgettext("between two changes of a search", ", and ").join([first, *following])

    @property
    def query(self) -> str:
        return self.search.canonical_query


def relaxations(search: Search, question: str = "") -> list[Relaxation]:
    """The smallest changes of a search without results that find something.

    Four queries at most, and once a revision one for the words of the entries; for a large edition one for
    each way on.

    ``question`` is what all of it was read from, where that is known: more of a mistyped word may stand there
    than among the words left.
    """
    [nearest_bounds] = _bounds_near([search])
    left_out = list(_left_out(search))
    single = [
        *_respelled(search, question or search.values["q"]),
        *_reworded(search),
        *_asking_for_less(search, nearest_bounds),
        *_one_word(search),
        *left_out,
    ]
    found = _that_tell(_that_find(search, [(one,) for one in single]))
    if all(one.changes[0].does == SAID_ALONE for one in found) and len(left_out) > 1:
        # Counted together, as that is one query.
        whole = [(one,) for one in (*_alone(search, left_out), _cleared(left_out))]
        several = _that_find(search, [*_pairs(search, left_out), *whole])
        pairs = [one for one in several if len(one.changes) > 1]
        alone = [one for one in several if one.changes[0].does == "alone"]
        found = pairs or [*found, *sorted(alone, key=attrgetter("count"), reverse=True)] or several
    return _smallest(found)


def _that_find(search: Search, ways: Sequence[tuple[Change, ...]]) -> list[Relaxation]:
    """Those of several ways on that find something, each search once, the smallest change first."""
    searches: dict[str, tuple[tuple[Change, ...], Search]] = {}
    for way in sorted(ways, key=_effort):
        relaxed = search.having(**{name: value for one in way for name, value in one.values.items()})
        searches.setdefault(relaxed.canonical_query, (way, relaxed))
    numbers = counts([relaxed for _way, relaxed in searches.values()])
    return [
        Relaxation(way, relaxed, number)
        for (way, relaxed), number in zip(searches.values(), numbers, strict=True)
        if number
    ]


def _that_tell(found: Sequence[Relaxation]) -> list[Relaxation]:
    """Of single changes those that tell something: not to keep a word which all have that meet the rest."""
    of_words = [one for one in found if one.changes[0].values.keys() == {"q"}]
    wordless = [one.count for one in of_words if one.changes[0].values["q"] is None]
    idle = [one for one in of_words if one.changes[0].values["q"] and one.count in wordless]
    return [one for one in found if one not in idle]


def _smallest(found: Iterable[Relaxation]) -> list[Relaxation]:
    """The first few, without those that give up more of the same conditions and find no more."""
    kept: list[Relaxation] = []
    for one in found:
        smaller = [
            other
            for other in kept
            if _conditions(other) == _conditions(one) and _effort(other.changes) < _effort(one.changes)
        ]
        if not any(other.count >= one.count or _does(other) == _does(one) for other in smaller):
            kept.append(one)
    return kept[:RELAXATIONS_MAX]


def _effort(way: Sequence[Change]) -> float:
    return sum(one.effort for one in way)


def _conditions(one: Relaxation) -> set[str]:
    return {change.parameter for change in one.changes}


def _does(one: Relaxation) -> list[tuple[str, str]]:
    return sorted((change.parameter, change.does) for change in one.changes)


def _pairs(search: Search, left_out: Sequence[Change]) -> Iterator[tuple[Change, ...]]:
    """One condition left out, and another left out or relaxed."""
    rests = [search.having(**one.values) for one in left_out]
    for one, rest, nearest_bounds in zip(left_out, rests, _bounds_near(rests), strict=True):
        for other in (*_asking_for_less(rest, nearest_bounds), *_left_out(rest)):
            yield (other, one)


def _alone(search: Search, left_out: Sequence[Change]) -> Iterator[Change]:
    """One condition kept, all others left out."""
    for name, asked in _conditions_of(search):
        others = [one.parameter for one in left_out if one.parameter != name]
        label = _("Only “%(name)s: %(label)s”") % asked
        yield Change(name, "alone", LEFT_OUT * len(others), label, dict.fromkeys(others))


def _cleared(left_out: Sequence[Change]) -> Change:
    """All conditions left out."""
    names = [one.parameter for one in left_out]
    return Change("", "cleared", LEFT_OUT * len(names), _("Clear all"), dict.fromkeys(names))


# --- changes --------------------------------------------------------------------------------------


def _conditions_of(search: Search) -> Iterator[tuple[str, dict[str, object]]]:
    """Each parameter that narrows a search, with its name and its values as people are told."""
    for parameter, group in groupby(search.conditions, attrgetter("parameter")):
        conditions = list(group)
        label = either(condition.label for condition in conditions)
        yield parameter, {"name": conditions[0].name, "label": label}


def _left_out(search: Search) -> Iterator[Change]:
    for name, asked in _conditions_of(search):
        label = _("Without “%(name)s: %(label)s”") % asked
        yield Change(name, "left out", LEFT_OUT, label, {name: None})


def _asking_for_less(search: Search, nearest_bounds: dict[str, Any]) -> Iterator[Change]:
    """Every condition that can be kept in part, with what of it is kept."""
    for name, value in nearest_bounds.items():
        bound = search.values[name]
        moved = float(1 - min(bound, value) / max(bound, value))
        yield Change(name, "widened", moved, _wider(bound_label(name, value)), {name: value})
    for name in BANDS:
        yield from _wider_bands(search, name)
    yield from _wider_place(search)
    yield from _fewer_words(search)


def _wider(label: object) -> str:
    return _("Widened to “%(label)s”") % {"label": label}


def _bounds_near(searches: Sequence[Search]) -> list[dict[str, Any]]:
    """For each search without results its bounds, each as near as lets something in. One query at most."""
    if searches[0].ready:
        return [_bounds_ready(search) for search in searches]
    wanted = {
        f"{number}_{name}": aggregate(
            column, filter=Q(pk__in=search.having(**{name: None}).matching.values("pk"))
        )
        for number, search in enumerate(searches)
        for name, (column, aggregate) in BOUNDS.items()
        if search.values[name] is not None
    }
    found = searches[0].filterset.queryset.aggregate(**wanted) if wanted else {}
    return [
        {name: value for name in BOUNDS if (value := found.get(f"{number}_{name}")) is not None}
        for number in range(len(searches))
    ]


def _bounds_ready(search: Search) -> dict[str, Any]:
    """The same of one search of a large edition."""
    bounds = {}
    for name, (column, aggregate) in BOUNDS.items():
        rest = search.having(**{name: None})
        if search.values[name] is not None and rest.ready and rest.count:
            lowest, highest = rest.ready.extent(column)
            bounds[name] = highest if aggregate is Max else lowest
    return bounds


def _wider_bands(search: Search, name: str) -> Iterator[Change]:
    """The chosen bands with their neighbours on either side, one after another."""
    options = search.scheme.options[name]
    bands, chosen = list(options), search.values[name]
    if not chosen:
        return
    lowest, highest = bands.index(chosen[0]), bands.index(chosen[-1])
    below = [("lower", [*bands[at:lowest], *chosen]) for at in reversed(range(lowest))]
    above = [("higher", [*chosen, *bands[highest + 1 : at]]) for at in range(highest + 2, len(bands) + 1)]
    for side, wider in (*below, *above):
        label = _wider(either(options[band] for band in wider))
        yield Change(name, side, ONE_STEP * (len(wider) - len(chosen)), label, {name: wider})


def _wider_place(search: Search) -> Iterator[Change]:
    """The regions of the chosen districts instead of them, where only wider ones were asked for, or none."""
    districts = [one for one in search.scheme.districts if one.code in search.values["district"]]
    regions = [one for one in search.scheme.regions if one in [district.region for district in districts]]
    slugs = [region.slug for region in regions]
    asked = search.values["region"]
    if regions and (not asked or set(slugs) < set(asked)):
        label = _wider(either(region.name for region in regions))
        yield Change("district", "widened", ONE_STEP, label, {"region": slugs, "district": None})


def _fewer_words(search: Search) -> Iterator[Change]:
    """All words but one."""
    for word, rest in all_but_one(apart(search.values["q"])):
        if without_connecting(rest, search.scheme):
            label = _("Without “%(name)s: %(label)s”") % {"name": NAMES["q"], "label": word}
            yield Change("q", f"without {word}", ONE_LEFT_OUT, label, {"q": rest})


def _one_word(search: Search) -> Iterator[Change]:
    """Each of several words alone."""
    for word in each_alone(apart(search.values["q"])):
        if without_connecting(word, search.scheme):
            label = _("Only “%(name)s: %(label)s”") % {"name": NAMES["q"], "label": word}
            yield Change("q", f"only {word}", ONE_LEFT, label, {"q": word})


def _respelled(search: Search, question: str) -> Iterator[Change]:
    """A word that may be mistyped, put right: what it means beside what else is chosen of the kind."""
    try:
        suggestions = interpret(question, search.scheme).suggestions
        meant = [interpret(one.question, search.scheme) for one in suggestions]
    except SearchRefused:
        return
    for one, corrected in zip(suggestions, meant, strict=True):
        asked = corrected.applied_to(search).values
        chosen = {
            name: list(dict.fromkeys([*search.values[name], *asked[name]]))
            for name in FACETS
            if name in corrected.values
        }
        options = search.scheme.options[one.parameter]
        label = _("“%(meant)s” instead of “%(typed)s”") % {
            "meant": either(options[value] for value in options if value in chosen[one.parameter]),
            "typed": one.text,
        }
        # Beside what is chosen it widens that.
        is_beside = set(search.values[one.parameter]) - set(corrected.values[one.parameter])
        widens = one.parameter if is_beside else "q"
        yield Change(widens, f"respelled {one.text}", RESPELLED, label, {**asked, **chosen})


def _reworded(search: Search) -> Iterator[Change]:
    """Words near those of the search, of which the nearest are enough; such as say the same without any other
    condition, too."""
    typed = search.values["q"]
    others = [name for name, _asked in _conditions_of(search) if name != "q"]
    for one in reworded(typed, search.scheme):
        label = _("“%(meant)s” instead of “%(typed)s”") % {"meant": one.words, "typed": typed}
        yield Change("q", "reworded", one.effort, label, {"q": one.words})
        if others and one.says_the_same:
            label = _("Only “%(name)s: %(label)s”") % {"name": NAMES["q"], "label": one.words}
            values = {"q": one.words, **dict.fromkeys(others)}
            yield Change(" ".join(others), SAID_ALONE, one.effort + LEFT_OUT * len(others), label, values)


# --- what misses one condition --------------------------------------------------------------------


def nearest(search: Search) -> list[Opportunity]:
    """Opportunities that miss one condition of several, the largest first."""
    names = list(dict.fromkeys(condition.parameter for condition in search.conditions))
    if len(names) < 2:
        return []
    if search.ready:
        rests = [search.having(**{name: None}).ready for name in names]
        largest = [key for rest in rests if rest for key in rest.largest(NEAREST_MAX)]
        near = Opportunity.objects.filter(pk__in=largest)
    else:
        missing_one = reduce(or_, (Q(pk__in=_without(search, name)) for name in names))
        near = search.filterset.queryset.filter(missing_one)
    return search.scheme.rows(near.order_by("-investment", "reference")[:NEAREST_MAX])


def _without(search: Search, name: str) -> QuerySet[Opportunity, dict[str, Any]]:
    return search.filterset.filter_queryset(search.filterset.queryset, without={name}).values("pk")
