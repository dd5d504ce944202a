"""Checks the evidence of a closed round. Stands alone: this file and Python are all it takes.

It repeats shuffle and commitment in its own words and imports nothing of the program, so that a
mistake there is not repeated here. `python3 verify.py < evidence.json` prints what is wrong.
The algorithm is described in docs/fair-draw.md.
"""

import hashlib
import hmac
import json
import re
import sys
from typing import Any

_TEXTS = ("campaign", "round", "rules_hash", "seed", "commitment")
_MOST_CARDS = 1_000_000
_HEX = re.compile(r"[0-9a-f]{64}")


def _sha256(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _shuffle(cards: list[tuple[str, int]], seed: bytes) -> None:
    """In place: swap each place, from the last to the second, with one at or below it."""
    words: list[int] = []
    counter = 0
    for place in range(len(cards) - 1, 0, -1):
        while True:
            if not words:
                message = b"qunyun/deck/1" + counter.to_bytes(8, "big")
                block = hmac.new(seed, message, hashlib.sha256).digest()
                words = [int.from_bytes(block[at : at + 8], "big") for at in (0, 8, 16, 24)]
                counter += 1
            word = words.pop(0)
            if word < 2**64 - 2**64 % (place + 1):
                break
        other = word % (place + 1)
        cards[place], cards[other] = cards[other], cards[place]


def _count(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _shape(evidence: Any) -> list[str]:
    """What keeps the evidence from being read at all."""
    if not isinstance(evidence, dict) or evidence.get("format") != "qunyun-evidence-1":
        return ["这不是 qunyun-evidence-1 格式的证据文件"]
    problems = [f"缺少 {key}" for key in _TEXTS if not isinstance(evidence.get(key), str)]
    problems += [
        f"{key} 不是 64 位小写十六进制"
        for key in ("seed", "commitment", "rules_hash")
        if isinstance(evidence.get(key), str) and not _HEX.fullmatch(evidence[key])
    ]
    deck, draws = evidence.get("deck"), evidence.get("draws")
    if not isinstance(deck, list) or not all(
        isinstance(one, dict)
        and isinstance(one.get("prize"), str)
        and _count(one.get("amount_fen"), 0)
        and _count(one.get("count"), 1)
        for one in deck
    ):
        problems.append("deck 不是 {prize, amount_fen, count} 的列表")
    elif not 1 <= sum(one["count"] for one in deck) <= _MOST_CARDS:
        problems.append(f"牌堆不在 1 到 {_MOST_CARDS} 张之间")
    if not isinstance(draws, list) or not all(
        isinstance(one, dict) and _count(one.get("position"), 0) for one in draws
    ):
        problems.append("draws 不是带 position 的列表")
    return problems


def _drawn(draws: list[dict[str, Any]], cards: list[tuple[str, int]]) -> list[str]:
    """Draws that do not follow the deck."""
    problems = []
    positions = sorted(draw["position"] for draw in draws)
    if positions != list(range(len(positions))):
        problems.append("抽出的位置不是从 0 起逐张相连，有缺漏或重复")
    for draw in draws:
        position = draw["position"]
        if position >= len(cards):
            problems.append(f"位置 {position} 超出牌堆（共 {len(cards)} 张）")
            continue
        prize, amount = cards[position]
        if (draw.get("prize"), draw.get("amount_fen")) != (prize, amount):
            problems.append(
                f"位置 {position} 应为“{prize}”{amount} 分，"
                f"记录却是“{draw.get('prize')}”{draw.get('amount_fen')} 分"
            )
    return problems


def verify(evidence: Any) -> list[str]:
    """Everything that is wrong with the evidence, in Chinese; empty when all of it holds.

    Never raises for bad evidence: whatever was parsed from JSON may be given.
    """
    problems = _shape(evidence)
    if problems:
        return problems
    if "rules" in evidence and _sha256(evidence["rules"]) != evidence["rules_hash"]:
        problems.append("规则与规则哈希不符：规则被改动过")
    committed = {
        "campaign": evidence["campaign"],
        "cards": [[one["prize"], one["amount_fen"], one["count"]] for one in evidence["deck"]],
        "format": "qunyun-deck-1",
        "round": evidence["round"],
        "rules_hash": evidence["rules_hash"],
        "seed": evidence["seed"],
    }
    if _sha256(committed) != evidence["commitment"]:
        problems.append("承诺值不符：种子、活动、场次、规则或牌堆与开奖前公布的不一致")
    cards = [
        (one["prize"], one["amount_fen"]) for one in evidence["deck"] for _ in range(one["count"])
    ]
    _shuffle(cards, bytes.fromhex(evidence["seed"]))
    return problems + _drawn(evidence["draws"], cards)


if __name__ == "__main__":
    found = verify(json.load(sys.stdin))
    print("\n".join(found) or "证据无误：种子、承诺值、牌堆与每一次抽奖都对得上。")
    sys.exit(1 if found else 0)
