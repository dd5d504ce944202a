"""What a page reads and does: one snapshot to look, one transaction to act.

An act goes the way of an event: the core's effects become rows in one commit, and whatever the core
would reply in the group is what the page shows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from bot.clock import Clock
from bot.crash import crash_point
from bot.dispatch import TIMED
from bot.due import Due
from bot.facts import SqlFacts
from bot.letters import Origin
from bot.pages.keys import Visitor
from bot.pages.trouble import Trouble
from sop.community import Community
from sop.consent import Terms, terms
from sop.effects import Effect, Reply
from sop.library import Library
from storage import consent
from storage.consent import ConsentRow
from storage.database import Database

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Seat:
    """A visitor in this transaction: present in the community, or a colleague who may look."""

    tx: Connection
    facts: SqlFacts
    library: Library
    community: Community
    person: str
    name: str
    is_staff: bool
    said: ConsentRow | None
    """The visitor's last word about the terms."""
    terms: Terms
    now: datetime

    @property
    def consented(self) -> bool:
        """Whether the visitor agrees to the terms as they are now."""
        last = self.said
        return last is not None and last.given and last.version == self.terms.version


class Desk:
    """Reads and acts for the pages."""

    def __init__(
        self,
        database: Database,
        due: Callable[[], Due],
        clock: Clock,
        *,
        done: Callable[[], None],
        timed: Callable[[], None],
    ) -> None:
        """`done` wakes who delivers, `timed` who keeps the alarms."""
        self._database = database
        self._due = due
        self._clock = clock
        self._done = done
        self._timed = timed

    def now(self) -> datetime:
        """Read once for a request."""
        return self._clock.now()

    def chance(self, size: int) -> str:
        """Fresh hexadecimal digits, two for each byte."""
        return self._clock.entropy(size).hex()

    @property
    def company(self) -> str:
        """Whose page it is."""
        return self._due().settings.company

    async def look(self, visitor: Visitor, now: datetime, work: Callable[[Seat], T]) -> T:
        """What the work finds in one snapshot. Raises Trouble for who has no seat here."""
        due = self._due()
        return await self._database.read(lambda tx: work(_seat(tx, due, visitor, now)))

    async def act(
        self, visitor: Visitor, now: datetime, request: str, work: Callable[[Seat], list[Effect]]
    ) -> Sequence[str]:
        """Does what the core says, in one commit. Returns the answers to show.

        `request` names the act among this member's: the same again owes no message twice.
        """
        due = self._due()
        origin = Origin(f"page/{visitor.person}/{request}", now)

        def run(tx: Connection) -> list[Effect]:
            effects = work(_seat(tx, due, visitor, now))
            others = [one for one in effects if not isinstance(one, Reply)]
            due.runtime.apply(tx, others, origin)
            crash_point("K18")
            return effects

        effects = await self._database.write(run)
        crash_point("K19")
        self._done()
        if any(isinstance(one, TIMED) for one in effects):
            self._timed()
        return [one.text for one in effects if isinstance(one, Reply)]


def _seat(tx: Connection, due: Due, visitor: Visitor, now: datetime) -> Seat:
    facts = due.facts(tx)
    community = facts.community(visitor.community)
    if community is None:
        text = "这个群的活动已经结束，或换了新的链接。"
        raise Trouble(410, "这个群不再有网页了", text)
    if visitor.is_staff:
        staff = facts.staff(visitor.person)
        if staff is None or not staff.may_see(community.id):
            raise not_your_group()
        name, said = staff.name, None
    else:
        member = facts.member(community.id, visitor.person)
        if member is None or member.left_at is not None:
            raise not_a_member(community.name, left=member is not None)
        name = member.name
        said = consent.latest(tx, visitor.person)
    words = terms(due.settings.company)
    return Seat(
        tx, facts, due.library, community, visitor.person, name, visitor.is_staff, said, words, now
    )


def not_a_member(community: str, *, left: bool) -> Trouble:
    """A customer of the bank who is not, or no longer, in the group of the link."""
    if left:
        text = (
            f"您已经离开了“{community}”。已经中的奖照常发给您，有问题请问您的客户经理；"
            "想继续参加活动，请请他再邀请您进群。"
        )
        return Trouble(403, "您已不在这个群里", text)
    text = f"这是“{community}”的链接，只有群里的成员能打开。刚进群的话，请过几分钟再试。"
    return Trouble(403, "您不在这个群里", text)


def not_your_group() -> Trouble:
    """A colleague who does not look after this community."""
    text = "您是本行同事，但这个群不由您负责，所以不能查看。需要的话请管理员在 config.yaml 里登记。"
    return Trouble(403, "这个群不由您负责", text)
