"""What the terminal may change: each act is a value with the work that it stands for.

An act is done in a transaction, by the terminal itself or, while a service has the database, by
that service (`bot.handin`). It carries everything it needs, so both do the same. Adding one is
adding a class here to `Act`.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter
from sqlalchemy import Connection

from bot.desk import Refused, outbox_act
from bot.erasing import EraseMember, NoteExport, OptMember
from bot.lead_acts import ImportLeads
from bot.merging import MergeMembers
from bot.payout_acts import (
    ApprovePayouts,
    EndReconciling,
    ForfeitPrizes,
    ImportCodes,
    ImportResults,
    ListPayouts,
    RejectPayout,
)
from bot.report_acts import SendSummary
from bot.rollups import RebuildRollups, RebuildSpending
from bot.rotating import RotateKeys
from sop.model import Strict
from storage import audit, deck_requests, decks, reviews
from storage.database import Database

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class HandleLetter(Strict):
    """One owed message is sent again, held or dropped."""

    act: Literal["handle_letter"] = "handle_letter"
    verb: Literal["retry", "hold", "drop"]
    number: int
    reason: str = ""

    def do(self, tx: Connection, now: datetime) -> str:
        """What was done. Raises Refused."""
        return outbox_act(tx, self.verb, self.number, self.reason, now)


class Approved(Strict):
    """One step, or one file, as its reviewer read it."""

    step: str
    """Empty for a file."""
    hash: Hash
    sheet: str


class StampSteps(Strict):
    """A reviewer approves steps of a plan, or a file that speaks by itself: `plan` is then its
    subject."""

    act: Literal["stamp_steps"] = "stamp_steps"
    by: str
    plan: str
    steps: list[Approved]
    note: str = ""

    def do(self, tx: Connection, now: datetime) -> str:
        """What was done; steps that have their stamp already are left alone."""
        new = 0
        for one in self.steps:
            added = reviews.stamp(
                tx,
                plan=self.plan,
                step=one.step,
                hash=one.hash,
                sheet=one.sheet,
                by=self.by,
                note=self.note,
                now=now,
            )
            if added:
                new += 1
                subject = _subject(self.plan, one.step)
                detail = f"{one.hash[:8]} {self.note}".rstrip()
                audit.note(tx, self.by, "盖审核章", subject, detail, now)
        known = len(self.steps) - new
        unit = "步" if all(one.step for one in self.steps) else "份"
        already = f"；{known} {unit}原来就有章" if known else ""
        return f"盖章 {new} {unit}{already}"


def _subject(plan: str, step: str) -> str:
    return f"{plan}/{step}" if step else plan


class RevokeStamp(Strict):
    """A reviewer takes the approval of a step, or of a file, back."""

    act: Literal["revoke_stamp"] = "revoke_stamp"
    by: str
    plan: str
    step: str
    reason: str

    def do(self, tx: Connection, now: datetime) -> str:
        """What was done. Raises Refused when there is no stamp to revoke."""
        subject = _subject(self.plan, self.step)
        ended = reviews.revoke(
            tx, plan=self.plan, step=self.step, by=self.by, reason=self.reason, now=now
        )
        if not ended:
            raise Refused(f"{subject} 没有有效的审核章，不用撤销。")
        audit.note(tx, self.by, "撤销审核章", subject, self.reason, now)
        return f"撤销了 {subject} 的审核章：重新盖章之前不会再发送"


class OpenRound(Strict):
    """A round of a campaign shall be opened besides the plans."""

    act: Literal["open_round"] = "open_round"
    by: str
    campaign: str
    community: str
    seconds: int

    def do(self, tx: Connection, now: datetime) -> str:
        """What was done: the running bot carries it out, for only it can post."""
        deck_requests.ask_open(
            tx,
            campaign=self.campaign,
            community=self.community,
            seconds=self.seconds,
            by=self.by,
            now=now,
        )
        return f"已交办：运行中的服务会在几秒内开启“{self.campaign}”，结果私信给 {self.by}"


class CloseRound(Strict):
    """A round shall be ended before its time."""

    act: Literal["close_round"] = "close_round"
    by: str
    deck: int
    reason: str

    def do(self, tx: Connection, now: datetime) -> str:
        """What was done: the running bot carries it out. Raises Refused when there is nothing to
        end."""
        row = decks.get(tx, self.deck)
        if row is None or row.closed_at is not None:
            raise Refused(f"{self.deck} 号奖池不存在或已经结束，请看 qunyun campaign list")
        deck_requests.ask_close(tx, deck=self.deck, reason=self.reason, by=self.by, now=now)
        return f"已交办：运行中的服务会在几秒内结束 {self.deck} 号奖池，并在群里公布种子"


Act = Annotated[
    ApprovePayouts
    | RejectPayout
    | ForfeitPrizes
    | ListPayouts
    | ImportResults
    | ImportCodes
    | EndReconciling
    | HandleLetter
    | StampSteps
    | RevokeStamp
    | OpenRound
    | CloseRound
    | ImportLeads
    | EraseMember
    | MergeMembers
    | NoteExport
    | OptMember
    | RebuildRollups
    | RebuildSpending
    | RotateKeys
    | SendSummary,
    Field(discriminator="act"),
]

_ACT: TypeAdapter[Act] = TypeAdapter(Act)


async def perform(database: Database, act: Act, now: datetime) -> str:
    """Does an act in a transaction, and what it needs after that; what was done. Raises
    Refused."""
    if isinstance(act, RotateKeys | RebuildRollups):
        return await act.to_the_end(database, now)
    done = await database.write(lambda tx: act.do(tx, now))
    if isinstance(act, EraseMember):
        return f"{done}\n{await act.afterwards(database)}"
    return done


def read_act(line: bytes) -> Act:
    """An act from its JSON. Raises pydantic's ValidationError."""
    return _ACT.validate_json(line)
