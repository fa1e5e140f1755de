"""``make printed``: on how many A4 sheets every opportunity is printed, in both languages.

Names those that need more than two and then fails.
"""

from __future__ import annotations

import re
import sys
from collections import Counter

from playwright.sync_api import Page

from tests.serving import served

from . import pages
from .chromium import executable, launched

SHEETS_MAX = 2


def main() -> int:
    if executable() is None:
        print("no Chromium: apt-get install chromium fonts-noto-cjk")
        return 1
    counted = {}
    with served() as portal, launched() as browser:
        page = browser.new_page()
        for reference in references(page, portal.address):
            for language in pages.LANGUAGES:
                path = pages.in_language(f"/opportunities/{reference}/", language)
                page.goto(portal.address + path)
                counted[path] = sheets(page)
    for number, times in sorted(Counter(counted.values()).items()):
        print(f"{times} pages on {number} sheet{'s'[: number > 1]}")
    too_long = [path for path, number in counted.items() if number > SHEETS_MAX]
    print(*too_long, sep="\n", end="")
    return 1 if too_long else 0


def references(page: Page, address: str) -> list[str]:
    found, url = [], f"{address}/api/v1/opportunities/?page_size=100"
    while url:
        answer = page.request.get(url).json()
        found += [item["reference"] for item in answer["results"]]
        url = answer["next"]
    return found


def sheets(page: Page) -> int:
    """On how many sheets a page is printed."""
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))


if __name__ == "__main__":
    sys.exit(main())
