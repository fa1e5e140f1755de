"""Sample data stays off public host names, unless a setting says otherwise (contract, “Commands”)."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from opportunities.search.scheme import NoEdition, Scheme

from . import errors, problems
from .caching import NEVER_PUBLIC, revision_of
from .problems import DATABASE_AWAY

PRIVATE_ENDINGS = ("localhost", "test")


def is_public(site_url: str) -> bool:
    """Whether an address names a host that anybody could reach: neither this machine nor a private one."""
    host = urlsplit(site_url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return host.rpartition(".")[2] not in PRIVATE_ENDINGS


class SamplesMiddleware:
    """Refuses pages and API while the current edition is sample data and the host is public."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if settings.SERVE_SAMPLES_PUBLICLY or not is_public(settings.SITE_URL):
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(NEVER_PUBLIC) and _is_sample(request):
            return errors.answer(request, problems.ONLY_SAMPLES)
        return self.get_response(request)


def _is_sample(request: HttpRequest) -> bool:
    scheme: Scheme | None
    try:
        scheme = Scheme.of(revision=revision_of(request))
    except NoEdition:
        return False
    except DATABASE_AWAY:
        scheme = Scheme.in_memory()
    return scheme is not None and scheme.edition.catalogue.is_sample
