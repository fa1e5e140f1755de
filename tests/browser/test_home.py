"""The home page in a browser: the ridge where there is room for it, the plain rows where there is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .conftest import Visit


def test_the_ridge_stands_from_768_pixels_on(visit: Callable[..., Visit]) -> None:
    page = visit().page
    page.goto("/")
    for width, has_room in ((767, False), (768, True)):
        page.set_viewport_size({"width": width, "height": 900})
        expect(page.locator(".ridge")).to_be_visible(visible=has_room)
        expect(page.locator(".rr")).to_be_visible(visible=not has_room)


@pytest.mark.parametrize("language", ["", "/en"])
def test_the_texts_of_the_ridge_do_not_cover_each_other(visit: Callable[..., Visit], language: str) -> None:
    page = visit().page
    page.goto(f"{language}/")
    for width in (768, 1024, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        boxes = page.eval_on_selector_all(
            ".ridge text",
            """all => all.map(text => [text.textContent, text.getBoundingClientRect()])
            .filter(([, box]) => box.width)
            .map(([text, box]) => [text, box.left, box.right, box.top + 3, box.bottom - 3])""",
        )
        assert len(boxes) > 12
        assert max(right for _text, _left, right, _top, _bottom in boxes) <= width
        covered = [
            (one[0], other[0])
            for number, one in enumerate(boxes)
            for other in boxes[:number]
            if one[1] < other[2] and other[1] < one[2] and one[3] < other[4] and other[3] < one[4]
        ]
        assert covered == [], width
