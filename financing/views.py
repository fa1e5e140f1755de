"""Pages of the finance plan: parse, ask, answer."""

from __future__ import annotations

from urllib.parse import parse_qsl

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.module_loading import import_string

from opportunities.search.parameters import is_tracker
from opportunities.search.refusals import SearchRefused

from . import charts, filtering, history, matching, outlook
from .current import Current
from .models import Item, Plan, Unit

public = import_string(settings.PUBLIC_ANSWER)

# Of the opportunities that an item can serve, so many stand on its page.
LISTED = 8


def current_plan() -> Plan:
    """The plan of the current edition. Raises Http404 where the city has none."""
    plan = Current.of().plan
    if plan is None:
        raise Http404("no finance plan")
    return plan


@public
def plan(request: HttpRequest) -> HttpResponse:
    shown = current_plan()
    query = filtering.own(request.GET)
    try:
        selection = filtering.Selection.from_query(query, shown)
    except SearchRefused as refused:
        context = {
            "plan": shown,
            "problem": "refused",
            "page_query": query.urlencode(),
            "mends": filtering.mends(query, refused.refusals, shown),
            "kept": filtering.kept_query(query, shown),
        }
        return render(request, "financing/refused.html", context, status=400)
    if _pairs(request) != selection.canonical_pairs:
        query_string = selection.canonical_query
        address = reverse("financing:plan")
        return HttpResponseRedirect(f"{address}?{query_string}" if query_string else address)
    units = list(shown.units.all())
    indicators = outlook.values_of(shown.indicators.prefetch_related("figures"))
    strips = charts.strips_of(shown.lists.all(), selection.everything, selection.items)
    return render(
        request,
        "financing/plan.html",
        {
            "plan": shown,
            "page_query": selection.canonical_query,
            "unlisted": selection.is_narrowed,
            "lead": [unit for unit in units if unit.role == Unit.Role.LEAD],
            "together": [unit for unit in units if unit.role == Unit.Role.TOGETHER],
            "indicators": [(values, charts.track_of(values)) for values in indicators],
            "with_targets": sum(values.goal is not None for values in indicators),
            "unnamed_indicators": max(shown.indicators_stated - len(indicators), 0),
            "selection": selection,
            "strips": strips,
            "shown_strips": [
                strip
                for strip in strips
                if strip.list.slug in (selection.values["list"] or [strip.list.slug])
            ],
            "stated": sum(strip.list.stated for strip in strips),
            "unpublished": sum(strip.unpublished for strip in strips),
            "systems": shown.systems.prefetch_related("tasks"),
            "organisation": shown.tasks.filter(system=None),
            "all_tasks_named": shown.tasks.exclude(system=None).count() >= shown.system_tasks_stated,
            "steps": history.recent_steps(shown),
        },
    )


@public
def item(request: HttpRequest, code: str) -> HttpResponse:
    of_plan = Item.objects.of(current_plan()).public().for_pages()
    found = get_object_or_404(of_plan.prefetch_related("rules", "pins"), code=code)
    served = matching.opportunities_for(found)
    listed = list(served.order_by("-investment", "reference").for_results()[:LISTED])
    reasons = matching.matches_of(listed)
    return render(
        request,
        "financing/item.html",
        {
            "item": found,
            "plan": found.list.plan,
            "office": found.unit or found.list.plan.units.filter(role=Unit.Role.LEAD).first(),
            "quarters": charts.quarters_of(found),
            "steps": history.public_steps(found),
            "rules": [rule for rule in found.rules.all() if rule.is_active],
            "served": served.count(),
            "listed": [
                (opportunity, next(one for one in reasons[opportunity.pk] if one.item == found))
                for opportunity in listed
            ],
        },
    )


def _pairs(request: HttpRequest) -> filtering.Pairs:
    """The decoded pairs of the address as they stand, trackers aside."""
    query = request.META.get("QUERY_STRING", "").encode("latin-1").decode("utf-8", "replace")
    pairs = parse_qsl(query, keep_blank_values=True)
    return [(name, value) for name, value in pairs if name != filtering.ASKED and not is_tracker(name)]
