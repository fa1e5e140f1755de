"""The unit 亿元: what is an amount, how it is split and how it is written."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from opportunities import amounts

D = Decimal


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", "0"),
        ("0.0", "0.0"),
        ("0.01", "0.01"),
        ("10", "10"),
        ("10.5", "10.5"),
        ("10.50", "10.50"),
        ("100000", "100000"),
        ("100000.00", "100000.00"),
    ],
)
def test_an_amount_is_read(text, amount):
    assert amounts.parse(text) == D(amount)


BAD_AMOUNTS = [
    "", " ", " 1", "1 ", "+1", "-1", "-0", "01", "00", ".5", "5.", "1.234", "1,000", "1e3", "1E3",
    "100000.01", "100001", "999999999999", "9" * 5000, "NaN", "nan", "inf", "Infinity", "0x10", "1_000",
    "１０", "١٠", "十", "1\n", "1\x00", "1;2", "10亿", "$1", "1.2.3",
]  # fmt: skip


@pytest.mark.parametrize("text", BAD_AMOUNTS)
def test_anything_else_is_no_amount(text):
    with pytest.raises(ValueError, match=r"not an amount|more than"):
        amounts.parse(text)


@pytest.mark.parametrize(
    ("text", "amount"),
    [("1", "10"), ("0.5", "5"), ("0.001", "0.01"), ("10000", "100000"), ("2.345", "23.45")],
)
def test_an_amount_in_cny_bn_is_ten_times_as_much(text, amount):
    assert amounts.parse_cny_bn(text) == D(amount)


@pytest.mark.parametrize("text", ["10000.001", "0.0001", "-1", "1e3", ".5"])
def test_anything_else_is_no_amount_in_cny_bn(text):
    with pytest.raises(ValueError, match=r"not an amount|more than"):
        amounts.parse_cny_bn(text)


@pytest.mark.parametrize(
    ("amount", "shares", "parts"),
    [
        ("10.00", ["1"], ["10.00"]),
        ("10.00", ["0.6", "0.4"], ["6.00", "4.00"]),
        # 3.3333 3.3333 3.3334 → floors 3.33 ×3, the cent goes to the largest remainder
        ("10.00", ["0.3333", "0.3333", "0.3334"], ["3.33", "3.33", "3.34"]),
        # equal remainders: in listed order
        ("0.01", ["0.5", "0.5"], ["0.01", "0.00"]),
        ("0.05", ["0.5", "0.5"], ["0.03", "0.02"]),
        ("0.02", ["0.25", "0.25", "0.25", "0.25"], ["0.01", "0.01", "0.00", "0.00"]),
        # the remainder decides, not the size of the part
        ("1.00", ["0.995", "0.005"], ["1.00", "0.00"]),
        ("1.00", ["0.9949", "0.0051"], ["0.99", "0.01"]),
        ("0.00", ["0.7", "0.3"], ["0.00", "0.00"]),
        ("100000.00", ["0.3333", "0.6667"], ["33330.00", "66670.00"]),
    ],
)
def test_money_is_split_by_largest_remainder(amount, shares, parts):
    assert amounts.split(D(amount), [D(share) for share in shares]) == [D(part) for part in parts]


def test_the_parts_of_a_split_always_add_up_and_are_never_a_cent_off():
    dice = random.Random(7)
    for _ in range(500):
        cuts = sorted(dice.sample(range(1, 10_000), dice.randint(0, 6)))
        shares = [D(b - a) / 10_000 for a, b in zip([0, *cuts], [*cuts, 10_000], strict=True)]
        amount = D(dice.randint(0, 10_000_000)) / 100
        parts = amounts.split(amount, shares)
        assert sum(parts) == amount
        assert all(
            abs(part - amount * share) < amounts.CENT for part, share in zip(parts, shares, strict=True)
        )


@pytest.mark.parametrize("shares", [["0.5"], ["0.5", "0.6"], []])
def test_shares_that_do_not_add_up_are_refused(shares):
    with pytest.raises(ValueError, match="add up"):
        amounts.split(D(1), [D(share) for share in shares])


def test_brackets_follow_from_the_thresholds_and_lower_bounds_belong_to_them():
    bands = amounts.brackets([10, 50, 100])
    assert [band.slug for band in bands] == ["under-10", "10-50", "50-100", "100-plus"]
    at = {
        amount: next(band.slug for band in bands if D(amount) in band)
        for amount in ("0", "9.99", "10", "49.99", "50", "99.99", "100", "100000")
    }
    assert list(at.values()) == [
        "under-10", "under-10", "10-50", "10-50", "50-100", "50-100", "100-plus", "100-plus",
    ]  # fmt: skip


def test_a_single_threshold_makes_two_brackets():
    assert [band.slug for band in amounts.brackets([5])] == ["under-5", "5-plus"]


@pytest.mark.parametrize(
    ("amount", "text"), [("10.50", "10.5"), ("10.00", "10"), ("100", "100"), ("0", "0"), ("0.05", "0.05")]
)
def test_an_address_carries_the_shortest_form(amount, text):
    assert amounts.shortest(D(amount)) == text


@pytest.mark.parametrize(
    ("value", "amount"), [(None, "0.00"), (7.5, "7.50"), ("4722.40000000000", "4722.40"), (D("3"), "3.00")]
)
def test_sums_come_back_from_any_database_with_two_places(value, amount):
    assert str(amounts.two_places(value)) == amount


@pytest.mark.parametrize(
    ("amount", "zh", "en"),
    [
        ("0", "0.0", "0.0"),
        ("5.20", "5.2", "0.52"),
        ("5.25", "5.25", "0.525"),
        ("21.00", "21.0", "2.1"),
        ("1234.50", "1,234.5", "123.45"),
        ("4972.00", "4,972.0", "497.2"),
        ("100000.00", "100,000.0", "10,000.0"),
        ("0.01", "0.01", "0.001"),
    ],
)
def test_pages_print_amounts_in_the_unit_of_their_language(amount, zh, en):
    assert (amounts.format_zh(D(amount)), amounts.format_en(D(amount))) == (zh, en)


def test_yuan_and_cents_are_exact():
    assert str(amounts.in_yuan(D("12.50"))) == "1250000000.00"
    assert amounts.cents(D("12.34")) == 1234
    assert amounts.from_cents(1234) == D("12.34")
