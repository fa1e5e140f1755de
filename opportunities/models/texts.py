"""Text in two languages, from a pair of columns ``…_zh`` and ``…_en``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

# Said on English pages alone, beside what has no English.
IN_CHINESE = "(in Chinese)"


class Text(NamedTuple):
    """A text in Chinese and English; ``str()`` gives the one of the active language.

    Where there is no English the Chinese stands in and says so: in words, as for titles and
    attributes, and as ``marked`` also to programs, with ``lang``.
    """

    zh: str
    en: str

    def __str__(self) -> str:
        if get_language() != "en":
            return self.zh
        return self.en or (f"{self.zh} {IN_CHINESE}" if self.zh else "")

    @property
    def marked(self) -> SafeString:
        return self.written(conditional_escape)

    def written(self, write: Callable[[str], SafeString]) -> SafeString:
        """As ``marked``, the text itself put into HTML by ``write``."""
        if get_language() == "en" and not self.en and self.zh:
            return format_html(
                '<span lang="zh-Hans">{}</span> <small class="tongue">{}</small>', write(self.zh), IN_CHINESE
            )
        return write(str(self))


class TextPair:
    """``name = TextPair()`` on a model with ``name_zh`` and ``name_en`` gives a ``Text``."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.zh, self.en = f"{name}_zh", f"{name}_en"

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        return Text(getattr(instance, self.zh), getattr(instance, self.en))
