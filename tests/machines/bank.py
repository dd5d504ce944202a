"""The bank of the machines: the real core, runtime and storage over one SQLite in memory.

Everything goes through the functions that the bot itself calls, one transaction to an act. Only
the outside is missing: nothing is sent, and nobody is paid.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event

from bot import deck_work, maturing
from bot.app import channel_types
from bot.channel import Connections
from bot.due import Due, Moment
from bot.facts_decks import deck_facts
from bot.letters import Origin
from bot.runtime import Runtime
from sop import effects as does
from sop import lottery, points, prizes, rounds
from sop.community import Community
from sop.effects import Effect
from sop.library import Library
from sop.seeds import derive
from sop.workdays import Workdays, published
from storage import coupons, decks, migrations, payouts, people
from storage.database import to_json
from tests.house import FIRST, at, library_of, settings_of

T = TypeVar("T")

MEMBERS = ("wm1", "wm2", "wm3")
STRANGER = "wm9"
"""Never joined."""
COLLEAGUE = "li"
START = at("11-23 09:00")
REISSUE = timedelta(days=30)


def _campaign(name: str, **more: Any) -> dict[str, Any]:
    return {
        "campaign": name,
        "title": f"活动 {name}",
        "organiser": "示例银行",
        "applies_to": {"labels": ["first"]},
        "round": "event",
        "keyword": name,
        "payable_after": 0,
        "claim_within": "3d",
        "opening": "开始了。",
        "rules": [
            "群成员均可参加。",
            "以微信红包发放，逾期未领取视为放弃。",
            "有疑问请私信客户经理。",
        ],
        **more,
    }


MIXED = _campaign(
    "mixed",
    chances={"total": 3, "per_day": 2},
    budget="40.00",
    deck=[
        {"prize": "红包", "amount": "1.88", "count": 2},
        {"prize": "电影票", "kind": "coupon", "amount": "9.00", "count": 2, "redeem": "线上用"},
        {"prize": "雨伞", "kind": "gift", "amount": "5.00", "count": 1, "redeem": "网点领"},
        {"prize": "积分包", "kind": "points", "points": 7, "count": 1, "redeem": "到账"},
    ],
)
PRICED = _campaign(
    "priced",
    chances=2,
    condition={"points": 5},
    budget="4.00",
    deck=[{"prize": "红包", "amount": "2.00", "count": 2}],
)
LOTS = _campaign(
    "lots",
    mode="entrants",
    public_value="2026-11-27 双色球第 2026136 期红球",
    budget="8.00",
    deck=[
        {"prize": "红包", "amount": "3.00", "count": 1},
        {"prize": "电影票", "kind": "coupon", "amount": "5.00", "count": 1, "redeem": "线上用"},
    ],
)
PROGRAM = {
    "points": "shop",
    "title": "积分",
    "applies_to": {"labels": ["first"]},
    "earn": {"checkin": 1},
    "expires_after": 12,
    "redeem": [
        {"number": 1, "item": "电影票", "kind": "coupon", "points": 6, "stock": 3, "value": "9.00"},
        {
            "number": 2,
            "item": "雨伞",
            "kind": "gift",
            "points": 4,
            "stock": 2,
            "value": "5.00",
            "each": 1,
        },
    ],
}


class Bank:
    """One installation. `reset` makes it new, which is cheaper than making another one."""

    def __init__(self) -> None:
        self.library: Library = library_of(MIXED, PRICED, LOTS, PROGRAM)
        found = settings_of("http://127.0.0.1:1")
        # Channels need connections to send, and nothing is sent here.
        nowhere = Connections(found, None, None)  # type: ignore[arg-type]
        channels = {name: one(nowhere) for name, one in channel_types().items()}
        runtime = Runtime(found, channels, self.library)
        known = published()
        workdays = Workdays(dict.fromkeys((2026, 2027, 2028), known[2026]))
        self.due = Due(found, self.library, workdays, runtime)
        self.home: Community = next(one for one in found.communities if one.id == FIRST)
        self._memory = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._engine = _engine(self._memory)
        self._empty = sqlite3.connect(":memory:", isolation_level=None)
        self._acts = 0
        self.now = START
        with self._engine.begin() as tx:
            migrations.upgrade(tx)
            self._people(tx)
        self._memory.backup(self._empty)

    def _people(self, tx: Connection) -> None:
        row = people.CommunityRow(
            FIRST, self.home.name, self.home.chat_id, "li", self.home.mode, ["first"], "UTC"
        )
        people.sync_communities(tx, [row], START)
        for one in MEMBERS:
            people.arrive(tx, FIRST, one, f"成员{one}", "roster", START)

    def reset(self) -> None:
        """An empty bank on Monday 09:00."""
        self._empty.backup(self._memory)
        self.now = START

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One commit, or nothing of it."""
        with self._engine.begin() as tx:
            yield tx

    def act(self, work: Callable[[Connection], T]) -> T:
        """A work in a transaction of its own."""
        with self.transaction() as tx:
            return work(tx)

    def apply(self, tx: Connection, effects: list[Effect]) -> list[Effect]:
        """What the shell does with what the core says."""
        self._acts += 1
        owed = [one for one in effects if not isinstance(one, does.Reply)]
        self.due.runtime.apply(tx, owed, Origin(f"machine/{self._acts}", self.now))
        return effects

    # rounds

    def open_round(self, campaign: str, length: timedelta, luck: int) -> does.OpenDeck | None:
        """A colleague opens one; None if the core will not."""

        def work(tx: Connection) -> does.OpenDeck | None:
            facts, chosen = self.due.facts(tx), self.library.campaigns[campaign]
            seed = derive(b"machine", f"{campaign}/{luck}")
            try:
                effects = rounds.open_by_hand(facts, chosen, FIRST, length, self.now, seed)
            except rounds.CannotOpen:
                return None
            self.apply(tx, effects)
            return next(one for one in effects if isinstance(one, does.OpenDeck))

        return self.act(work)

    def wish(self, member: str, deck: int, request: str) -> list[Effect]:
        """What the core says to a member who draws or enters; nothing is done yet."""
        return self.act(lambda tx: self._wish(tx, member, deck, request))

    def _wish(self, tx: Connection, member: str, deck: int, request: str) -> list[Effect]:
        return lottery.draw_from(self.due.facts(tx), self.home, member, deck, request, self.now)

    def draw(self, member: str, deck: int, request: str) -> list[Effect]:
        """The same, done."""
        return self.act(lambda tx: self.apply(tx, self._wish(tx, member, deck, request)))

    def wake_decks(self) -> None:
        """Every deck whose time has come."""

        def work(tx: Connection) -> None:
            for deck in decks.due(tx, self.now):
                deck_work.wake(tx, self.due, deck, Moment(self.now, b""))

        self.act(work)

    def close(self, deck: int) -> None:
        """A colleague ends a round."""

        def work(tx: Connection) -> None:
            row = decks.lock(tx, deck)
            assert row is not None
            facts = self.due.facts(tx)
            self.apply(tx, rounds.close(facts, deck_facts(row), "提前结束", self.now, early=True))

        self.act(work)

    def decide(self, deck: int, value: str) -> list[Effect] | None:
        """The public value is known; None if the core cannot decide."""

        def work(tx: Connection) -> list[Effect] | None:
            row = decks.lock(tx, deck)
            assert row is not None
            try:
                effects = rounds.decide(self.due.facts(tx), deck_facts(row), value, self.now)
            except rounds.CannotDecide:
                return None
            return self.apply(tx, effects)

        return self.act(work)

    # money

    def effect(self, *effects: Effect) -> None:
        """Effects, in one commit."""
        self.act(lambda tx: self.apply(tx, list(effects)))

    def night(self) -> None:
        """What falls due is due; what nobody took expires."""

        def work(tx: Connection) -> None:
            maturing.mature(tx, self.due, self.now)
            maturing.expire(tx, self.due, self.now)

        self.act(work)

    def claim(self, member: str, order: str) -> bool:
        """A member asks for the code of a coupon; whether it was taken just now."""

        def work(tx: Connection) -> bool:
            effects = prizes.claim(self.due.facts(tx), self.home, member, order, self.now)
            self.apply(tx, effects)
            return any(isinstance(one, does.ClaimCoupon) for one in effects)

        return self.act(work)

    def redeem(self, member: str, number: int, request: str) -> does.RedeemPoints | None:
        """A member takes an item for points; None if the core will not."""

        def work(tx: Connection) -> does.RedeemPoints | None:
            facts = self.due.facts(tx)
            effects = points.redeem(
                facts, self.library, self.home, member, number, request, self.now
            )
            self.apply(tx, effects)
            return next((one for one in effects if isinstance(one, does.RedeemPoints)), None)

        return self.act(work)

    def bring_coupons(self, source: str, codes: list[str]) -> list[str]:
        """Codes are imported: those that were there already."""
        return self.act(lambda tx: coupons.add(tx, source, "电影票", codes, self.now))

    def forfeit(self, member: str) -> tuple[int, int]:
        """A member gives everything up that is not yet sent: how many, and what is on its way."""
        return self.act(lambda tx: payouts.forfeit(tx, member, "li", "本人要求", self.now))


def _engine(memory: sqlite3.Connection) -> Engine:
    """As `storage.sqlite` opens a writer, but in memory."""
    memory.execute("PRAGMA foreign_keys=1")
    engine = create_engine(
        "sqlite://", creator=lambda: memory, poolclass=StaticPool, json_serializer=to_json
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
