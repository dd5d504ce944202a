"""What the terminal may do about one member's data. Part of `bot.acts`."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy import Connection

from bot.desk import Refused
from sop.model import Strict
from sop.wording import shown, told
from storage import audit, erasing, payout_rows, payouts, people, privacy, tags
from storage.database import Database

UNSETTLED = ("held", "due", "approved", "submitted", "unknown", "failed")
"""Statuses of prizes that may still reach their winner."""
PSEUDONYM = "^qy-[0-9a-f]{24}$"
SCRUBBED = "数据库文件里已经找不到这位成员的编号。"
NOT_SCRUBBED = (
    "数据已经删除；数据库文件里的残留会随后续写入被覆盖，PostgreSQL 请在维护时段运行 "
    "VACUUM FULL，并让归档日志按期过期。"
)


class EraseMember(Strict):
    """A member is erased, for good."""

    act: Literal["erase_member"] = "erase_member"
    by: str
    member: str
    reason: str = Field(min_length=1)
    pseudonym: Annotated[str, Field(pattern=PSEUDONYM)]
    """Drawn by who asks, so that asking again does not draw again."""
    force: bool = False
    """Prizes that are not yet sent are given up."""

    def do(self, tx: Connection, now: datetime) -> str:
        """What was done. Raises Refused."""
        if not erasing.is_known(tx, self.member):
            raise Refused(self._unknown(tx))
        if erasing.awaits_draw(tx, self.member):
            raise Refused("这位成员报名了还没有开奖的抽奖，请等开奖以后再删除。")
        given_up = self._settle(tx, now)
        name = people.name(tx, self.member)
        row = erasing.erase(
            tx,
            self.member,
            sorted({one for one in (name, shown(name), told(name)) if name and one}),
            self.pseudonym,
            self.by,
            self.reason,
            now,
        )
        done = sum(row.counts.values())
        audit.note(tx, self.by, "删除成员资料", f"erasure/{row.id}", f"{done} 处", now)
        return (
            f"删除了这位成员的资料：处理 {done} 处{given_up}。\n"
            f"证明 {row.id} 号：{row.proof}\n"
            "中奖、发奖和账本的记录按规定留存，但已经认不出是谁。"
        )

    def _unknown(self, tx: Connection) -> str:
        if erasing.of(tx, self.member):
            return "这位成员的资料已经删除过。查看证明：qunyun members erase 编号 --prove"
        return "没有这位成员的资料，请核对编号（qunyun members list）。"

    def _settle(self, tx: Connection, now: datetime) -> str:
        """Gives up what is not yet sent. Raises Refused for what cannot, or shall not, be."""
        open_ones = [
            one for one in payout_rows.of_member(tx, self.member) if one.status in UNSETTLED
        ]
        if not open_ones:
            return ""
        if on_their_way := [one for one in open_ones if one.status in ("submitted", "unknown")]:
            raise Refused(
                f"有 {len(on_their_way)} 份奖品已经提交给发奖渠道（例如 "
                f"{on_their_way[0].order_no}），等有了结果再删除。"
            )
        if not self.force:
            raise Refused(
                f"有 {len(open_ones)} 份奖品还没有结清（例如 {open_ones[0].order_no}），"
                "请先发完；成员说明放弃的，加 --force。"
            )
        for one in open_ones:
            if one.status == "failed":
                payouts.expire(tx, one.order_no, self.reason, now)
        payouts.forfeit(tx, self.member, self.by, self.reason, now)
        return f"，放弃了 {len(open_ones)} 份奖品，钱回到预算"

    async def afterwards(self, database: Database) -> str:
        """Makes sure that nothing is left in the files."""
        return SCRUBBED if await database.scrub([self.member]) else NOT_SCRUBBED


class NoteExport(Strict):
    """A member's data was written to a file: who did it is kept."""

    act: Literal["note_export"] = "note_export"
    by: str
    member: str

    def do(self, tx: Connection, now: datetime) -> str:
        """What was done."""
        audit.note(tx, self.by, "导出成员资料", self.member, "", now)
        return "已记入操作记录"


class OptMember(Strict):
    """A member told a colleague that they want to be counted no longer, or again."""

    act: Literal["opt_member"] = "opt_member"
    by: str
    member: str
    out: bool

    def do(self, tx: Connection, now: datetime) -> str:
        """What was done. Raises Refused."""
        if not erasing.is_known(tx, self.member):
            raise Refused("没有这位成员的资料，请核对编号（qunyun members list）。")
        if self.out:
            privacy.opt_out(tx, self.member, now)
            for tag, rule in privacy.rule_tags(tx, self.member):
                tags.remove(tx, self.member, tag, rule, now)
        else:
            privacy.opt_in(tx, self.member)
        action = "退出统计" if self.out else "恢复统计"
        audit.note(tx, self.by, action, self.member, "", now)
        return f"{action}：已登记"
