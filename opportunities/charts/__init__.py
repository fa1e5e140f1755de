"""Charts drawn by the server: figures of a search as shapes, ready to print, and said as text too."""

from __future__ import annotations

from decimal import Decimal

from .. import amounts
from ..models import Text


def mark(amount: Decimal) -> Text:
    """An amount in 亿元 as the first mark of a scale has it, with its unit: ``50 亿元``, ``CNY 5 bn``."""
    return Text(f"{amounts.shortest(amount)} 亿元", f"CNY {amounts.shortest(amounts.in_cny_bn(amount))} bn")
