"""Signing in, and how often one may fail at it (contract, “REST API”; promises P16, P18, P26)."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from axes.models import AccessFailureLog
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.management import call_command
from django.test import Client

from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db

SIGN_IN = "/admin/login/"
LIMIT = 10


def attempt(client: Client, email: str, password: str = "wrong", address: str = "198.51.100.1", **extra):
    return client.post(
        extra.pop("path", SIGN_IN), {"username": email, "password": password}, REMOTE_ADDR=address, **extra
    )


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The passwords that were hashed."""
    seen: list[str] = []
    encode = MD5PasswordHasher.encode

    def note(self: MD5PasswordHasher, password: str, salt: str) -> str:
        seen.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", note)
    return seen


def test_staff_sign_in_by_e_mail_address_in_any_case(client: Client) -> None:
    make_user("editor", email="li@staff.example")
    response = attempt(client, "Li@Staff.example", PASSWORD)
    assert (response.status_code, response["Location"]) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200


def test_the_form_asks_for_an_e_mail_address_in_both_languages(client: Client) -> None:
    assert "邮箱地址" in client.get(SIGN_IN).text
    assert "E-mail address" in client.get("/en/admin/login/").text


def test_the_eleventh_failure_is_refused_before_any_password_is_hashed(
    client: Client, hashed: list[str]
) -> None:
    make_user("editor", email="li@staff.example")
    hashed.clear()
    answers = [attempt(client, "li@staff.example").status_code for _ in range(LIMIT)]
    assert answers == [200] * LIMIT
    assert len(hashed) == LIMIT
    refused = attempt(client, "li@staff.example", PASSWORD)
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 15 * 60
    assert len(hashed) == LIMIT, "the right password was hashed after the limit"
    assert "_auth_user_id" not in client.session


def test_an_address_is_refused_whatever_account_it_tries(client: Client) -> None:
    make_user("editor", email="li@staff.example")
    for number in range(LIMIT):
        attempt(client, f"nobody{number}@staff.example")
    assert attempt(client, "li@staff.example", PASSWORD).status_code == 429
    assert attempt(client, "li@staff.example", PASSWORD, address="198.51.100.2").status_code == 302


def test_an_account_is_refused_from_whatever_address_and_in_whatever_spelling(client: Client) -> None:
    make_user("editor", email="li@staff.example")
    make_user("editor", email="wang@staff.example")
    for number in range(LIMIT):
        attempt(
            client, ("li@staff.example", " LI@staff.example ")[number % 2], address=f"198.51.100.{number}"
        )
    assert attempt(client, "Li@staff.example", PASSWORD, address="203.0.113.9").status_code == 429
    assert attempt(client, "wang@staff.example", PASSWORD, address="203.0.113.9").status_code == 302


def test_the_client_cannot_escape_by_browser_name_or_forwarded_header(client: Client) -> None:
    for number in range(LIMIT):
        attempt(
            client,
            f"a{number}@staff.example",
            HTTP_USER_AGENT=f"b{number}",
            HTTP_X_FORWARDED_FOR=f"10.0.0.{number}",
        )
    refused = attempt(client, "b@staff.example", HTTP_USER_AGENT="new", HTTP_X_FORWARDED_FOR="10.9.9.9")
    assert refused.status_code == 429


def test_the_window_slides(client: Client, clock) -> None:
    make_user("editor", email="li@staff.example")
    for _ in range(LIMIT):
        attempt(client, "li@staff.example")
        clock.move(minutes=1)
    refused = attempt(client, "li@staff.example", PASSWORD)
    assert (refused.status_code, refused["Retry-After"]) == (429, "300")
    clock.move(seconds=299)
    assert attempt(client, "li@staff.example", PASSWORD).status_code == 429
    clock.move(seconds=1)
    assert attempt(client, "li@staff.example", PASSWORD).status_code == 302


def test_failures_now_and_then_never_add_up(client: Client, clock) -> None:
    make_user("editor", email="li@staff.example")
    for _ in range(3 * LIMIT):
        assert attempt(client, "li@staff.example").status_code == 200
        clock.move(minutes=2)
    assert attempt(client, "li@staff.example", PASSWORD).status_code == 302
    assert AccessFailureLog.objects.count() < LIMIT, "failures are kept longer than they are needed"


def test_refused_attempts_do_not_make_the_wait_longer(client: Client, clock) -> None:
    make_user("editor", email="li@staff.example")
    for _ in range(LIMIT):
        attempt(client, "li@staff.example")
    for _ in range(14):
        clock.move(minutes=1)
        assert attempt(client, "li@staff.example").status_code == 429
    clock.move(minutes=1)
    assert attempt(client, "li@staff.example", PASSWORD).status_code == 302


@pytest.mark.parametrize(
    ("path", "words"), [(SIGN_IN, "请 15 分钟后再试"), ("/en/admin/login/", "Try again in 15 minutes")]
)
def test_the_refusal_stands_in_the_frame_and_language_of_the_page(
    client: Client, clock, path: str, words: str
) -> None:
    for _ in range(LIMIT):
        attempt(client, "li@staff.example", path=path)
    refused = attempt(client, "li@staff.example", path=path)
    assert words in refused.text
    assert 'id="header"' in refused.text


def test_nothing_tells_who_has_an_account(client: Client, hashed: list[str]) -> None:
    make_user("editor", email="li@staff.example")
    make_user("", email="visitor@staff.example")
    make_user("editor", email="gone@staff.example", is_active=False)
    hashed.clear()
    answers = set()
    for number, (email, password) in enumerate(
        [
            ("li@staff.example", "wrong"),
            ("nobody@staff.example", "wrong"),
            ("gone@staff.example", PASSWORD),
            ("visitor@staff.example", PASSWORD),
        ]
    ):
        response = Client().post(
            SIGN_IN, {"username": email, "password": password}, REMOTE_ADDR=f"198.51.100.{number}"
        )
        message = response.text.split('class="errornote">')[1].split("</p>")[0].strip()
        answers.add((response.status_code, message))
    assert answers == {(200, "邮箱地址或密码不对。")}
    assert len(hashed) == 4, "an unknown address costs no hash, and so tells itself by time"


def test_logs_name_no_account_and_no_password(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    make_user("editor", email="li@staff.example")
    for _ in range(LIMIT + 2):
        attempt(client, "li@staff.example", "a secret guess")
    client.session.flush()
    attempt(client, "li@staff.example", PASSWORD, address="203.0.113.9")
    logged = "\n".join(
        record.getMessage() for record in caplog.records if record.name != "django.db.backends"
    )
    assert "li@staff.example" not in logged
    assert "a secret guess" not in logged


def test_what_is_kept_of_a_failure_holds_no_password(client: Client) -> None:
    attempt(client, "li@staff.example", "a secret guess")
    kept = AccessFailureLog.objects.values().get()
    assert (kept["username"], kept["ip_address"]) == ("li@staff.example", "198.51.100.1")
    assert "a secret guess" not in str(kept)


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"username": "x" * 300, "password": "x"},
        {"username": "x@y.example", "password": "x" * 100_000},
        {"username": "‮𠮷\ud83d".encode("utf-8", "replace").decode(), "password": "é́"},
        {"username": ["a@x.example", "b@x.example"], "password": ["1", "2"]},
        {"username": "a@x.example", "password": "x", "next": "https://elsewhere.example/"},
        {"username": "a@x.example", "password": "x", "next": "\n\r//elsewhere.example"},
    ],
)
def test_hostile_input_is_an_error_of_the_form(client: Client, hashed: list[str], form: dict) -> None:
    response = client.post(SIGN_IN, form)
    assert response.status_code in (200, 400)
    assert all(len(password) <= 1000 for password in hashed)


def test_a_sign_in_does_not_lead_to_another_site(client: Client) -> None:
    make_user("editor", email="li@staff.example")
    form = {"username": "li@staff.example", "password": PASSWORD, "next": "https://elsewhere.example/"}
    response = client.post(SIGN_IN, form)
    assert response["Location"].startswith("/")


def test_the_session_is_kept_from_scripts_and_from_other_sites(client: Client) -> None:
    make_user("editor", email="li@staff.example")
    attempt(client, "li@staff.example", PASSWORD)
    for name in ("sessionid", "csrftoken"):
        cookie = client.cookies[name]
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax"), name


def test_an_administrator_can_end_a_wait(client: Client) -> None:
    make_user("editor", email="li@staff.example")
    for _ in range(LIMIT):
        attempt(client, "li@staff.example")
    call_command("axes_reset_username", "Li@staff.example", verbosity=0)
    assert attempt(client, "li@staff.example", PASSWORD, address="203.0.113.9").status_code == 302
