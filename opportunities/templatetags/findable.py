"""What the head of a page says to search engines and to those who share its address."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from .. import describing
from ..addresses import absolute
from ..models import Opportunity
from ..search.query import Search
from ..trail import Crumb

register = template.Library()

# As Django's json_script has it: nothing inside can end the element or begin a comment.
ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


class Captured(template.Node):
    def __init__(self, nodelist: template.NodeList, name: str) -> None:
        self.nodelist, self.name = nodelist, name

    def render(self, context: template.Context) -> SafeString:
        words = " ".join(self.nodelist.render(context).split())
        # The words of a message may hold a quotation mark, and attributes take what is captured.
        context[self.name] = SafeString(words.replace('"', "&quot;"))
        return SafeString("")


@register.tag
def capture(parser: template.base.Parser, token: template.base.Token) -> Captured:
    """``{% capture name %}…{% endcapture %}``: text in one line, to be written in several places."""
    _tag, name = token.split_contents()
    nodelist = parser.parse(("endcapture",))
    parser.delete_first_token()
    return Captured(nodelist, name)


def _json_ld(description: Mapping[str, Any]) -> SafeString:
    text = json.dumps(description, ensure_ascii=False, separators=(",", ":")).translate(ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', SafeString(text))


@register.simple_tag
def breadcrumbs(crumbs: Sequence[Crumb]) -> SafeString:
    """The way to a page as ``BreadcrumbList``; nothing for the whole list itself."""
    return _json_ld(describing.trail(crumbs)) if len(crumbs) > 1 else SafeString("")


@register.simple_tag(takes_context=True)
def website(context: template.Context) -> SafeString:
    """The portal as ``WebSite``, for the home page."""
    site = context["site"]
    return _json_ld(describing.website(site.name, site.other_name))


@register.simple_tag(takes_context=True)
def dataset(context: template.Context) -> SafeString:
    """The current edition as ``Dataset``, for the page that tells of its figures."""
    page = absolute(context["request"].path)
    return _json_ld(describing.dataset(Search.everything(), page))


@register.simple_tag
def published_at(opportunity: Opportunity) -> str:
    """When it was first published, to the minute, in the catalogue's zone: ``2024-04-10 09:30``."""
    moment = opportunity.first_published_at
    return f"{opportunity.edition.catalogue.local(moment):%Y-%m-%d %H:%M}" if moment else ""


@register.simple_tag
def whole_static(path: str) -> str:
    """As ``{% static %}``, with the host that is configured."""
    return absolute(static(path))
