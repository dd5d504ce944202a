"""Whatever happens to points: entries add up, nothing is overdrawn, only what is left lapses."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, func, select

from sop.points_program import PointsProgram
from storage import points
from storage.points import NotEnough
from storage.tables.points import PointsEntry, PointsWallet
from storage.types import Row, table

START = date(2027, 11, 20)
PROGRAM = PointsProgram.model_validate(
    {
        "points": "p",
        "title": "积分",
        "applies_to": {"labels": ["x"]},
        "earn": {},
        "expires_after": 2,
    }
)
_deeds = st.one_of(
    st.tuples(st.just("give"), st.integers(1, 100)),
    st.tuples(st.just("spend"), st.integers(1, 150)),
    st.tuples(st.just("days"), st.integers(1, 45)),
    st.tuples(st.just("again"), st.just(0)),
)


@contextmanager
def empty() -> Iterator[Connection]:
    """A database with nothing but the tables of points."""
    engine = create_engine("sqlite://")
    with engine.begin() as tx:
        tables = [table(PointsEntry), table(PointsWallet)]
        Row.metadata.create_all(tx, tables=tables)
        yield tx
    engine.dispose()


class Lots:
    """The same told in another way: a pile for each month, of which the oldest is spent first."""

    def __init__(self) -> None:
        self.piles: dict[date, int] = {}

    def give(self, n: int, last: date) -> None:
        self.piles[last] = self.piles.get(last, 0) + n

    def spend(self, n: int) -> bool:
        if n > sum(self.piles.values()):
            return False
        for last in sorted(self.piles):
            used = min(n, self.piles[last])
            self.piles[last] -= used
            n -= used
        return True

    def pass_to(self, today: date) -> None:
        self.piles = {last: n for last, n in self.piles.items() if last >= today}


def night(tx: Connection, since: date, today: date, now: datetime) -> None:
    """What the nightly work does with the days that ended."""
    one_day = timedelta(days=1)
    for one in points.lapsing(tx, "a", since - one_day, today - one_day):
        key = f"expired/{one.member}/{one.day}"
        points.spend(tx, one.member, "a", one.points, "expired", "", key, now)


@settings(max_examples=150, deadline=None)
@given(st.lists(_deeds, max_size=40))
def test_points_add_up_whatever_happens(deeds: list[tuple[str, int]]) -> None:
    today, lots, last_key = START, Lots(), ""
    with empty() as tx:
        for number, (deed, n) in enumerate(deeds):
            now = datetime.combine(today, time(9), UTC)
            if deed == "give":
                last = PROGRAM.last_day(today)
                assert last is not None
                last_key = f"give/{number}"
                points.give(tx, "wm1", "a", n, "won", "", last_key, now, expires_on=last)
                lots.give(n, last)
            elif deed == "again" and last_key:
                assert not points.give(tx, "wm1", "a", 5, "won", "", last_key, now)
            elif deed == "spend":
                try:
                    points.spend(tx, "wm1", "a", n, "draw", "", f"spend/{number}", now)
                    spent = True
                except NotEnough:
                    spent = False
                assert spent == lots.spend(n)
            elif deed == "days":
                since, today = today, today + timedelta(days=n)
                night(tx, since, today, now)
                night(tx, since, today, now)
                lots.pass_to(today)
            have = points.balance(tx, "wm1")
            entries = table(PointsEntry).c.points
            total = tx.execute(select(func.coalesce(func.sum(entries), 0))).scalar_one()
            coming = points.expiring(tx, "wm1", date.max)
            assert have == total == sum(lots.piles.values())
            assert {one.day: one.points for one in coming} == {
                last: n for last, n in lots.piles.items() if n
            }
