"""The newest of a search as an Atom feed (RFC 4287, docs/exports.md)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.http import QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .addresses import absolute, search_address, with_query
from .models import Opportunity
from .search.parameters import FEED
from .search.query import Search
from .search.saying import sentence

ENTRIES_MAX = 50
LANGUAGE_TAGS = {"zh-hans": "zh-Hans-CN", "en": "en"}
# What no XML document can hold, not even escaped.
REFUSED_BY_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class SearchFeed(Atom1Feed):
    """Django's Atom feed, dated by its data, each entry in the language that its title is in."""

    def latest_post_date(self) -> datetime:
        return self.feed["updated"]

    def item_attributes(self, item: dict[str, Any]) -> dict[str, str]:
        return {"xml:lang": item["language"]} if item["language"] else {}


def atom(search: Search) -> str:
    """The newest 50 opportunities of a search, in the active language, as an Atom document.

    Identifiers are made of catalogue, language and reference, so that they outlast another host.
    """
    newest = Search.from_query(QueryDict(search.query_with(sort="-updated", page_size=ENTRIES_MAX)))
    opportunities = newest.rows(newest.count)
    catalogue = search.scheme.edition.catalogue
    language = LANGUAGE_TAGS[get_language()]
    query = search.query_for(FEED)
    feed = SearchFeed(
        title=_clean(sentence(search)),
        link=absolute(search_address(newest.query_with(page_size=None))),
        description="",
        language=language,
        author_name=_clean(str(catalogue.issuer)),
        subtitle=_clean(" · ".join(filter(None, (str(catalogue.title), str(search.scheme.edition.notice))))),
        feed_url=absolute(with_query(reverse("opportunities:feed"), query)),
        feed_copyright=catalogue.site.get("license"),
        feed_guid=_identifier(catalogue.slug, language, f"?{query}"),
        updated=max((one.updated_at for one in opportunities), default=search.scheme.moment),
    )
    for one in opportunities:
        feed.add_item(
            title=_clean(_title(one)),
            link=absolute(one.get_absolute_url()),
            description=_clean(render_to_string("opportunities/_entry.html", {"opportunity": one})),
            unique_id=_identifier(catalogue.slug, language, one.reference),
            pubdate=one.first_published_at,
            updateddate=one.updated_at,
            categories=(_clean(str(one.sector.name)),),
            language="zh-Hans-CN" if language == "en" and not one.name_en else "",
        )
    return feed.writeString("utf-8")


def _title(opportunity: Opportunity) -> str:
    name = str(opportunity.name)
    return _("[Sample] %(name)s") % {"name": name} if opportunity.is_sample else name


def _identifier(*parts: str) -> str:
    return uuid5(NAMESPACE_URL, "/".join(parts)).urn


def _clean(text: str) -> str:
    return REFUSED_BY_XML.sub("", text)
