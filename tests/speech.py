"""What a page says, piece by piece, each with the language it is marked in: read from its HTML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, NamedTuple

HAN = re.compile(r"[\u3400-\u9fff]+")
LATIN = re.compile(r"[A-Za-z][A-Za-z0-9'’+.-]*[A-Za-z0-9]")

# Read aloud or shown to people although they are no text between tags.
SPOKEN = ("alt", "aria-description", "aria-label", "aria-roledescription", "data-label", "data-loading",
          "label", "placeholder", "summary", "title")  # fmt: skip
# Of what the head holds, what is a text; the rest are addresses and codes.
TOLD = ("description", "og:title", "og:description", "og:site_name", "og:image:alt", "SiteName",
        "ColumnName", "ColumnType", "ColumnDescription", "ColumnKeywords", "ArticleTitle", "ContentSource",
        "Keywords")  # fmt: skip
# Of a JSON-LD document likewise; ``alternateName`` is the name in the other language.
DESCRIBED = ("name", "description", "variableMeasured")
# Quoted as it was typed, or as programs take it.
QUOTED = {"code", "pre", "script", "style"}
VOID = ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")


class Said(NamedTuple):
    """A text, the language it is marked in, and where: an element, an attribute, ``JSON-LD``."""

    text: str
    language: str
    where: str


class _Listener(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.said: list[Said] = []
        self.is_json_ld = False

    @property
    def language(self) -> str:
        return self.open[-1][1] if self.open else ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        language = values.get("lang") or self.language
        self.is_json_ld = values.get("type") == "application/ld+json"
        texts = [(values[name], f"{tag}[{name}]") for name in SPOKEN if name in values]
        if tag == "meta" and (name := values.get("name") or values.get("property")) in TOLD:
            texts.append((values["content"], f"meta {name}"))
        if tag == "input" and values.get("type") in ("submit", "button", "reset"):
            texts.append((values.get("value", ""), "input[value]"))
        self.said += [Said(text, language, where) for text, where in texts if text.strip()]
        if tag not in VOID:
            self.open.append((tag, language))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.is_json_ld and data.strip():
            self.said += [Said(text, self.language, "JSON-LD") for text in _described(json.loads(data))]
        elif data.strip() and not {tag for tag, _language in self.open} & QUOTED:
            self.said.append(Said(data.strip(), self.language, self.open[-1][0]))


def said_on(html: str) -> list[Said]:
    """All that a page says to people and to search engines, in its order."""
    listener = _Listener()
    listener.feed(html)
    return listener.said


def _described(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _described(one, key)
    elif isinstance(value, list):
        for one in value:
            yield from _described(one, name)
    elif name in DESCRIBED:
        yield str(value)
