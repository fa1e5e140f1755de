"""Pages of opportunities: parse, ask, answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import content_disposition_header
from django.utils.module_loading import import_string
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from . import comparing, exporting, feeds, insights, listing, panel, trail
from .addresses import absolute, qr_code, search_address
from .attributes import ATTRIBUTES
from .charts import district_map
from .charts.heat import heat
from .charts.histogram import histogram, narrow_histogram
from .charts.locator import neighbours
from .models import Contact, Edition, Opportunity
from .reconciling import Reconciliation
from .relating import similar, units_in
from .revealing import OverBudget, reveal_contact
from .search import asking
from .search.mending import kept, mends
from .search.parameters import EXPORT, FEED, RANGE, is_tracker
from .search.query import Pairs, Search, encoded
from .search.refusals import PageNotFound, SearchRefused
from .search.relaxing import nearest, relaxations
from .search.saying import sentence, summary
from .search.scheme import Scheme
from .search.suggesting import SUGGEST

public = import_string(settings.PUBLIC_ANSWER)
client_address = import_string(settings.CLIENT_ADDRESS)

# Of the districts of a sector, so many stand on its page.
LARGEST_DISTRICTS = 8
RANKED = 10

# What /ask/ understood stands in the address for the reader's sake; a search does not depend on it.
ASKED = "asked"


class SeeOther(HttpResponseRedirect):
    status_code = 303


# --- the search -----------------------------------------------------------------------------------


@public
def search_page(request: HttpRequest) -> HttpResponse:
    query = _own(request.GET)
    try:
        search = Search.from_query(query, current=Scheme.of(revision=request.revision))
    except SearchRefused as refused:
        return _refused(request, query, refused)
    if _pairs(request) != search.canonical_pairs:
        return HttpResponseRedirect(_search_address([*search.canonical_pairs, *_asked(request)]))
    try:
        search.check_page(search.facets.count)
    except PageNotFound as missing:
        return _past_the_end(request, search, missing)
    context = _frame(search, query) | _found(search)
    question = request.GET.get(ASKED, "")
    understanding = listing.understanding(search, question)
    if understanding:
        context |= {
            "understanding": understanding,
            "chips": listing.chips(search, understanding.typed),
            "language_query": encoded([*search.canonical_pairs, (ASKED, question)]),
        }
        if understanding.speaks_of is not None:
            # To be edited: what the question no longer says is no longer asked for.
            context |= _box(search, question, {"q", *understanding.speaks_of})
    if not search.facets.count:
        read_from = question if understanding and understanding.speaks_of is not None else ""
        context |= {
            "relaxations": relaxations(search, read_from),
            "nearest": nearest(search),
            "unlisted": True,
        }
    elif search.view == "map":
        context |= {"map": district_map.of_search(search), "districts": district_map.table(search)}
    else:
        context |= {
            "rows": listing.rows(search),
            "pages": listing.pages(search, search.facets.count),
        }
    return render(request, "opportunities/search.html", context)


@public
def ask(request: HttpRequest) -> HttpResponse:
    """From the search box of any page to the opportunity or the search that was meant."""
    query = _own(request.GET)
    query.pop("page", None)
    # Who types blanks alone has asked for nothing; in the address of a search they are a mistake.
    query.setlist("q", [words for words in query.getlist("q") if words.strip()])
    try:
        asked = asking.ask(query)
    except SearchRefused as refused:
        return _refused(request, query, refused)
    opportunity = asking.opportunity_named(asked.question)
    if opportunity is not None:
        return SeeOther(opportunity.get_absolute_url())
    pairs = asked.interpretation.applied_to(asked.search).canonical_pairs
    if asked.is_read:
        pairs.append((ASKED, asked.question))
    return SeeOther(_search_address(pairs))


def _own(query: QueryDict) -> QueryDict:
    """A query without what other sites append to our addresses, and without ``asked``."""
    own = query.copy()
    for name in query:
        if name == ASKED or is_tracker(name):
            del own[name]
    return own


def _pairs(request: HttpRequest) -> Pairs:
    """The decoded pairs of the address as they stand, trackers and ``asked`` aside."""
    query = request.META.get("QUERY_STRING", "").encode("latin-1").decode("utf-8", "replace")
    pairs = parse_qsl(query, keep_blank_values=True)
    return [(name, value) for name, value in pairs if name != ASKED and not is_tracker(name)]


def _asked(request: HttpRequest) -> Pairs:
    return [(ASKED, value) for value in request.GET.getlist(ASKED)]


def _search_address(pairs: Pairs) -> str:
    return search_address(encoded(pairs))


def _frame(search: Search, typed: QueryDict) -> dict[str, Any]:
    """What every search page shows, whether it has anything to list or not; ``typed`` fills the form."""
    return {
        "search": search,
        "title": listing.title(search),
        "feed_title": _when_drawn(lambda: sentence(search)),
        "feed_query": search.query_for(FEED),
        "page_query": search.canonical_query,
        # All pages of a search have the same of most things, and what is drawn of them is kept.
        "pages_query": search.query_with(),
        "unlisted": not listing.is_for_search_engines(search),
        "chips": _when_drawn(lambda: listing.chips(search)),
        "cleared": _when_drawn(lambda: listing.cleared(search)),
        "ranging": _when_drawn(lambda: listing.hidden(search, without=RANGE)),
        "range_fields": _when_drawn(lambda: panel.range_fields(search, typed)),
        **_box(search, typed.get("q", ""), {"q"}),
        # Of some pages alone; a template takes its time to find out that there is none.
        "problem": "",
        "understanding": None,
        "language_query": "",
    }


def _box(search: Search, words: str, given: set[str]) -> dict[str, Any]:
    """The search box with words in it that give some parameters; it carries along the others."""
    return {
        "words": words,
        "asking": _when_drawn(lambda: listing.hidden(search, without=given)),
        "suggesting": search.query_for(set(SUGGEST) - given),
    }


def _found(search: Search) -> dict[str, Any]:
    return {
        "found": search.facets,
        "description": summary(search),
        "crumbs": _when_drawn(lambda: trail.of_search(search)),
        "place": _when_drawn(lambda: listing.place(search)),
        "facets": _when_drawn(lambda: panel.facets(search)),
        "thresholds": _when_drawn(lambda: panel.thresholds(search)),
        "histogram": _when_drawn(lambda: narrow_histogram(search)),
        "sorts": _when_drawn(lambda: listing.sorts(search)),
        "order": _when_drawn(lambda: listing.order(search)),
        "exports": _when_drawn(lambda: listing.exports(search)),
        "heads": _when_drawn(lambda: listing.heads(search)),
        "views": listing.views(search),
    }


def _when_drawn(make: Callable[[], object]) -> object:
    """What is made where a template uses it, and not where what was drawn of it is kept."""
    return SimpleLazyObject(make)


def _without_numbers(search: Search) -> dict[str, Any]:
    return {
        "facets": panel.facets_without_numbers(search),
        "thresholds": panel.thresholds_without_numbers(search),
    }


def _refused(request: HttpRequest, query: QueryDict, refused: SearchRefused) -> HttpResponse:
    """400: the same frame and form, what is wrong and how to put it right, and no numbers at all."""
    rest = kept(query)
    mended = mends(query, refused.refusals, rest)
    refusals = [mend.refusal for mend in mended]
    context = _frame(rest, query) | _without_numbers(rest)
    context |= {
        "problem": "refused",
        "page_query": query.urlencode(),
        "mends": mended,
        "words_refused": any(refusal.parameter == "q" for refusal in refusals),
        "range_fields": panel.range_fields(rest, query, refusals),
    }
    return render(request, "opportunities/search.html", context, status=400)


def _past_the_end(request: HttpRequest, search: Search, missing: PageNotFound) -> HttpResponse:
    """404: the same frame and form, and the way to the last page."""
    context = _frame(search, _own(request.GET)) | _without_numbers(search)
    context |= {
        "problem": "past-the-end",
        "missing": missing,
        "last_page": search.query_with(page=missing.last),
    }
    return render(request, "opportunities/search.html", context, status=404)


# --- all of it, to take along --------------------------------------------------------------------


@public
def export_csv(request: HttpRequest) -> HttpResponseBase:
    search = Search.from_query(request.GET, EXPORT)
    name = exporting.file_name(search, "csv")
    return StreamingHttpResponse(
        exporting.csv_pieces(search),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(True, name)},
    )


@public
def export_xlsx(request: HttpRequest) -> HttpResponseBase:
    search = Search.from_query(request.GET, EXPORT)
    return FileResponse(
        exporting.workbook(search),
        as_attachment=True,
        filename=exporting.file_name(search, "xlsx"),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )


@public
def feed(request: HttpRequest) -> HttpResponse:
    search = Search.from_query(request.GET, FEED)
    return HttpResponse(feeds.atom(search), content_type=feeds.SearchFeed.content_type)


# --- one opportunity -----------------------------------------------------------------------------


@require_safe
@public
def detail(request: HttpRequest, reference: str) -> HttpResponse:
    opportunity = _once_public(reference)
    if not opportunity.is_public:
        return _gone(request, opportunity)
    edition = opportunity.edition
    return render(
        request,
        "opportunities/detail.html",
        {
            "opportunity": opportunity,
            "crumbs": trail.of_opportunity(opportunity),
            "attributes": ATTRIBUTES,
            "places": [
                (location, _within(edition, district=[location.district.code]).count - 1)
                for location in opportunity.locations.all()
            ],
            "facts": [fact for fact in opportunity.facts.all() if fact.value_zh or fact.number is not None],
            "similar": similar(opportunity),
            "address": absolute(opportunity.get_absolute_url()),
        },
    )


@require_safe
@public
def qr(request: HttpRequest, reference: str) -> HttpResponse:
    """The address of the detail page in the language of this path, as a picture for a camera."""
    opportunity = _once_public(reference)
    if not opportunity.is_public:
        return _gone(request, opportunity)
    picture = qr_code(absolute(opportunity.get_absolute_url()))
    return HttpResponse(picture, content_type="image/png")


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(no_store=True)
def contact(request: HttpRequest, reference: str) -> HttpResponse:
    """The office line; on POST also the persons, within the budget of the client's address."""
    opportunity = _once_public(reference)
    if not opportunity.is_public:
        return _gone(request, opportunity)
    context: dict[str, object] = {
        "opportunity": opportunity,
        "crumbs": trail.of_contact(opportunity),
        "unlisted": True,
    }
    if request.method != "POST":
        return render(request, "opportunities/contact.html", context)
    try:
        reveal_contact(opportunity, client_address(request))
    except Contact.DoesNotExist:
        raise Http404(reference) from None
    except OverBudget as refusal:
        response = render(request, "opportunities/contact.html", {**context, "is_over": True}, status=429)
        response.headers["Retry-After"] = str(refusal.retry_after_seconds)
        return response
    return render(request, "opportunities/contact.html", {**context, "is_shown": True})


def _once_public(reference: str) -> Opportunity:
    """The opportunity of a reference that is public knowledge. Raises Http404 for any other."""
    return get_object_or_404(Opportunity.objects.once_public().for_detail(), reference=reference)


def _gone(request: HttpRequest, opportunity: Opportunity) -> HttpResponse:
    """What remains of a withdrawn one: its reference, the date, and others like it."""
    return render(
        request,
        "opportunities/gone.html",
        {
            "crumbs": [trail.everything(), trail.Crumb(opportunity.reference)],
            "since": opportunity.unpublished_on,
            "similar": [one.opportunity for one in similar(opportunity)],
            "unlisted": True,
        },
        status=410,
    )


# --- several -------------------------------------------------------------------------------------


@require_safe
@public
def compare(request: HttpRequest) -> HttpResponse:
    choice = comparing.choice_of(request.GET)
    if choice.refusals:
        return render(request, "opportunities/compare_refused.html", {"choice": choice}, status=400)
    shown = [opportunity for opportunity in choice.opportunities if opportunity.is_public]
    has_room = len(choice.opportunities) < comparing.COMPARED_MAX
    suggested = [
        (one.opportunity, one.reasons, choice.query_adding(one.opportunity))
        for one in (similar(shown[0]) if shown and has_room else [])
        if one.opportunity not in choice.opportunities
    ]
    query = comparing.query_of(choice.opportunities)
    return render(
        request,
        "opportunities/compare.html",
        {
            "page_query": query,
            "address": absolute(f"{reverse('opportunities:compare')}?{query}"),
            "unlisted": True,
            "columns": [(one, choice.query_without(one)) for one in choice.opportunities],
            "choice": choice,
            "rows": comparing.rows(shown),
            "largest": max((opportunity.investment for opportunity in shown), default=None),
            "has_room": has_room,
            "suggested": suggested,
        },
    )


@require_safe
@public
def sector(request: HttpRequest, slug: str) -> HttpResponse:
    scheme = Scheme.of()
    found = _one_of(scheme.sectors, "slug", slug)
    search = _within(scheme.edition, sector=[slug])
    facets = search.facets.facets
    districts = sorted(facets["district"], key=lambda value: (-value.count, -value.investment))
    return render(
        request,
        "opportunities/sector.html",
        {
            "sector": found,
            "crumbs": trail.of_sector(found),
            **_figures_of(search),
            "regions": facets["region"],
            "brackets": facets["bracket"],
            "districts": [value for value in districts[:LARGEST_DISTRICTS] if value.count],
        },
    )


@require_safe
@public
def district(request: HttpRequest, code: str) -> HttpResponse:
    scheme = Scheme.of()
    found = _one_of(scheme.districts, "code", code)
    search = _within(scheme.edition, district=[code])
    places = dict(zip(scheme.districts, search.facets.facets["district"], strict=True))
    sectors = zip(scheme.sectors, search.facets.facets["sector"], strict=True)
    return render(
        request,
        "opportunities/district.html",
        {
            "district": found,
            "crumbs": trail.of_district(found),
            **_figures_of(search),
            "sectors": [(sector, value) for sector, value in sectors if value.count],
            "units": units_in(found),
            "neighbours": [(one, places[one]) for one in neighbours(scheme, found)],
            "successors": [one for one in scheme.districts if one.code in found.successors],
        },
    )


def _one_of(things: list[Any], name: str, value: str) -> Any:
    """The sector or district of this slug or code. Raises Http404 when the edition has none."""
    for thing in things:
        if getattr(thing, name) == value:
            return thing
    raise Http404(value)


def _within(edition: Edition, **values: object) -> Search:
    """A search of one edition."""
    return Search.from_query(QueryDict(Search.everything().query_with(edition=edition.code, **values)))


def _figures_of(search: Search) -> dict[str, object]:
    """What the head and the list of a sector or district page show."""
    count = search.facets.count
    return {
        **_totals_of(search),
        "description": summary(search),
        "opportunities": search.rows(count),
        "has_more": count > search.page_size,
        "search": search,
    }


def _totals_of(search: Search) -> dict[str, object]:
    statuses = search.facets.facets["status"]
    return {
        "count": search.facets.count,
        "available": sum(value.count for value in statuses if value.value in Opportunity.AVAILABLE),
        "total_investment": search.facets.total_investment,
    }


# --- the figures ----------------------------------------------------------------------------------


@require_safe
@public
def figures(request: HttpRequest) -> HttpResponse:
    """What was published of the current edition beside what its opportunities give, and their charts."""
    reconciliation = Reconciliation(Scheme.of().edition)
    search = reconciliation.search
    facets = search.facets.facets
    return render(
        request,
        "opportunities/insights.html",
        {
            **_totals_of(search),
            "search": search,
            "sheet": insights.sheet(reconciliation),
            "across": insights.across_regions(search),
            "histogram": histogram(search),
            "steps": insights.steps(search),
            "facets": facets,
            "offered": sum(form.count for form in facets["cooperation"]),
            "heat": heat(search),
            "map": district_map.of_money(search),
            "ranking": [row for rows in district_map.table(search).columns for row in rows][:RANKED],
        },
    )
