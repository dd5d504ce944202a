"""Judges a bank after a fault: only from its tables, the sandbox's record and what people did.

Shares no code with the bot but `sop.draws.verify`, which itself imports nothing of it.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from sop.draws.verify import verify

Row = dict[str, Any]
Tables = dict[str, list[Row]]


@dataclass(frozen=True, slots=True)
class Paid:
    """An order as the paying platform knows it."""

    order_no: str
    member: str
    amount_fen: int


@dataclass(slots=True)
class Deeds:
    """What people did, and what they saw: the outside of the bot."""

    said: list[tuple[str, str]] = field(default_factory=list)
    """(member, text) of every message to the intelligent bot."""
    joined: list[str] = field(default_factory=list)
    shown: list[tuple[str, str]] = field(default_factory=list)
    """(sender, text) of every message of the bot: `robot`, `aibot` or `app`; a card's is `card`."""
    paid: list[Paid] = field(default_factory=list)
    turned_away: list[tuple[str, str]] = field(default_factory=list)
    """(member, what) of those who found no button on the page where there should be one."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the library makes due in these tests."""

    keyword: str
    occurrences: tuple[str, ...]
    letters: dict[str, int]
    """Letters by channel that are owed without anybody saying a word."""
    cards: tuple[tuple[str, int, int], ...]
    """(prize, fen, count) of the campaign."""


OPEN = "日志的最后一条不是结束"
"""What the verifier rightly says of a deck that nobody has closed yet."""
SENDERS = {
    "group_robot": "robot",
    "aibot_reply": "aibot",
    "assist": "app",
    "app_message": "app",
    "group_task": "task",
}


Shown = tuple[str, str]
"""Who sends a message, and its text."""


def findings(
    tables: Tables, deeds: Deeds, wanted: Wanted, cut_off: Counter[Shown] | None = None
) -> list[str]:
    """Everything lost, doubled or out of balance, in words; empty when all is well.

    `cut_off`: letters that were on their way at a kill. Each may have been shown once more than
    it is owed (reliability.md K5, K6), unless it is an answer; payouts never.
    """
    return [
        *events(tables, deeds),
        *_calendar(tables, wanted),
        *_letters(tables, deeds, wanted),
        *messages(tables, deeds, cut_off or Counter()),
        *_members(tables, deeds),
        *_draws(tables, deeds, wanted),
        *_decks(tables, deeds, wanted),
        *money(tables),
        *payments(tables, deeds),
    ]


def differ(what: str, expected: Iterable[Any], found: Iterable[Any]) -> list[str]:
    """Lost and doubled ones of a multiset."""
    want, have = Counter(expected), Counter(found)
    lost = [f"{what} lost: {one} ×{count}" for one, count in sorted((want - have).items())]
    return lost + [f"{what} doubled: {one} ×{n}" for one, n in sorted((have - want).items())]


def events(tables: Tables, deeds: Deeds) -> list[str]:
    """Everything that happened was heard, once."""
    said, joined = [], []
    for row in tables["inbox"]:
        event = json.loads(row["event"])
        if row["kind"] == "Said":
            said.append((event["sender"], event["text"]))
        elif row["kind"] == "Joined":
            joined += event["members"]
    undone = [f"event {row['id']} is {row['status']}" for row in tables["inbox"] if not _done(row)]
    return [
        *undone,
        *differ("message", deeds.said, said),
        *differ("join", deeds.joined, joined),
    ]


def _done(row: Row) -> bool:
    return bool(row["status"] == "done")


def _calendar(tables: Tables, wanted: Wanted) -> list[str]:
    rows = tables["occurrence"]
    undone = [f"occurrence {row['key']} is {row['status']}" for row in rows if not _done(row)]
    return undone + differ("occurrence", wanted.occurrences, [row["key"] for row in rows])


def _letters(tables: Tables, deeds: Deeds, wanted: Wanted) -> list[str]:
    """One letter for each thing that asks for one."""
    due = Counter(wanted.letters)
    due.update(aibot_reply=len(deeds.said), group_robot=len(deeds.joined))
    return differ("letter", due.elements(), [row["channel"] for row in tables["outbox"]])


def messages(tables: Tables, deeds: Deeds, cut_off: Counter[Shown]) -> list[str]:
    """What was shown against what is recorded as sent, or as not known to have been."""
    sent: Counter[Shown] = Counter()
    held: Counter[Shown] = Counter()
    found = []
    for row in tables["outbox"]:
        key = shown_as(row)
        if row["status"] == "sent":
            sent[key] += 1
        elif row["status"] == "unknown" and row["channel"] == "aibot_reply":
            held[key] += 1  # good once: held for a person by this channel's rule
        else:
            found.append(f"letter {row['id']} is {row['status']}: {row['reason']}")
    shown = Counter(deeds.shown)
    found += [f"not shown: {key} ×{n}" for key, n in sorted((sent - shown).items())]
    allowed = Counter({key: n for key, n in cut_off.items() if key[0] != "aibot"})
    extra = shown - sent - held - allowed
    return found + [f"shown too often: {key} ×{n}" for key, n in sorted(extra.items())]


def shown_as(letter: Row) -> Shown:
    """How a row of the outbox looks to whoever gets it."""
    body = json.loads(letter["body"])
    text = "card" if "card" in body else str(body.get("markdown") or body["text"])
    return SENDERS[letter["channel"]], text


def _members(tables: Tables, deeds: Deeds) -> list[str]:
    rows = tables["membership"]
    stays = Counter((row["community"], row["member"]) for row in rows)
    actions = [(row["member"], row["kind"]) for row in tables["activity"]]
    return [
        *(f"membership doubled: {who}" for who, n in sorted(stays.items()) if n > 1),
        *differ(
            "counted message",
            [member for member, _ in deeds.said],
            [member for member, kind in actions if kind == "message"],
        ),
        *differ(
            "counted draw",
            [row["member"] for row in tables["draw"]],
            [member for member, kind in actions if kind == "draw"],
        ),
    ]


def _draws(tables: Tables, deeds: Deeds, wanted: Wanted) -> list[str]:
    """Every member who asked has one card, and one award and one payout for exactly that card."""
    cards = {(row["deck"], row["position"]): row for row in tables["card"]}
    draws = tables["draw"]
    askers = {member for member, text in deeds.said if text == wanted.keyword}
    won = []
    for draw in draws:
        card = cards[draw["deck"], draw["position"]]
        key = f"draw/{draw['deck']}/{draw['member']}/{draw['number']}"
        won.append((key, draw["member"], card["prize"], card["amount_fen"]))
    awards = tables["award"]
    return [
        *differ("draw", askers, [row["member"] for row in draws]),
        *differ(
            "award",
            won,
            [(row["key"], row["member"], row["prize"], row["amount_fen"]) for row in awards],
        ),
        *differ("payout", map(_order, awards), map(_order, tables["payout"])),
    ]


def _order(row: Row) -> tuple[str, int]:
    return row["order_no"], row["amount_fen"]


def _decks(tables: Tables, deeds: Deeds, wanted: Wanted) -> list[str]:
    """The published commitment binds the seed, the seed the order, the order every draw; the log
    holds every draw."""
    found = [] if len(tables["deck"]) == 1 else [f"{len(tables['deck'])} decks"]
    for deck in tables["deck"]:
        draws = [row for row in tables["draw"] if row["deck"] == deck["id"]]
        found += [text for _, text in verify(_evidence(tables, deck, wanted)) if text != OPEN]
        positions = sorted(row["position"] for row in draws)
        if positions != list(range(deck["taken"])):
            found.append(f"deck {deck['id']}: {deck['taken']} taken, drawn {positions}")
        notices = [text for sender, text in deeds.shown if sender == "robot"]
        if not any(deck["commitment"] in text for text in notices):
            found.append(f"deck {deck['id']}: its commitment was never published")
    return found


def _evidence(tables: Tables, deck: Row, wanted: Wanted) -> dict[str, Any]:
    """What a stranger would be given, as if the deck were closed."""
    log = [row for row in tables["deck_log"] if row["deck"] == deck["id"]]
    same = ("campaign", "round", "mode", "public_value", "rules_hash", "seed", "commitment", "head")
    return {
        "format": "qunyun-evidence-2",
        **{name: deck[name] for name in same},
        "rules": json.loads(deck["rules"]),
        "cards": [["cash", prize, fen, 0, n] for prize, fen, n in wanted.cards],
        "entrants": [],
        "log": [json.loads(row["entry"]) for row in sorted(log, key=lambda one: one["number"])],
    }


def money(tables: Tables) -> list[str]:
    """The ledger balances with awards, payouts and budgets, to the fen."""
    awards = {row["order_no"]: row for row in tables["award"]}
    paid = {row["order_no"] for row in tables["payout"] if row["status"] == "paid"}
    balance: Counter[str] = Counter()
    given: Counter[str] = Counter()
    entries = []
    for row in tables["ledger"]:
        balance[row["debit"]] -= row["amount_fen"]
        balance[row["credit"]] += row["amount_fen"]
        if row["event"] in ("fund", "release"):
            sign = 1 if row["event"] == "fund" else -1
            given[row["source"]] += sign * row["amount_fen"]
        else:
            entries.append((row["order_no"], row["event"], row["amount_fen"]))
    due = [(number, "award", row["amount_fen"]) for number, row in awards.items()]
    due += [(number, "paid", awards[number]["amount_fen"]) for number in paid]
    found = differ("ledger entry", due, entries)

    def same(what: str, fen: int, should_be: int) -> None:
        if fen != should_be:
            found.append(f"{what}: {fen} fen, should be {should_be}")

    def total(chosen: Callable[[Row], bool]) -> int:
        return sum(row["amount_fen"] for row in awards.values() if chosen(row))

    same("account paid", balance["paid"], total(lambda row: row["order_no"] in paid))
    same("account owed", balance["owed"], total(lambda row: row["order_no"] not in paid))
    for budget in tables["budget"]:
        source, whole = budget["source"], budget["budget_fen"]
        its = [row for row in awards.values() if row["source"] == source]
        won = sum(row["amount_fen"] for row in its)
        got = sum(row["amount_fen"] for row in its if row["order_no"] in paid)
        same(f"account budget/{source}", balance[f"budget/{source}"], whole - won)
        same(f"budget of {source}", whole, given[source])
        same(f"committed of {source}", budget["committed_fen"], won)
        same(f"settled of {source}", budget["settled_fen"], got)
        same(f"returned of {source}", budget["returned_fen"], 0)
        if won > whole:
            found.append(f"budget of {source}: {won} fen of {whole}")
    return found


def payments(tables: Tables, deeds: Deeds) -> list[str]:
    """Money moved once for each payout of cash recorded as paid, and for nothing else."""
    cash = {row["order_no"]: row["member"] for row in tables["award"] if row["kind"] == "cash"}
    settled = [
        (cash[row["order_no"]], row["amount_fen"], row["order_no"])
        for row in tables["payout"]
        if row["status"] == "paid" and row["order_no"] in cash
    ]
    moved = [(one.member, one.amount_fen, one.order_no) for one in deeds.paid]
    return differ("payment", settled, moved)
