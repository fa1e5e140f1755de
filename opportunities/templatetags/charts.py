"""The parts of the histogram that a page has dozens of, each in one piece."""

from __future__ import annotations

from html import escape

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from ..addresses import search_address, with_query
from ..charts.histogram import Drawing

register = template.Library()

# As numbers and shapes need no escaping, a bar is one string: a page has fourteen of them.
BAR = (
    '<a id="{}-{}" href="{}{}"><title>{}</title><path class="col" d="{}"/><path class="all" d="{}"/>'
    '<path class="of" d="{}"/><text class="v" x="{}" y="{}" text-anchor="middle">{}</text></a>'
)
MARK = '<text x="{}" y="{}" dy="-4" text-anchor="{}">{}</text>'


@register.simple_tag
def bars(drawing: Drawing, fragment: str = "") -> SafeString:
    """The bars of a histogram, each a link to its opportunities that ``fragment`` is appended to."""
    path, end = search_address(), escape(fragment)
    return SafeString(
        "".join(
            BAR.format(
                *(drawing.kind, bar.number, escape(with_query(path, bar.query)), end, escape(bar.name)),
                *(bar.column, bar.whole, bar.found, bar.x, bar.y, bar.count),
            )
            for bar in drawing.bars
        )
    )


@register.simple_tag
def scale_marks(drawing: Drawing) -> SafeString:
    """The amounts below a histogram's scale."""
    marks = ((mark.x, drawing.height, mark.anchor, mark.label) for mark in drawing.marks)
    return format_html_join("", MARK, marks)
