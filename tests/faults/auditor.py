"""Judges the town: nothing lost, nothing doubled, not a fen and not a point out of balance.

Only from its tables, the sandbox's record and what people did; beside that the program's own
judges are asked: `sop.draws.verify` about every closed round, `storage.books` about the ledger.
"""

import json
from collections import Counter
from typing import Any

from sqlalchemy import Connection

from bot.evidence import evidence_json
from sop.draws.verify import verify
from storage import books
from storage.database import open_database
from tests.faults.checker import Row, Tables, differ, events, messages, money, payments
from tests.faults.records import snapshot
from tests.faults.town import Town
from tests.faults.town_files import CHANCES, HOOK, LOTS, PRICE, PRICED, START, WINNERS, customer

TABLES = (
    "inbox",
    "outbox",
    "activity",
    "deck",
    "card",
    "draw",
    "entrant",
    "award",
    "ledger",
    "payout",
    "budget",
    "coupon",
    "points_entry",
    "points_wallet",
    "points_item",
    "redemption",
)
_MOST = {HOOK: CHANCES, PRICED: 5, LOTS: 1}


async def audit(town: Town) -> list[str]:
    """Everything that is wrong, in words; empty when all is well. The bot is down, the rounds
    are closed."""
    tables = await snapshot(town.records, TABLES)
    deeds = town.deeds
    deeds.shown = [
        (one.sender.kind, "card" if one.card else one.text)
        for one in town.sandbox.messages.all()
        if one.sender.kind in ("robot", "aibot", "app")
    ]
    deeds.paid = town.payments(customer(one) for one in range(town.members))
    heard = [text for _, text in deeds.said if not text.startswith("开奖")]
    answers = [row["channel"] for row in tables["outbox"] if row["channel"] == "aibot_reply"]
    return [
        *await town.records.damage(),
        *await _own_judges(town),
        *events(tables, deeds),
        *differ("answer", ["aibot_reply"] * len(heard), answers),
        *messages(tables, deeds, town.cut_off),
        *(f"turned away: {one}" for one in deeds.turned_away),
        *_draws(tables, town),
        *_lots(tables, town),
        *_decks(tables, town),
        *_awards(tables),
        *money(tables),
        *payments(tables, deeds),
        *_coupons(tables, town),
        *_points(tables, town),
    ]


async def _own_judges(town: Town) -> list[str]:
    def work(tx: Connection) -> list[str]:
        found = books.wrong(tx)
        for deck in (1, 2, 3):
            evidence = json.loads(evidence_json(tx, deck))
            found += [f"deck {deck}: {check}: {text}" for check, text in verify(evidence)]
        return found

    database = await open_database(town.records.url)
    try:
        return await database.read(work)
    finally:
        await database.close()


def _campaigns(tables: Tables) -> dict[int, str]:
    return {row["id"]: row["campaign"] for row in tables["deck"]}


def _draws(tables: Tables, town: Town) -> list[str]:
    """As many draws as were asked for, and no more than there are chances."""
    names = _campaigns(tables)
    wanted = Counter(
        {
            (campaign, member): min(count, _MOST[campaign])
            for (campaign, member), count in town.wishes.draws.items()
            if campaign != LOTS
        }
    )
    drawn = [(names[row["deck"]], row["member"]) for row in tables["draw"]]
    found = differ("draw", wanted.elements(), [one for one in drawn if one[0] != LOTS])
    counted = [row["member"] for row in tables["activity"] if row["kind"] == "draw"]
    entered = [row["member"] for row in tables["entrant"]]
    return found + differ("counted draw", [*entered, *(member for _, member in drawn)], counted)


def _lots(tables: Tables, town: Town) -> list[str]:
    """Who entered is an entrant, and as many of them as there are prizes won, once each."""
    names = _campaigns(tables)
    wanted = {member for campaign, member in town.wishes.draws if campaign == LOTS}
    entrants = [row["member"] for row in tables["entrant"]]
    winners = [row["member"] for row in tables["draw"] if names[row["deck"]] == LOTS]
    found = differ("entrant", wanted, entrants)
    if len(winners) != min(WINNERS, len(entrants)) or not set(winners) <= set(entrants):
        found.append(f"winners {winners} of {len(entrants)} entrants")
    return found + [f"won twice: {one}" for one, n in Counter(winners).items() if n > 1]


def _decks(tables: Tables, town: Town) -> list[str]:
    """Every card drawn once and in order, every commitment published."""
    notices = "\n".join(text for sender, text in town.deeds.shown if sender == "robot")
    found = []
    for deck in tables["deck"]:
        positions = sorted(row["position"] for row in tables["draw"] if row["deck"] == deck["id"])
        if positions != list(range(deck["taken"])):
            found.append(f"deck {deck['id']}: {deck['taken']} taken, drawn {positions}")
        if deck["commitment"] not in notices:
            found.append(f"deck {deck['id']}: its commitment was never published")
        if deck["closed_at"] is None:
            found.append(f"deck {deck['id']} is open")
    return found


def _awards(tables: Tables) -> list[str]:
    """One award and one payout for each draw and each redemption, and for nothing else."""
    cards = {(row["deck"], row["position"]): row for row in tables["card"]}
    won = []
    for row in tables["draw"]:
        card = cards[row["deck"], row["position"]]
        key = f"draw/{row['deck']}/{row['member']}/{row['number']}"
        won.append((key, row["member"], card["kind"], card["amount_fen"], card["points"]))
    worth = {"抽纸": ("gift", 1200), "咖啡券": ("coupon", 1500)}
    won += [(row["key"], row["member"], *worth[row["item"]], 0) for row in tables["redemption"]]
    names = ("key", "member", "kind", "amount_fen", "points")
    awards = [tuple(row[name] for name in names) for row in tables["award"]]

    def order(row: Row) -> tuple[Any, ...]:
        return row["order_no"], row["amount_fen"]

    return [
        *differ("award", won, awards),
        *differ("payout", map(order, tables["award"]), map(order, tables["payout"])),
    ]


def _coupons(tables: Tables, town: Town) -> list[str]:
    """Each code is at most one award's, each award of a coupon has one code, and what was
    claimed was handed out."""
    mine = [row["order_no"] for row in tables["award"] if row["kind"] == "coupon"]
    used = [row["order_no"] for row in tables["coupon"] if row["order_no"] is not None]
    paid = {row["order_no"] for row in tables["payout"] if row["status"] == "paid"}
    out = [one for one in mine if one in paid]
    return [*differ("coupon", mine, used), *differ("claim", town.wishes.claimed, out)]


def _points(tables: Tables, town: Town) -> list[str]:
    """Every wallet is the sum of its entries, and every entry has its deed."""
    names, wishes = _campaigns(tables), town.wishes
    cards = {(row["deck"], row["position"]): row for row in tables["card"]}
    due = [(customer(one), START) for one in range(town.members)]
    due += [(member, 5) for member in wishes.checked_in]
    due += [(member, -10) for (member, _), n in wishes.redeemed.items() for _ in range(n)]
    for row in tables["draw"]:
        card = cards[row["deck"], row["position"]]
        due += [(row["member"], -PRICE)] if names[row["deck"]] == PRICED else []
        due += [(row["member"], card["points"])] if card["kind"] == "points" else []
    entries = [(row["member"], row["points"]) for row in tables["points_entry"]]
    sums: Counter[str] = Counter()
    for member, count in entries:
        sums[member] += count
    wallets = {row["member"]: row["balance"] for row in tables["points_wallet"]}
    found = differ("points", due, entries)
    found += differ("wallet", sums.items(), wallets.items())
    checked_in = [row["member"] for row in tables["activity"] if row["kind"] == "checkin"]
    found += differ("check-in", wishes.checked_in, checked_in)
    items = {"抽纸": 1, "咖啡券": 2}
    redeemed = [(row["member"], items[row["item"]]) for row in tables["redemption"]]
    taken = {row["item"]: row["taken"] for row in tables["points_item"]}
    gone = Counter(row["item"] for row in tables["redemption"])
    return [
        *found,
        *differ("redemption", wishes.redeemed.elements(), redeemed),
        *differ("item", gone.items(), taken.items()),
    ]
