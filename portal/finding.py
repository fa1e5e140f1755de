"""What crawlers ask for first: ``/robots.txt`` and ``/sitemap.xml``.

Django's own sitemaps take the host from the request, list every address in memory before they cut
files, and give the default language to everybody else; ours are told by ``SITE_URL``, read no more
than one file holds, and lead who reads neither language to English, as the heads of pages do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation

from financing.current import Current
from financing.models import Item
from opportunities.addresses import absolute
from opportunities.models import Opportunity
from opportunities.search.scheme import Scheme

from .caching import public, revision_of

# Pages in one file. Each stands there once a language; the protocol allows 50,000 addresses.
PER_FILE = 5000

# Pages in both languages that are there whatever the data. Those of WHOLE_LIST change with any of it.
WHOLE_LIST = ("home", "opportunities:search")
PAGES = (*WHOLE_LIST, "opportunities:insights", "about", "privacy", "accessibility")
# What only leads on to pages that are reached without it, and what is nobody's to read.
NOT_WALKED = ("opportunities:ask", "opportunities:compare", "admin:index")
ANY_REFERENCE = "ANY-REFERENCE"
SAMPLE_WORDS = (
    "# Sample data: every page says noindex. Pages stay open to crawlers, so that they can see it.",
)


class Entry(NamedTuple):
    """A page by its whole addresses, and when it last changed if that is known.

    ``en`` is empty where one page shows both languages.
    """

    zh: str
    en: str
    last_change: str = ""

    @property
    def addresses(self) -> list[str]:
        return [self.zh, self.en] if self.en else [self.zh]


@public
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every public page; where they are more than one file holds, the list of the files."""
    scheme = _scheme(request)
    pages, files = list(_pages(scheme, revision_of(request))), _files(scheme)
    if len(pages) + _opportunities(scheme).count() <= PER_FILE:
        return _urls(request, [*pages, *_entries(_opportunities(scheme))])
    paths = [reverse("sitemap-pages"), *(reverse("sitemap-opportunities", args=[file]) for file in files)]
    return _xml(render(request, "portal/sitemap_index.xml", {"files": map(absolute, paths)}))


@public
def sitemap_pages(request: HttpRequest) -> HttpResponse:
    """All pages but those of single opportunities."""
    return _urls(request, _pages(_scheme(request), revision_of(request)))


@public
def sitemap_opportunities(request: HttpRequest, file: int) -> HttpResponse:
    """The opportunities of one file, counted from 1."""
    scheme = _scheme(request)
    if file not in _files(scheme):
        raise Http404(file)
    start = (file - 1) * PER_FILE
    return _urls(request, _entries(_opportunities(scheme)[start : start + PER_FILE]))


@public
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers need not walk.

    ``noindex`` keeps sample data out of search engines, and a crawler has to be let in to see it: so no
    page with content of its own is barred, and the rules are the same for samples.
    """
    searches = _in_both_languages("opportunities:search")
    barred = [path for name in NOT_WALKED for path in _in_both_languages(name)]
    barred += [f"{path}*/contact/" for path in searches]
    # One filter is a page worth finding; combinations of them have no end.
    barred += [f"{path}?*&" for path in searches]
    lines = [
        *(SAMPLE_WORDS if _scheme(request).edition.catalogue.is_sample else ()),
        "User-agent: *",
        *(f"Disallow: {path}" for path in barred),
        "",
        f"Sitemap: {absolute(reverse('sitemap'))}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _scheme(request: HttpRequest) -> Scheme:
    return Scheme.of(revision=revision_of(request))


def _opportunities(scheme: Scheme) -> QuerySet:
    """What is public in the current edition: reference and last change, in one order."""
    found = Opportunity.objects.public().in_edition(scheme.edition)
    return found.order_by("reference").values_list("reference", "updated_at")


def _files(scheme: Scheme) -> range:
    return range(1, -(-_opportunities(scheme).count() // PER_FILE) + 1)


def _pages(scheme: Scheme, revision: str) -> Iterator[Entry]:
    for name in PAGES:
        yield _page(name, changed=scheme.as_of if name in WHOLE_LIST else None)
    plan = Current.of(revision).plan
    if plan:
        yield _page("financing:plan")
        for code in Item.objects.filter(list__plan=plan, is_public=True).values_list("code", flat=True):
            yield _page("financing:item", code)
    for sector in scheme.sectors:
        yield _page("opportunities:sector", sector.slug)
    for district in scheme.districts:
        yield _page("opportunities:district", district.code)
    yield Entry(absolute(reverse("api:docs")), "")


def _entries(rows: Iterable[tuple[str, datetime]]) -> Iterator[Entry]:
    # Composing an address costs more than reading a row: it is done once.
    zh, en, _ = _page("opportunities:detail", ANY_REFERENCE)
    for reference, updated_at in rows:
        yield Entry(
            zh.replace(ANY_REFERENCE, reference), en.replace(ANY_REFERENCE, reference), updated_at.isoformat()
        )


def _page(name: str, *args: object, changed: date | None = None) -> Entry:
    zh, en = map(absolute, _in_both_languages(name, *args))
    return Entry(zh, en, changed.isoformat() if changed else "")


def _in_both_languages(name: str, *args: object) -> list[str]:
    paths = []
    for code in (settings.LANGUAGE_CODE, "en"):
        with translation.override(code):
            paths.append(reverse(name, args=args))
    return paths


def _urls(request: HttpRequest, entries: Iterable[Entry]) -> HttpResponse:
    return _xml(render(request, "portal/sitemap.xml", {"entries": entries}))


def _xml(response: HttpResponse) -> HttpResponse:
    response.headers["Content-Type"] = "application/xml; charset=utf-8"
    # For crawlers to read, not to list.
    response.headers["X-Robots-Tag"] = "noindex"
    return response
