"""Sign-in, throttled: 10 failures in 15 minutes per address and per account, then 429.

The contract's rule (“REST API”) as a handler of django-axes, which asks it before any password is
hashed. Each failure is a row that leaves the window by itself; with one counter per client, as the
handler of axes keeps it, a failure now and then would add up for ever. Nothing is written to a log, as
an account's name is a mail address (promise P18).
"""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from axes.handlers.base import AbstractAxesHandler, AxesBaseHandler
from axes.helpers import get_client_username
from axes.models import AccessFailureLog
from django.conf import settings
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

Credentials = dict[str, Any] | None


def account_name(request: HttpRequest, credentials: Credentials) -> str:
    """The account that somebody tries, spelled one way and short enough to be kept."""
    given = credentials or request.POST
    return str(given.get(settings.AXES_USERNAME_FORM_FIELD) or "").strip().lower()[:254]


class SlidingWindow(AbstractAxesHandler, AxesBaseHandler):
    """Counts the failures of the last 15 minutes, of the address and of the account."""

    def get_failures(self, request: HttpRequest, credentials: Credentials = None) -> int:
        return max(failures.count() for failures in _failures(request, credentials))

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
    ) -> None:
        if request is None:
            return
        if request.axes_locked_out:  # type: ignore[attr-defined]
            # A refused attempt is no failure: it would make the wait longer.
            request.axes_credentials = credentials  # type: ignore[attr-defined]
            return
        AccessFailureLog.objects.filter(attempt_time__lte=_window_start()).delete()
        AccessFailureLog.objects.create(
            username=get_client_username(request, credentials),
            ip_address=request.axes_ip_address,  # type: ignore[attr-defined]
            path_info=request.axes_path_info,  # type: ignore[attr-defined]
        )

    def user_logged_in(self, sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
        """Nothing: a success does not make the failures before it undone."""

    def user_logged_out(self, sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
        """Nothing."""

    def reset_attempts(
        self, *, ip_address: str | None = None, username: str | None = None, ip_or_username: bool = False
    ) -> int:
        """Forget failures: ``manage.py axes_reset``, ``axes_reset_ip``, ``axes_reset_username``."""
        address = Q(ip_address=ip_address) if ip_address else Q()
        account = Q(username=username.strip().lower()) if username else Q()
        chosen = address | account if ip_or_username else address & account
        return AccessFailureLog.objects.filter(chosen).delete()[0]


def too_many_failures(
    request: HttpRequest, response: HttpResponse | None, credentials: Credentials
) -> HttpResponse:
    """429 in the frame of the administration, with the seconds until the next try is answered."""
    now = timezone.now()
    wait = max((_free_again(failures) - now).total_seconds() for failures in _failures(request, credentials))
    seconds = max(1, math.ceil(wait))
    page = render(
        request,
        "admin/too_many_failures.html",
        {**admin.site.each_context(request), "minutes": math.ceil(seconds / 60)},
        status=429,
    )
    page.headers["Retry-After"] = str(seconds)
    return page


def _failures(request: HttpRequest, credentials: Credentials) -> list[QuerySet[AccessFailureLog]]:
    """The failures within the window: those from this address, and those of this account."""
    recent = AccessFailureLog.objects.filter(attempt_time__gt=_window_start())
    return [
        recent.filter(ip_address=request.axes_ip_address),  # type: ignore[attr-defined]
        recent.filter(username=get_client_username(request, credentials)),
    ]


def _free_again(failures: QuerySet[AccessFailureLog]) -> datetime:
    """When so many of these failures have left the window that another try is answered."""
    limit = settings.AXES_FAILURE_LIMIT
    newest = list(failures.order_by("-attempt_time").values_list("attempt_time", flat=True)[:limit])
    return newest[-1] + settings.AXES_COOLOFF_TIME if len(newest) == limit else timezone.now()


def _window_start() -> datetime:
    return timezone.now() - settings.AXES_COOLOFF_TIME
