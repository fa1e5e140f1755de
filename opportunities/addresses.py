"""Addresses of the portal as the world outside uses them: whole, and as a picture for a camera."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

import segno
from django.conf import settings
from django.urls import get_script_prefix, reverse
from django.utils.translation import get_language

# A reader needs four light modules around the code; eight pixels to a module stay sharp on paper.
QUIET_ZONE = 4
MODULE = 8


def absolute(path: str) -> str:
    """A path of the portal, with or without the prefix it is mounted under, as an address of ``SITE_URL``."""
    return f"{settings.SITE_URL}/{path.removeprefix(get_script_prefix()).lstrip('/')}"


def with_query(address: str, query: str) -> str:
    return f"{address}?{query}" if query else address


def search_address(query: str = "") -> str:
    """The search page with a query, in the language and under the prefix of the page at hand."""
    return with_query(_search_path(get_language(), get_script_prefix()), query)


@lru_cache
def _search_path(_language: str | None, _prefix: str) -> str:
    # A page has a hundred links to searches; their path depends on nothing but the two.
    return reverse("opportunities:search")


def opportunity_address(reference: str) -> str:
    """The page of an opportunity, in the language and under the prefix of the page at hand."""
    return _opportunity_path(get_language(), get_script_prefix()).replace("REFERENCE", reference)


@lru_cache
def _opportunity_path(_language: str | None, _prefix: str) -> str:
    return reverse("opportunities:detail", args=["REFERENCE"])


def qr_code(address: str) -> bytes:
    """An address as a QR code: a PNG picture, black on white in both themes, its quiet zone included."""
    picture = BytesIO()
    segno.make_qr(address, error="m").save(picture, kind="png", scale=MODULE, border=QUIET_ZONE)
    return picture.getvalue()
