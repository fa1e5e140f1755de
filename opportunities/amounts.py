"""The unit 亿元 (100 million yuan): parsing, brackets, thresholds, splitting, formatting.

An amount is always a ``Decimal`` in 亿元 with two places. Nothing here knows of the database.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

CENT = Decimal("0.01")
MAXIMUM = Decimal(100_000)
YUAN_PER_UNIT = Decimal(100_000_000)
UNITS_PER_CNY_BN = Decimal(10)

# A logarithmic scale starts at 1 亿元 and reaches so many times the last threshold. A histogram cuts it
# into so many equal steps a decade; a bound this near to a threshold is the threshold.
HEADROOM = 4
STEPS_A_DECADE = 10
NEAR = Decimal("0.01")

_AMOUNT = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]{1,2})?", re.ASCII)
_AMOUNT_BN = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]{1,3})?", re.ASCII)


def parse(text: str) -> Decimal:
    """An amount in 亿元 as written in a search: ``0``…``100000``, at most two places.

    Raises ValueError for anything else: signs, exponents, separators, leading zeros.
    """
    return _parse(text, _AMOUNT, MAXIMUM)


def parse_cny_bn(text: str) -> Decimal:
    """An amount in CNY bn, ``0``…``10000`` with at most three places, as 亿元. Raises ValueError."""
    return _parse(text, _AMOUNT_BN, MAXIMUM / UNITS_PER_CNY_BN) * UNITS_PER_CNY_BN


def _parse(text: str, pattern: re.Pattern[str], maximum: Decimal) -> Decimal:
    # The length first, so that a megabyte of digits is never converted.
    if len(text) > 12 or not pattern.fullmatch(text):
        raise ValueError(f"not an amount: {text[:40]!r}")
    amount = Decimal(text)
    if amount > maximum:
        raise ValueError(f"more than {maximum}: {text}")
    return amount


def two_places(value: Decimal | float | str | None) -> Decimal:
    """A sum as the database returns it (``7.5``, ``4722.40000000000``, ``None``) as exact 亿元."""
    return Decimal(str(value or 0)).quantize(CENT)


def cents(amount: Decimal) -> int:
    """亿元 as whole hundredths, for exact sums."""
    return int(amount * 100)


def from_cents(hundredths: int) -> Decimal:
    return Decimal(hundredths).scaleb(-2)


def shortest(amount: Decimal) -> str:
    """The shortest form of an amount, as canonical addresses carry it: ``10.5``, ``100``."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def in_yuan(amount: Decimal) -> Decimal:
    return (amount * YUAN_PER_UNIT).quantize(CENT)


def in_cny_bn(amount: Decimal) -> Decimal:
    return amount / UNITS_PER_CNY_BN


def split(amount: Decimal, shares: Sequence[Decimal]) -> list[Decimal]:
    """Divide an amount over shares that add up to 1, so that the parts add up exactly.

    Each part is floored to 0.01; the cents left go by largest remainder, then in the order given
    (contract, “Facets and totals”). Raises ValueError when the shares do not add up to 1.
    """
    if sum(shares) != 1:
        raise ValueError(f"shares add up to {sum(shares)}, not 1")
    exact = [amount * 100 * share for share in shares]
    parts = [int(part.to_integral_value(ROUND_FLOOR)) for part in exact]
    left = cents(amount) - sum(parts)
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[:left]:
        parts[i] += 1
    return [from_cents(part) for part in parts]


@dataclass(frozen=True)
class Band:
    """A half-open band: ``lower`` belongs to it, ``upper`` does not; ``None`` is no bound.

    A bracket is a band of investments in 亿元.
    """

    slug: str
    lower: Decimal
    upper: Decimal | None

    def __contains__(self, value: Decimal | int) -> bool:
        return value >= self.lower and (self.upper is None or value < self.upper)


def brackets(thresholds: Sequence[Decimal | int]) -> list[Band]:
    """The brackets between a catalogue's thresholds: 10, 50, 100 give ``under-10`` … ``100-plus``."""
    bounds = [Decimal(threshold) for threshold in thresholds]
    names = [shortest(bound) for bound in bounds]
    inner = zip(names, names[1:], bounds, bounds[1:], strict=False)
    return [
        Band(f"under-{names[0]}", Decimal(0), bounds[0]),
        *(Band(f"{low}-{high}", lower, upper) for low, high, lower, upper in inner),
        Band(f"{names[-1]}-plus", bounds[-1], None),
    ]


def on_scale(amount: Decimal, end: Decimal) -> float:
    """Where an amount stands on a logarithmic scale from 1 亿元 (0, as is all below) to ``end`` (1)."""
    return math.log(amount) / math.log(end) if amount > 1 else 0.0


def steps(thresholds: Sequence[Decimal]) -> list[Band]:
    """Equal logarithmic steps for a histogram: under 1, 1 to 1.26, 1.26 to 1.58 … and the rest above.

    The bounds are 10^(1/10) apart, rounded to 0.01, and an even number; a threshold a hair away from a
    bound (50 from 50.12) takes its place, so that no amount stands on the wrong side of the threshold.
    """
    reach = math.log10(HEADROOM * max(thresholds))
    last = max(STEPS_A_DECADE, 2 * round(reach * STEPS_A_DECADE / 2))
    exact = [Decimal(10 ** (step / STEPS_A_DECADE)).quantize(CENT) for step in range(last + 1)]
    return brackets([next((t for t in thresholds if abs(t - b) < NEAR * b), b) for b in exact])


def bracket_of(amount: Decimal, bands: Sequence[Band]) -> Band:
    """The band an amount in 亿元 falls into; lower bounds belong to it. Raises ValueError below all."""
    for band in bands:
        if amount in band:
            return band
    raise ValueError(f"{amount} is in no bracket")


def format_zh(amount: Decimal) -> str:
    """The figure of an amount in 亿元 as pages print it: stored digits, at least one decimal."""
    text = format(amount.quantize(CENT), ",f")
    return text[:-1] if text.endswith("0") else text


def format_en(amount: Decimal) -> str:
    """The figure of an amount in CNY bn: as many decimals as needed, at least one."""
    text = format(in_cny_bn(amount).quantize(Decimal("0.001")), ",f").rstrip("0")
    return text + "0" if text.endswith(".") else text
