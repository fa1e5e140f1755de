"""Hostile requests, as many as wanted and the same for the same seed, on every route there is.

``Hostile(seed)`` makes them; ``faults`` says what is wrong with an answer. Payloads carry ``zq9``, so
that one that comes back unescaped is recognised.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_from_bytes, urlsplit

from tests.routes import SAMPLES, address, pages, routes

METHODS = (
    "GET",
    "GET",
    "GET",
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "PROPFIND",
)
PARAMETERS = (
    "q", "sector", "region", "district", "bracket", "investment_min", "investment_max", "investment_min_bn",
    "investment_max_bn", "cycle", "cycle_min", "cycle_max", "cooperation", "status", "edition", "sort",
    "view", "page", "page_size", "fields", "asked", "reference", "list", "system", "unit", "progress", "item",
    "report", "year", "format", "next", "o", "p", "e", "all",
    "_popup", "_to_field", "publication__exact", "password__startswith", "id__in", "confirmed", "complete",
    "utm_source", "csrfmiddlewaretoken", "action", "_selected_action", "email", "username", "password",
)  # fmt: skip
VALID = {
    "q": "新能源", "sector": "food", "region": "metro", "district": "500103", "bracket": "10-50",
    "investment_min": "10", "cycle": "13-24", "cycle_max": "36", "cooperation": "equity", "status": "open",
    "edition": "2024-04", "sort": "name", "view": "table", "page": "1", "page_size": "20",
    "reference": "DEMO-001", "list": "reforms", "progress": "done",
}  # fmt: skip

# What the forms of the administration send.
INLINES = ("locations", "contacts", "facts", "evidence")
MANAGEMENT = ("TOTAL_FORMS=1", "INITIAL_FORMS=0", "MIN_NUM_FORMS=0", "MAX_NUM_FORMS=1000")
STAFF_FIELDS = (
    "reference", "edition", "name_zh", "name_en", "summary_zh", "sector", "investment", "content_zh",
    "cycle_months", "expected_benefit_zh", "annual_output", "annual_tax", "jobs", "advantages_zh",
    "cooperation", "conditions_zh", "status", "source", "predecessor", "slug", "code", "short_zh", "seal_zh",
    "colour", "position", "region", "kind", "aliases", "successors", "valid_from", "map_row", "subregion",
    "claim", "value", "published", "is_rounded", "catalogue", "released_on", "is_current", "subregions",
    "bracket_thresholds", "site", "time_zone", "title_zh", "key", "label_zh", "unit", "email", "groups",
    "password1", "password2", "usable_password", "seen_version", "version", "_save", "_continue",
    "_addanother",
    "_saveasnew", "_publish", "locations-0-district", "locations-0-share", "locations-0-id",
    "locations-TOTAL_FORMS", "locations-INITIAL_FORMS", "contacts-0-unit_zh", "contacts-0-office_email",
    "contacts-0-id", "contacts-0-DELETE", "facts-0-kind", "facts-0-number", "facts-0-state",
    "facts-TOTAL_FORMS", "action", "_selected_action", "select_across", "index", "post", "item", "year",
    "quarter", "progress", "summary_zh", "report", "result", "evaluation", "text_zh", "indicator", "measure",
    "comparison", "sectors", "regions", "districts", "investment_min", "valid_from", "basis_zh",
    "opportunity", "reason_zh", "stated", "list", "partners", "is_public", "evidence-0-title",
    "evidence-0-url",
)  # fmt: skip

# As text: quoted where they are put. Among them what breaks parsers, SQL, HTML, templates and formats.
TEXTS = [
    "<zq9 onx=1>", "<script>zq9</script>", "\"><zq9>", "' onzq9='", '" onzq9="', "javascript:zq9",
    "</title><zq9>",
    "<!--<zq9>", "]]><zq9>", "&lt;zq9&gt;", "';DROP TABLE opportunities_opportunity;--", "' OR '1'='1",
    "\\' OR 1=1--",
    "1 UNION SELECT password FROM accounts_user", "%' OR '%'='", "%", "_", "%%", "%s%s%n", "%(zq9)s", "%d",
    "{}", "{0}",
    "{zq9}", "{0.__class__}", "zq{{1337|add:1}}", "{% load zq9 %}", "{% debug %}", "${1337+1}", "#{7*7}",
    "<%= 7*7 %>",
    "\x00", "a\x00b", "\x01\x02", "\x7f", "\x85", "\u2028", "\u202e", "\ufeff", "\u0000<zq9>", "\ud7ff",
    "\ue000",
    "\uffff", "\U0010ffff", "\U0001f600" * 30, "e\u0301" * 50, "\u0301" * 100, "ﷺ" * 60, "㍿" * 200,
    "İ" * 100, "ß" * 200,
    "0", "-0", "-1", "1e9", "1e999", "NaN", "Infinity", "-Infinity", "0x10", "1_000", "1,5", "01", "+1",
    " 1 ", "١٢",
    "１２", "½", "²", "9" * 20, "9" * 400, "9" * 5000, "-" + "9" * 60, "0." + "0" * 300 + "1", "1.234567",
    "true", "null",
    "None", "undefined", "[]", "[object Object]", "a[]=1", "a=b&c=d", "../../etc/passwd", "..\\..\\win.ini",
    "/" * 50,
    "//evil.example/", "https://evil.example/", "http:evil.example", "\r\nX-Zq9: 1",
    "\r\nSet-Cookie: zq9=1", "\n", "\t",
    " ", "   ", "　", "", ".", "..", ":", ";", "#zq9", "?", "*", "()", "((((((((((a+)+)+)+)+$", "a" * 199,
    "a" * 201, "字" * 200,
    "字" * 201, " ".join("abcdefghijk"), "a " * 100, "a" * 7000, "，" * 50, "DEMO-001", "demo-001",
    "DEMO-000", "DEMO-161",
    "QQQ" * 20, "food", "FOOD", "foood", "500103", "admin", "__proto__", "constructor", "self", "class",
    "2024-04", "2024-02-30", "0000-00-00",
]  # fmt: skip
# As they are sent: percent escapes and bytes that no text has.
RAW = [
    "%00", "%ff", "%C3%28", "%ED%A0%80", "%ED%A0%80%ED%B0%80", "%F4%90%80%80", "%C0%80", "%E0%80%AF",
    "%FE%FF", "%", "%zz",
    "%u0041", "%2", "%25%30%30", "%2500", "%0a", "%0d%0aSet-Cookie:%20zq9=1", "%5c", "%2e%2e%2f", "%2F%2F",
    "%80",
    "%E4%B8", "%F0%9F%98", "+", "%20", "%09", "%1b", "%7f", "\x80", "\xff", "é", "&&&", "===", "=&=&=", ";",
    "|", "^", "`",
    '"', "<zq9>", "{", "}", "[", "]", "\\",
]  # fmt: skip
HEADERS: dict[str, list[str]] = {
    "HTTP_HOST": [
        "evil.example", "127.0.0.1:99999", "[::1", "a b", "", "\x00", "localhost\r\nX-Zq9: 1", "é.example",
        "testserver:80",
        "testserver, evil.example", "x" * 5000, "testserver:", "user@testserver", "127.1", "0", "testserver.",
    ],
    "HTTP_X_FORWARDED_HOST": ["evil.example", "testserver, evil.example", "\x00"],
    "HTTP_X_FORWARDED_PROTO": ["https", "javascript", ""],
    "HTTP_X_FORWARDED_FOR": [
        "1.2.3.4", "::1", "zq9", "\x00", ",,,", "1.2.3.4, " * 500, "1.2.3.4:80", "[::1]:80", "unknown",
        "' OR 1=1", "999.1.1.1",
        "2001:db8::/32", "%eth0", "fe80::1%eth0", "١٢٣.1.1.1",
    ],
    "HTTP_ACCEPT": [
        "*/*", "application/json", "text/html", "application/xml", "image/*;q=zq9", ",", ";", "a/b/c",
        "*/*;q=1e999", "\x00",
        "text/html;" * 200, "application/json;version=" + "9" * 500, "*", "/", "*/json", "application/*",
        '*/*; a="',
        "application/json; indent=999999999", "text/html;charset=\xff",
    ],
    "HTTP_ACCEPT_LANGUAGE": [
        "en", "zh", "*", "xx-zq9", "a" * 5000, "en;q=zq9", "en-US,,,;q=9", "\x00", "../../en",
    ],
    "HTTP_ACCEPT_ENCODING": [
        "gzip", "br", "gzip;q=0", "*", "zq9", "gzip, " * 500, "identity;q=0", "gzip;q=zq9", "\x00",
    ],
    "HTTP_IF_NONE_MATCH": [
        '"x"', "*", "W/", 'W/"' + "a" * 5000 + '"', '"', "zq9", '"a", ' * 500, "\x00", '"\xff"',
    ],
    "HTTP_IF_MODIFIED_SINCE": [
        "yesterday", "Thu, 99 Foo 9999 99:99:99 GMT", "0", "Sat, 01 Jan 0000 00:00:00 GMT", "9" * 100,
    ],
    "HTTP_IF_MATCH": ["*", '"x"', "zq9"],
    "HTTP_IF_UNMODIFIED_SINCE": ["zq9", "Thu, 01 Jan 1970 00:00:00 GMT"],
    "HTTP_RANGE": [
        "bytes=0-0", "bytes=-1", "bytes=9999999999-", "bytes=" + "0-0," * 500, "lines=1", "zq9",
        "bytes=a-b", "bytes=5-1",
    ],
    "HTTP_COOKIE": [
        "sessionid=zq9", "sessionid=" + "a" * 3000, "sessionid=\x00", "csrftoken=<zq9>", "=", ";;;",
        "a=b; " * 1000, "messages=zq9",
        "messages=W1siX19qc29uX21lc3NhZ2UiXV0", "django_language=../../zq9", "sessionid=é", 'a="\\777"',
        "$Version=1",
        "sessionid=%00", "sessionid=../../etc/passwd", "\xff\xfe=1",
    ],
    "HTTP_ORIGIN": ["null", "https://evil.example", "zq9", "\x00"],
    "HTTP_REFERER": ["https://evil.example/", "zq9", "javascript:zq9", "http://[", "\xff"],
    "HTTP_USER_AGENT": ["", "<zq9>", "\x00", "a" * 9000, "() { :;}; zq9"],
    "HTTP_AUTHORIZATION": ["Basic zq9", "Basic " + "A" * 3000, "Bearer zq9", "Basic \xff", "", "Digest"],
    "HTTP_CONTENT_ENCODING": ["gzip", "zq9"],
    "HTTP_TRANSFER_ENCODING": ["chunked", "zq9"],
    "HTTP_X_CSRFTOKEN": ["zq9", "\x00"],
    "HTTP_X_HTTP_METHOD_OVERRIDE": ["DELETE", "zq9"],
    "HTTP_X_REQUESTED_WITH": ["XMLHttpRequest"],
    "HTTP_X_SCRIPT_NAME": ["/zq9"],
    "HTTP_ACCESS_CONTROL_REQUEST_METHOD": ["DELETE", "zq9"],
    "HTTP_EXPECT": ["100-continue", "zq9"],
    "HTTP_X_ZQ9": ["\x00", "\r\nX-Zq9: 1", "a" * 20000],
    "CONTENT_LENGTH": ["-1", "zq9", "", "99999999999999999999", "1e3", "0x10", "5000000", "\x00", "١٢"],
    "REMOTE_ADDR": ["", "zq9", "::ffff:1.2.3.4", "fe80::1%eth0", "1.2.3.4"],
}  # fmt: skip
CONTENT_TYPES = [
    "application/json", "application/json", "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=zq9", "multipart/form-data; boundary=zq9", "multipart/form-data",
    "multipart/form-data; boundary=", "multipart/form-data; boundary=" + "a" * 300,
    "multipart/form-data; boundary=\xff",
    "multipart/mixed; boundary=zq9", "text/plain", "text/html", "application/xml",
    "application/octet-stream", "",
    "zq9", "/", "application/json; charset=zq9", "application/json; charset=utf-16",
    "application/json; charset=utf-7",
    "application/x-www-form-urlencoded; charset=utf-32", "application/x-www-form-urlencoded; charset=zlib",
    "application/x-www-form-urlencoded; charset=idna", "application/x-www-form-urlencoded; charset=\x00",
    "application/x-www-form-urlencoded; charset*=zq9''x", 'application/json; charset="',
    "application/problem+json",
    "application/vnd.zq9+json",
]  # fmt: skip


@dataclass(frozen=True)
class Attack:
    """One hostile request. ``query`` and ``path`` are sent as they stand, the rest as WSGI has it."""

    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    content_type: str = "application/octet-stream"
    role: str = "anonymous"

    def __str__(self) -> str:
        query = f"?{self.query[:300]}" if self.query else ""
        headers = {name: value[:80] for name, value in self.headers.items()}
        body = f" {self.content_type[:60]!r} {self.body[:200]!r} ({len(self.body)})" if self.body else ""
        return f"{self.role}: {self.method} {self.path[:300]}{query} {headers}{body}"


def quoted(text: str) -> str:
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"), safe="")


class Hostile:
    """Makes hostile requests, without end."""

    def __init__(self, seed: object, parts: dict[str, str] | None = None) -> None:
        """``parts`` are those of addresses that lead somewhere, such as the key of a row."""
        self.random = random.Random(str(seed))
        self.parts = parts or {}
        every = routes()
        self.public = [route for route in every if not route.startswith("/admin/")]
        self.admin = [route for route in every if route.startswith("/admin/")]
        self.in_both = pages()
        self.bodies: list[Callable[[], bytes]] = [self._json, self._form, self._multipart, self._bytes]

    def __iter__(self) -> Iterator[Attack]:
        while True:
            yield self._attack()

    def _attack(self) -> Attack:
        dice = self.random
        admin = dice.random() < 0.3
        route = dice.choice(self.admin if admin else self.public)
        method = dice.choice(METHODS)
        path = address(route, self._parts(route))
        if route in self.in_both and dice.random() < 0.4:
            path = "/en" + path
        if dice.random() < 0.12:
            path = self._bent(path)
        headers = {}
        for _ in range(dice.choice((0, 0, 0, 1, 1, 3))):
            name = dice.choice(list(HEADERS))
            headers[name] = dice.choice(HEADERS[name])
        body, content_type = b"", "application/octet-stream"
        if method in ("POST", "PUT", "PATCH", "DELETE") or dice.random() < 0.05:
            body, content_type = dice.choice(self.bodies)(), dice.choice(CONTENT_TYPES)
        return Attack(
            method=method,
            path=path,
            query=self._query() if dice.random() < 0.7 else "",
            headers=headers,
            body=body,
            content_type=content_type,
            role="superuser" if admin and dice.random() < 0.7 else "anonymous",
        )

    def _parts(self, route: str) -> dict[str, str]:
        """Mostly right ones, so that what lies behind is reached."""
        names = re.findall(r"<(\w+)>", route)
        if self.random.random() < 0.6:
            return self.parts
        return {name: self._escaped() for name in names}

    def _escaped(self) -> str:
        if self.random.random() < 0.3:
            return self.random.choice(RAW)
        return quoted(self.random.choice([*TEXTS, *SAMPLES.values()]))

    def _bent(self, path: str) -> str:
        dice = self.random
        return dice.choice(
            (
                lambda: path.rstrip("/"),
                lambda: path + "/",
                lambda: "/" + path,
                lambda: path.upper(),
                lambda: path + self._escaped(),
                lambda: path + self._escaped() + "/",
                lambda: path.replace("/", "/./"),
                lambda: "/en/en" + path,
                lambda: "/EN" + path,
                lambda: "/zh-hans" + path,
                lambda: path + "index.php",
                lambda: "/static/" + self._escaped(),
                lambda: "/" + self._escaped() + "/",
                lambda: path + "a" * 3000,
                lambda: "/" + "a/" * 500,
            )
        )()

    def _query(self) -> str:
        dice = self.random
        kind = dice.random()
        if kind < 0.55:
            return "&".join(self._pair() for _ in range(dice.choice((1, 1, 1, 2, 3, 6))))
        if kind < 0.7:
            name = dice.choice(list(VALID))
            return "&".join(
                [
                    *(f"{n}={quote(VALID[n])}" for n in dice.sample(list(VALID), 3)),
                    f"{name}={self._escaped()}",
                ]
            )
        if kind < 0.8:
            return dice.choice(RAW) * dice.choice((1, 1, 5))
        if kind < 0.84:
            return "&".join(
                f"{dice.choice(PARAMETERS)}={number}" for number in range(dice.choice((150, 199, 250)))
            )
        if kind < 0.87:
            return "q=" + "a" * dice.choice((7000, 9000, 70000))
        if kind < 0.89:
            return "&".join(["a=1"] * 10_000)
        if kind < 0.95:
            return f"{self._escaped()}={self._escaped()}"
        return "&".join(f"{dice.choice(PARAMETERS)}[]={self._escaped()}" for _ in range(3))

    def _pair(self) -> str:
        name = self.random.choice(PARAMETERS)
        if self.random.random() < 0.05:
            name = self._escaped()
        return f"{name}={self._escaped()}" if self.random.random() < 0.97 else name

    # --- bodies ---

    def _json(self) -> bytes:
        dice = self.random
        text = dice.choice(TEXTS)
        return dice.choice(
            (
                lambda: b"{",
                lambda: b"",
                lambda: b"null",
                lambda: b"[]",
                lambda: b'"zq9"',
                lambda: b"1e999",
                lambda: b"NaN",
                lambda: b"{'a': 1}",
                lambda: b"[" * 5000,
                lambda: b"[" * 3000 + b"]" * 3000,
                lambda: b'{"a":' * 500 + b"1" + b"}" * 500,
                lambda: b'{"a": "\\ud800"}',
                lambda: b'{"a": "\\u0000"}',
                lambda: b'{"a": "\xff"}',
                lambda: b'\xef\xbb\xbf{"a": 1}',
                lambda: '{"a": 1}'.encode("utf-16"),
                lambda: json.dumps({dice.choice(PARAMETERS): text}).encode("utf-8", "surrogatepass"),
                lambda: json.dumps({"reference": [text] * 100}).encode("utf-8", "surrogatepass"),
                lambda: b'{"a": ' + b"9" * 6000 + b"}",
                lambda: b'{"a": 1, "a": 2}',
            )
        )()

    def _form(self) -> bytes:
        dice = self.random
        if dice.random() < 0.05:
            return b"&".join([b"a=1"] * dice.choice((1500, 5000)))
        pairs = [self._pair() for _ in range(dice.randint(1, 4))]
        if dice.random() < 0.6:
            pairs += [f"{dice.choice(STAFF_FIELDS)}={self._escaped()}" for _ in range(dice.randint(1, 20))]
        if dice.random() < 0.5:
            pairs += [f"{inline}-{name}" for inline in INLINES for name in MANAGEMENT]
        return "&".join(pairs).encode("utf-8", "surrogatepass")

    def _multipart(self) -> bytes:
        dice = self.random
        text = dice.choice(TEXTS).encode("utf-8", "surrogatepass")
        head = b'--zq9\r\nContent-Disposition: form-data; name="'
        return dice.choice(
            (
                lambda: b"--zq9--",
                lambda: b"--zq9\r\n",
                lambda: b"zq9" * 100,
                lambda: head + b'q"\r\n\r\n' + text + b"\r\n--zq9--\r\n",
                lambda: head + text + b'"\r\n\r\nx\r\n--zq9--\r\n',
                lambda: head + b'f"; filename="' + text + b'"\r\n\r\nx\r\n--zq9--\r\n',
                lambda: head + b'f"; filename="../../a\x00b"\r\nContent-Type: zq9\r\n\r\nx\r\n--zq9--\r\n',
                lambda: head + b'f"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n--zq9--\r\n',
                lambda: head + b'f"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAA\r\n--zq9--\r\n',
                lambda: head + b"f\"; filename*=utf-99''a\r\n\r\nx\r\n--zq9--\r\n",
                lambda: (head + b'f"\r\n\r\nx\r\n') * 2500 + b"--zq9--\r\n",
                lambda: (head + b'f"; filename="a"\r\n\r\nx\r\n') * 150 + b"--zq9--\r\n",
                lambda: b"--zq9\r\n" + b"X: " + b"a" * 20000 + b"\r\n\r\nx\r\n--zq9--\r\n",
                lambda: b"--zq9\r\nContent-Disposition: form-data\r\n\r\nx\r\n--zq9--\r\n",
            )
        )()

    def _bytes(self) -> bytes:
        dice = self.random
        return dice.choice(
            (b"\x00", b"\xff\xfe", b"\x1f\x8b\x08", b"<?xml version='1.0'?><zq9/>", dice.randbytes(200))
        )


# --- answers --------------------------------------------------------------------------------------

SECURITY_HEADERS = {
    "Content-Security-Policy": re.compile(r"default-src 'none'(?!.*unsafe)"),
    "X-Content-Type-Options": re.compile(r"nosniff"),
    "X-Frame-Options": re.compile(r"DENY"),
    "Referrer-Policy": re.compile(r"."),
    "Permissions-Policy": re.compile(r"."),
}
NEVER_IN_HTML = (
    b"<zq9",
    b'" onzq9=',
    b"' onzq9=",
    b"<script>zq9",
    b"zq1338",
    b"Traceback (most recent call last)",
)
HOSTS = ("", "testserver", "127.0.0.1", "localhost")


def send(client: Any, attack: Attack) -> Any:
    """Through Django's test client, which hands on what a server would."""
    extra = {**attack.headers, "QUERY_STRING": attack.query}
    return client.generic(attack.method, attack.path, attack.body, attack.content_type, **extra)


def faults(attack: Attack, answer: Any) -> list[str]:
    """What is wrong with an answer; empty when nothing is."""
    found = []
    status, kind = answer.status_code, answer.headers.get("Content-Type", "")
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if status >= 500:
        found.append(f"status {status}")
    for name, wanted in SECURITY_HEADERS.items():
        if not wanted.search(answer.headers.get(name, "")):
            found.append(f"{name}: {answer.headers.get(name)}")
    if "html" in kind:
        found += [f"{payload!r} in the page" for payload in NEVER_IN_HTML if payload in body]
    if any(name.lower() == "x-zq9" for name in answer.headers) or "zq9" in answer.cookies:
        found.append("a header was injected")
    location = answer.headers.get("Location", "")
    if location.startswith("//") or urlsplit(location).hostname not in (None, *HOSTS):
        found.append(f"leads away: {location}")
    if status >= 400 and attack.method != "HEAD":
        found += _problem_faults(answer, kind, body)
    return found


def _problem_faults(answer: Any, kind: str, body: bytes) -> list[str]:
    path = answer.request["PATH_INFO"]
    is_file = path.endswith((".csv", ".xlsx", ".atom"))
    # A file's problem is a page to whoever takes HTML, a document to everybody else.
    if not path.startswith("/api/") and not (is_file and "json" in kind):
        return (
            []
            if kind.startswith(("text/html", "text/plain", "application/json")) and body
            else [f"{kind} {body[:80]!r}"]
        )
    if kind != "application/problem+json":
        return [f"no problem document: {kind} {body[:80]!r}"]
    document = json.loads(body)
    wrong = [name for name in ("type", "title", "status", "detail") if name not in document]
    if document.get("status") != answer.status_code:
        wrong.append("status")
    return [f"problem document: {name}" for name in wrong]
