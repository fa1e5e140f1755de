"""The time to the largest paint: how soon a visitor on a slow machine sees what the page is about.

A median of first visits, each with a cold cache, in a Chromium whose processor is slowed down; the
network is the machine's own.
"""

from __future__ import annotations

import statistics

from playwright.sync_api import Browser

from tests.browser.chromium import executable, launched

LOADS = 5
THROTTLE = 4
PATHS = (
    "/",
    "/opportunities/",
    "/opportunities/?region=northeast&view=table",
    "/opportunities/?region=metro&view=map",
    "/opportunities/DEMO-051/",
    "/compare/?reference=DEMO-051&reference=DEMO-111&reference=DEMO-049",
    "/insights/",
    "/financing/",
)
VIEWPORTS = {"phone": (390, 844), "desk": (1440, 900)}
LARGEST_PAINT = """() => new Promise((resolve) => {
  let last = 0;
  new PerformanceObserver((list) => {
    for (const paint of list.getEntries()) last = paint.startTime;
  }).observe({ type: "largest-contentful-paint", buffered: true });
  setTimeout(() => resolve(last), 300);
})"""


def table(address: str) -> str:
    """The medians as a table, in milliseconds; without a Chromium a line that says so."""
    if executable() is None:
        return "Largest paint: not measured, no Chromium (apt-get install chromium fonts-noto-cjk)"
    lines = [
        f"| largest paint, ms | {' | '.join(VIEWPORTS)} |",
        "| --- |" + " ---: |" * len(VIEWPORTS),
    ]
    with launched() as browser:
        for path in PATHS:
            medians = [
                statistics.median(_largest_paint(browser, address + path, size) for _load in range(LOADS))
                for size in VIEWPORTS.values()
            ]
            lines.append(f"| `{path}` | {' | '.join(f'{median:.0f}' for median in medians)} |")
    return "\n".join(lines)


def _largest_paint(browser: Browser, address: str, size: tuple[int, int]) -> float:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
    page.goto(address)
    paint = float(page.evaluate(LARGEST_PAINT))
    context.close()
    return paint
