"""The ledger's chains: literal hashes, and whoever tampers is found."""

import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text

from storage import books, ledger, migrations, money, payout_rows, payouts
from storage.database import Database, open_database
from storage.rows import is_postgres
from storage.types import order_number

At = Callable[[float], datetime]
PAYABLE = date(2026, 11, 30)
ORDER = order_number("k1")
FUND = (
    '{"amount_fen":1000,"at":"2026-11-23T01:30:00.000000Z","credit":"budget/pool/a","debit":"bank",'
    '"event":"fund","number":0,"order_no":null,"previous":"","source":"pool/a"}'
)


def won(tx: Connection, at: At) -> None:
    for key, fen in (("k1", 300), ("k2", 200)):
        money.award(
            tx,
            key=key,
            source="pool/a",
            budget_fen=1000,
            community="c1",
            member="wm1",
            prize="红包",
            amount_fen=fen,
            payable_on=PAYABLE,
            now=at(0),
        )
    payouts.expire(tx, order_number("k2"), "逾期", at(3))


def hashes(tx: Connection) -> list[str]:
    return list(tx.execute(text("SELECT hash FROM ledger ORDER BY number")).scalars())


async def test_entry_is_hashed_with_the_one_before_it(database: Database, at: At) -> None:
    await database.write(lambda tx: won(tx, at))
    first, second, *_ = await database.read(hashes)
    assert first == hashlib.sha256(FUND.encode()).hexdigest()
    award = (
        '{"amount_fen":300,"at":"2026-11-23T01:30:00.000000Z","credit":"owed",'
        f'"debit":"budget/pool/a","event":"award","number":1,"order_no":"{ORDER}",'
        f'"previous":"{first}","source":"pool/a"}}'
    )
    assert second == hashlib.sha256(award.encode()).hexdigest()


async def test_every_account_balances_to_nothing(database: Database, at: At) -> None:
    await database.write(lambda tx: won(tx, at))
    found = await database.read(ledger.balances)
    assert found == {"bank": -1000, "budget/pool/a": 700, "owed": 300}
    assert sum(found.values()) == 0
    assert await database.read(books.wrong) == []


TAMPERED = [
    (
        "UPDATE ledger SET amount_fen = 301 WHERE number = 1",
        [
            "账本 pool/a 从第 2 条起被改动过：哈希链断开",
            "奖金来源 pool/a 已发出 500 分，账本上是 501 分",
        ],
    ),
    (
        "UPDATE ledger SET at = '2026-11-24 01:00:00.000000+00:00' WHERE number = 2",
        ["账本 pool/a 从第 3 条起被改动过：哈希链断开"],
    ),
    (
        "DELETE FROM ledger WHERE number = 0",
        [
            "账本 pool/a 从第 1 条起被改动过：哈希链断开",
            "奖金来源 pool/a 投放 1000 分，账本上是 0 分",
        ],
    ),
    (
        "DELETE FROM ledger WHERE number = 3",
        [
            "账本 pool/a 有 3 条，预算记的是 4 条或另一个末端",
            "奖金来源 pool/a 已退回 200 分，账本上是 0 分",
            f"发奖记录 {order_number('k2')} 是“expired”，账本上却不是",
        ],
    ),
    (
        "UPDATE budget SET budget_fen = 2000",
        ["奖金来源 pool/a 投放 2000 分，账本上是 1000 分"],
    ),
    (
        "UPDATE payout SET status = 'paid' WHERE status = 'held'",
        [f"发奖记录 {ORDER} 是“paid”，账本上却不是"],
    ),
    (
        "UPDATE payout SET amount_fen = 3000 WHERE status = 'held'",
        [f"中奖记录 {ORDER} 没有金额相同的发奖记录"],
    ),
]


@pytest.mark.parametrize(("change", "found"), TAMPERED)
async def test_whoever_tampers_is_found(
    database: Database, at: At, change: str, found: list[str]
) -> None:
    def tamper(tx: Connection) -> None:
        won(tx, at)
        if is_postgres(tx):
            tx.execute(text("ALTER TABLE ledger DISABLE TRIGGER ledger_append_only"))
        else:
            for verb in ("update", "delete"):
                tx.execute(text(f"DROP TRIGGER ledger_no_{verb}"))
        tx.execute(text(change))
        if is_postgres(tx):
            tx.execute(text("ALTER TABLE ledger ENABLE TRIGGER ledger_append_only"))

    await database.write(tamper)
    assert await database.read(books.wrong) == found


async def test_chain_grown_elsewhere_is_no_place_to_append(database: Database, at: At) -> None:
    def forked(tx: Connection) -> None:
        money.raise_budget(tx, "pool/a", 1000, at(0))
        tx.execute(text("UPDATE budget SET entries = 0"))
        ledger.append(tx, "pool/a", [ledger.fund("pool/a", 1, at(1))])

    with pytest.raises(Exception, match="ledger"):
        await database.write(forked)


OLD = """
INSERT INTO deck (campaign, round, community, size, taken, sum_fen, budget_fen, seed, commitment,
  rules_hash, rules, payable_after, opened_at, close_reason) VALUES
  ('hook', 'standing', '', 2, 1, 300, 500, '00', '00', '00', '{}', 5,
   '2026-11-20 01:00:00.000000+00:00', '');
INSERT INTO budget VALUES ('hook', 500, 300, 300, 0), ('pool/a', 900, 200, 0, 0);
INSERT INTO award VALUES
  ('QY1', 'draw/1/wm1', 'hook', 'c1', 'wm1', '红包', 300, '2026-11-27',
   '2026-11-20 01:05:00.000000+00:00'),
  ('QY2', 'game/1/wm2', 'pool/a', 'c1', 'wm2', '红包', 200, '2026-11-27',
   '2026-11-21 01:00:00.000000+00:00');
INSERT INTO ledger VALUES
  ('QY1', 'award', 'budget/hook', 'owed', 300, '2026-11-20 01:05:00.000000+00:00'),
  ('QY1', 'paid', 'owed', 'paid', 300, '2026-11-27 02:00:00.000000+00:00'),
  ('QY2', 'award', 'budget/pool/a', 'owed', 200, '2026-11-21 01:00:00.000000+00:00');
INSERT INTO payout VALUES
  ('QY1', 'paid', 300, '2026-11-27', 'wang', NULL, NULL, 1, '2026-11-27 02:00:00.000000+00:00',
   'r1', '', '2026-11-27 02:00:00.000000+00:00'),
  ('QY2', 'unknown', 200, '2026-11-27', 'wang', NULL, NULL, 1, NULL, '', '超时',
   '2026-11-27 02:00:00.000000+00:00');
"""


async def test_money_of_the_first_release_is_chained(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "0006")
    engine.dispose()
    with closing(sqlite3.connect(path)) as old:
        old.executescript(OLD)
    database = await open_database(f"sqlite:///{path}")
    try:
        assert await database.read(books.wrong) == []
        assert await database.read(ledger.balances) == {
            "bank": -1400,
            "budget/hook": 200,
            "budget/pool/a": 700,
            "owed": 200,
            "paid": 300,
        }
        rows = await database.read(payout_rows.listing)
        assert [(row.order_no, row.status, row.kind, row.flags) for row in rows] == [
            ("QY1", "paid", "cash", ""),
            ("QY2", "unknown", "cash", ""),
        ]
        assert await database.read(payout_rows.next_ask) == datetime(2026, 11, 27, 2, tzinfo=UTC)
    finally:
        await database.close()
