"""The portal's addresses, and ``/bare/``: a kept, compressed body of a faceted page's size.

It passes the same server and middleware as a page and asks no database; nothing that a page does
could be faster.
"""

from __future__ import annotations

import gzip
import os

from django.http import HttpRequest, HttpResponse
from django.urls import path

from portal.urls import *  # noqa: F403
from portal.urls import urlpatterns as portal_urls

_BODY = gzip.compress(os.urandom(1024) + b"<p>a bare page</p>" * 4000, mtime=0)
_BODY += b"\0" * max(0, 18_000 - len(_BODY))


def bare(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(_BODY)
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    return response


urlpatterns = [path("bare/", bare), *portal_urls]
