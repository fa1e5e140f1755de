"""Both languages are complete: what is said in English has its Chinese."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings

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
