"""The path carries the language: ``/en/…`` is English, everything else Chinese.

Nothing is negotiated, so no page varies by ``Accept-Language`` (Django's own LocaleMiddleware adds
that header to every page without a prefix).
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation


class PathLanguageMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        english = request.path_info == "/en" or request.path_info.startswith("/en/")
        with translation.override("en" if english else "zh-hans"):
            request.LANGUAGE_CODE = translation.get_language()  # type: ignore[attr-defined]
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", "en" if english else "zh-Hans-CN")
            return response
