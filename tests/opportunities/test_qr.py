"""The QR code of a detail page: its address as a picture, in the language of the path."""

from __future__ import annotations

import struct
import zlib

import pytest
import segno

from opportunities import publishing
from tests.factories import make_opportunity

QUIET_ZONE = 4
MODULE = 8


def modules(png: bytes) -> list[bytes]:
    """The modules of a code, row by row, 1 for dark, from a PNG picture of one bit a pixel."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, at = {}, 8
    while at < len(png):
        length, kind = struct.unpack_from(">I4s", png, at)
        chunks[kind] = chunks.get(kind, b"") + png[at + 8 : at + 8 + length]
        at += 12 + length
    width, height, depth, colours = struct.unpack_from(">IIBB", chunks[b"IHDR"])
    assert (width, depth, colours) == (height, 1, 0), "square, black and white"
    row = 1 + (width + 7) // 8
    pixels = zlib.decompress(chunks[b"IDAT"])
    first, last = QUIET_ZONE * MODULE, width - QUIET_ZONE * MODULE
    found = []
    for y in range(first, last, MODULE):
        assert pixels[y * row] == 0, "not filtered"
        line = pixels[y * row + 1 : (y + 1) * row]
        found.append(bytes(1 - (line[x // 8] >> (7 - x % 8) & 1) for x in range(first, last, MODULE)))
    return found


@pytest.fixture
def opportunity(db):
    return make_opportunity(reference="TEST-QR")


@pytest.mark.parametrize("language", ["", "/en"])
def test_it_holds_the_address_of_the_page_in_the_language_of_the_path(
    client, opportunity, settings, language
):
    settings.SITE_URL = "https://invest.test"
    answer = client.get(f"{language}/opportunities/TEST-QR/qr.png", headers={"host": "127.0.0.1"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/png"
    address = f"https://invest.test{language}/opportunities/TEST-QR/"
    code = segno.make_qr(address, error="m")
    assert modules(answer.content) == [bytes(row) for row in code.matrix]


def test_the_page_shows_the_picture_beside_the_address_that_it_holds(client, opportunity, settings):
    settings.SITE_URL = "https://invest.test"
    page = client.get("/en/opportunities/TEST-QR/").text
    assert 'src="/en/opportunities/TEST-QR/qr.png"' in page
    assert '<p class="address">https://invest.test/en/opportunities/TEST-QR/</p>' in page


def test_it_is_kept_like_every_public_answer(client, opportunity):
    path = "/opportunities/TEST-QR/qr.png"
    got, head = client.get(path), client.head(path)
    assert got.headers["Cache-Control"] == "public, no-cache"
    assert head.status_code == 200 and not head.content
    assert head.headers["ETag"] == got.headers["ETag"]
    assert client.get(path, headers={"if-none-match": got.headers["ETag"]}).status_code == 304
    assert client.post(path).status_code == 405


def test_a_withdrawn_page_has_none_at_once(client, opportunity):
    path = "/opportunities/TEST-QR/qr.png"
    known = client.get(path).headers["ETag"]
    publishing.withdraw(opportunity)
    answer = client.get(path, headers={"if-none-match": known})
    assert answer.status_code == 410
    assert answer.headers["Content-Type"].startswith("text/html")
    publishing.publish(opportunity)
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("publication", ["draft", "in-review"])
def test_what_was_never_public_has_none(client, db, publication):
    make_opportunity(reference="TEST-NEW", publication=publication)
    assert client.get("/opportunities/TEST-NEW/qr.png").status_code == 404
