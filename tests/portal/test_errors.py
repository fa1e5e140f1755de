"""Error pages: in the frame, in the page's language, and still there when the database is not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import OperationalError, connection
from django.test import Client
from django.utils.html import strip_tags

from portal import errors
from tests.portal.raising import Away

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.raising")]


def page(path: str, **extra: Any) -> Any:
    response = Client(raise_request_exception=False).get(path, **extra)
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    return response


def templates(response: Any) -> list[str]:
    return [template.name for template in response.templates]


@pytest.mark.parametrize(
    ("what", "status", "zh", "en"),
    [
        ("refused", 400, "有条件需要修改", "Some conditions need a change"),
        ("forbidden", 403, "您不能打开这里", "This is not open to you"),
        ("missing", 404, "没有这个页面", "There is no such page"),
        ("page", 404, "没有第 9 页，最后一页是第 6 页。", "There is no page 9; the last is page 6."),
        ("budget", 429, "过几分钟再试；也可以直接拨打办公电话", "or call the office"),
    ],
)
def test_what_a_visitor_can_mend_stands_in_the_frame_of_the_site(
    catalogue: Any, what: str, status: int, zh: str, en: str
) -> None:
    for path, words, language in (
        (f"/test/raises/{what}/", zh, "zh-Hans-CN"),
        (f"/en/test/raises/{what}/", en, "en"),
    ):
        response = page(path)
        assert response.status_code == status
        assert templates(response)[:2] == ["portal/problem.html", "base.html"]
        assert words in strip_tags(response.content.decode())
        assert f'<html lang="{language}"' in response.content.decode()
        assert response.headers["Content-Language"] == language
        assert "secret" not in response.content.decode()


@pytest.mark.parametrize(
    ("what", "status", "retry_after", "zh", "en"),
    [
        (
            "away",
            503,
            "5",
            "暂时查不了，已记录。您的条件没有丢，稍后再试。",
            "Search is not available right now.",
        ),
        ("closed", 503, "5", "暂时查不了", "Search is not available right now."),
        ("empty", 503, "60", "还没有清单", "No list yet"),
        ("bug", 500, None, "这里出了差错", "Something went wrong here"),
    ],
)
def test_trouble_of_ours_is_told_without_the_database(
    db: None,
    django_assert_num_queries: Any,
    what: str,
    status: int,
    retry_after: str | None,
    zh: str,
    en: str,
) -> None:
    for path, words in ((f"/test/raises/{what}/", zh), (f"/en/test/raises/{what}/", en)):
        with django_assert_num_queries(1):  # the revision, before the trouble began
            response = page(path)
        assert response.status_code == status
        assert response.headers.get("Retry-After") == retry_after
        assert templates(response)[0] == "portal/problem_bare.html"
        assert words in response.content.decode()
        assert "secret" not in response.content.decode()
        assert "db.internal" not in response.content.decode()


def test_an_unknown_page_leads_on(client: Client, catalogue: Any) -> None:
    assert re.search(r'<main.*href="/opportunities/".*href="/"', page("/nothing/").content.decode(), re.S)
    assert 'href="/en/opportunities/"' in page("/en/nothing/").content.decode()


@pytest.mark.parametrize("path", ["/", "/en/opportunities/", "/opportunities/?sector=ev", "/admin/"])
def test_with_the_database_away_pages_say_so_within_a_moment(catalogue: Any, path: str) -> None:
    with connection.execute_wrapper(Away()):
        response = page(path, HTTP_COOKIE="sessionid=abcdefabcdefabcdefabcdefabcdefab")
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    assert (
        "Search is not available" if path.startswith("/en/") else "暂时查不了"
    ) in response.content.decode()


def test_a_middleware_without_its_database_says_so_too(
    catalogue: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(self: object, request: object) -> None:
        raise OperationalError

    monkeypatch.setattr(SessionMiddleware, "process_request", away)
    response = page("/en/test/read/")
    assert response.status_code == 503
    assert "Search is not available" in response.content.decode()


def test_with_the_database_away_the_api_says_so_and_recovers(client: Client, catalogue: Any) -> None:
    with connection.execute_wrapper(Away()):
        response = client.get("/api/v1/opportunities/")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert response.headers["Content-Type"] == "application/problem+json"
    assert client.get("/api/v1/opportunities/").status_code == 200


def test_with_the_database_away_an_unknown_page_is_still_404(catalogue: Any) -> None:
    with connection.execute_wrapper(Away()):
        response = page("/nothing/")
    assert response.status_code == 404
    assert "没有这个页面" in response.content.decode()


def test_a_page_that_no_template_can_draw_is_still_words(
    client: Client, catalogue: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errors, "FRAMED", "none.html")
    monkeypatch.setattr(errors, "BARE", "none.html")
    response = client.get("/en/nothing/")
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().startswith("There is no such page\n")


def test_a_form_without_its_token_is_403_in_the_frame(catalogue: Any) -> None:
    response = Client(enforce_csrf_checks=True).post("/test/with-token/")
    assert response.status_code == 403
    assert "页面打开得太久了" in response.content.decode()


def test_an_empty_405_is_given_words_and_keeps_allow(client: Client, catalogue: Any) -> None:
    response = client.get("/test/form/")
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    assert "可以使用的请求方法：POST。" in response.content.decode()


@pytest.mark.parametrize(
    ("path", "location"), [("/about", "/about/"), ("/en", "/en/"), ("/about?a=1", "/about/?a=1")]
)
def test_a_page_without_its_slash_leads_to_the_one_with_it(client: Client, path: str, location: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.headers["Location"]) == (301, location)


def test_neither_the_api_nor_a_form_is_redirected_for_a_slash(client: Client, catalogue: Any) -> None:
    assert client.get("/api/v1/opportunities").status_code == 404
    assert client.post("/about").status_code == 404
