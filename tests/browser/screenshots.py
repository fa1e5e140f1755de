"""``make screenshots``: every kind of page at three widths, in both themes and languages.

Writes to ``var/screenshots/`` and prints how many. ``ONLY=detail,home`` limits it to some pages.
"""

from __future__ import annotations

import os
import sys
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser

from tests.serving import ROOT, Portal, served

from . import pages
from .chromium import executable, launched, sign_in
from .staff import demo_staff

TARGET = ROOT / "var" / "screenshots"
Kinds = tuple[dict[str, str], ...]
ALL: Kinds = (pages.PUBLIC, pages.SIGN_IN, pages.STAFF)


def main() -> int:
    if executable() is None:
        print("no Chromium: apt-get install chromium fonts-noto-cjk")
        return 1
    only = set(filter(None, os.environ.get("ONLY", "").split(",")))
    TARGET.mkdir(parents=True, exist_ok=True)
    with served() as portal, launched() as browser:
        looks = list(product(pages.WIDTHS, pages.THEMES))
        written = sum(_photograph(portal, browser, width, theme, only, ALL) for width, theme in looks)
        with pages.withdrawn(portal) as path:
            gone = ({"gone": path},)
            written += sum(_photograph(portal, browser, width, theme, only, gone) for width, theme in looks)
    print(f"{written} pictures in {TARGET.relative_to(ROOT)}/")
    return 0


def _photograph(
    portal: Portal, browser: Browser, width: int, theme: str, only: set[str], kinds: Kinds
) -> int:
    context = browser.new_context(
        viewport={"width": width, "height": 900 if width > 600 else 844},
        color_scheme=theme,  # type: ignore[arg-type]
    )
    page = context.new_page()
    written = 0
    for kind in kinds:
        wanted = {name: path for name, path in kind.items() if not only or name in only}
        if wanted and kind is pages.STAFF:
            sign_in(page, portal.address, *demo_staff(portal))
        for name, path in wanted.items():
            for language in pages.LANGUAGES:
                page.goto(portal.address + pages.in_language(path, language))
                page.screenshot(path=_file(name, language, width, theme), full_page=True)
                written += 1
    context.close()
    return written


def _file(name: str, language: str, width: int, theme: str) -> Path:
    return TARGET / f"{name}-{language}-{width}-{theme}.png"


if __name__ == "__main__":
    sys.exit(main())
