"""The elevation scale: round bounds that part the amounts shown, said in the legend."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import translation

from opportunities.charts.elevation import scale


def amounts(*values: float | str) -> list[Decimal]:
    return [Decimal(str(value)) for value in values]


def labels(*values: float | str, language: str = "zh-hans") -> list[str]:
    with translation.override(language):
        return [step.label for step in scale(amounts(*values)).steps]


def test_about_as_many_amounts_stand_on_each_step() -> None:
    given = amounts(*range(1, 101))
    found = scale(given)
    assert [sum(found.level(one) == level for one in given) for level in range(6)] == [0, 19, 20, 20, 20, 21]


def test_the_legend_says_the_bounds_in_the_unit_of_the_page() -> None:
    given = (12.2, 33, 79.9, 151, 248, 600)
    assert labels(*given) == ["无", "30 以下", "30–80", "80–150", "150–250", "250 及以上"]
    assert labels(*given, language="en") == ["none", "under 3", "3–8", "8–15", "15–25", "25 or more"]


@pytest.mark.parametrize("given", [(), (0, 0), (5,), (5, 5, 5), (0.01, 0.01, 99999), (1, 2), (0, 3, 700)])
def test_every_amount_has_a_step_that_is_in_the_legend(given: tuple[float, ...]) -> None:
    found = scale(amounts(*given))
    levels = [step.level for step in found.steps]
    for amount in amounts(*given):
        assert found.level(amount) in levels
        assert (found.level(amount) == 0) == (amount == 0)
    assert list(found.bounds) == sorted(set(found.bounds))
    assert levels == list(range(len(found.bounds) + 2))


def test_a_bound_belongs_to_the_step_above_it() -> None:
    found = scale(amounts(10, 20, 30, 40, 50))
    assert found.bounds[0] == 20
    assert (found.level(Decimal("19.99")), found.level(Decimal(20))) == (1, 2)


def test_no_step_is_empty_at_the_ends() -> None:
    given = amounts(10, 10, 10, 10, 10, 10, 10, 10, 11, 400)
    found = scale(given)
    assert min(map(found.level, given)) == 1
    assert max(map(found.level, given)) == len(found.bounds) + 1
