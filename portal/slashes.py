"""An address without its last slash leads to the one with it, for pages and for reading alone."""

from __future__ import annotations

from django.http import HttpRequest
from django.middleware.common import CommonMiddleware

from .problems import is_api


class SlashMiddleware(CommonMiddleware):
    """Django's CommonMiddleware, except that the API never redirects and no form's content is lost."""

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        if is_api(request) or request.method not in ("GET", "HEAD"):
            return False
        return super().should_redirect_with_slash(request)
