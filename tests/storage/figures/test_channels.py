"""What became of those whom each channel brought in four weeks (2026-11-02 to 11-29)."""

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert

from storage import money, payouts
from storage.database import Database
from storage.figures.channels import FlowNumbers, flows
from storage.figures.crowd import Crowd
from storage.figures.scope import Scope
from storage.tables.onboarding import Arrival
from storage.tables.referrals import Relation
from storage.types import order_number, table

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)
Local = Callable[[str], datetime]


def came(tx: Connection, member: str, channel: str, at: datetime) -> None:
    row = {"member": member, "staff": f"li-{channel}", "channel": channel, "at": at}
    tx.execute(insert(table(Arrival)), [row])


def pay(tx: Connection, member: str, fen: int, at: datetime, number: int = 1) -> None:
    key = f"game/{number}/{member}"
    money.award(
        tx,
        key=key,
        source="pool/games",
        budget_fen=100_000,
        community="a",
        member=member,
        prize="红包",
        amount_fen=fen,
        payable_on=at.date(),
        now=at,
    )
    payouts.mature(tx, at.date(), at)
    payouts.approve(tx, order_number(key), fen, "finance", at)
    payouts.submit(tx, order_number(key), at, at)
    payouts.paid(tx, order_number(key), "ok", at)


async def test_flows_count_volume_and_quality(
    database: Database, live: Callable[..., None], local: Local
) -> None:
    def work(tx: Connection) -> tuple[FlowNumbers, ...]:
        live(
            tx,
            [
                ("a", "early", "2026-11-01T23:59", None),  # before the four weeks
                ("a", "stays", "2026-11-02T00:00", None),
                ("b", "stays", "2026-11-20T00:00", None),  # once is enough
                ("a", "six", "2026-11-10T12:00", "2026-11-17T11:59"),
                ("a", "seven", "2026-11-10T12:00", "2026-11-17T12:00"),
                ("a", "young", "2026-11-23T00:01", None),
                ("a", "kept", "2026-11-12T12:00", None),
                ("a", "rm1", "2026-11-12T12:00", None),
            ],
            [
                ("a", "stays", "message", "2026-11-23"),
                ("a", "young", "join", "2026-11-23"),
                ("a", "kept", "draw", "2026-11-22"),
            ],
        )
        live(tx, [("b", "scanned", "2026-11-15T12:00", None)], via="qr")
        came(tx, "stays", "phone", local("2026-11-01T12:00"))
        came(tx, "stays", "branch", local("2026-11-02T12:00"))
        came(tx, "stays", "later", local("2026-11-30T12:00"))
        for member in ("six", "seven", "young"):
            came(tx, member, "branch", local("2026-11-02T12:00"))
        kept = {
            "member": "kept",
            "staff": "li",
            "state": "card",
            "since": local("2026-11-01T12:00"),
        }
        tx.execute(insert(table(Relation)), [kept])
        pay(tx, "stays", 500, local("2026-11-20T12:00"))
        pay(tx, "stays", 700, local("2026-11-30T12:00"), 2)
        pay(tx, "early", 900, local("2026-11-20T12:00"))
        crowd = Crowd(tx, ("a", "b"), MONDAY, SHANGHAI, {"rm1"})
        return flows(Scope(tx, ("a", "b"), MONDAY, SHANGHAI, ("rm1",)), crowd)

    assert await database.write(work) == (
        FlowNumbers("branch", joined=4, old_enough=3, stayed=2, active=1, cost_fen=500),
        FlowNumbers("card", 1, 1, 1, 0, 0),
        FlowNumbers("qr", 1, 1, 1, 0, 0),
    )


async def test_nobody_joined_by_any_channel(database: Database) -> None:
    def work(tx: Connection) -> tuple[FlowNumbers, ...]:
        crowd = Crowd(tx, ("a",), MONDAY, SHANGHAI, ())
        return flows(Scope(tx, ("a",), MONDAY, SHANGHAI, ()), crowd)

    assert await database.read(work) == ()
