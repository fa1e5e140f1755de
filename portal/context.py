"""What the frame of every page shows: the current edition, and this page in both languages."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import get_script_prefix
from django.utils import translation
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from financing.current import Current
from financing.models import Plan
from opportunities.models import Catalogue, Edition, Text
from opportunities.search.scheme import Scheme
from opportunities.templatetags.opportunities import joined

from .caching import revision_of

ENGLISH = "en/"


class Column(NamedTuple):
    """栏目 of a government site. ``kind`` is one of those that the guideline lists; a page without a
    column's ``name`` is a column of its own."""

    kind: object
    name: object = ""


OVERVIEW = Column(pgettext_lazy("kind of a column", "Overview"))
DATA = Column(pgettext_lazy("kind of a column", "Data releases"))
OPPORTUNITIES = Column(DATA.kind, pgettext_lazy("column", "Investment opportunities"))
COLUMNS = {
    "": Column(pgettext_lazy("kind of a column", "Home page"), pgettext_lazy("column", "Home page")),
    "opportunities": OPPORTUNITIES,
    "compare": OPPORTUNITIES,
    "sectors": OPPORTUNITIES,
    "districts": OPPORTUNITIES,
    "about": OVERVIEW,
    "privacy": OVERVIEW,
    "accessibility": OVERVIEW,
    "api": Column(pgettext_lazy("kind of a column", "Open data"), gettext_lazy("Open API")),
}


class Site:
    """The portal as the frame of one page sees it. Asks the database only when a page is drawn."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def scheme(self) -> Scheme:
        """The current edition's. Raises NoEdition when nothing was loaded yet."""
        return Scheme.of(revision=revision_of(self.request))

    @cached_property
    def frame(self) -> str:
        """What the fixed parts of all pages depend on, as a key to keep them by."""
        return f"{revision_of(self.request)} {translation.get_language()} {get_script_prefix()}"

    @cached_property
    def edition(self) -> Edition:
        return self.scheme.edition

    @cached_property
    def catalogue(self) -> Catalogue:
        return self.edition.catalogue

    @property
    def sample_notice(self) -> str:
        """That the edition is a sample, to follow a description of the page; empty where it is none."""
        return f" {self.edition.notice}" if self.catalogue.is_sample else ""

    @property
    def finance_plan(self) -> Plan | None:
        """The finance plan beside the opportunities; None where the city has none."""
        return Current.of(revision_of(self.request)).plan

    @cached_property
    def section(self) -> str:
        """The first part of the path below the language: which entry of the navigation is meant."""
        return self._path.partition("/")[0]

    @property
    def current(self) -> str:
        """Whether that entry leads to this very page, as ``aria-current`` has it: ``page``, else ``true``."""
        return "page" if self._path == f"{self.section}/" else "true"

    @property
    def name(self) -> str:
        return _("%(place)s Opportunities") % {"place": self.catalogue.place}

    @property
    def other_name(self) -> str:
        """The portal's name in the language that this page is not in."""
        with translation.override(self.other_language):
            return self.name

    @cached_property
    def other_language(self) -> str:
        return "zh-hans" if translation.get_language() == "en" else "en"

    @property
    def other_tongue(self) -> str:
        """The other language as it calls itself."""
        return "English" if self.other_language == "en" else "中文"

    @property
    def keywords(self) -> str:
        """What the list is about: the place and the edition's sectors."""
        return joined([self.catalogue.place, *(sector.name for sector in self.scheme.sectors)])

    @property
    def domain(self) -> str:
        return urlsplit(settings.SITE_URL).hostname or ""

    @property
    def identifier(self) -> str:
        """政府网站标识码: the office's number for the site, where the pack has one."""
        return self.catalogue.site.get("site_identifier", "")

    @property
    def column(self) -> Column:
        """栏目: the part of the site that this page belongs to."""
        return COLUMNS.get(self.section, DATA)

    @property
    def filings(self) -> list[str]:
        """What the law or the office wants at the foot of each page, from the pack's ``[site]``."""
        given = self.catalogue.site
        unit = Text(given.get("responsible_unit_zh", ""), given.get("responsible_unit_en", ""))
        lines = [
            (_("Responsible: %s"), str(unit)),
            (_("Complaints: %s"), given.get("complaint_phone")),
            (_("Site identifier: %s"), self.identifier),
            ("%s", given.get("icp_filing")),
            ("%s", given.get("security_filing")),
        ]
        return [words % value for words, value in lines if value]

    # --- this page in both languages -------------------------------------------------------------

    @cached_property
    def is_translated(self) -> bool:
        """Whether this page stands in both languages. The API's own page shows both at once."""
        return self.section != "api"

    @cached_property
    def _path(self) -> str:
        """The page's path below the portal's root and the language, as an address is written."""
        return escape_uri_path(self.request.path_info.removeprefix("/").removeprefix(ENGLISH))

    @cached_property
    def other_path(self) -> str:
        """This page in the other language."""
        language = ENGLISH if self.other_language == "en" else ""
        return get_script_prefix() + language + self._path

    @cached_property
    def url(self) -> str:
        """This page in its own language, whole. The host is configuration, never that of the request."""
        english = self.is_translated and translation.get_language() == "en"
        return self.english_url if english else self.chinese_url

    @cached_property
    def chinese_url(self) -> str:
        return f"{settings.SITE_URL}/{self._path}"

    @cached_property
    def english_url(self) -> str:
        return f"{settings.SITE_URL}/{ENGLISH}{self._path}"


def site(request: HttpRequest) -> dict[str, object]:
    """``site`` for every template."""
    return {"site": Site(request)}
