"""Addresses of the portal as other sites, files and programs need them: whole, under ``SITE_URL``."""

from __future__ import annotations

from django.conf import settings
from django.urls import get_script_prefix


def absolute(path: str) -> str:
    """A path of the portal, with or without the prefix it is mounted under, as an address of ``SITE_URL``."""
    return f"{settings.SITE_URL}/{path.removeprefix(get_script_prefix()).lstrip('/')}"
