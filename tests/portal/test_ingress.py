"""What is hostile gets a 4xx that names the part; it never reaches code."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from django.test.client import FakePayload

from portal import ingress
from portal.wsgi import Portal

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.raising")]

READ, API = "/test/read/", "/api/v1/test/read/"


def problem(response: Any) -> dict[str, Any]:
    assert response.headers["Content-Type"] == "application/problem+json"
    return json.loads(response.content)


@pytest.mark.parametrize(
    ("query", "parameter", "words", "said"),
    [
        ("q=%00", "q", "holds the control character U+0000", "“q”里有控制字符 U+0000"),
        ("q=a%07", "q", "U+0007", "U+0007"),
        ("q=%C2%85", "q", "U+0085", "U+0085"),
        ("q=1&q=%FF", "q", "is not valid UTF-8", "“q”不是有效的 UTF-8 文本"),
        ("q=%ED%A0%80", "q", "is not valid UTF-8", "不是有效的 UTF-8"),
        ("q=%E4%B8", "q", "is not valid UTF-8", "不是有效的 UTF-8"),
        ("%00=1", "\\u0000", "U+0000", "U+0000"),
        ("a%0Ab=1", "a\\u000ab", "U+000A", "U+000A"),
        ("%FF=1", "query", "is not valid UTF-8", "“query”不是有效的 UTF-8 文本"),
        ("q=" + "a" * 8191, "query", "8193 bytes; at most 8192", "8193 字节，最多 8192 字节"),
        ("&".join(["a=1"] * 201), "query", "201 parameters; at most 200", "201 个参数，最多 200 个"),
    ],
)
def test_a_hostile_query_is_refused_by_name_in_the_language_of_the_path(
    client: Client, catalogue: Any, query: str, parameter: str, words: str, said: str
) -> None:
    page = client.get(f"{READ}?{query}")
    assert page.status_code == 400
    in_code = said.replace("“", "<code>").replace("”", "</code>")
    assert in_code in page.content.decode()
    document = problem(client.get(f"{API}?{query}"))
    assert document["status"] == 400
    [error] = document["errors"]
    assert error["parameter"] == parameter
    assert words in error["message"]["en"]
    assert said in error["message"]["zh"]
    assert error["allowed"]


def test_a_query_at_its_limits_is_read(client: Client, db: None) -> None:
    assert client.get(f"{READ}?q={'a' * 8190}").status_code == 200
    assert client.get(f"{READ}?{'&'.join(['a=1'] * 200)}").status_code == 200
    assert client.get(f"{READ}?q=100%25+%E6%B1%BD%E8%BD%A6%0A%09%zz").status_code == 200


def test_bytes_that_are_no_text_in_either_spelling_are_refused(client: Client) -> None:
    for raw in ("q=\xff", "q=\xe4%b8%ad", "q=\u4e2d"):
        assert client.get(READ, QUERY_STRING=raw).status_code == 400
    assert "中" in client.get(READ, QUERY_STRING="q=\xe4\xb8\xad").content.decode()


@pytest.mark.parametrize(
    "path", ["/a%00b/", "/a%0d%0ab/", "/%FF/", "/opportunities/%ED%A0%80/", "/%C2%80/", "/" + "a" * 2048]
)
@pytest.mark.parametrize("prefix", ["", "/en", "/api/v1", "/static"])
def test_a_hostile_path_is_refused(client: Client, catalogue: Any, prefix: str, path: str) -> None:
    response = client.get(prefix + path)
    assert response.status_code == 400
    if prefix.startswith("/api"):
        assert problem(response)["errors"][0]["parameter"] == "path"
    else:
        assert ("cannot be read" if prefix == "/en" else "不能识别") in response.content.decode()
    assert b"\x00" not in response.content


@pytest.mark.parametrize("host", ["evil.example", "a b", "127.0.0.1:x", "testserver,evil", "[::1", ""])
def test_a_host_that_is_not_ours_is_refused(client: Client, catalogue: Any, host: str) -> None:
    assert client.get(READ, HTTP_HOST=host).status_code == 400
    document = problem(client.get(API, HTTP_HOST=host))
    assert document["errors"][0]["parameter"] == "Host"
    assert document["errors"][0]["value"] == host


@pytest.mark.parametrize("cookie", ["\x00", "\xff", '"\\000x"', "a\x1fb"])
def test_a_hostile_cookie_is_dropped_and_the_page_opens(client: Client, cookie: str) -> None:
    response = client.get(READ, HTTP_COOKIE=f"sessionid={cookie}; other=kept")
    assert response.status_code == 200
    assert "{'other': 'kept'}" in response.content.decode()


@pytest.mark.parametrize(
    ("content_type", "value"),
    [
        ("application/json; charset=latin-1", "latin-1"),
        ("application/x-www-form-urlencoded; charset=utf-7", "utf-7"),
        ("text/plain; charset=nonsense", "nonsense"),
        ("text/plain; charset=base64", "base64"),
        ("text/plain; charset=undefined", "undefined"),
    ],
)
def test_an_unknown_charset_is_refused(client: Client, content_type: str, value: str) -> None:
    for method in ("GET", "POST"):
        response = client.generic(method, "/api/v1/test/raises/bug/", "a=1", content_type)
        assert response.status_code == 400
        assert problem(response)["errors"][0] == {
            "parameter": "Content-Type",
            "value": value,
            "message": {
                "zh": f"不支持字符集“{value}”。",
                "en": f"The character set “{value}” is not supported.",
            },
            "allowed": ["UTF-8"],
            "did_you_mean": None,
        }


def test_utf_8_may_be_spelt_as_people_spell_it(client: Client) -> None:
    for charset in ("utf-8", "UTF8", "utf_8"):
        type_ = f"application/x-www-form-urlencoded; charset={charset}"
        response = client.generic("POST", "/test/form/", "q=%E6%B1%BD", type_)
        assert response.content.decode() == "{'q': '汽'}"


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        (b"name=a%00", "name"),
        (b"name=%FF", "name"),
        (b"name=\xff", "body"),
        (b"na%00me=1", "na\\u0000me"),
        (b"%ED%BF%BF=1", "body"),
    ],
)
def test_a_hostile_form_is_refused(client: Client, catalogue: Any, body: bytes, parameter: str) -> None:
    response = client.generic("POST", "/test/form/", body, "application/x-www-form-urlencoded")
    assert response.status_code == 400
    assert f"<code>{parameter}</code>" in response.content.decode()


def part(disposition: bytes, body: bytes, more: bytes = b"") -> bytes:
    return (
        b"--X\r\nContent-Disposition: form-data; "
        + disposition
        + more
        + b"\r\n\r\n"
        + body
        + b"\r\n--X--\r\n"
    )


@pytest.mark.parametrize(
    "body",
    [
        part(b'name="a"', b"\x00"),
        part(b'name="a"', b"\xff"),
        part(b'name="a\x00"', b"1"),
        part(b'name="a"', b"AA==", b"\r\nContent-Transfer-Encoding: base64"),
        part(b'name="a"', b"/w==", b"\r\nContent-Transfer-Encoding: base64"),
        part(b'name="a"; filename="x"', b"A", b"\r\nContent-Transfer-Encoding: base64"),
    ],
)
def test_a_hostile_multipart_form_is_refused(client: Client, catalogue: Any, body: bytes) -> None:
    response = client.generic("POST", "/test/form/", body, "multipart/form-data; boundary=X")
    assert response.status_code == 400


@pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary=\x7f"])
def test_a_malformed_multipart_form_is_refused(client: Client, catalogue: Any, content_type: str) -> None:
    response = client.generic("POST", "/test/form/", b"--X\r\n", content_type)
    assert response.status_code == 400
    assert "表单不能识别" in response.content.decode()


def test_a_good_multipart_form_with_a_file_passes(client: Client) -> None:
    upload = io.BytesIO(b"\xff\x00\xfe")
    upload.name = "图.png"
    response = client.post("/test/form/", {"name": "汽车\r\n第二行", "file": upload})
    assert response.content.decode() == "{'name': '汽车\\r\\n第二行'}"


def test_too_many_fields_are_refused_before_one_is_read(
    client: Client, catalogue: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(ingress, "unquote_to_bytes")
    response = client.generic("POST", "/test/form/", "a&" * 2000, "application/x-www-form-urlencoded")
    assert response.status_code == 400
    assert "最多 2000 个" in response.content.decode()


def test_a_multipart_form_has_the_same_limit(client: Client, catalogue: Any) -> None:
    response = client.post("/test/form/", {f"name{n}": "1" for n in range(2001)})
    assert response.status_code == 400
    assert "最多 2000 个" in response.content.decode()


@pytest.mark.parametrize(
    ("body", "parameter", "words"),
    [
        (b'{"name": "\\u0000"}', "name", "U+0000"),
        (b'{"a": {"name": ["\\ud800"]}}', "name", "half of a character (U+D800)"),
        (b'{"a\\u0000": 1}', "a\\u0000", "U+0000"),
        (b'"\xff"', "body", "not valid UTF-8"),
        (b"{", "body", "not valid JSON"),
        (b"[" * 100_000, "body", "nested too deeply"),
        (b"1" * 5000, "body", "not valid JSON"),
    ],
)
def test_hostile_json_is_refused(client: Client, body: bytes, parameter: str, words: str) -> None:
    response = client.generic("POST", "/api/v1/test/raises/bug/", body, "application/json")
    [error] = problem(response)["errors"]
    assert response.status_code == 400
    assert error["parameter"] == parameter
    assert words in error["message"]["en"]


def test_good_json_still_reaches_the_view(client: Client) -> None:
    response = client.post("/api/v1/test/raises/bug/", {"name": "汽车"}, content_type="application/json")
    assert response.json() == {"body": {"name": "汽车"}}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_a_body_over_the_limit_is_413(client: Client, catalogue: Any, method: str) -> None:
    big = str(3 * 1024 * 1024)
    response = client.generic(method, "/test/form/", b"x", "text/plain", CONTENT_LENGTH=big)
    assert response.status_code == 413
    assert f"正文有 {big} 字节，最多 2097152 字节" in response.content.decode()


@pytest.mark.parametrize("length", ["zz", "-1", "1e3", "９", "9" * 40])
def test_a_length_that_is_no_number_is_refused(client: Client, length: str) -> None:
    response = client.generic("POST", API, b"x", "text/plain", CONTENT_LENGTH=length)
    assert problem(response)["errors"][0]["parameter"] == "Content-Length"


def test_a_body_shorter_than_announced_is_refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    short = FakePayload(b"{}")
    monkeypatch.setattr(short, "read", lambda *size: b"")
    extra = {"wsgi.input": short, "CONTENT_LENGTH": "10", "CONTENT_TYPE": "application/json"}
    response = client.generic("POST", API, b"{}", "application/json", **extra)
    assert response.status_code == 400
    assert "announced length" in problem(response)["errors"][0]["message"]["en"]


def test_a_body_without_a_length_is_411(client: Client) -> None:
    response = client.get(API, HTTP_TRANSFER_ENCODING="chunked")
    assert response.status_code == 411


def test_long_headers_are_refused(client: Client, catalogue: Any) -> None:
    assert client.get(READ, HTTP_COOKIE="a=" + "b" * 8191).status_code == 431
    document = problem(client.get(API, HTTP_ACCEPT="a/b;q=1," * 1000))
    assert (document["status"], document["errors"][0]["parameter"]) == (431, "Accept")


def test_headers_whose_parameters_cannot_be_read_are_refused(client: Client) -> None:
    response = client.get(API, HTTP_ACCEPT="text/html, application/json; v*=nonsense''x")
    assert problem(response)["errors"][0]["parameter"] == "Accept"


def test_a_content_type_that_cannot_be_read_is_refused_by_the_server(catalogue: Any) -> None:
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": API,
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "CONTENT_TYPE": "text/plain; charset*=nonsense''x",
        "wsgi.input": io.BytesIO(),
        "wsgi.url_scheme": "http",
    }
    with pytest.raises(ValueError, match="nonsense"):
        WSGIHandler.request_class(dict(environ))
    answered: list[str] = []
    body = Portal()(environ, lambda status, headers: answered.append(status))
    assert answered == ["400 Bad Request"]
    assert json.loads(b"".join(body))["errors"][0]["parameter"] == "Content-Type"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO", "get" * 9])
def test_a_page_says_which_methods_it_takes_before_it_asks_for_a_token(
    client: Client, catalogue: Any, method: str
) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.generic(method, "/test/with-token/")
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, POST"
    assert "可以使用的请求方法：GET, HEAD, POST" in response.content.decode()


def test_what_cannot_be_shown_is_written_as_an_escape() -> None:
    assert ingress.visible("a\x00\ud800<") == "a\\u0000\\ud800<"
