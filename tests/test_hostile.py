"""Bad input gets a 4xx in words, never a 500: seeded hostile requests on every route (promise P1).

``HOSTILE_REQUESTS`` says how many, ``SEED`` repeats a run; ``make hostile`` sends 5,000.
"""

from __future__ import annotations

import os
import re
import socket
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice

import django.test.client
import pytest
from django.core.signals import got_request_exception
from django.test import Client

from opportunities.models import Opportunity
from opportunities.search.parameters import PAGE
from portal.ingress import Request
from tests.factories import signed_in
from tests.hostile import HEADERS, INLINES, MANAGEMENT, RAW, TEXTS, Attack, Hostile, faults, quoted, send
from tests.routes import address, pages, routes
from tests.serving import served

SEED = os.environ.get("SEED", "2026")
REQUESTS = int(os.environ.get("HOSTILE_REQUESTS", "1500"))
CHUNKS = 6


@pytest.fixture(autouse=True)
def as_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests as ``portal.wsgi`` makes them; the test client would make Django's own."""
    monkeypatch.setattr(django.test.client, "WSGIRequest", Request)


@pytest.fixture
def raised() -> Iterator[list[str]]:
    """The exceptions that no code of ours answered, for the failure's message."""
    seen: list[str] = []

    def note(**_signal: object) -> None:
        seen.append(traceback.format_exc(limit=-6))

    got_request_exception.connect(note)
    yield seen
    got_request_exception.disconnect(note)


class Clients:
    """One client for each role; who was signed out is signed in again."""

    def __init__(self) -> None:
        self.kept: dict[str, Client] = {}

    def of(self, role: str) -> Client:
        client = self.kept.get(role)
        if client is None or (role != "anonymous" and "sessionid" not in client.cookies):
            client = self.kept[role] = signed_in(role)
            client.raise_request_exception = False
        return client


def check(attack: Attack, clients: Clients, raised: list[str]) -> tuple[int, str]:
    raised.clear()
    answer = send(clients.of(attack.role), attack)
    found = faults(attack, answer)
    return answer.status_code, f"{found} for {attack}\n{''.join(raised)}" if found else ""


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_hostile_requests_are_answered_in_words(chongqing, raised, chunk):
    clients, wrong, statuses = Clients(), [], Counter()
    some_key = str(Opportunity.objects.values_list("pk", flat=True)[0])
    hostile = Hostile(f"{SEED}-{chunk}", {"object_id": some_key})
    for attack in islice(hostile, -(-REQUESTS // CHUNKS)):
        status, found = check(attack, clients, raised)
        statuses[status] += 1
        if found:
            wrong.append(found)
    print(f"SEED={SEED} chunk {chunk}: {dict(sorted(statuses.items()))}")
    assert not wrong, f"{len(wrong)} of {sum(statuses.values())}\n" + "\n".join(wrong[:20])
    assert statuses[200] and statuses[400] and statuses[404] and statuses[405], "the attacks reach the views"


READ_QUERIES = (
    "/opportunities/", "/opportunities/export.csv", "/opportunities/export.xlsx", "/opportunities/feed.atom",
    "/ask/", "/compare/", "/api/v1/opportunities/", "/api/v1/facets/", "/api/v1/interpret/",
    "/api/v1/suggest/",
    "/financing/", "/api/v1/financing/items/", "/api/v1/financing/matches/",
)  # fmt: skip


@pytest.mark.parametrize("route", [route for route in routes() if not route.startswith("/admin/")])
def test_every_payload_in_a_query(chongqing, raised, route):
    """Beyond chance: each piece as a value and as a name, all of them where queries are read."""
    names = [*PAGE, "reference", "fields", "asked"]
    queries = [f"{names[n % len(names)]}={piece}" for n, piece in enumerate([*map(quoted, TEXTS), *RAW])]
    queries += [f"{piece}=1" for piece in [*map(quoted, TEXTS), *RAW]]
    if route not in READ_QUERIES:
        queries = queries[:: len(queries) // 20]
    clients = Clients()
    wrong = [check(Attack("GET", address(route), query), clients, raised)[1] for query in queries]
    wrong = [found for found in wrong if found]
    assert not wrong, "\n".join(wrong[:20])


@pytest.mark.parametrize("name", HEADERS)
def test_every_hostile_header(chongqing, raised, name):
    clients, wrong = Clients(), []
    for value in HEADERS[name]:
        for path in ("/opportunities/", "/api/v1/opportunities/", "/admin/login/"):
            wrong.append(check(Attack("GET", path, headers={name: value}), clients, raised)[1])
        attack = Attack("POST", "/admin/login/", headers={name: value}, body=b"{}")
        wrong.append(check(attack, clients, raised)[1])
    wrong = [found for found in wrong if found]
    assert not wrong, "\n".join(wrong[:20])


@pytest.mark.parametrize("route", [route for route in routes() if route.startswith("/admin/")])
def test_an_empty_form_is_refused_by_every_address_of_the_administration(chongqing, raised, route):
    clients = Clients()
    key = str(Opportunity.objects.values_list("pk", flat=True)[0])
    wrong = []
    for body in (b"", b"_save=1", "&".join(f"{i}-{m}" for i in INLINES for m in MANAGEMENT).encode()):
        path = address(route, {"object_id": key})
        form = "application/x-www-form-urlencoded"
        wrong.append(
            check(Attack("POST", path, body=body, content_type=form, role="superuser"), clients, raised)[1]
        )
    wrong = [found for found in wrong if found]
    assert not wrong, "\n".join(wrong)


@pytest.mark.django_db
@pytest.mark.parametrize("route", routes())
def test_before_an_edition_is_loaded_no_route_fails_otherwise_than_503(raised, route):
    for prefix in ("", "/en") if route in pages() else ("",):
        client = Client(raise_request_exception=False)
        answer = client.get(prefix + address(route))
        assert answer.status_code < 500 or answer.status_code == 503, "".join(raised)
        if answer.status_code == 503 and route != "/readyz":
            assert answer.headers["Retry-After"]


def test_the_check_itself_sees_what_it_should():
    class Answer:
        status_code, streaming, cookies = 500, False, {"zq9": 1}
        headers = {"Content-Type": "text/html", "Location": "//evil.example/"}
        content = b"<p><zq9 onx=1>"
        request = {"PATH_INFO": "/"}

    found = faults(Attack("GET", "/"), Answer())
    for part in ("status 500", "Content-Security-Policy", "<zq9", "injected", "leads away"):
        assert any(part in fault for fault in found), part


# --- over a socket --------------------------------------------------------------------------------

HOST = b"Host: 127.0.0.1\r\nConnection: close\r\n"
CONTACT = b"POST /opportunities/DEMO-001/contact/ HTTP/1.1\r\n"
API_CONTACT = CONTACT.replace(b" /", b" /api/v1/")
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
WIRE = [
    b"GET / HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /\x00 HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /opportunities/?q=\xff\xfe HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /opportunities/?q=%ff%00 HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /opportunities/?q=%ED%A0%80 HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /%ff%fe/ HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /opportunities/?" + b"a=1&" * 5000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET http://evil.example/ HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET //evil.example/ HTTP/1.1\r\n" + HOST + b"\r\n",
    b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    b"CONNECT evil.example:443 HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
    b"GET / HTTP/9.9\r\n" + HOST + b"\r\n",
    b"GET /\r\n\r\n",
    b"BREW /coffee HTTP/1.1\r\n" + HOST + b"\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"\x00" * 100,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 50,
    b"GET / HTTP/1.1\r\n" + HOST + b"Cookie: sessionid=\xff\x80\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"X-A: " + b"a" * 60_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"A: b\r\n" * 300 + b"\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"Accept: \xff\xfe\r\n\r\n",
    b"GET /api/v1/opportunities/ HTTP/1.1\r\n" + HOST + b"Accept: \xe4\xb8\xad/x\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"Content-Type: text/html; charset=\xff\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b" folded: 1\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"no colon\r\n\r\n",
    CONTACT + HOST + b"Content-Length: 10\r\n\r\nabc",
    CONTACT + HOST + b"Content-Length: -1\r\n\r\nabc",
    CONTACT + HOST + b"Content-Length: zz\r\n\r\nabc",
    CONTACT + HOST + CHUNKED + b"zz\r\nabc",
    CONTACT + HOST + CHUNKED + b"3\r\nabc\r\n0\r\n\r\n",
    API_CONTACT
    + HOST
    + b"Content-Length: 3\r\nContent-Length: 5\r\n\r\nabcde",
    API_CONTACT
    + HOST
    + b"Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
    + b"[" * 5000,
    b"POST /admin/login/ HTTP/1.1\r\n"
    + HOST
    + b"Content-Type: multipart/form-data; boundary=\xff\r\nContent-Length: 3\r\n\r\nabc",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET /%00 HTTP/1.1\r\n" + HOST + b"\r\n",
]  # fmt: skip


def exchange(port: int, sent: bytes) -> bytes:
    """What comes back for these bytes; empty when the server hangs up instead."""
    with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
        received = b""
        try:
            connection.sendall(sent)
            while piece := connection.recv(65536):
                received += piece
        except OSError:  # hung up, or nothing came in time
            pass
        return received


def test_hostile_bytes_do_not_hurt_the_server():
    with served() as portal:
        answered = Counter[int]()
        # Several at once: most of the time is waiting for a server that waits for more.
        with ThreadPoolExecutor(len(WIRE)) as pool:
            exchanges = list(zip(WIRE, pool.map(partial(exchange, portal.port), WIRE), strict=True))
        for sent, received in exchanges:
            statuses = [
                int(status) for status in re.findall(rb"^HTTP/1\.[01] (\d{3})", received, re.MULTILINE)
            ]
            assert all(status < 500 for status in statuses), f"{statuses} for {sent[:200]!r}"
            assert b"Traceback" not in received
            answered.update(statuses)
        print(dict(answered))
        assert answered.total() > len(WIRE) / 2, "most are answered, the rest cut off"
        last = exchange(portal.port, b"GET /readyz HTTP/1.1\r\n" + HOST + b"\r\n")
        assert last.startswith(b"HTTP/1.1 200"), "it still serves"
