"""What a search refuses, in words that tell what is wrong and what is allowed."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _

from ..models import Text

SHOWN_MAX = 60


def in_both(text: object) -> dict[str, str]:
    """A text that depends on the language, in both: ``{"zh": …, "en": …}``."""
    if isinstance(text, Text):
        return {"zh": text.zh, "en": text.en or text.zh}
    both = {}
    for key, code in (("zh", "zh-hans"), ("en", "en")):
        with translation.override(code):
            both[key] = str(text)
    return both


def shown(value: str) -> str:
    """A value as a message quotes it: no longer than needed to recognise it."""
    return value if len(value) <= SHOWN_MAX else value[:SHOWN_MAX] + "…"


@dataclass(frozen=True)
class Refusal:
    """One reason why a search is refused.

    ``allowed`` lists the values, or describes them; ``did_you_mean`` is the nearest valid value,
    with its ``did_you_mean_label`` for people.
    """

    parameter: str
    value: str
    text: object
    params: Mapping[str, object] = field(default_factory=dict)
    allowed: Sequence[str] = ()
    did_you_mean: str | None = None
    did_you_mean_label: object = ""

    def __str__(self) -> str:
        return str(self.text) % {
            "parameter": self.parameter,
            "value": shown(self.value),
            **{k: str(v) for k, v in self.params.items()},
        }

    @property
    def message(self) -> dict[str, str]:
        return in_both(self)

    def as_problem(self) -> dict[str, Any]:
        """The entry of a problem document's ``errors``."""
        return {
            "parameter": self.parameter,
            "value": shown(self.value),
            "message": self.message,
            "allowed": list(self.allowed),
            "did_you_mean": self.did_you_mean,
        }

    def as_error(self) -> ValidationError:
        """For a form field, which hands it on to the search untouched."""
        return ValidationError(str(_("invalid")), code="refused", params={"refusal": self})


class SearchRefused(ValueError):
    """The query is no search. ``refusals`` says why, in the order of the parameters."""

    def __init__(self, refusals: list[Refusal]) -> None:
        super().__init__("; ".join(f"{r.parameter}={shown(r.value)}" for r in refusals))
        self.refusals = refusals


class PageNotFound(LookupError):
    """The search is right but has no such page."""

    def __init__(self, page: int, last: int) -> None:
        super().__init__(f"page {page} of {last}")
        self.page = page
        self.last = last


def nearest(value: str, candidates: Mapping[str, Iterable[str]]) -> str | None:
    """The key whose spellings come nearest to a value, or None when none is near.

    ``candidates`` maps each valid value to the spellings that people may have meant by it.
    """
    wanted = _folded(value)
    if not wanted or len(wanted) > SHOWN_MAX:
        return None
    spellings: dict[str, str] = {}
    for key, names in candidates.items():
        for name in (key, *names):
            spellings.setdefault(_folded(name), key)
    match = difflib.get_close_matches(wanted, spellings, n=1, cutoff=0.6)
    return spellings[match[0]] if match else None


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace("_", "-").strip()
