"""``make picture``: ``static/share.png``, which goes along with a shared address, from ``share.svg``."""

from __future__ import annotations

import sys

from tests.serving import ROOT

from .chromium import executable, launched

SOURCE = ROOT / "static" / "share.svg"
TARGET = ROOT / "static" / "share.png"
WIDTH, HEIGHT = 1200, 630


def main() -> int:
    if executable() is None:
        print("no Chromium: apt-get install chromium fonts-noto-cjk")
        return 1
    with launched() as browser:
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(SOURCE.as_uri())
        page.screenshot(path=TARGET)
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size // 1024} KB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
