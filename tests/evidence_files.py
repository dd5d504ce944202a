"""Evidence files, honest and tampered with, for every verifier: each must find the same."""

import json
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sop.draws.commitment import Mode, commit, fingerprint, member_code, rules_hash
from sop.draws.deck import Cards, DeckLine, build
from sop.draws.entrants import order
from sop.draws.evidence import evidence
from sop.draws.log import (
    Entry,
    amendment_entry,
    close_entry,
    decide_entry,
    draw_entry,
    freeze_entry,
)

SEED = bytes(range(32))
RULES = {"campaign": "join-hook", "title": "入群有礼"}
CARDS = [
    DeckLine("cash", "红包 8.88 元", 888, 0, 1),
    DeckLine("points", "积分 50", 0, 50, 3),
    DeckLine("cash", "红包 0.88 元", 88, 0, 6),
]
PUBLIC_VALUE = "2026-11-27 双色球第 2026136 期红球"
MEMBERS = tuple(f"wm{number:02}" for number in range(1, 6))
BEGIN = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)

Json = dict[str, Any]


class Round:
    """A deck whose log grows, a second an entry."""

    def __init__(
        self,
        mode: Mode,
        *,
        cards: Cards = CARDS,
        seed: bytes = SEED,
        rules: Any = RULES,
    ) -> None:
        self.mode, self.cards, self.seed, self.rules = mode, cards, seed, rules
        self.round = "standing" if mode == "instant" else "2026-11-27"
        self.public_value = "" if mode == "instant" else PUBLIC_VALUE
        self.commitment = commit(
            campaign="join-hook",
            round=self.round,
            mode=mode,
            public_value=self.public_value,
            rules_hash=rules_hash(rules),
            seed=seed,
            cards=cards,
        )
        self.deck = build(cards, seed)
        self.codes: list[str] = []
        self.log: list[Entry] = []
        self.drawn = 0

    def code(self, member: str) -> str:
        return member_code(self.commitment, member)

    def write(self, entry: Callable[..., Entry], *what: Any) -> Entry:
        """Appends an entry of the log."""
        previous = self.log[-1].hash if self.log else self.commitment
        at = BEGIN + timedelta(seconds=len(self.log))
        self.log.append(entry(previous, len(self.log), at, *what))
        return self.log[-1]

    def draw(self, code: str) -> Entry:
        """The next card goes to this code."""
        position = self.drawn
        self.drawn += 1
        return self.write(draw_entry, position, code, self.deck[position])

    def evidence(self) -> Json:
        """As it is read back from its file."""
        value = evidence(
            campaign="join-hook",
            round=self.round,
            mode=self.mode,
            public_value=self.public_value,
            rules=self.rules,
            rules_hash=rules_hash(self.rules),
            seed=self.seed,
            cards=self.cards,
            commitment=self.commitment,
            entrants=self.codes,
            log=[entry.json for entry in self.log],
            head=self.log[-1].hash if self.log else self.commitment,
        )
        parsed: Json = json.loads(json.dumps(value))
        return parsed


def instant(
    members: Sequence[str] = MEMBERS,
    *,
    cards: Cards = CARDS,
    seed: bytes = SEED,
    rules: Any = RULES,
) -> Json:
    """Draws of these members, an amendment after the first, the close."""
    one = Round("instant", cards=cards, seed=seed, rules=rules)
    for number, member in enumerate(members[: len(one.deck)]):
        one.draw(one.code(member))
        if number == 0:
            later = {"campaign": "join-hook", "title": "入群有礼", "ends": "2026-12-31"}
            one.write(amendment_entry, later, ["延长到 2026-12-31"])
    one.write(close_entry, "活动期满")
    return one.evidence()


def entrants(
    members: Sequence[str] = MEMBERS,
    *,
    cards: Cards = CARDS,
    seed: bytes = SEED,
    value: str = "红球 03 11 17 20 26 31",
) -> Json:
    """These members enter, the value decides, everybody gets their card, the close."""
    one = Round("entrants", cards=cards, seed=seed)
    one.codes = [one.code(member) for member in members]
    one.write(freeze_entry, one.codes)
    one.write(decide_entry, value)
    for code in order(seed, one.codes, value)[: len(one.deck)]:
        one.draw(code)
    one.write(close_entry, "已开奖")
    return one.evidence()


def undecided() -> Json:
    """Entered and frozen, but closed before the value was known."""
    one = Round("entrants")
    one.codes = [one.code(member) for member in MEMBERS]
    one.write(freeze_entry, one.codes)
    one.write(close_entry, "公开值没有公布")
    return one.evidence()


def abandoned() -> Json:
    """Closed before anybody could enter."""
    one = Round("entrants")
    one.write(close_entry, "活动取消")
    return one.evidence()


HONEST: dict[str, Callable[[], Json]] = {
    "instant": instant,
    "instant, nobody drew": lambda: instant(()),
    "instant, every card": lambda: instant([f"wm{number}" for number in range(12)]),
    "entrants": entrants,
    "entrants, more than cards": lambda: entrants([f"wm{number}" for number in range(31)]),
    "entrants, nobody": lambda: entrants(()),
    "entrants, never decided": undecided,
    "entrants, abandoned": abandoned,
    "texts that look like numbers": lambda: instant(
        rules={'1.5"': ["\\", '\\"2.5', "3e5", '"', "\\\\", -4], "5.5": "6.5"}
    ),
    "a text of megabytes": lambda: instant(rules={"long": '\\"a' * 1_000_000}),
    "hostile texts": lambda: instant(
        rules={"😀": '\u2028</script>\x7f\x01"\\', "\uffff": [None, True, -1], "": {}},
        cards=[DeckLine("gift", "\u202e<b>‮\t", 9, 0, 3), DeckLine("coupon", "", 1, 0, 2)],
    ),
}


def _set(*path: str | int, to: Any) -> Callable[[Json], None]:
    def change(value: Any) -> None:
        for key in path[:-1]:
            value = value[key]
        value[path[-1]] = to

    return change


def _drop(*path: str | int) -> Callable[[Json], None]:
    def change(value: Any) -> None:
        for key in path[:-1]:
            value = value[key]
        del value[path[-1]]

    return change


def relinked(value: Json) -> Json:
    """What somebody does who has understood the chain: every hash computed anew."""
    previous = value["commitment"]
    for number, entry in enumerate(value["log"]):
        entry |= {"number": number, "previous": previous}
        previous = fingerprint(entry)
    return value | {"head": previous}


def _cleverly(change: Callable[[Json], None]) -> Callable[[Json], None]:
    def and_relink(value: Json) -> None:
        change(value)
        value.update(relinked(value))

    return and_relink


def _swap_winners(value: Json) -> None:
    first, second = value["log"][2], value["log"][3]
    first["code"], second["code"] = second["code"], first["code"]


def _friend_enters(value: Json) -> None:
    value["entrants"] = sorted([*value["entrants"], "ffffffffffffffff"])


def _friend_enters_and_is_hashed(value: Json) -> None:
    _friend_enters(value)
    freeze = value["log"][0]
    freeze |= {"count": 6, "entrants_hash": fingerprint(value["entrants"])}


def _recommit(value: Json) -> None:
    """Another seed, with everything computed anew but what was published."""
    value["seed"] = "ee" * 32


def _nested(value: Json) -> None:
    rules: Any = []
    for _ in range(40):
        rules = [rules]
    value["rules"] = rules


@dataclass(frozen=True)
class Forgery:
    """A change, and the checks that must fail because of it."""

    of: Callable[[], Json]
    change: Callable[[Json], None]
    fails: tuple[str, ...]

    def value(self) -> Json:
        """The evidence after the change."""
        value = deepcopy(self.of())
        self.change(value)
        return value


FORGED: dict[str, Forgery] = {
    # file
    "format": Forgery(instant, _set("format", to="qunyun-evidence-1"), ("file",)),
    "key missing": Forgery(instant, _drop("seed"), ("file",)),
    "key added": Forgery(instant, _set("winner", to="张三"), ("file",)),
    "seed in capitals": Forgery(instant, _set("seed", to="FF" * 32), ("file",)),
    "seed short": Forgery(instant, _set("seed", to="00"), ("file",)),
    "seed with newline": Forgery(instant, _set("seed", to="0" * 64 + "\n"), ("file",)),
    "head is a number": Forgery(instant, _set("head", to=7), ("file",)),
    "mode unknown": Forgery(instant, _set("mode", to="later"), ("file",)),
    "log is no list": Forgery(instant, _set("log", to={"0": 1}), ("file",)),
    "entry is no object": Forgery(instant, _set("log", 0, to=[1]), ("file",)),
    "entry type unknown": Forgery(instant, _set("log", 0, "type", to="constructor"), ("file",)),
    "entry key missing": Forgery(instant, _drop("log", 0, "code"), ("file",)),
    "entry key added": Forgery(instant, _set("log", 0, "name", to="张三"), ("file",)),
    "time with a zone": Forgery(
        instant, _set("log", 0, "at", to="2026-11-23T11:30:00+08:00"), ("file",)
    ),
    "time in other digits": Forgery(
        instant, _set("log", 0, "at", to="٢٠٢٦-11-23T11:30:00Z"), ("file",)
    ),
    "code with a name": Forgery(instant, _set("log", 0, "code", to="张三"), ("file",)),
    "amount true": Forgery(instant, _set("log", 0, "amount_fen", to=True), ("file",)),
    "amount negative": Forgery(instant, _set("log", 0, "amount_fen", to=-88), ("file",)),
    "amount with a fraction": Forgery(instant, _set("cards", 0, 2, to=8.5), ("file",)),
    "amount beyond 2^53": Forgery(instant, _set("rules", to=2**53), ("file",)),
    "no card": Forgery(instant, _set("cards", to=[]), ("file",)),
    "cards without end": Forgery(instant, _set("cards", 0, 4, to=10**9), ("file",)),
    "card of an unknown kind": Forgery(instant, _set("cards", 0, 0, to="stock"), ("file",)),
    "card with six parts": Forgery(
        instant, _set("cards", 0, to=["cash", "红包", 1, 0, 1, 1]), ("file",)
    ),
    "half a character": Forgery(instant, _set("campaign", to="\ud83d"), ("file",)),
    "nested deeper than 32": Forgery(instant, _nested, ("file",)),
    # rules
    "rules changed": Forgery(instant, _set("rules", "title", to="改过的标题"), ("rules",)),
    "amended rules changed": Forgery(
        instant, _cleverly(_set("log", 1, "rules", "ends", to="2027-12-31")), ("rules",)
    ),
    "rules and hash changed": Forgery(
        instant,
        lambda value: value.update(rules={}, rules_hash=fingerprint({})),
        ("commitment",),
    ),
    # commitment
    "campaign": Forgery(instant, _set("campaign", to="other"), ("commitment",)),
    "round": Forgery(instant, _set("round", to="2026-11-27"), ("commitment",)),
    "public value renamed": Forgery(
        entrants, _set("public_value", to="2026-11-28 双色球"), ("commitment",)
    ),
    "prize name": Forgery(instant, _set("cards", 0, 1, to="红包 88.8 元"), ("commitment",)),
    "commitment": Forgery(instant, _cleverly(_set("commitment", to="0" * 64)), ("commitment",)),
    "another seed": Forgery(instant, _recommit, ("commitment", "draws")),
    "another count": Forgery(instant, _set("cards", 0, 4, to=2), ("commitment", "draws")),
    "another mode": Forgery(instant, _set("mode", to="entrants"), ("commitment", "course")),
    # log
    "entry changed": Forgery(instant, _set("log", 0, "code", to="0" * 16), ("log",)),
    "entry dropped": Forgery(instant, _drop("log", 1), ("log",)),
    "last entry changed": Forgery(instant, _set("log", -1, "reason", to="别的原因"), ("log",)),
    "head changed": Forgery(instant, _set("head", to="0" * 64), ("log",)),
    "number changed": Forgery(instant, _set("log", 2, "number", to=7), ("log",)),
    "entries exchanged": Forgery(
        instant,
        lambda value: value["log"].insert(2, value["log"].pop(3)),
        ("log", "draws"),
    ),
    "draw added without link": Forgery(
        instant,
        lambda value: value["log"].insert(-1, dict(value["log"][-2], position=5)),
        ("log",),
    ),
    # course
    "no close": Forgery(instant, _cleverly(_drop("log", -1)), ("course",)),
    "draw after the close": Forgery(
        instant,
        _cleverly(lambda value: value["log"].insert(-1, value["log"].pop())),
        ("course",),
    ),
    "decided before frozen": Forgery(
        entrants,
        _cleverly(lambda value: value["log"].insert(0, value["log"].pop(1))),
        ("course",),
    ),
    "decided twice": Forgery(
        entrants,
        _cleverly(lambda value: value["log"].insert(1, dict(value["log"][1]))),
        ("course",),
    ),
    "drawn without a value": Forgery(entrants, _cleverly(_drop("log", 1)), ("course",)),
    "value spelled otherwise": Forgery(
        entrants,
        _cleverly(_set("log", 1, "value", to="03 11 17 20 26 31")),
        ("course", "draws"),
    ),
    "freeze in the mode instant": Forgery(
        instant,
        _cleverly(
            lambda value: value["log"].insert(
                0,
                {
                    "type": "freeze",
                    "at": "2026-11-23T11:30:00Z",
                    "count": 0,
                    "entrants_hash": fingerprint([]),
                },
            )
        ),
        ("course",),
    ),
    # entrants
    "entrant added": Forgery(entrants, _friend_enters, ("entrants", "draws")),
    "entrant added and hashed": Forgery(entrants, _friend_enters_and_is_hashed, ("log", "draws")),
    "entrant added, chain renewed": Forgery(
        entrants, _cleverly(_friend_enters_and_is_hashed), ("draws",)
    ),
    "entrants not sorted": Forgery(
        entrants, lambda value: value["entrants"].reverse(), ("entrants",)
    ),
    "entrant twice": Forgery(
        entrants,
        lambda value: value["entrants"].insert(0, value["entrants"][0]),
        ("entrants", "draws"),
    ),
    "entrants of an instant draw": Forgery(instant, _set("entrants", to=["0" * 16]), ("entrants",)),
    # draws
    "prize changed, chain renewed": Forgery(
        instant, _cleverly(_set("log", 0, "amount_fen", to=888)), ("draws",)
    ),
    "points changed, chain renewed": Forgery(
        instant, _cleverly(_set("log", 0, "points", to=1)), ("draws",)
    ),
    "draw left out, chain renewed": Forgery(instant, _cleverly(_drop("log", 2)), ("draws",)),
    "card twice, chain renewed": Forgery(
        instant, _cleverly(_set("log", 3, "position", to=1)), ("draws",)
    ),
    "card that is not there": Forgery(
        instant, _cleverly(_set("log", 2, "position", to=10)), ("draws",)
    ),
    "winners exchanged, chain renewed": Forgery(entrants, _cleverly(_swap_winners), ("draws",)),
    "winner left out, chain renewed": Forgery(entrants, _cleverly(_drop("log", 6)), ("draws",)),
    "another value, chain renewed": Forgery(
        entrants, _cleverly(_set("log", 1, "value", to="3 11 17 20 26 32")), ("draws",)
    ),
}

SPOILT: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"{",
    "no UTF-8": b'{"format":"\xff"}',
    "byte order mark": b"\xef\xbb\xbf" + json.dumps(instant()).encode(),
    "not a number": b'{"format":NaN}',
    "integer as a fraction": json.dumps(instant()).replace("888,", "888.0,").encode(),
    "integer as a power": json.dumps(instant()).replace(": 88,", ": 88e0,").encode(),
    "very deep": b"[" * 100_000 + b"]" * 100_000,
    "a list": b"[]",
    "null": b"null",
}
"""Bytes that are no evidence at all: only the check `file` fails."""
