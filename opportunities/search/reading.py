"""A question cut into pieces: amounts and durations, terms of the vocabulary, and what is neither.

What stands inside a longer word is not that word: “江北” in “江北嘴” is a place nobody asked for. So a
term counts only where nothing of a single character is left beside it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from . import text
from .quantities import FOREIGN, Quantity, quantity_at
from .vocabulary import CONNECTING, WORD, Target, Vocabulary, phrase

_IS_HAN = re.compile(f"[{text.HAN}]")
_LATIN_WORD = re.compile(f"(?:(?![{text.HAN}])[^\\W_])+")
# Between the words of a phrase: “new-energy”, “nan'an”, “culture, tourism”, “J.V.”.
_WITHIN_PHRASE = re.compile(r"(?:[\s\-_'’,&/()%]|\.(?! )){1,3}")
# One term written in parts: “semi-conductor”, “bio tech”; a shorter one with a space between may be two.
_APART = re.compile(r"[\-.]")
_APART_MIN = 6
# What an apostrophe adds to a word: Wulong's, we'd. With is written short, too: w/ partner.
_CONTRACTED = re.compile(
    r"(?<=[a-z])['’](?:s|d|m|re|ve|ll)(?![a-z])|(?<![a-z0-9])w/(?!o(?:ut)?(?![a-z]))(?=\s|[a-z]{3}|[0-9])"
)
# The name of a condition before its value: status:open, 合作：租赁; and what begins a list in brackets.
_LABEL = re.compile(
    r"(?<=\()含|(?:sector|region|district|status|cooperation|investment|cycle|合作|状态|区域|行业|产业|投资|周期)(?=\s*[:=])"
)
_PHRASE_MAX = 8
# What may follow the name of a sector and be of it: 食品业, 医药行业, 芯片厂, 汽车企业.
_TRADE = re.compile(
    r"(?:产|行|制造|加工)?业(?![务态主绩余界链集园])|(?:加工|制造|生产)?厂(?![房家商区址矿库长务工])"
    r"|企业(?![家服管文认孵总债上注])|公司"
)
# Within a run of Han: 两江 新区, 文旅商贸、消费品.
_WITHIN_HAN = " 、"
# Words that refuse what follows, whatever stands before them: 汽车项目不要合资.
_REFUSING_WORDS = "不要|不想要?|不含|不包括|不接受|不考虑|不用|不必|不需要?|无需|唔使|唔要"
_NEGATION = text.edged(
    rf"(?:非|{_REFUSING_WORDS}|不是|不在|不允许|不支持|禁止|拒绝|避开|远离|排除"
    r"|除了|除去|除|还没有?|没有|没|尚未|暂未|未|等待|别|勿)(?:是|的|在)?\s*"
    r"|\b(?:not yet|not|no longer|no|non|never|without|w/o(?:ut)?|(?:is|are|was|were|has|have)n['’]t"
    r"|except(?: for)?|excluding|exclude|other than|rather than|instead of|(?:any|every)thing but|all but"
    r"|outside(?: of)?|away from|far from|avoid(?:ing)?)\b[\s\-]*"
    r"(?:(?:in|the|yet|an?|any|for|(?:to )?be|been|being|fully)\s+)*"
)
_REFUSING = re.compile(_REFUSING_WORDS)
_EXCEPTED = re.compile(rf"\s*的?(?:项目)?(?:除外|以外|之外|(?:不要|不考虑)(?![{text.HAN}]))")
# What stands before a quantity that is denied, and before or after one that is not of the investment or
# of the time to build.
_DENYING = text.edged(
    r"(?:[不未没莫勿别非无]|(?<!有)没有|不会|不能|不得|不可|不想|不要|拒绝|避免)\s*$"
    r"|(?:\b(?:no|not|never|nothing|none|neither|without)|n[’']t)(?:\s+[a-z]+){0,2}\s*$"
)
_OTHER = (
    r"产值|产出|产能|税收|税额|利税|纳税|利润|营收|营业额|收入|销售额|销售|注册资本|注册资金|资本金|补贴|补助|奖励"
    r"|负债|债务|[净总]资产|资产(?:总额|规模)|(?:进?出口|外贸)额|贷款|授信|强度|容量|租金|成本|估值|市值"
    r"|租期|租赁期|退出周期|退出期|存续期|封闭期|锁定期|账期|基金期限|回收期|回本|收回|成立|免税|免租|质保|保修"
    r"|保质期|寿命|合同期"
    r"|\b(?:(?:output|production) values?|outputs?|tax(?:es)?|revenues?|sales|turnover|profits?|capital"
    r"|subsid(?:y|ies)|grants?|loans?|debts?|assets|exports?|rent"
    r"|payback(?: period)?|lease(?: term)?|warranty|founded|established|published|last|past)\b"
)
_COUNTED_BEFORE = r"(?:用户|人口)(?:数量?|规模|总数)?|\b(?:users|customers)\b"
_OF_OTHER = text.edged(
    rf"(?:(?:{_OTHER}|(?<![附靠邻])近|最近|过去)[^\s,，;；、。]{{0,3}}(?:\s+(?:of|is|at))?"
    rf"|{_COUNTED_BEFORE}|(?<![a-z创])(?:{FOREIGN}))\s*$"
)
_OTHER_AFTER = text.edged(rf"\s*(?:的|in |of )?(?:年|annual )?(?:{_OTHER}|发布|更新)")
# The same of durations alone.
_OF_OTHER_TIME = text.edged(
    r"(?:经验|历史|工龄|[0-9]\s*[%‰]"
    r"|\b(?:experience|operating|running|in (?:business|operation))\b(?: for)?)\s*$"
)
_OTHER_TIME_AFTER = text.edged(r"['’]?\s*(?:的|of )?(?:工作)?(?:经验|历史|工龄|\b(?:experience|old|ago)\b)")
# Connecting characters that stand between words; any other single one may be part of the word before it.
# The first of them join what stands before to what follows.
_BELONGING = "的嘅"
# These go on from a term to a word of two characters or more: 丰都有肉牛, 永川和西永.
_CONJUNCTIONS = frozenset("和与及或跟")
_VERBS = frozenset("有做搞找")
# These begin what somebody says, too, rather than another word: 搞铝加工, not 做了, 做工, 搞笑, 找平.
_DOING = re.compile("做(?![了过着点出到法工功市空旧媒])|搞(?![了过着点定怪笑])|找(?![了过着到平零])")
# These end a question rather than stand within it, where they are of a word: 氧吧.
_TAGS = frozenset("吧呢")
# These divide two such words: 民宿和露营地, 柑橘加工项目联系谁, 客户是基金.
_DIVIDING = _CONJUNCTIONS | {"项目", "是"}
# Connecting words that may begin another: 投资基金, 项目管理, contact lenses; all others only speak, but for
# single characters.
BEGINNING_WORDS = frozenset(
    (Path(__file__).parent / "compound-words.txt").read_text(encoding="utf-8").split()
)
_PARTICLES = f"{_BELONGING}和与及或跟在想拟欲且并但吗呢吧么嘛啊呀哈哦啦哟呗之"
# What connecting words in a row hold where somebody speaks rather than a name begins: 请问火锅底料,
# 有没有火锅底料, but 投资基金.
_SPEAKING = frozenset("我你您请帮找查搜寻想哪没什荐手")
# The same within a run, whatever stands before: 旁边有没有火锅底料.
_SPEAKING_ANYWHERE = frozenset("我你您请哪没什")
# Connecting characters that begin words: nobody speaks of 来水 in 有没有自来水.
_BEGINNING_CHARACTERS = frozenset("来过对多少点下最更会由将于向从到为该各每再已个可")
# What makes another thing of a term: a street of a place's name may be anywhere, and 食品级 is a grade.
_OTHERWISE = {
    "district": re.compile(r"\s+(?:road|street|avenue|boulevard|rd|ave|lu|dadao)(?![a-z])"),
    "sector": re.compile(r"级(?!别)"),
}
# Words of the state of a deal or its form, and connecting ones, make up others with a hyphen: open-air,
# equity-linked, co-investment.
_DEALS = {"status", "cooperation", ""}
# Connecting words that are others in capitals.
_ACRONYMS = {"WHO", "IT", "US", "IF", "ITS", "DO", "HAS", "MUST", "ETC", "VS", "BE", "AM", "ONE"}


class Question:
    """A question folded for reading, each character with its place in what was typed."""

    def __init__(self, typed: str) -> None:
        self.typed = typed
        folded = [
            (text.simplified(one), place)
            for place, typed_one in enumerate(typed)
            for one in text.folded(typed_one)
            for one in _without_accents(one)
        ]
        self.text = "".join(one for one, _place in folded)
        self._places = [place for _one, place in folded]

    def place(self, at: int) -> int:
        """Where in what was typed a place of the folded text is."""
        return self._places[at] if at < len(self._places) else len(self.typed)

    def as_typed(self, start: int, end: int) -> str:
        # With the accents that follow a letter, which are not read.
        return self.typed[self.place(start) : max(self.place(end - 1) + 1, self.place(end))]


def _without_accents(character: str) -> str:
    """A Latin letter as pinyin is read: u for ú, and nothing for an accent that stands alone."""
    letter = unicodedata.normalize("NFD", character)[0]
    return "" if unicodedata.combining(letter) else letter if letter.isascii() else character


@dataclass(frozen=True)
class Piece:
    """A piece of a question's text. ``targets`` is None for what is not known; see ``Vocabulary``."""

    start: int
    end: int
    targets: frozenset[Target] | None = None
    quantity: Quantity | None = None
    is_denied: bool = False

    @property
    def is_known(self) -> bool:
        return self.targets is not None or self.quantity is not None

    @property
    def is_connecting(self) -> bool:
        return self.targets == CONNECTING


def pieces(question: Question, vocabulary: Vocabulary) -> list[Piece]:
    """The pieces of a question in order; what separates them belongs to none."""
    found: list[Piece] = []
    at = 0
    while at < len(question.text):
        here = _at(question.text, at, vocabulary)
        found.extend(here)
        at = here[-1].end if here else at + 1
    settled = _settled(_joined(_with_letters_unknown(found, question)), question.text)
    return _joined([replace(one, targets=None) if one.targets == WORD else one for one in settled])


def _with_letters_unknown(found: list[Piece], question: Question) -> list[Piece]:
    """The pieces, where A and I right behind an unknown word are letters, and so is everything among letters
    alone, and neither WHO nor thé is the English word: vitamin A, phase I, a b c, WHO-certified, thé vert."""
    if question.typed.isupper() and not text.has_han(question.typed):
        return found
    if question.text.isascii() and all(len(word) == 1 for word in question.text.split()):
        return [replace(one, targets=None) for one in found]
    return [
        replace(one, targets=None)
        if _is_another_word(one, question) or (before and _is_a_letter(one, before, question))
        else one
        for before, one in zip([None, *found], found, strict=False)
    ]


def _is_another_word(piece: Piece, question: Question) -> bool:
    typed = question.as_typed(piece.start, piece.end)
    has_accents = not typed.isascii() and question.text[piece.start : piece.end].isascii()
    return piece.is_connecting and (typed in _ACRONYMS or (has_accents and typed.isalpha()))


def _is_a_letter(piece: Piece, before: Piece, question: Question) -> bool:
    return (
        piece.is_connecting
        and question.as_typed(piece.start, piece.end) in ("A", "I")
        and not before.is_known
        and question.text[before.end : piece.start] == " "
    )


def _at(asked: str, at: int, vocabulary: Vocabulary) -> list[Piece]:
    if said := _CONTRACTED.match(asked, at) or _LABEL.match(asked, at):
        return [Piece(at, said.end(), CONNECTING)]
    known = _known_at(asked, at, vocabulary)
    negated = _NEGATION.match(asked, at)
    if negated and not (known and known[-1].end > negated.end()):
        denied = _known_at(asked, negated.end(), vocabulary)
        if denied:
            return [Piece(at, denied[-1].end, is_denied=True)]
    if known and (excepted := _EXCEPTED.match(asked, known[-1].end)):
        return [Piece(at, excepted.end())]
    if known and known[0].quantity and _is_of_other(asked, known[0]):
        return [Piece(at, known[0].end)]
    if known and (otherwise := _other_thing(asked, known[-1])):
        return [Piece(at, otherwise.end())]
    if known:
        return known
    if word := _LATIN_WORD.match(asked, at):
        return [Piece(at, word.end())]
    return [Piece(at, at + 1)] if _IS_HAN.match(asked, at) else []


def _other_thing(asked: str, piece: Piece) -> re.Match[str] | None:
    """What follows a term and makes another thing of it."""
    parameters = {parameter for parameter, _value in piece.targets or ()}
    pattern = _OTHERWISE.get(parameters.pop()) if len(parameters) == 1 else None
    return pattern.match(asked, piece.end) if pattern else None


def _is_of_other(asked: str, piece: Piece) -> bool:
    """Whether a quantity is denied, or is one of something else: 不…10亿以上, 年产值10亿以上."""
    before, after = [_DENYING, _OF_OTHER], [_OTHER_AFTER]
    if piece.quantity and piece.quantity.name == "cycle":
        before, after = [*before, _OF_OTHER_TIME], [*after, _OTHER_TIME_AFTER]
    return any(pattern.search(asked, 0, piece.start) for pattern in before) or any(
        pattern.match(asked, piece.end) for pattern in after
    )


def _known_at(asked: str, at: int, vocabulary: Vocabulary) -> list[Piece]:
    quantity = quantity_at(asked, at)
    if quantity is not None:
        return [Piece(at, quantity.end, quantity=quantity) if quantity.name else Piece(at, quantity.end)]
    if _IS_HAN.match(asked, at):
        return _han_term_at(asked, at, vocabulary)
    return _latin_term_at(asked, at, vocabulary)


def _han_term_at(asked: str, at: int, vocabulary: Vocabulary) -> list[Piece]:
    """The known run of Han that begins here: the longest, or a shorter one where that explains more.

    So 合川区块链 is 合川 and 区块链, and 新能源汽车零部件 begins with 新能源汽车. With a space within, only
    whole words count; with 、, only names that hold it.
    """
    *shorter, end = list(_han_ends(asked, at, vocabulary)) or [at]
    if end == at:
        return []
    if not _stands_whole(asked, end, vocabulary):
        further = (
            one for one in reversed(shorter) if max(_han_ends(asked, one, vocabulary), default=0) > end
        )
        end = next(further, end)
    targets = vocabulary.han[re.sub(f"[{_WITHIN_HAN}]", "", asked[at:end])]
    if {parameter for parameter, _value in targets} == {"sector"} and (trade := _TRADE.match(asked, end)):
        end = trade.end()
    return [Piece(at, end, targets)]


def _han_ends(asked: str, at: int, vocabulary: Vocabulary) -> Iterator[int]:
    run, crossed = "", False
    for end in range(at, len(asked)):
        character = asked[end]
        if _IS_HAN.match(character):
            run += character
            is_list = "、" in asked[at:end] and asked[at : end + 1] not in vocabulary.with_commas
            is_cut = crossed and _IS_HAN.match(asked, end + 1)
            if run in vocabulary.han and not is_list and not is_cut:
                yield end + 1
        elif character in _WITHIN_HAN and asked[end - 1] not in _WITHIN_HAN:
            crossed = True
        else:
            return
        if len(run) >= vocabulary.longest_han:
            return


def _stands_whole(asked: str, end: int, vocabulary: Vocabulary) -> bool:
    """Whether nothing of an unknown word follows: no Han, or the beginning of a known term."""
    return not _IS_HAN.match(asked, end) or next(_han_ends(asked, end, vocabulary), None) is not None


def _latin_term_at(asked: str, at: int, vocabulary: Vocabulary) -> list[Piece]:
    """The longest phrase that begins here and is known, in English or in pinyin."""
    words: list[str] = []
    ends: list[int] = []
    place = at
    while len(words) < _PHRASE_MAX and (word := _LATIN_WORD.match(asked, place)):
        words.append(word[0])
        ends.append(word.end())
        between = _WITHIN_PHRASE.match(asked, word.end())
        if between is None:
            break
        place = between.end()
    for count in range(len(words), 0, -1):
        joined = "".join(words[:count])
        targets = vocabulary.latin.get(phrase(words[:count])) or vocabulary.pinyin.get(joined)
        if not targets and (len(joined) >= _APART_MIN or _APART.search(asked, at, ends[count - 1])):
            targets = vocabulary.latin.get(phrase([joined]))
        if targets:
            return [Piece(at, ends[count - 1], targets)]
    return _syllables(words[0], at, vocabulary) if words else []


def _syllables(word: str, at: int, vocabulary: Vocabulary) -> list[Piece]:
    """Several terms written in pinyin without a space, where they make up the whole word."""
    if not word:
        return []
    for length in range(len(word), 3, -1):
        targets = vocabulary.pinyin.get(word[:length])
        if targets is None:
            continue
        first = Piece(at, at + length, targets)
        rest = _syllables(word[length:], at + length, vocabulary)
        if rest or length == len(word):
            return [first, *rest]
    return []


# --- what counts beside what ----------------------------------------------------------------------


def _settled(found: list[Piece], asked: str) -> list[Piece]:
    """The pieces with those terms unknown again that are part of a longer word.

    Connecting characters first, but for particles: 经开区 is one word before it is asked what stands beside
    it. Then connecting words, then all others.
    """

    def turn(i: int) -> int:
        written = asked[found[i].start : found[i].end]
        if not found[i].is_connecting or written in _PARTICLES:
            return 2
        return int(len(written) > 1)

    while True:
        in_turn = sorted(range(len(found)), key=turn)
        part_of_a_word = next((i for i in in_turn if _is_part_of_a_word(found, i, asked)), None)
        if part_of_a_word is None:
            return found
        found[part_of_a_word] = replace(found[part_of_a_word], targets=None)
        found = _joined(found)


def _is_part_of_a_word(found: list[Piece], i: int, asked: str) -> bool:
    piece = found[i]
    if piece.targets is None or piece.targets == WORD:
        return False
    if not _IS_HAN.match(asked, piece.start):
        return _is_hyphenated(found, i, asked) or _is_of_a_compound(found, i, asked)
    before, after = (_unknown_han(found, j, asked, piece) for j in (i - 1, i + 1))
    written = asked[piece.start : piece.end]
    # Behind what is known it joins that to what follows: 两年能建成的小项目.
    joins = bool(i) and found[i - 1].end == piece.start and _goes_on(written, found[i - 1], after)
    if 1 in (before, after) and not joins:
        return True
    if before and after and written in _DIVIDING:
        return False
    if after and _is_begun(found, i, asked):
        return True
    if before and written in _TAGS and _IS_HAN.match(asked, piece.end):
        return True
    if written in _VERBS and _is_said(found, i, asked, before, after):
        return False
    if not piece.is_connecting:
        return False
    if after and written not in _BELONGING and not joins:
        speaks = (len(written) > 1 and written not in BEGINNING_WORDS) or _is_speaking(found, i, asked)
        return written in _BEGINNING_CHARACTERS or not speaks
    return bool(before) and len(written) == 1 and written not in _PARTICLES


def _goes_on(written: str, before: Piece, after: int) -> bool:
    """Whether a connecting character behind a known piece goes on from it: 永川和西永, not 丰都和牛."""
    if not before.is_known or written in _BELONGING:
        return before.is_known
    return after > 1 and (written in _VERBS or (written in _CONJUNCTIONS and not before.is_connecting))


def _is_begun(found: list[Piece], i: int, asked: str) -> bool:
    """Whether a character behind what asks for a thing begins its name: 有没有内燃机, 找开关柜合作, but
    有没有做火锅的."""
    piece = found[i]
    written = asked[piece.start : piece.end]
    if len(written) > 1 or written in _VERBS or written in _BELONGING or not i:
        return False
    asks = found[i - 1]
    return asks.is_connecting and asks.end == piece.start and asked[asks.end - 1] in _VERBS


def _is_said(found: list[Piece], i: int, asked: str, before: int, after: int) -> bool:
    """Whether a verb is no part of a word: 做, 搞, 找 where a sentence begins (搞铝加工), any between a word
    and a term (仙女山搞旅游)."""
    piece = found[i]
    begins = not piece.start or not _IS_HAN.match(asked, piece.start - 1)
    if begins and after > 1 and _DOING.match(asked, piece.start):
        return True
    terms = [one for one in found[i + 1 : i + 2] if one.start == piece.end and not one.is_connecting]
    return bool(before and terms and terms[0].targets)


def _is_hyphenated(found: list[Piece], i: int, asked: str) -> bool:
    """Whether a deal's word or a connecting one is joined to an unknown one by a hyphen."""
    if not {parameter for parameter, _value in found[i].targets or ()} <= _DEALS:
        return False
    start, end = found[i].start, found[i].end
    before, after = found[max(i - 1, 0) : i], found[i + 1 : i + 2]
    return any(not one.is_known and asked[one.end : start] == "-" for one in before) or any(
        not one.is_known and asked[end : one.start] == "-" for one in after
    )


def _is_of_a_compound(found: list[Piece], i: int, asked: str) -> bool:
    """Whether a connecting word is the first of a compound: contact lenses, but not food project lenses."""
    piece = found[i]
    if not piece.is_connecting or asked[piece.start : piece.end] not in BEGINNING_WORDS:
        return False
    belongs_before = any(
        one.is_known and not one.is_connecting and asked[one.end : piece.start] == " "
        for one in found[max(i - 1, 0) : i]
    )
    return not belongs_before and any(
        not one.is_known
        and not one.is_denied
        and asked[piece.end : one.start] == " "
        and not _IS_HAN.match(asked, one.start)
        for one in found[i + 1 : i + 2]
    )


def _is_speaking(found: list[Piece], i: int, asked: str) -> bool:
    """Whether the connecting words up to this one speak rather than name, the more so as they begin a run
    of Han."""
    first = i
    while first and found[first - 1].is_connecting and found[first - 1].end == found[first].start:
        first -= 1
    begins = not _unknown_han(found, first - 1, asked, found[first])
    spoken = asked[found[first].start : found[i].end]
    return len(spoken) > 1 and not (_SPEAKING if begins else _SPEAKING_ANYWHERE).isdisjoint(spoken)


def _unknown_han(found: list[Piece], i: int, asked: str, beside: Piece) -> int:
    """The length of an unknown piece that touches another with a Han character, with a word that it goes on
    from; 0 if there is none, or one that denies what follows."""
    if not 0 <= i < len(found) or found[i].is_known:
        return 0
    one = found[i]
    start, end = one.start, one.end
    if end == beside.start:
        place = end - 1
        start = next((word.start for word in found[max(i - 1, 0) : i] if _is_word_before(word, one)), start)
    elif start == beside.end and not one.is_denied and not _REFUSING.match(asked, start):
        place = start
    else:
        return 0
    return end - start if _IS_HAN.match(asked, place) else 0


def _is_word_before(word: Piece, piece: Piece) -> bool:
    """Whether a word that stays one is the beginning of what goes on in an unknown piece: 有机 of 有机肥."""
    return word.targets == WORD and word.end == piece.start


def _joined(found: list[Piece]) -> list[Piece]:
    """The pieces with unknown neighbours made one."""
    joined: list[Piece] = []
    for piece in found:
        last = joined[-1] if joined else None
        if last and not last.is_known and not piece.is_known and last.end == piece.start:
            joined[-1] = replace(last, end=piece.end)
        else:
            joined.append(piece)
    return joined
