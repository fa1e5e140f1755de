"""Every route of the URL resolver, as ``/opportunities/<reference>/``, and addresses made from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from django.contrib.admindocs.views import simplify_regex
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern

CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")
# What stands for each named part of an address; tests give their own where it matters.
SAMPLES = {
    "app_label": "opportunities",
    "object_id": "1",
    "id": "1",
    "content_type_id": "1",
    "url": "no-such-page/",
    "slug": "food",
    "code": "500103",
    "reference": "DEMO-001",
    "file": "1",
}


def routes() -> list[str]:
    """Every route once. Pages stand without their language: ``/en`` before them is English."""
    return list(dict.fromkeys(_walk(get_resolver().url_patterns, "")))


def pages() -> set[str]:
    """Those routes that exist in both languages."""
    with_language = [p for p in get_resolver().url_patterns if isinstance(p.pattern, LocalePrefixPattern)]
    return {route for resolver in with_language for route in _walk(resolver.url_patterns, "")}


def _walk(patterns: Iterable[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for pattern in patterns:
        here = "" if isinstance(pattern.pattern, LocalePrefixPattern) else str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, before + here)
        else:
            yield CONVERTER.sub(r"<\1>", simplify_regex(before + here)).replace(r"\.", ".")


def address(route: str, parts: Mapping[str, str] | None = None) -> str:
    """A route with its parts filled in."""
    values = {**SAMPLES, **(parts or {})}
    return re.sub(r"<(\w+)>", lambda part: values[part[1]], route)
