"""Addresses as others are given them: whole, under ``SITE_URL``, never under the request's Host."""

from __future__ import annotations

from django.conf import settings
from django.urls import get_script_prefix


def absolute(path: str) -> str:
    """A path of the portal, with or without the prefix it is mounted under, as an address of ``SITE_URL``."""
    return f"{settings.SITE_URL}/{path.removeprefix(get_script_prefix()).lstrip('/')}"


def with_query(address: str, query: str) -> str:
    return f"{address}?{query}" if query else address
