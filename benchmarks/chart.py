"""Times as points on a logarithmic scale: one line for each question, one colour for each that was asked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

WIDTH, MARGIN = 760, 16
LABELS = 210
LINE, HEAD, GAP = 24, 34, 10
RADIUS = 5
# Of points that lie upon each other, the shapes stay apart, for those who see no difference in colour.
SHAPES = ("circle", "square", "diamond", "ring", "frame")

STYLE = """
:root { --paper: #fff; --ink: #1c1e21; --faint: #6b7075; --rule: #dcdfe3;
  --s0: #b3261e; --s1: #d98b00; --s2: #1f6fb2; --s3: #4b7f2b; --s4: #7a3fa0; }
@media (prefers-color-scheme: dark) { :root { --paper: #16181b; --ink: #e8eaed; --faint: #9aa0a6;
  --rule: #33373c; --s0: #ff8a80; --s1: #ffc24d; --s2: #7cc0ff; --s3: #a5d67f; --s4: #cfa3ea; } }
svg { background: var(--paper); font: 13px system-ui, sans-serif; }
text { fill: var(--ink); } .faint { fill: var(--faint); } .head { font-weight: 600; }
line { stroke: var(--rule); } .s0 { --own: var(--s0); } .s1 { --own: var(--s1); }
.s2 { --own: var(--s2); } .s3 { --own: var(--s3); } .s4 { --own: var(--s4); }
.point { fill: var(--own); stroke: var(--own); stroke-width: 2; } .ring, .frame { fill: none; }
"""


@dataclass(frozen=True)
class Row:
    """One question at one size: the median time in milliseconds by who was asked."""

    size: int
    kind: str
    question: str
    times: dict[str, float]


@dataclass(frozen=True)
class Scale:
    """Whole powers of ten (ms) around all times, over the width that labels leave."""

    lowest: int
    highest: int

    @classmethod
    def around(cls, times: Sequence[float]) -> Scale:
        lowest = math.floor(math.log10(min(times)))
        return cls(lowest, max(lowest + 1, math.ceil(math.log10(max(times)))))

    def at(self, milliseconds: float) -> float:
        part = (math.log10(milliseconds) - self.lowest) / (self.highest - self.lowest)
        return LABELS + part * (WIDTH - LABELS - 2 * MARGIN)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        decades = range(self.lowest, self.highest + 1)
        return [(self.at(10**power), f"{10**power:g} ms") for power in decades]


def drawn(rows: Sequence[Row]) -> str:
    """The chart as SVG; light or dark as its reader's system is."""
    scale = Scale.around([time for row in rows for time in row.times.values()])
    names = list(rows[0].times)
    parts = list(_legend(names))
    top = 2 * LINE
    for (size, kind), group in groupby(rows, lambda row: (row.size, row.kind)):
        own = list(group)
        bottom = top + HEAD + LINE * len(own)
        parts.append(_text(MARGIN, top + 20, f"{size:,} rows, {kind}", "head"))
        for x, label in scale.ticks:
            parts.append(f'<line x1="{x:.1f}" y1="{top + 26}" x2="{x:.1f}" y2="{bottom}"/>')
            parts.append(_text(x, top + 20, label, "faint", "middle"))
        for number, row in enumerate(own):
            y = top + HEAD + LINE * number + LINE / 2
            parts.append(_text(MARGIN, y + 4, row.question))
            parts += [_point(scale.at(row.times[name]), y, at) for at, name in enumerate(names)]
        top = bottom + GAP
    height = top + MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">'
        "<title>Median times of the same questions, on a logarithmic scale</title>"
        f"<style>{STYLE}</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def _legend(names: Sequence[str]) -> Iterator[str]:
    step = (WIDTH - 2 * MARGIN) / len(names)
    for number, name in enumerate(names):
        x = MARGIN + RADIUS + step * number
        yield _point(x, LINE, number)
        yield _text(x + 12, LINE + 4, name)


def _text(x: float, y: float, text: str, style: str = "", anchor: str = "start") -> str:
    marked = f' class="{style}"' if style else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{marked}>{escape(text)}</text>'


def _point(x: float, y: float, number: int) -> str:
    shape = SHAPES[number % len(SHAPES)]
    style = f'class="point s{number} {shape}"'
    if shape in ("circle", "ring"):
        return f'<circle {style} cx="{x:.1f}" cy="{y:.1f}" r="{RADIUS - 1}"/>'
    turned = f' transform="rotate(45 {x:.1f} {y:.1f})"' if shape == "diamond" else ""
    side = 2 * RADIUS - 3
    corner = f'x="{x - side / 2:.1f}" y="{y - side / 2:.1f}"'
    return f'<rect {style} {corner} width="{side}" height="{side}"{turned}/>'
