"""Amounts and durations as people write them: “10亿以上”, “CNY 500m+”, “三年内”, “within 2 years”.

Grammar, not vocabulary: numbers, units and directions in Chinese, English and pinyin. Texts are given
folded (``reading.Question``): NFKC, lower case, simplified.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from .. import amounts
from ..models.catalogue import CYCLE_MONTHS_MAX
from .text import HAN, edged

# 左右 and “about” take in so much on either side (contract, “Asking”).
ABOUT = Decimal("0.2")
MONTHS_PER_YEAR = 12


@dataclass(frozen=True)
class Quantity:
    """A piece of a text that speaks of an amount (亿元) or a duration (months), and its inclusive bounds.

    Without bounds it is recognised but says no direction, or cannot be searched for: it stays a word.
    """

    end: int
    name: str = ""
    lower: Decimal | None = None
    upper: Decimal | None = None


@dataclass(frozen=True)
class _Measure:
    """One number with its unit: ``value`` in 亿元 or months; ``is_foreign`` is another currency, and
    ``way`` the direction that stands between number and unit: 3+ years."""

    end: int
    name: str
    value: Decimal
    is_foreign: bool = False
    way: str = ""


# --- numbers --------------------------------------------------------------------------------------

_LARGE_UNITS = "hundred millions?|trillions?|tn|billions?|bn|bil|mrd|millions?|mn|mln|mil|mio|crores?"
# With a comma for the point, as much of Europe writes, where a unit leaves no doubt: 2,5 billion.
_COMMA = rf"[0-9]{{1,3}},[0-9]{{1,2}}(?=\s*(?:{_LARGE_UNITS}))"
_DIGITS = rf"(?:{_COMMA}|[0-9]{{1,3}}(?:,[0-9]{{3}})+|[0-9]{{1,14}})(?:\.[0-9]{{1,6}})?"
_HAN_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_HAN_DIGITS |= {c: i for i, c in enumerate("壹贰叁肆伍陆柒捌玖", start=1)}
_HAN_TENS = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
_HAN_COUNT = "零〇一二两三四五六七八九十百千"
_HAN_NUMBER = f"[{_HAN_COUNT}点]{{1,12}}"
# As contracts have amounts: 贰拾亿元整.
_HAN_FORMAL = "壹贰叁肆伍陆柒捌玖拾佰仟"
_HAN_FORMAL_NUMBER = rf"[{_HAN_COUNT}{_HAN_FORMAL}点]{{1,12}}(?=\s*个?[亿万])"
_ENGLISH = {
    "half a": "0.5", "a": "1", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9", "ten": "10", "twelve": "12", "fifteen": "15", "eighteen": "18",
    "twenty": "20", "twenty-four": "24", "thirty": "30", "thirty-six": "36", "forty": "40", "fifty": "50",
    "sixty": "60",
}  # fmt: skip
_ENGLISH_NUMBER = "|".join(sorted(_ENGLISH, key=len, reverse=True))
_ONES = "liang|yi|er|san|si|wu|liu|qi|ba|jiu"
_NUMBER = edged(
    rf"(?P<digits>{_DIGITS})(?:\s*(?P<tens>[十百千](?=\s*万)))?"
    rf"|(?P<han>{_HAN_NUMBER}|{_HAN_FORMAL_NUMBER}|(?<![个一大小多])半(?=\s*个?\s*亿))"
    rf"|(?P<english>\b(?:{_ENGLISH_NUMBER})\b(?=[\s\-]))(?P<hundred>\s+hundred\b)?(?P<half>\s+and\s+(?:a\s+)?half\b)?"
    # In pinyin only before a unit in pinyin: liang nian, shi yi, shiba ge yue.
    rf"|(?<![a-z])(?P<pinyin>(?:(?:{_ONES})\s?)?shi(?:\s?(?:{_ONES}))?|{_ONES})(?=\s?(?:nian|ge\s?yue|yi|yiyuan)\b)"
)
_PINYIN_DIGITS = {
    "yi": 1, "er": 2, "liang": 2, "san": 3, "si": 4, "wu": 5, "liu": 6, "qi": 7, "ba": 8, "jiu": 9,
}  # fmt: skip


def _number_at(text: str, at: int) -> tuple[Decimal, int] | None:
    found = _NUMBER.match(text, at)
    if found is None:
        return None
    if found["digits"]:
        point = "." if re.fullmatch(r"[0-9]+,[0-9]{1,2}", found["digits"]) else ""
        value = Decimal(found["digits"].replace(",", point)) * _HAN_TENS.get(found["tens"] or "", 1)
    elif found["han"]:
        spoken = _han_number(found["han"])
        if spoken is None:
            return None
        value = spoken
    elif found["pinyin"]:
        value = _pinyin_number(found["pinyin"])
    else:
        value = Decimal(_ENGLISH[found["english"]]) * (100 if found["hundred"] else 1)
        value += Decimal("0.5") if found["half"] else 0
    return value, found.end()


def _han_number(written: str) -> Decimal | None:
    """十二 → 12, 两百五 → 250, 一点五 → 1.5, 半 → 0.5; None for what is no number."""
    if written == "半":
        return Decimal("0.5")
    whole, point, places = written.partition("点")
    if point:
        if not places or any(c not in _HAN_DIGITS for c in places):
            return None
        fraction = Decimal("0." + "".join(str(_HAN_DIGITS[c]) for c in places))
    else:
        fraction = Decimal(0)
    total, digit, last_unit = 0, None, 0
    for character in whole:
        if character in _HAN_TENS:
            unit = _HAN_TENS[character]
            total += (1 if digit is None else digit) * unit
            digit, last_unit = None, unit
        elif digit in (None, 0):
            digit = _HAN_DIGITS[character]
            last_unit = 0 if digit == 0 else last_unit
        else:
            return None
    # 两百五 is 250: a digit right after a hundred or a thousand counts the next unit below.
    total += (digit or 0) * (last_unit // 10 if last_unit >= 100 and digit else 1)
    return Decimal(total) + fraction if whole or point else None


def _pinyin_number(written: str) -> Decimal:
    """liang → 2, shier → 12, wushi → 50."""
    tens, ten, ones = written.replace(" ", "").rpartition("shi")
    count = _PINYIN_DIGITS.get(tens, 1) if ten else 0
    return Decimal(10 * count + _PINYIN_DIGITS.get(ones, 0))


# --- amounts --------------------------------------------------------------------------------------

_HUNDRED_MILLIONS = {
    "万亿": Decimal(10_000), "亿": Decimal(1), "yi": Decimal(1),
    "万": Decimal("0.0001"), "w": Decimal("0.0001"),
    "hundred million": Decimal(1), "trillion": Decimal(10_000), "tn": Decimal(10_000),
    "billion": Decimal(10), "bn": Decimal(10), "b": Decimal(10),
    "bil": Decimal(10), "mrd": Decimal(10), "crore": Decimal("0.1"),
    "million": Decimal("0.01"), "mn": Decimal("0.01"), "mln": Decimal("0.01"), "mil": Decimal("0.01"),
    "mio": Decimal("0.01"), "m": Decimal("0.01"),
    "thousand": Decimal("0.00001"), "k": Decimal("0.00001"), "": 1 / amounts.YUAN_PER_UNIT,
}  # fmt: skip
# Units only where the currency is named: “500m” may be metres, “5000” anything.
_OF_MONEY_ALONE = ("b", "m", "mil", "crore", "k", "thousand", "")
# W is typed for 万 where Chinese goes on: 5000w以内.
_HAN_UNIT = edged(
    r"\s*个?\s*(?P<unit>万亿|亿|万(?!州)|yi(?=yuan|\b)|w(?=元|块|人民币|以|之内|左右|起|的?项目|投资))"
)
_OF_WATTS = re.compile("功率|充电|发电|光伏|激光|电机|逆变|电源|灯")
# One 亿 is said without a number where that cannot be left of one: 亿元以上, 过亿, but not 数亿.
# Before it may stand a sign or the end of a direction (过, 超) or of a label (投资, 总额, 规模).
_ONE = re.compile(r"(?:^|(?<=[\s,;:、。过上超逾资额模]))(?=亿(?:元|以|级|的|项目|人民币|\s|$))")
_LATIN_UNIT = re.compile(
    rf"\s*(?P<unit>{_LARGE_UNITS}|thousands?|[bmk])(?:(?![a-z])|(?=rmb|cny|yuan))"
    r"(?:(?<=mio|mrd|mil|bil)\.(?=\s|$))?"
)
# Yuan without a unit are an amount where they are so many: 50,000,000元, but not 三元.
_MANY = re.compile(r"[0-9,]{5,}")
_NO_UNIT = edged(r"(?P<unit>)(?=\s*(?:\+\s*)?(?:元|rmb\b|cny\b|yuan\b)|(?![a-z0-9.%个]))")
_PLUS = re.compile(r"\s*\+(?=\s*[a-z年个月亿万])")
_YUAN_BEFORE = edged(r"(?:人民币|rmb|cny|cn¥|yuan\b|[¥￥])\s*")
_YUAN_AFTER = edged(
    r"\s*(?:元整|元\s*人民币|人民币|元(?!宇宙|器件|件|素)|块钱|块|rmb\b|cny\b|yuan\b|renminbi\b|of\s+yuan\b)"
)
# A currency that is named after the direction: 10亿以上人民币, 500m+ CNY.
_YUAN_LAST = edged(r"\s*(?:of\s+)?(?:人民币|rmb\b|cny\b|yuan\b|renminbi\b)")
_YUAN_AFTER_PLUS = edged(r"\s*\+" + _YUAN_LAST.pattern)
FOREIGN = (
    r"美元|美金|欧元|港元|港币|日元|英镑|新元|新币|新加坡元|澳元|加元|台币|新台币|韩元|卢布|卢比|瑞郎|瑞士法郎|泰铢|林吉特"
    r"|usd\b|us\$|u\.s\. dollars?\b"
    r"|(?:(?:us|hong kong|hk|singapore|australian|canadian|new zealand|taiwan|new taiwan) )?dollars?\b"
    r"|hkd\b|hk\$|eur\b|euros?\b|jpy\b|yen\b|gbp\b|pounds?(?: sterling)?\b|sgd\b|s\$|aud\b|a\$|cad\b|chf\b"
    r"|(?:swiss )?francs?\b|krw\b|(?:korean )?won\b|inr\b|rs\.?(?=\s?[0-9])|(?:indian )?rupees?\b|rub\b"
    r"|rou?bles?\b|twd\b|nt\$|myr\b|ringgits?\b|thb\b|bahts?\b|aed\b|dirhams?\b|sar\b|riyals?\b|\$|€|£|₩|₹|₽"
)
# What is counted where an amount would be of money: 100万台, 50 million kWh.
_COUNTED = edged(
    r"(?:台(?!资|商|湾)|辆|吨|人次|人口|户(?!外)|只|件|套|片(?!区)|平米|平方|千瓦|度(?!假)|亩|头(?!部)|羽|株"
    r"|米(?!粉|业|制品)|公里|立方|瓶|袋|用户|次(?!级)|颗|支(?!持|付)|条(?!件)|张|粒|盒|桶|箱|公斤|斤|克|升(?!级)|艘|架(?!构)|枚|个(?!亿))"
    r"|\s*(?:[kmgt]wh?\b|(?:metric )?ton(?:ne)?s?\b|kg\b|km\b|sqm\b|m2|square\b|cubic\b|lit(?:re|er)s?\b"
    r"|barrels?\b|users\b|people\b|persons\b|customers\b|clients\b|visitors\b|tourists\b|residents\b|households\b|passengers\b"
    r"|visits\b|downloads\b|units\b|pieces\b|sets\b|times\b|tokens\b|parameters\b)"
)
_FOREIGN_BEFORE = edged(rf"(?:{FOREIGN})\s*")
_FOREIGN_AFTER = edged(rf"\s*(?:{FOREIGN})")
# After the direction, but not the first letters of a word in two scripts: 10亿以上 CAD软件.
_FOREIGN_LAST = edged(rf"\s*(?:{FOREIGN})(?:(?<![a-z])|(?![{HAN}]))")


def _amount_at(text: str, at: int) -> _Measure | None:
    """An amount with its unit: 5亿3000万, 1,200万元, CNY 1.5bn."""
    yuan = _YUAN_BEFORE.match(text, at)
    foreign = None if yuan else _FOREIGN_BEFORE.match(text, at)
    before = yuan or foreign
    start = before.end() if before else at
    number = _number_at(text, start) or ((Decimal(1), start) if _ONE.match(text, start) else None)
    if number is None:
        return None
    value, end = number
    plus = _PLUS.match(text, end)
    end = plus.end() if plus else end
    unit = _HAN_UNIT.match(text, end) or _LATIN_UNIT.match(text, end)
    if unit and unit["unit"] == "w" and _OF_WATTS.search(text):
        return None
    if unit is None and _MANY.match(text, start):
        unit = _NO_UNIT.match(text, end)
    if unit is None:
        return None
    name = unit["unit"].removesuffix("s")
    value, end = value * _HUNDRED_MILLIONS[name], unit.end()
    if name == "亿":
        value, end = _with_ten_thousands(text, value, end)
    after = _YUAN_AFTER.match(text, end)
    end = after.end() if after else end
    other = None if after or yuan else _FOREIGN_AFTER.match(text, end)
    is_money = yuan or after or foreign or other or _YUAN_AFTER_PLUS.match(text, end)
    if not is_money and (name in _OF_MONEY_ALONE or _COUNTED.match(text, end)):
        return None
    is_foreign = bool(foreign or other)
    return _Measure(other.end() if other else end, "investment", value, is_foreign, "least" if plus else "")


# One more digit after 亿 counts the next unit below, as far as people say so: not 一亿五星级酒店.
_TENTHS = re.compile(
    r"[一二三四五六七八九半1-9](?=\s*(?:$|[元以左上起的;、。+]|,(?![0-9])"
    rf"|[到至\-–—~](?!\s*[0-9{_HAN_COUNT}半.]+\s*(?:年|个?月))))"
)


def _with_ten_thousands(text: str, value: Decimal, end: int) -> tuple[Decimal, int]:
    """What follows 亿 in the same amount: the 3000万 of 5亿3000万, the 五 of 一亿五."""
    if value == value.to_integral_value() and (tenths := _TENTHS.match(text, end)):
        return value + _tenth(tenths[0]), tenths.end()
    rest = _number_at(text, end)
    if rest and (unit := re.compile(r"\s*万(?!亿|州)").match(text, rest[1])):
        return value + rest[0] * _HUNDRED_MILLIONS["万"], unit.end()
    return value, end


def _tenth(digit: str) -> Decimal:
    return Decimal("0.5") if digit == "半" else Decimal(_HAN_DIGITS.get(digit) or digit) / 10


# --- durations ------------------------------------------------------------------------------------

_YEARS = edged(r"\s*(?:周年|年(?!代|产|度|税)|nian\b|-?\s*(?:years?|yrs?|y)\b)(?P<half>半)?")
_MONTHS = edged(r"\s*(?:个\s*月|月|ge\s?yue\b|-?\s*(?:months?|mos?|mths?)\b)")
# Between the years and the months of one duration.
_AND_MONTHS = edged(r"\s*(?:and\s+|又|零)?")
_HALF_YEAR = edged(r"半年|half a year\b|half year\b")
_YEAR_AND_HALF = edged(r"(?:an?|one) year and a half\b")


def _duration_at(text: str, at: int) -> _Measure | None:
    """A duration with its unit, in whole months: 18个月, 一年半, 2.5 years."""
    if found := _HALF_YEAR.match(text, at):
        return _Measure(found.end(), "cycle", Decimal(6))
    if found := _YEAR_AND_HALF.match(text, at):
        return _Measure(found.end(), "cycle", Decimal(18))
    number = _number_at(text, at)
    if number is None:
        return None
    value, end = number
    plus = _PLUS.match(text, end)
    end = plus.end() if plus else end
    if unit := _YEARS.match(text, end):
        months = value * MONTHS_PER_YEAR + (6 if unit["half"] else 0)
        end = unit.end()
        more = _AND_MONTHS.match(text, end)
        rest = None if unit["half"] else _number_at(text, more.end() if more else end)
        if rest and (more := _MONTHS.match(text, rest[1])):
            months, end = months + rest[0], more.end()
    elif unit := _MONTHS.match(text, end):
        months, end = value, unit.end()
    else:
        return None
    return _Measure(end, "cycle", months, way="least" if plus else "")


# What is done in that time: 两年内建成, within 2 years of construction.
_BUILT = edged(
    r"\s*(?:就?(?:能够?|可以?|必?须|要)?(?:建成|投产|完工|竣工|建好|建完|交付)+"
    r"|(?:of |for |to )?(?:construction(?: period| time)?|build|built|completion|complete)\b)"
)
# The same before it: construction within 12 months, but not construction materials.
_TO_BUILD = edged(
    r"(?:construction|build(?:ing)?|to build)(?: (?:to )?(?:finish|complete|end)(?:es|s|ed|d)?)?:?(?:\s+in)?"
    rf"\s+(?=(?:within|under|over|at (?:most|least)|less|more|no|up|max|min|about|{_ENGLISH_NUMBER})\b|[0-9])"
)


# --- directions -----------------------------------------------------------------------------------


def _any(*words: str) -> str:
    return "|".join(words)


_NOT = "(?:不会|不能|不得|不可以?|不要|不应|不宜|不|尚未|未|没有|没|切勿|勿|别|莫)"
_IS_NOT = r"(?:never|not|(?:must|should|can|may|do|does|is|are)(?: not|n[’']t)|cannot|can[’']t)"
_ENGLISH_LABEL = r"(?: (?:total )?(?:investment|amount|budget|size|ticket(?: size)?|period))?(?: of| is)?"
_BEFORE = {
    "least": _any(
        f"(?:最[少低短]|至少)?{_NOT}(?:低于|少于|小于|短于)",
        rf"{_IS_NOT} (?:under|below|less than|shorter than|smaller than)\b",
        "大于等于", "大于或等于", "大于", "超过", "高于", "多于",
        "长于", "至少", "最少", "最低", "最短", "起码", "逾", "超",
        f"(?<![通经再])过(?=[0-9{_HAN_COUNT}亿])",
        "(?<![线网马路])上(?=[十百千]*[亿万])", "≥", ">=", ">",
        r"no less than\b", r"no lower than\b", r"not less than\b", r"no fewer than\b", r"not below\b",
        r"at least\b", r"upwards? of\b", r"north of\b", r"in excess of\b",
        r"superior to\b",
        r"more than\b", r"greater than\b", r"longer than\b", r"larger than\b", r"bigger than\b",
        r"over\b", r"above\b", r"(?<!to )(?<!ever )exceed(?:s|ing)?\b", r"from\b", r"starting (?:at|from)\b",
        rf"(?:minimum|min\b\.?){_ENGLISH_LABEL}(?![a-z]):?", "chaoguo", "zhishao",
    ),
    "most": _any(
        f"(?:最[多高长]|至多)?{_NOT}(?:超过|超出|超|高于|多于|大于|长于|逾)", "达不到",
        rf"{_IS_NOT} (?:(?:need|require|take|cost|last) )?"
        r"(?:over|above|exceed(?:ing)?|more than|greater than|longer than)\b",
        "小于等于", "小于或等于", "小于", "低于", "少于",
        "短于", "不足", "不到", "未满", "至多", "最多", "最高", "最长", "≤", "<=", "<",
        r"no more than\b", r"not more than\b", r"no longer than\b", r"not exceeding\b", r"not over\b",
        r"at most\b", r"less than\b", r"fewer than\b", r"shorter than\b", r"smaller than\b",
        r"no higher than\b", r"not to exceed\b", r"capped at\b", r"(?:un)?till?\b",
        r"inferior to\b", r"upto\b",
        r"(?:finished|completed|built|ready|operational|done) (?:in|within)\b",
        r"(?:in )?under\b", r"below\b", r"up to\b", r"within\b", r"sub[\s\-]?(?=[0-9¥￥]|rmb|cny)",
        rf"(?:maximum|max\b\.?){_ENGLISH_LABEL}(?![a-z]):?",
        "buchaoguo", "diyu",
    ),
    "about": _any(
        "大约", "大概", "约", "差不多", "~", "≈",
        r"about\b", r"around\b", r"approximately\b", r"approx\.?", r"roughly\b", r"circa\b", r"ca\.",
        r"\bc\.(?=\s?[0-9¥￥]|\s?(?:rmb|cny)\b)",
    ),
    "between": _any("介于", "在", r"between\b", r"\bb/w\b", r"from\b"),
}  # fmt: skip
# Not of two bounds: 1 bn and under 5 bn.
_NO_MORE = rf"(?!\s+than\b|\s*(?:cny|rmb|[a-z]{{0,3}}[$€£¥￥])?\s*(?:[0-9]|(?:{_ENGLISH_NUMBER})\b))"
_AFTER = {
    "least": _any(
        "及其?以上", "或以上", "或者以上", "以上", "起步", "起投", "起", "打底", "往上", "朝上",
        r"(?<=[亿元])级别?(?=\s|$|的|项目|投资|[,;])", r"\+",
        "yishang",
        r"(?:or|and) (?:more|higher|longer|greater|larger|upwards?)\b(?!\s+than\b)",
        rf"(?:or|and) (?:above|over|up)\b(?! to\b){_NO_MORE}",
        r"upwards?\b", r"plus\b", r"at least\b", r"minimum\b", r"min\b",
    ),
    "most": _any(
        "及其?以下", "或以下", "及以内", "以下", "以内", "之内", "之下", "往下", "封顶", "内", "里",
        "yixia", "yinei", "nei",
        r"(?:or|and) (?:less|fewer|lower|shorter|smaller)\b(?!\s+than\b)",
        rf"(?:or|and) (?:below|under)\b{_NO_MORE}",
        r"at most\b", r"maximum\b", r"max\b",
    ),
    "about": _any("左右", "上下", "zuoyou", r"or so\b"),
    "between": _any("之间", "区间", "的?范围内?"),
}  # fmt: skip
# 至少要投2亿, 最多能出3亿.
_SPENT = r"(?:也|就|只|还)?(?:需要?|要|得|能够?|可以?)?(?:投资|投入|投|出资|出|拿出|花)?"
_BEFORE_PATTERNS = {way: edged(rf"(?:{words})\s*(?:是|为|{_SPENT})\s*") for way, words in _BEFORE.items()}
# What is bounded may stand before the direction: 2-year construction period at most.
_ENGLISH_NOUN = (
    r"(?:(?:(?:construction|build(?:ing)?)(?: period| time)?|period|investment)\s+(?=at |or |max|min))?"
)
# As official papers have it, bounds name themselves: 20亿元(含)以上, 20亿元以上(含20亿元).
_NAMED_BOUND = rf"(?:\s*\(不?含(?:本数|[0-9.,{_HAN_COUNT}{_HAN_FORMAL}亿万元个年月]*)\))?"
_AFTER_PATTERNS = {
    way: edged(rf"\s*(?:\(?不?含\)?\s*)?{_ENGLISH_NOUN}(?:{words}){_NAMED_BOUND}")
    for way, words in _AFTER.items()
}
_TO = edged(r"\s*(?:-|–|—|―|~|到|至|和|与|to\b|and\b|dao\b|zhi\b)\s*")

_MEASURES: tuple[Callable[[str, int], _Measure | None], ...] = (_amount_at, _duration_at)


def _longest(patterns: dict[str, re.Pattern[str]], text: str, at: int) -> tuple[str, int]:
    """The direction that stands here with its longest words, and where they end; ``""`` if none."""
    found = [(match.end(), way) for way, p in patterns.items() if (match := p.match(text, at))]
    if not found:
        return "", at
    end, way = max(found, key=lambda one: one[0])
    return way, end


# Before what is only the end of a number: 1,5亿, .5亿, -5亿.
_WITHIN_A_NUMBER = re.compile(r"(?:[0-9][.,]?|(?:^|\s)[.\-−])$")
# Of numbers that nobody gave exactly: 数十亿, 两三亿, 三四年.
_ABOUT_SO_MANY = re.compile(rf"[数几{_HAN_COUNT}{_HAN_FORMAL}](?=[{_HAN_COUNT}{_HAN_FORMAL}])")


def quantity_at(text: str, at: int) -> Quantity | None:
    """The amount or duration with its direction that begins here; None where there is none.

    Over, from, 以上, 超过 are inclusive lower bounds, under, within, 以下, 不足 inclusive upper ones;
    左右 and about are ± 20 %, no month more. A bare amount or duration is returned without bounds.
    """
    if text[at : at + 1].isdecimal() and _WITHIN_A_NUMBER.search(text, max(0, at - 2), at):
        return None
    if at and _ABOUT_SO_MANY.match(text, at - 1):
        return None
    if label := _TO_BUILD.match(text, at):
        found = quantity_at(text, label.end())
        return found if found and found.name == "cycle" else None
    before, start = _longest(_BEFORE_PATTERNS, text, at)
    if before and (ranged := _range_at(text, start)):
        return ranged if before in ("between", "least", "about") else Quantity(ranged.end)
    if not before and (ranged := _range_at(text, at)):
        return ranged
    measure = _measure_at(text, start)
    if measure is None:
        return None
    after, end = _longest(_AFTER_PATTERNS, text, measure.end)
    if after == "between" or (before and _leads_on(text, measure.end)):
        after = ""
    end = end if after else measure.end
    if after and measure.name == "investment":
        if _FOREIGN_LAST.match(text, end):
            return Quantity(end)
        end = currency.end() if (currency := _YUAN_LAST.match(text, end)) else end
    if (before or after) and measure.name == "cycle" and (built := _BUILT.match(text, end)):
        end = built.end()
    if before == "between" and text[at] == "在":  # 在10亿以上
        before = ""
    before = before or measure.way
    if measure.is_foreign or (before and after and before != after) or before == "between":
        return Quantity(end)
    return _bounded(measure, before or after, end)


def _leads_on(text: str, at: int) -> bool:
    """Whether what stands here is the direction of a further bound: min 18 months max 30 months."""
    blank = re.compile(r"\s+").match(text, at)
    way, start = _longest(_BEFORE_PATTERNS, text, blank.end()) if blank else ("", at)
    return bool(way) and _measure_at(text, start) is not None


def _measure_at(text: str, at: int) -> _Measure | None:
    return next((found for read in _MEASURES if (found := read(text, at))), None)


def _bounded(measure: _Measure, way: str, end: int) -> Quantity:
    value = measure.value
    if way == "least":
        return _searchable(measure.name, value, None, end)
    if way == "most":
        return _searchable(measure.name, None, value, end)
    if way == "about":
        return _searchable(
            measure.name,
            _rounded(measure.name, value * (1 - ABOUT), ROUND_CEILING),
            _rounded(measure.name, value * (1 + ABOUT), ROUND_FLOOR),
            end,
        )
    return Quantity(end)


def _range_at(text: str, at: int) -> Quantity | None:
    """Two bounds: 50-100亿, 10亿到50亿元, CNY 1–5 bn, 12至24个月. The first may lack its unit."""
    yuan, foreign = _YUAN_BEFORE.match(text, at), _FOREIGN_BEFORE.match(text, at)
    currency = yuan or foreign
    first = _measure_at(text, at) or _lettered_at(text, at)
    number = None if first else _number_at(text, currency.end() if currency else at)
    if first is None and number is None:
        return None
    to = _TO.match(text, first.end if first else number[1])  # type: ignore[index]
    second = _measure_at(text, to.end()) if to else None
    if second is None and currency and to:
        second = _lettered_at(text, to.end()) or _in_yuan_at(text, to.end())
    if second is None or (first and first.name != second.name):
        return None
    lower = first.value if first else _in_unit_of(text, number[0], to, second)  # type: ignore[index,arg-type]
    after, end = _longest(_AFTER_PATTERNS, text, second.end)
    end = end if after == "between" else second.end
    is_foreign = foreign or second.is_foreign or (first and first.is_foreign)
    if is_foreign or lower is None or lower > second.value:
        return Quantity(end)
    return _searchable(second.name, lower, second.value, end)


def _lettered_at(text: str, at: int) -> _Measure | None:
    """The 5b of “CNY 1-5b”, the 1b of “1b to 5b yuan”: a unit, as the range names its currency elsewhere."""
    found = _number_at(text, at)
    unit = _LATIN_UNIT.match(text, found[1]) if found else None
    if not found or not unit:
        return None
    return _Measure(unit.end(), "investment", found[0] * _HUNDRED_MILLIONS[unit["unit"].removesuffix("s")])


def _in_yuan_at(text: str, at: int) -> _Measure | None:
    """The 800,000,000 of “RMB 500,000,000 – 800,000,000”."""
    found = _number_at(text, at) if _MANY.match(text, at) else None
    if not found or not _NO_UNIT.match(text, found[1]):
        return None
    return _Measure(found[1], "investment", found[0] * _HUNDRED_MILLIONS[""])


def _in_unit_of(text: str, number: Decimal, to: re.Match[str], second: _Measure) -> Decimal | None:
    """A bare number before “to” in the unit of what comes after it."""
    bare = re.compile(r"(?:[¥￥]|rmb|cny|人民币)?\s*").match(text, to.end())
    own = _number_at(text, bare.end() if bare else to.end())
    if own is None or not own[0]:
        return None
    return number * second.value / own[0]


def _rounded(name: str, value: Decimal, rounding: str) -> Decimal:
    """A bound to the month or the cent."""
    if name == "cycle":
        return value.quantize(Decimal(1), rounding)
    return min(value.quantize(amounts.CENT, rounding), amounts.MAXIMUM)


def _searchable(name: str, lower: Decimal | None, upper: Decimal | None, end: int) -> Quantity:
    """The bounds where a search can ask for exactly these; else none."""
    for bound in (lower, upper):
        if bound is None:
            continue
        if name == "cycle" and not (bound == bound.to_integral_value() and 1 <= bound <= CYCLE_MONTHS_MAX):
            return Quantity(end)
        if name == "investment" and not (
            bound == bound.quantize(amounts.CENT, ROUND_HALF_UP) and 0 <= bound <= amounts.MAXIMUM
        ):
            return Quantity(end)
    return Quantity(end, name, lower, upper)


# The Latin units that people write out letter by letter.
_BEGUN = ("yi", "trillion", "tn", "billion", "bn", "million", "mn", "mln", "year", "yr", "month", "mths")


def begins_a_unit(letters: str) -> bool:
    """Whether folded letters are the beginning of a Latin unit, or all of one: b, bn, mo."""
    return any(unit.startswith(letters) for unit in _BEGUN)
