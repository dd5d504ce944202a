"""Checks the evidence of a closed round. Stands alone: this file and Python are all it takes.

It repeats shuffle, commitment and log in its own words and imports nothing of the program, so
that a mistake there is not repeated here. `python3 verify.py evidence.json [凭证]` prints what
is wrong. The algorithm, and what each check means, is described in docs/fair-draw.md.
"""

import hashlib
import hmac
import json
import re
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

CHECKS = {
    "file": "文件完整可读",
    "rules": "规则没有被改动",
    "commitment": "承诺值对得上",
    "log": "日志一环扣一环",
    "course": "抽奖的先后合规",
    "entrants": "参加名单没有变",
    "draws": "每张奖品都对得上",
}
"""What is checked, in this order; docs/fair-draw.md uses the same names."""

MOST_BYTES = 64 << 20
_MOST_CARDS = 1_000_000
_DEEPEST = 32
_WIDEST = 2**53 - 1
_SHOWN = 20
"""Problems of one check that are told; more of them say nothing new."""
_HASH = re.compile(r"[0-9a-f]{64}")
_CODE = re.compile(r"[0-9a-f]{16}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_LONE = re.compile(r"[\ud800-\udfff]")
_KINDS = {"cash": "现金", "coupon": "券码", "gift": "实物", "points": "积分"}

Problem = tuple[str, str]
"""(name of the check, what is wrong in Chinese)."""


def verify(evidence: Any) -> list[Problem]:
    """Everything that is wrong with the evidence; empty when all of it holds.

    Never raises for bad evidence: whatever was parsed from JSON may be given. A file that cannot
    be read as evidence has problems of the check `file` only.
    """
    unreadable = [("file", text) for text in islice(_unreadable(evidence), _SHOWN)]
    if unreadable:
        return unreadable
    parts = (_rules, _commitment, _log, _course, _entrants, _draws)
    return [problem for part in parts for problem in islice(part(evidence), _SHOWN)]


def read(text: bytes) -> Any:
    """The value of a JSON file. Raises ValueError with what is wrong, in Chinese."""
    if len(text) > MOST_BYTES:
        raise ValueError(f"文件超过 {MOST_BYTES >> 20} MB")
    try:
        return json.loads(text.decode())
    except UnicodeDecodeError:
        raise ValueError("文件不是 UTF-8 编码") from None
    except RecursionError:
        raise ValueError(f"嵌套超过 {_DEEPEST} 层") from None
    except ValueError:
        raise ValueError("这不是 JSON 文件") from None


def report(evidence: Any, problems: list[Problem], receipt: str = "") -> str:
    """The outcome of `verify`, check by check, for a person to read."""
    lines = []
    for name, title in CHECKS.items():
        wrong = [text for check, text in problems if check == name]
        skipped = name != "file" and problems[:1] and problems[0][0] == "file"
        lines.append(f"{'❌' if wrong else '⏸' if skipped else '✅'} {title}")
        lines += [f"   {text}" for text in wrong]
    if problems:
        return "\n".join([*lines, "证据有误，请向主办方询问。"])
    drawn = sum(entry["type"] == "draw" for entry in evidence["log"])
    lines += [
        f"{evidence['campaign']} {evidence['round']}：共抽出 {drawn} 张，全部对得上。",
        f"承诺值 {evidence['commitment']}",
        f"日志末尾 {evidence['head']}",
        "请把这两个值与群里开始、结束时的公告核对。",
    ]
    return "\n".join(lines + (_own(evidence, receipt) if receipt else []))


def _own(evidence: Any, receipt: str) -> list[str]:
    mine = receipts(evidence, receipt)
    if not mine:
        return [f"❌ 这里没有凭证 {receipt}"]
    return [f"✅ 凭证 {receipt}：第 {one['position'] + 1} 张，{_shown_entry(one)}" for one in mine]


def receipts(evidence: Any, receipt: str) -> list[dict[str, Any]]:
    """The draws of a member: those with this code (16 hex digits) or this entry hash (64).
    The evidence must have been verified."""
    return [
        one
        for one in evidence["log"]
        if one["type"] == "draw" and receipt in (one["code"], _hash(one))
    ]


# --- can it be read at all -------------------------------------------------------------------


def _unreadable(evidence: Any) -> Iterator[str]:
    if not isinstance(evidence, dict) or evidence.get("format") != "qunyun-evidence-2":
        yield "这不是 qunyun-evidence-2 格式的证据文件"
        return
    bad = _not_plain(evidence)
    if bad:
        yield bad
        return
    wrong = [key for key, fits in _SHAPE.items() if key not in evidence or not fits(evidence[key])]
    yield from (f"{key} 缺少或者格式不对" for key in wrong)
    yield from (f"多出了不认识的 {key}" for key in sorted(evidence.keys() - _SHAPE.keys()))
    if "cards" not in wrong and not 1 <= sum(card[4] for card in evidence["cards"]) <= _MOST_CARDS:
        yield f"牌堆不在 1 到 {_MOST_CARDS} 张之间"
    if "log" not in wrong:
        for number, entry in enumerate(evidence["log"]):
            if not _is_entry(entry):
                yield f"日志第 {number} 条缺少内容或者格式不对"


def _not_plain(evidence: Any) -> str:
    """What JSON can say and a hash cannot: fractions, huge numbers, half characters."""
    waiting = [(evidence, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > _DEEPEST and isinstance(value, dict | list):
            return f"嵌套超过 {_DEEPEST} 层"
        if isinstance(value, float) or (isinstance(value, int) and abs(value) > _WIDEST):
            return "数字必须是整数，且不超过 2 的 53 次方"
        if isinstance(value, str) and _LONE.search(value):
            return "文字里有残缺的字符"
        if isinstance(value, dict):
            waiting += [(inner, depth + 1) for both in value.items() for inner in both]
        elif isinstance(value, list):
            waiting += [(inner, depth + 1) for inner in value]
    return ""


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _hex(value: Any) -> bool:
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


def _code(value: Any) -> bool:
    return isinstance(value, str) and _CODE.fullmatch(value) is not None


def _time(value: Any) -> bool:
    return isinstance(value, str) and _TIME.fullmatch(value) is not None


def _kind(value: Any) -> bool:
    return isinstance(value, str) and value in _KINDS


def _is_cards(value: Any) -> bool:
    fits = (_kind, _text, _whole, _whole, _whole)
    return isinstance(value, list) and all(
        isinstance(card, list)
        and len(card) == len(fits)
        and all(fit(one) for fit, one in zip(fits, card, strict=True))
        and card[4] >= 1
        for card in value
    )


def _is_entry(entry: Any) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
        return False
    fits = _ENTRY.get(entry["type"])
    return (
        fits is not None
        and entry.keys() == fits.keys()
        and all(fit(entry[key]) for key, fit in fits.items())
    )


def _anything(value: Any) -> bool:
    return True


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _codes(value: Any) -> bool:
    return isinstance(value, list) and all(_code(one) for one in value)


_SHAPE = {
    "format": _text,
    "campaign": _text,
    "round": _text,
    "mode": lambda value: _text(value) and value in ("instant", "entrants"),
    "public_value": _text,
    "rules": _anything,
    "rules_hash": _hex,
    "seed": _hex,
    "cards": _is_cards,
    "commitment": _hex,
    "entrants": _codes,
    "log": lambda value: isinstance(value, list),
    "head": _hex,
}
_LINK = {"type": _text, "number": _whole, "previous": _hex, "at": _time}
_CARD = {"kind": _kind, "prize": _text, "amount_fen": _whole, "points": _whole}
_ENTRY = {
    "draw": _LINK | {"position": _whole, "code": _code} | _CARD,
    "amendment": _LINK | {"rules": _anything, "rules_hash": _hex, "changes": _texts},
    "freeze": _LINK | {"count": _whole, "entrants_hash": _hex},
    "decide": _LINK | {"value": _text},
    "close": _LINK | {"reason": _text},
}


# --- does it hold ----------------------------------------------------------------------------


def _rules(evidence: dict[str, Any]) -> Iterator[Problem]:
    if _hash(evidence["rules"]) != evidence["rules_hash"]:
        yield "rules", "规则与规则哈希不符：规则被改动过"
    for entry in evidence["log"]:
        if entry["type"] == "amendment" and _hash(entry["rules"]) != entry["rules_hash"]:
            yield "rules", f"日志第 {entry['number']} 条的新规则与它的哈希不符"


def _commitment(evidence: dict[str, Any]) -> Iterator[Problem]:
    committed = {
        "format": "qunyun-deck-2",
        **{key: evidence[key] for key in ("campaign", "round", "mode", "public_value")},
        **{key: evidence[key] for key in ("rules_hash", "seed", "cards")},
    }
    if _hash(committed) != evidence["commitment"]:
        yield "commitment", "承诺值不符：种子、活动、场次、规则或牌堆与开奖前公布的不一致"


def _log(evidence: dict[str, Any]) -> Iterator[Problem]:
    previous = evidence["commitment"]
    for number, entry in enumerate(evidence["log"]):
        if entry["number"] != number:
            yield "log", f"日志第 {number} 条的编号却是 {entry['number']}"
            return
        if entry["previous"] != previous:
            yield "log", f"日志第 {number} 条与它的前一条接不上：之前有记录被改动、删除或插入"
            return
        previous = _hash(entry)
    if previous != evidence["head"]:
        yield "log", "日志末尾的哈希不符：最后一条被改动或删除"


def _course(evidence: dict[str, Any]) -> Iterator[Problem]:
    """What may follow what, amendments left out: they may stand anywhere before the close."""
    went = "".join(f"{entry['type']} " for entry in evidence["log"])
    course = went.replace("amendment ", "")
    if (evidence["mode"] == "entrants") != bool(evidence["public_value"]):
        yield "course", "名单开奖须事先说明用哪个公开值，即时抽奖不用公开值"
    for entry in evidence["log"]:
        if entry["type"] == "decide" and not _spelled(entry["value"]):
            yield "course", "公开值的写法不是唯一的那一种：小写、无前导零、从短到长"
    if not went.endswith("close "):
        yield "course", "日志的最后一条不是结束"
    elif evidence["mode"] == "instant" and not re.fullmatch(r"(draw )*close ", course):
        yield "course", "即时抽奖的日志里只能有抽奖、规则变更和最后的结束"
    elif evidence["mode"] == "entrants" and not re.fullmatch(
        r"(freeze (decide (draw )*)?)?close ", course
    ):
        yield "course", "名单开奖须依次为：冻结名单、公开值、开奖、结束"


def _spelled(value: str) -> bool:
    """Whoever knows the seed could else try spellings of the public value."""
    words = value.split(" ")
    return words == sorted(words, key=lambda word: (len(word), word)) and all(
        re.fullmatch("0|[1-9][0-9]*|[0-9]*[a-z][0-9a-z]*", word) for word in words
    )


def _entrants(evidence: dict[str, Any]) -> Iterator[Problem]:
    codes = evidence["entrants"]
    if codes != sorted(set(codes)):
        yield "entrants", "参加名单没有排序，或有人重复"
    frozen = [entry for entry in evidence["log"] if entry["type"] == "freeze"]
    if not frozen and codes:
        yield "entrants", "没有冻结过名单，却有参加名单"
    for entry in frozen:
        if (entry["count"], entry["entrants_hash"]) != (len(codes), _hash(codes)):
            yield "entrants", "参加名单与冻结时公布的人数或哈希不符"


def _draws(evidence: dict[str, Any]) -> Iterator[Problem]:
    deck = [tuple(card[:4]) for card in evidence["cards"] for _ in range(card[4])]
    _shuffle(deck, bytes.fromhex(evidence["seed"]), b"qunyun/deck/1")
    drawn = [entry for entry in evidence["log"] if entry["type"] == "draw"]
    yield from (("draws", text) for text in _cards(drawn, deck))
    yield from (("draws", text) for text in _winners(evidence, drawn, len(deck)))


def _cards(drawn: list[dict[str, Any]], deck: list[tuple[Any, ...]]) -> Iterator[str]:
    """The draws take the cards from the top, one after the other."""
    if [entry["position"] for entry in drawn] != list(range(len(drawn))):
        yield "抽出的位置不是从 0 起逐张相连，有缺漏、重复或颠倒"
    for entry in drawn:
        position = entry["position"]
        if position >= len(deck):
            yield f"位置 {position} 超出牌堆（共 {len(deck)} 张）"
        elif tuple(entry[key] for key in _CARD) != deck[position]:
            yield f"位置 {position} 应为{_shown(deck[position])}，记录却是{_shown_entry(entry)}"


def _winners(evidence: dict[str, Any], drawn: list[dict[str, Any]], cards: int) -> Iterator[str]:
    """Among entrants, seed and public value say who gets which card."""
    decided = [entry["value"] for entry in evidence["log"] if entry["type"] == "decide"]
    if evidence["mode"] == "instant" or len(decided) != 1:
        return
    order = sorted(evidence["entrants"])
    mixed = f"qunyun/public/1/{_hash(order)}/{decided[0]}".encode()
    key = hmac.new(bytes.fromhex(evidence["seed"]), mixed, hashlib.sha256).digest()
    _shuffle(order, key, b"qunyun/entrants/1")
    if len(drawn) != min(len(order), cards):
        yield f"应有 {min(len(order), cards)} 人中奖，记录却有 {len(drawn)} 人"
    for entry, code in zip(drawn, order, strict=False):
        if entry["code"] != code:
            yield f"位置 {entry['position']} 的中奖者应为 {code}，记录却是 {entry['code']}"


def _shuffle(things: list[Any], key: bytes, label: bytes) -> None:
    """In place: swap each place, from the last to the second, with one at or below it."""
    words: list[int] = []
    counter = 0
    for place in range(len(things) - 1, 0, -1):
        while True:
            if not words:
                message = label + counter.to_bytes(8, "big")
                block = hmac.new(key, message, hashlib.sha256).digest()
                words = [int.from_bytes(block[at : at + 8], "big") for at in (24, 16, 8, 0)]
                counter += 1
            word = words.pop()
            if word < 2**64 - 2**64 % (place + 1):
                break
        other = word % (place + 1)
        things[place], things[other] = things[other], things[place]


def _hash(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _shown(card: tuple[Any, ...]) -> str:
    kind, prize, amount_fen, points = card
    worth = [_KINDS[kind]]
    if amount_fen:
        worth.append(f"{amount_fen // 100}.{amount_fen % 100:02} 元")
    if points:
        worth.append(f"{points} 分")
    return f"“{prize}”（{' '.join(worth)}）"


def _shown_entry(entry: dict[str, Any]) -> str:
    return _shown(tuple(entry[key] for key in _CARD))


def main(arguments: list[str]) -> int:
    """`verify.py FILE [RECEIPT]`: prints every check; 0 when all hold and the receipt is there."""
    try:
        value = read(Path(arguments[0]).read_bytes())
    except ValueError as error:
        print(f"❌ {error}")
        return 1
    problems = verify(value)
    print(report(value, problems, arguments[1] if len(arguments) > 1 else ""))
    absent = not problems and len(arguments) > 1 and not receipts(value, arguments[1])
    return 1 if problems or absent else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
