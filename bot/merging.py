"""Two ids of one person: the terminal's act, and what comes in under the old id afterwards."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from bot.desk import Refused
from sop.events import (
    ArchiveAgreed,
    ContactAdded,
    ContactRemoved,
    Event,
    Joined,
    Left,
    Said,
    TagsEdited,
    TransferFailed,
)
from sop.model import Strict
from storage import audit, merging
from storage.member_data import KEPT

_TITLES = {one.table: one.title for one in KEPT}


class MergeMembers(Strict):
    """A member's old id and the one that counts."""

    act: Literal["merge_members"] = "merge_members"
    by: str
    old: str
    member: str
    reason: str

    def do(self, tx: Connection, now: datetime) -> str:
        """What was done. Raises Refused."""
        try:
            merged = merging.merge(tx, self.old, self.member, self.by, self.reason, now)
        except merging.Unmergeable as error:
            raise Refused(str(error)) from error
        detail = f"旧编号 {self.old}：{self.reason}"
        audit.note(tx, self.by, "合并成员", self.member, detail, now)
        moved = "、".join(f"{_title(name)} {n} 条" for name, n in merged.moved.items())
        lines = [f"{self.old} 合并到 {self.member}：{moved or '没有要搬的资料'}。"]
        if merged.stays:
            stays = "、".join(f"{_title(name)} {n} 条" for name, n in merged.stays.items())
            lines.append(f"仍记在旧编号名下（已经公布或发放，不能改）：{stays}。")
        return "\n".join(lines)


def _title(name: str) -> str:
    return _TITLES.get(name.partition(".")[0], name)


def under_one_id(event: Event, aliases: Mapping[str, str]) -> Event:
    """The event as one of the person whose old id it came under."""
    if not aliases:
        return event
    match event:
        case Said():
            return replace(event, sender=aliases.get(event.sender, event.sender))
        case Joined() | Left():
            members = dict.fromkeys(aliases.get(one, one) for one in event.members)
            return replace(event, members=tuple(members))
        case ContactAdded() | ContactRemoved() | TagsEdited() | TransferFailed() | ArchiveAgreed():
            return replace(event, member=aliases.get(event.member, event.member))
    return event
