"""The values of a pack's files: each kind from a cell's text, or a ``Wrong`` that says what is allowed."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from .. import amounts
from ..models.catalogue import REFERENCE_PATTERN

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)


class Wrong(ValueError):
    """A value that is not allowed; the message says what is."""


def text(maximum: int, *, required: bool = True) -> Callable[[str], str]:
    def read(value: str) -> str:
        if required and not value:
            raise Wrong("a text is needed here")
        if len(value) > maximum:
            raise Wrong(f"at most {maximum} characters; there are {len(value)}")
        if any(ord(character) < 32 and character not in "\n\t" for character in value):
            raise Wrong("no control characters")
        return value

    return read


def short_slug(maximum: int) -> Callable[[str], str]:
    def read(value: str) -> str:
        if not SLUG.fullmatch(value) or len(value) > maximum:
            raise Wrong(f"small letters, digits and single hyphens, at most {maximum}")
        return value

    return read


slug = short_slug(40)


def money(value: str) -> Decimal:
    try:
        return amounts.parse(value)
    except ValueError:
        raise Wrong("an amount in 亿元 from 0 to 100000 with at most two decimals") from None


def number(value: str) -> Decimal:
    try:
        found = Decimal(value)
    except InvalidOperation:
        raise Wrong("a number") from None
    if not found.is_finite() or abs(found) >= 10**12 or found != found.quantize(amounts.CENT):
        raise Wrong("a number below 10^12 with at most two decimals")
    return found


def whole(minimum: int, maximum: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not re.fullmatch(r"0|[1-9][0-9]{0,9}", value) or not minimum <= int(value) <= maximum:
            raise Wrong(f"a whole number from {minimum} to {maximum}")
        return int(value)

    return read


def day(value: str) -> date:
    try:
        found = datetime.strptime(value, "%Y-%m-%d").date()
    except ValueError:
        raise Wrong("a date as YYYY-MM-DD") from None
    if not 1900 <= found.year <= 2200:
        raise Wrong("a date from 1900 to 2200")
    return found


def flag(value: str) -> bool:
    if value not in ("true", "false"):
        raise Wrong("true or false")
    return value == "true"


def one_of(allowed: Collection[str]) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in allowed:
            raise Wrong("one of " + ", ".join(allowed))
        return value

    return read


def list_of(read_one: Callable[[str], str]) -> Callable[[str], list[str]]:
    def read(value: str) -> list[str]:
        parts = [part.strip() for part in value.split(";") if part.strip()]
        if len(set(parts)) != len(parts):
            raise Wrong("each value once")
        return [read_one(part) for part in parts]

    return read


def email(value: str) -> str:
    try:
        validate_email(value)
    except ValidationError:
        raise Wrong("an e-mail address") from None
    if len(value) > 254:
        raise Wrong("at most 254 characters")
    return value


def reference(value: str) -> str:
    if not re.fullmatch(REFERENCE_PATTERN, value, re.ASCII):
        raise Wrong("3 to 32 capital letters, digits and hyphens")
    return value


def optional(read: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda value: read(value) if value else None


def checked(matches: Callable[[str], Any], allowed: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if not matches(value):
            raise Wrong(allowed)
        return value

    return read


def locations(districts: Collection[str]) -> Callable[[str], list[tuple[str, Decimal]]]:
    def read(value: str) -> list[tuple[str, Decimal]]:
        found = []
        for part in value.split(";"):
            code, _colon, share = part.strip().partition(":")
            if code not in districts:
                raise Wrong(f"district {code!r} is not in districts.csv")
            if not re.fullmatch(r"0\.[0-9]{1,4}|1(\.0{1,4})?", share) or not Decimal(share):
                raise Wrong("shares from 0.0001 to 1, such as 500101:0.6;500240:0.4")
            found.append((code, Decimal(share)))
        if len({code for code, _share in found}) != len(found):
            raise Wrong("each district once")
        if sum(share for _code, share in found) != 1:
            raise Wrong(f"shares that add up to 1, not {sum(share for _code, share in found)}")
        return found

    return read


def a_reference_of(references: Collection[str]) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in references:
            raise Wrong("a reference of opportunities.csv")
        return value

    return read


def time_zone(value: str) -> str:
    if value not in available_timezones():
        raise Wrong("a time zone such as Asia/Shanghai")
    return value
