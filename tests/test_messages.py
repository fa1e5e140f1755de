"""Both languages are complete: what is said in English has its Chinese."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation.template import templatize

# Where each function takes its words: an argument by number, ``c`` for the context.
MARKS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
NOT_OURS = (".venv", "var", "tests")
SOURCE = Path(settings.LOCALE_PATHS[0]) / "zh_Hans" / "LC_MESSAGES" / "django.po"
PLACEHOLDERS = re.compile(r"%\(\w+\)s|\{\w*\}|%s")
# A template's own words between tags: more than one letter that no tag or variable made.
BARE_WORDS = re.compile(r">[^<>{}]*[A-Za-z\u4e00-\u9fff]{2,}[^<>{}]*<")
# The same in both languages, or written beside a condition on the language.
UNITS_AND_NAMES = {">CNY<", ">bn<", ">亿元<", ">Excel<", ">OpenAPI 3.1 (JSON)<", ">OpenAPI 3.1 (YAML)<"}


def test_every_message_has_its_chinese() -> None:
    with SOURCE.open("rb") as file:
        messages = [message for message in read_po(file, locale="zh_Hans") if message.id]
    assert len(messages) > 500
    assert [m.id for m in messages if m.fuzzy or not all(_texts(m.string))] == []


def test_what_code_and_templates_say_is_what_the_catalogue_holds() -> None:
    """``make messages`` was run; found without GNU gettext, so that it is noticed everywhere."""
    with SOURCE.open("rb") as file:
        held = {(m.context, m.id) for m in read_po(file, locale="zh_Hans") if m.id}
    said = set(_said())
    assert len(said) > 500
    assert said - held == set(), "run `make messages` and translate"
    assert held - said == set(), "nobody says it any more: run `make messages`"


def _said() -> Iterator[tuple[str | None, str | tuple[str, ...]]]:
    for path in sorted(settings.BASE_DIR.rglob("*.*")):
        parts = path.relative_to(settings.BASE_DIR).parts
        if set(parts) & set(NOT_OURS):
            continue
        if path.suffix == ".py":
            source = path.read_text("utf-8")
        elif "templates" in parts and path.is_file():
            # As Python; its indentation means nothing.
            source = re.sub(r"^\s+", "", templatize(path.read_text("utf-8")), flags=re.M)
        else:
            continue
        found = extract("python", io.BytesIO(source.encode()), keywords=MARKS)
        yield from ((context, message) for _line, message, _comments, context in found)


def test_a_translation_keeps_the_places_for_values() -> None:
    with SOURCE.open("rb") as file:
        messages = [message for message in read_po(file, locale="zh_Hans") if message.id]
    lost = [
        message.id
        for message in messages
        if set(PLACEHOLDERS.findall(_texts(message.string)[0]))
        - set(PLACEHOLDERS.findall(" ".join(_texts(message.id))))
    ]
    assert lost == []


@pytest.mark.parametrize(
    "template",
    sorted(settings.BASE_DIR.glob("templates/**/*.html")),
    ids=lambda path: str(path.relative_to(settings.BASE_DIR)),
)
def test_no_template_speaks_one_language_alone(template: Path) -> None:
    text = re.sub(
        r"{%\s*(blocktranslate|comment)\b.*?{%\s*end\1\s*%}|{#.*?#}",
        "",
        template.read_text("utf-8"),
        flags=re.S,
    )
    assert set(BARE_WORDS.findall(text)) <= UNITS_AND_NAMES


def _texts(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)
