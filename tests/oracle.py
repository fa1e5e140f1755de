"""What a search should find, worked out a second time: plain Python over the pack's own CSV files.

Nothing of ``opportunities`` is used here, neither its rules nor its rows; the rules are written from
the text of the contract. Money is in whole hundredths of 亿元 inside, ``Decimal`` outside.
"""

from __future__ import annotations

import csv
import random
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import product
from pathlib import Path
from string import ascii_lowercase
from urllib.parse import quote, urlencode

from opencc import OpenCC
from pypinyin import Style, lazy_pinyin, pinyin

CHONGQING = Path(__file__).resolve().parent.parent / "fixtures" / "chongqing-2024-04"
SECOND_CITY = Path(__file__).resolve().parent / "second_city"

Params = dict[str, list[str]]
FACETS = ("sector", "region", "district", "bracket", "cycle", "cooperation", "status")
LANGUAGES = ("zh", "en")
SORTS = ("-investment", "investment", "cycle", "-cycle", "name", "-updated", "relevance")
COOPERATION = ("sole-investment", "joint-venture", "cooperation", "equity", "technology", "leasing")
STATUS = ("open", "negotiating", "signed")
CYCLES = {"up-to-12": (1, 12), "13-24": (13, 24), "25-36": (25, 36), "over-36": (37, 10**9)}

_to_simplified = OpenCC("t2s")


# --- words ----------------------------------------------------------------------------------------


@cache
def _kind(character: str) -> str:
    name = unicodedata.name(character, "")
    if character in "々〇" or name.startswith(("CJK UNIFIED IDEOGRAPH", "CJK COMPATIBILITY IDEOGRAPH")):
        return "han"
    if name.startswith("LATIN") or unicodedata.category(character) == "Nd":
        return "latin"
    return "gap"


@cache
def _simplified(character: str) -> str:
    return _to_simplified.convert(character)


def pieces(text: str) -> list[tuple[str, str]]:
    """A text as runs of one kind: ``[("latin", "5g"), ("han", "基站")]``; what parts them is dropped."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    found: list[tuple[str, str]] = []
    before = "gap"
    for character in folded:
        kind = _kind(character)
        if kind == "han":
            character = _simplified(character)
        if kind != "gap" and kind == before:
            found[-1] = (kind, found[-1][1] + character)
        elif kind != "gap":
            found.append((kind, character))
        before = kind
    return found


def _syllables(run: str, places: Mapping[str, str]) -> list[str]:
    """How a run of Han is spoken, a syllable for each character; ``places`` as their own names have it."""
    for name, letters in places.items():
        before, found, after = run.partition(name)
        if found:
            spoken = [
                list(one)
                for one in product(*pinyin(name, style=Style.NORMAL, heteronym=True))
                if "".join(one) == letters
            ]
            if spoken:
                return _syllables(before, places) + spoken[0] + _syllables(after, places)
    spoken = lazy_pinyin(run) if run else []
    assert len(spoken) == len(run), run
    return spoken


def sounds(texts: Sequence[tuple[str, str]], places: Mapping[str, str]) -> list[str]:
    """What names can be typed as in pinyin: syllables joined from any character on, and initials."""
    found = []
    for kind, run in texts:
        spoken = _syllables(run, places) if kind == "han" else []
        for start in range(len(spoken)):
            found.append("".join(spoken[start:]))
            found.append("".join(syllable[0] for syllable in spoken[start:]))
    return found


def _is_heard(kind: str, asked: str, said: Sequence[str]) -> bool:
    typed_as_pinyin = kind == "latin" and len(asked) >= 3 and asked.isascii() and asked.isalpha()
    return typed_as_pinyin and any(sound.startswith(asked) for sound in said)


def _occurs(kind: str, asked: str, texts: Sequence[tuple[str, str]]) -> bool:
    if kind == "han":
        return any(asked in run for k, run in texts if k == "han")
    if len(asked) < 3:
        return any(asked == run for k, run in texts if k == "latin")
    return any(run.startswith(asked) for k, run in texts if k == "latin")


def _name_key(name: str) -> str:
    plain = " ".join(run for _kind_of, run in _words(name))
    said = " ".join(lazy_pinyin(plain, style=Style.TONE3))
    letters = unicodedata.normalize("NFKD", said).encode("ascii", "ignore").decode()
    return " ".join(letters.split())


def _words(text: str) -> list[tuple[str, str]]:
    """As ``pieces``, but runs that stand together stay together."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    spaced = "".join(" " if _kind(c) == "gap" else _simplified(c) if _kind(c) == "han" else c for c in folded)
    return [("word", word) for word in spaced.split()]


# --- the list -------------------------------------------------------------------------------------


@dataclass
class Entry:
    reference: str
    sector: str
    places: list[tuple[str, str, int]]  # district, region, hundredths
    money: int
    months: int
    cooperation: set[str]
    status: str
    updated_on: str
    name_key: str
    texts: list[tuple[str, str]]
    name: list[tuple[str, str]]
    heading: list[tuple[str, str]]  # name, sector and districts
    name_sounds: list[str]
    heading_sounds: list[str]


def _distance(entry: Entry, asked: list[tuple[str, str]]) -> tuple[str, str]:
    """How far an entry is from what was asked: the farthest field any of it is in, and if only by sound."""
    fields = (("1 name", entry.name, entry.name_sounds), ("2 heading", entry.heading, entry.heading_sounds))
    for field, texts, said in fields:
        if all(_occurs(*piece, texts) for piece in asked):
            return field, "as written"
        if all(_occurs(*piece, texts) or _is_heard(*piece, said) for piece in asked):
            return field, "by sound"
    return "3 the rest", ""


@dataclass
class Found:
    """What a search gives. ``facets``: name → value → (count, money, selected)."""

    references: list[str]
    matched: dict[str, Decimal]
    count: int
    total: Decimal
    facets: dict[str, dict[str, tuple[int, Decimal, bool]]]
    at_least: list[tuple[Decimal, int, Decimal]]


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def hundredths(text: str) -> int:
    whole, _point, rest = text.partition(".")
    return int(whole) * 100 + int((rest + "00")[:2])


def _decimal(money: int) -> Decimal:
    return Decimal(money) / 100


def shares_of(money: int, shares: Sequence[str]) -> list[int]:
    """Money by shares: floored, the rest by largest remainder, then as listed."""
    products = [money * round(Decimal(share) * 10_000) for share in shares]
    parts = [product // 10_000 for product in products]
    for _ in range(money - sum(parts)):
        left = [product - part * 10_000 for product, part in zip(products, parts, strict=True)]
        parts[left.index(max(left))] += 1
    return parts


class Oracle:
    @staticmethod
    @cache
    def of(pack: Path) -> Oracle:
        """The oracle of a pack, read once."""
        return Oracle(pack)

    def __init__(self, pack: Path) -> None:
        self.pack = pack
        with (pack / "catalogue.toml").open("rb") as file:
            settings = tomllib.load(file)
        self.edition: str = settings["edition"]["code"]
        self.thresholds: list[int] = settings["bracket_thresholds"]
        self.sectors = {row["slug"]: row for row in _table(pack / "sectors.csv")}
        self.regions = {row["slug"]: row for row in _table(pack / "regions.csv")}
        self.districts = {row["code"]: row for row in _table(pack / "districts.csv")}
        self.rows = _table(pack / "opportunities.csv")
        self.contacts = _table(pack / "contacts.csv")
        self.entries = [self._entry(row) for row in self.rows]
        names = [f"{low}-{high}" for low, high in zip(self.thresholds, self.thresholds[1:], strict=False)]
        bounds = [0, *self.thresholds, 10**9]
        self.brackets = dict(
            zip(
                [f"under-{self.thresholds[0]}", *names, f"{self.thresholds[-1]}-plus"],
                zip(bounds, bounds[1:], strict=False),
                strict=True,
            )
        )
        self.values: dict[str, Sequence[str]] = {
            "sector": list(self.sectors),
            "region": list(self.regions),
            "district": list(self.districts),
            "bracket": list(self.brackets),
            "cycle": list(CYCLES),
            "cooperation": COOPERATION,
            "status": STATUS,
        }

    def _entry(self, row: dict[str, str]) -> Entry:
        listed = [part.split(":") for part in row["locations"].split(";")]
        money = hundredths(row["investment"])
        parts = shares_of(money, [share for _code, share in listed])
        places = {}
        for code, _share in listed:
            letters = self.districts[code]["short_en"].casefold()
            places[self.districts[code]["short_zh"]] = "".join(c for c in letters if c in ascii_lowercase)
        name = [piece for language in LANGUAGES for piece in pieces(row[f"name_{language}"])]
        labels = [piece for text in self._labels(row, listed) for piece in pieces(text)]
        return Entry(
            reference=row["reference"],
            sector=row["sector"],
            places=[
                (code, self.districts[code]["region"], part)
                for (code, _share), part in zip(listed, parts, strict=True)
            ],
            money=money,
            months=int(row["cycle_months"]),
            cooperation=set(row["cooperation"].split(";")),
            status=row["status"],
            updated_on=row["updated_on"],
            name_key=_name_key(row["name_zh"]),
            texts=[piece for text in self._texts(row, listed) for piece in pieces(text)],
            name=name,
            heading=name + labels,
            name_sounds=sounds(name, places),
            heading_sounds=sounds(name + labels, places),
        )

    def _texts(self, row: dict[str, str], listed: list[list[str]]) -> Iterator[str]:
        yield row["reference"]
        yield from self._labels(row, listed)
        for language in LANGUAGES:
            for column in ("name", "summary", "content", "expected_benefit", "advantages", "conditions"):
                yield row[f"{column}_{language}"]
            for contact in self.contacts:
                if contact["reference"] == row["reference"]:
                    yield contact[f"unit_{language}"]

    def _labels(self, row: dict[str, str], listed: list[list[str]]) -> Iterator[str]:
        for language in LANGUAGES:
            yield self.sectors[row["sector"]][f"name_{language}"]
            for code, _share in listed:
                yield self.districts[code][f"name_{language}"]
        for code, _share in listed:
            yield from self.districts[code]["aliases"].split(";")

    # --- one search ---

    def search(self, params: Mapping[str, list[str]]) -> Found:
        chosen = {name: set(params.get(name, ())) for name in FACETS}
        rows = [entry for entry in self.entries if self._meets_words_and_months(entry, params)]
        in_range = [entry for entry in rows if self._within_range(entry, params)]
        matched = self._matching(in_range, chosen)
        result = self._ordered([entry for entry in in_range if entry.reference in matched], params)
        facets = {}
        for name in FACETS:
            others = {**chosen, name: set()}
            # Everything but this facet's own filter; then each value alone.
            rest = in_range if name in ("region", "district") else self._only(in_range, others)
            facets[name] = {
                value: (*self._sum(rest, {**others, name: {value}}), value in chosen[name])
                for value in self.values[name]
            }
        without_bracket = self._only(rows, {**chosen, "bracket": set()})
        return Found(
            references=[entry.reference for entry in result],
            matched={reference: _decimal(money) for reference, money in matched.items()},
            count=len(result),
            total=_decimal(sum(matched.values())),
            facets=facets,
            at_least=[
                (
                    Decimal(threshold),
                    *self._sum(
                        [e for e in without_bracket if e.money >= threshold * 100],
                        {**chosen, "bracket": set()},
                    ),
                )
                for threshold in self.thresholds
            ],
        )

    def _only(self, entries: list[Entry], chosen: dict[str, set[str]]) -> list[Entry]:
        matched = self._matching(entries, chosen)
        return [entry for entry in entries if entry.reference in matched]

    def _sum(self, entries: list[Entry], chosen: dict[str, set[str]]) -> tuple[int, Decimal]:
        matched = self._matching(entries, chosen)
        return len(matched), _decimal(sum(matched.values()))

    def _matching(self, entries: list[Entry], chosen: dict[str, set[str]]) -> dict[str, int]:
        """What meets all facets: by reference, the money where it lies."""
        found = {}
        for entry in entries:
            if (
                (chosen["sector"] and entry.sector not in chosen["sector"])
                or (chosen["status"] and entry.status not in chosen["status"])
                or (chosen["cooperation"] and not chosen["cooperation"] & entry.cooperation)
                or (chosen["bracket"] and not any(self._in_bracket(entry, b) for b in chosen["bracket"]))
                or (chosen["cycle"] and not any(self._in_cycle(entry, c) for c in chosen["cycle"]))
            ):
                continue
            here = [
                part
                for district, region, part in entry.places
                if (not chosen["district"] or district in chosen["district"])
                and (not chosen["region"] or region in chosen["region"])
            ]
            if here:
                found[entry.reference] = sum(here)
        return found

    def _in_bracket(self, entry: Entry, bracket: str) -> bool:
        low, high = self.brackets[bracket]
        return low * 100 <= entry.money < high * 100

    def _in_cycle(self, entry: Entry, cycle: str) -> bool:
        low, high = CYCLES[cycle]
        return low <= entry.months <= high

    def _meets_words_and_months(self, entry: Entry, params: Mapping[str, list[str]]) -> bool:
        if "cycle_min" in params and entry.months < int(params["cycle_min"][0]):
            return False
        if "cycle_max" in params and entry.months > int(params["cycle_max"][0]):
            return False
        return all(
            _occurs(*piece, entry.texts) or _is_heard(*piece, entry.heading_sounds)
            for piece in pieces(params.get("q", [""])[0])
        )

    def _within_range(self, entry: Entry, params: Mapping[str, list[str]]) -> bool:
        low, high = params.get("investment_min"), params.get("investment_max")
        return not (low and entry.money < hundredths(low[0])) and not (
            high and entry.money > hundredths(high[0])
        )

    def _ordered(self, entries: list[Entry], params: Mapping[str, list[str]]) -> list[Entry]:
        asked = pieces(params.get("q", [""])[0])
        sort = params.get("sort", ["relevance" if asked else "-investment"])[0]
        entries = sorted(entries, key=lambda entry: entry.reference)
        if sort == "relevance":
            return sorted(entries, key=lambda entry: (_distance(entry, asked), -entry.money))
        if sort == "-updated":
            return sorted(entries, key=lambda entry: entry.updated_on, reverse=True)
        if sort == "name":
            return sorted(entries, key=lambda entry: entry.name_key)
        if sort in ("cycle", "-cycle"):
            return sorted(entries, key=lambda entry: entry.months * (1 if sort == "cycle" else -1))
        return sorted(entries, key=lambda entry: entry.money * (1 if sort == "investment" else -1))


# --- random questions -----------------------------------------------------------------------------


class Questions:
    """Random valid searches of a pack, the same for the same seed."""

    def __init__(self, oracle: Oracle, seed: object) -> None:
        self.oracle = oracle
        self.random = random.Random(str(seed))
        texts = [
            text for row in oracle.rows for column, text in row.items() if column.endswith(("_zh", "_en"))
        ]
        texts += [row[column] for row in oracle.districts.values() for column in ("name_zh", "name_en")]
        self.han = [run for text in texts for kind, run in pieces(text) if kind == "han"]
        self.latin = [run for text in texts for kind, run in pieces(text) if kind == "latin"]
        self.mixed = [
            word for text in texts for _k, word in _words(text) if {k for k, _r in pieces(word)} > {"han"}
        ]
        self.traditional = OpenCC("s2t")

    def __call__(self) -> Params:
        dice, params = self.random, {}
        if dice.random() < 0.45:
            words = [self._word() for _ in range(dice.choice((1, 1, 1, 2, 2, 3)))]
            params["q"] = [dice.choice((" ", "，", "　", " ")).join(words)]
        for name in FACETS:
            if dice.random() < 0.2:
                values = list(self.oracle.values[name])
                params[name] = dice.sample(values, min(len(values), dice.choice((1, 1, 2, 2, 3, 5))))
        for name, low, high in (("investment", 0, 120), ("cycle", 1, 60)):
            if dice.random() < 0.25:
                bounds = sorted(
                    (self._amount() if name == "investment" else Decimal(dice.randint(low, high)))
                    for _ in range(2)
                )
                both = dice.random()
                if both < 0.7:
                    params[f"{name}_min"] = [f"{bounds[0].normalize():f}"]
                if both > 0.4:
                    params[f"{name}_max"] = [f"{bounds[1].normalize():f}"]
        if dice.random() < 0.6:
            params["sort"] = [dice.choice(SORTS)]
        if dice.random() < 0.05:
            params["edition"] = [self.oracle.edition]
        return params

    def _amount(self) -> Decimal:
        dice = self.random
        money = dice.choice(self.oracle.entries).money + dice.choice((-1, 0, 0, 1))
        if dice.random() < 0.3:
            money = dice.choice([*self.oracle.thresholds, 0, 1, 3]) * 100
        return _decimal(max(0, money))

    def _word(self) -> str:
        dice = self.random
        if dice.random() < 0.2:
            return self._sound()
        kind = dice.random()
        if kind < 0.4:
            run = dice.choice(self.han)
            start = dice.randrange(len(run))
            return run[start : start + dice.randint(1, 4)]
        if kind < 0.5:
            run = dice.choice(self.han)
            start = dice.randrange(len(run))
            return self.traditional.convert(run[start : start + dice.randint(1, 4)])
        if kind < 0.65:
            word = dice.choice(self.latin)
            return dice.choice((word, word.upper(), word.title()))
        if kind < 0.8:
            word = dice.choice(self.latin)
            return word[: dice.randint(1, len(word))]
        if kind < 0.85:
            return dice.choice(self.latin)[1:] or "x"
        if kind < 0.93:
            return self._full_width(dice.choice(self.mixed or self.han))
        if kind < 0.97:
            return dice.choice(self.oracle.entries).reference
        return dice.choice(("没有这个词", "zzz", "不存在", "q9"))

    def _sound(self) -> str:
        """A piece of a name in pinyin, or its initials; now and then a letter off."""
        dice = self.random
        sound = dice.choice(dice.choice(self.oracle.entries).heading_sounds)
        length = dice.choice((2, 3, 4, 6, 9, len(sound)))
        return sound[:length] if dice.random() < 0.9 else f"{sound[: length - 1]}v"

    def _full_width(self, word: str) -> str:
        if self.random.random() < 0.5:
            return word
        return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in word)


def query_string(params: Params) -> str:
    return urlencode([(name, one) for name, values in params.items() for one in values], quote_via=quote)
