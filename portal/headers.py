"""The security headers of every answer, and which of them other sites may read."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from opportunities.search.scheme import Scheme

API = "/api/v1/"
POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)
POWERFUL_FEATURES = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "fullscreen",
    "geolocation", "gyroscope", "magnetometer", "microphone", "midi", "payment",
    "publickey-credentials-get", "screen-wake-lock", "usb", "xr-spatial-tracking",
)  # fmt: skip
READING = ("GET", "HEAD", "OPTIONS")
DAY = 24 * 3600


class SecurityHeadersMiddleware:
    """The outermost middleware: errors, static files and the administration carry the headers too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        https = settings.SITE_URL.startswith("https://")
        policy = (*POLICY, "upgrade-insecure-requests") if https else POLICY
        self.headers = {
            "Content-Security-Policy": "; ".join(policy),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "strict-origin-when-cross-origin",
            "Permissions-Policy": ", ".join(f"{feature}=()" for feature in POWERFUL_FEATURES),
            "Cross-Origin-Opener-Policy": "same-origin",
        }
        if https:
            self.headers["Strict-Transport-Security"] = f"max-age={365 * DAY}; includeSubDomains"

    def __call__(self, request: HttpRequest) -> HttpResponse:
        open_to_all = request.path_info.startswith(API) and request.method in READING
        if open_to_all and _is_preflight(request):
            response = HttpResponse(status=204, headers=PREFLIGHT)
        else:
            response = self.get_response(request)
        for name, value in {**self.headers, **(OPEN_TO_ALL if open_to_all else OURS_ALONE)}.items():
            response.headers[name] = value
        scheme = Scheme.in_memory()
        if scheme is None or scheme.edition.catalogue.is_sample:
            response.headers["X-Robots-Tag"] = "noindex"
        return response


OPEN_TO_ALL = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Retry-After, RateLimit, RateLimit-Policy",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
OURS_ALONE = {"Cross-Origin-Resource-Policy": "same-origin"}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Accept-Language, Content-Type, If-None-Match",
    "Access-Control-Max-Age": str(DAY),
}


def _is_preflight(request: HttpRequest) -> bool:
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
