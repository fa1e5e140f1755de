"""The path carries the language: ``/en/…`` is English, every other page Chinese.

Nothing is negotiated, so no page varies by ``Accept-Language`` (Django's own LocaleMiddleware adds
that header to every page without a prefix). The API has no language; what it says to developers,
such as a problem's ``detail``, is English, and texts for people come in both.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

ENGLISH = ("/en/", "/api/v1/")


class PathLanguageMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        english = request.path_info == "/en" or request.path_info.startswith(ENGLISH)
        with translation.override("en" if english else "zh-hans"):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Content-Language", "en" if english else "zh-Hans-CN")
        return response
