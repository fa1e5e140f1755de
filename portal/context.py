"""What the frame of every page shows: the current edition, and this page in both languages."""

from __future__ import annotations

from functools import cached_property

from django.conf import settings
from django.http import HttpRequest
from django.urls import get_script_prefix
from django.utils import translation
from django.utils.encoding import escape_uri_path
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from financing.current import Current
from financing.models import Plan
from opportunities.models import Catalogue, Edition, Text
from opportunities.search.scheme import Scheme

from .caching import revision_of

ENGLISH = "en/"


class Site:
    """The portal as the frame of one page sees it. Asks the database only when a page is drawn."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def scheme(self) -> Scheme:
        """The current edition's. Raises NoEdition when nothing was loaded yet."""
        return Scheme.of(revision=revision_of(self.request))

    @property
    def edition(self) -> Edition:
        return self.scheme.edition

    @property
    def catalogue(self) -> Catalogue:
        return self.edition.catalogue

    @property
    def finance_plan(self) -> Plan | None:
        """The finance plan beside the opportunities; None where the city has none."""
        return Current.of(revision_of(self.request)).plan

    @property
    def section(self) -> str:
        """The first part of the path below the language: which entry of the navigation is meant."""
        return self._path.partition("/")[0]

    @property
    def name(self) -> str:
        return _("%(place)s Opportunities") % {"place": self.catalogue.place}

    @property
    def other_name(self) -> str:
        """The portal's name in the language that this page is not in."""
        with translation.override(self.other_language):
            return self.name

    @property
    def other_language(self) -> str:
        return "zh-hans" if translation.get_language() == "en" else "en"

    @property
    def filings(self) -> list[str]:
        """What the law or the office wants at the foot of each page, from the pack's ``[site]``."""
        given = self.catalogue.site
        unit = Text(given.get("responsible_unit_zh", ""), given.get("responsible_unit_en", ""))
        lines = [
            (_("Responsible: %s"), str(unit)),
            (_("Complaints: %s"), given.get("complaint_phone")),
            (_("Site identifier: %s"), given.get("site_identifier")),
            ("%s", given.get("icp_filing")),
            ("%s", given.get("security_filing")),
        ]
        return [words % value for words, value in lines if value]

    # --- this page in both languages -------------------------------------------------------------

    @property
    def is_translated(self) -> bool:
        """Whether this page stands in both languages. The API's own page shows both at once."""
        return self.section != "api"

    @property
    def _path(self) -> str:
        """The page's path below the portal's root and the language, as an address is written."""
        return escape_uri_path(self.request.path_info.removeprefix("/").removeprefix(ENGLISH))

    @property
    def other_path(self) -> str:
        """This page in the other language."""
        language = ENGLISH if self.other_language == "en" else ""
        return get_script_prefix() + language + self._path

    @property
    def chinese_url(self) -> str:
        """This page in Chinese, whole. The host is configuration, never that of the request."""
        return f"{settings.SITE_URL}/{self._path}"

    @property
    def english_url(self) -> str:
        return f"{settings.SITE_URL}/{ENGLISH}{self._path}"


def site(request: HttpRequest) -> dict[str, object]:
    """``site`` for every template, made when it is first used."""
    return {"site": SimpleLazyObject(lambda: Site(request))}
