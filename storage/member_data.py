"""Everything that is kept about one member, for the member's own eyes (个人信息保护法 第四十五条).

Other members and colleagues are not named in it. A test holds that no table about members is
forgotten here.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, Table, func, select

from storage.tables import METADATA


@dataclass(frozen=True, slots=True)
class Kept:
    """A kind of record: what it is called, where it is, and what the member may read of it."""

    title: str
    table: str
    columns: tuple[str, ...]
    whose: str = "member"
    """The column that names the member."""


KEPT = (
    Kept("昵称", "member", ("id", "name", "first_seen"), "id"),
    Kept("入群和离群", "membership", ("community", "joined_at", "left_at", "via", "invitor")),
    Kept(
        "客户经理好友关系",
        "relation",
        ("staff", "since", "ended_at", "remark", "description"),
    ),
    Kept("合并过来的旧编号", "alias", ("old", "at")),
    Kept("核对企业微信时补上的记录", "repair", ("at", "kind", "subject")),
    Kept("会话存档的同意", "archive_consent", ("agreed", "at")),
    Kept("每天的活跃次数", "daily", ("community", "day", "kind", "n", "last_at")),
    Kept("活跃记录", "activity", ("community", "kind", "at")),
    Kept("参加过的游戏", "player", ("community", "session", "at")),
    Kept("投票、问卷等回复", "reply", ("gathering", "value", "at")),
    Kept("抽奖", "draw", ("deck", "position", "community", "drawn_at", "code", "receipt")),
    Kept("报名", "entrant", ("deck", "community", "code", "at")),
    Kept(
        "奖品",
        "award",
        ("order_no", "source", "prize", "kind", "amount_fen", "points", "won_at", "claim_by"),
    ),
    Kept("积分", "points_wallet", ("balance", "earned", "hidden")),
    Kept("积分明细", "points_entry", ("community", "points", "kind", "reason", "at", "expires_on")),
    Kept("积分兑换", "redemption", ("program", "item", "points", "at")),
    Kept("您的邀请", "invitation", ("community", "code", "status", "created_at")),
    Kept("您带来的新朋友", "referral", ("community", "status", "joined_at"), "inviter"),
    Kept("您受邀入群", "referral", ("community", "status", "joined_at"), "invited"),
    Kept("标签", "tag", ("tag", "reason", "source", "added_at", "expires_on", "removed_at")),
    Kept("企业微信上的标签", "tag_mark", ("tag", "stands", "at")),
    Kept("要写到企业微信的标签", "tag_push", ("tag", "add", "owed_at")),
    Kept("要写到企业微信的备注", "remark_write", ("remark", "description", "owed_at")),
    Kept("答对的题", "right_answer", ("community", "day", "n")),
    Kept(
        "参与分层",
        "standing",
        ("community", "stage", "stage_since", "r", "f", "m", "value", "days", "weight", "day"),
    ),
    Kept("分层的变化", "standing_change", ("community", "day", "what", "before", "after")),
    Kept("客户经理的跟进", "follow_up", ("community", "created_at", "due_at", "done_at")),
    Kept("收到的私信", "private_message", ("occurrence", "at")),
    Kept("客户经理的企业群发", "assist_receiver", ("occurrence", "status")),
    Kept("发给您的链接", "link", ("community", "name", "url", "made_at")),
    Kept("您点开的链接", "click", ("community", "at", "counted")),
    Kept("添加客户经理", "arrival", ("staff", "channel", "at", "invited_at", "joined_at")),
    Kept("欢迎语", "welcome", ("staff", "at", "sent_at")),
    Kept("客户身份核对", "gate_check", ("verdict", "answered_at")),
    Kept("名单线索", "lead", ("name", "masked", "benefit", "status", "created_at")),
    Kept("同意与撤回", "consent", ("version", "given", "at")),
    Kept("退出统计", "opt_out", ("at",)),
    Kept("个人信息告知", "noticed", ("at",)),
    Kept("删除申请", "erasure_request", ("community", "at")),
)


def counts(tx: Connection, member: str) -> list[tuple[str, int]]:
    """How many records of each kind there are, without the kinds that are empty."""
    found = []
    for kept in KEPT:
        table = METADATA.tables[kept.table]
        query = select(func.count()).select_from(table).where(table.c[kept.whose] == member)
        if number := int(tx.execute(query).scalar_one()):
            found.append((kept.title, number))
    return found


def export(tx: Connection, member: str) -> dict[str, list[dict[str, Any]]]:
    """Every record, by kind, oldest first where it has an order."""
    return {
        kept.title: [dict(row) for row in tx.execute(_rows(kept, member)).mappings()]
        for kept in KEPT
    }


def decks_drawn(tx: Connection, member: str, limit: int) -> list[int]:
    """The decks that a member drew from, the latest draw first."""
    draw = METADATA.tables["draw"]
    query = select(draw.c.deck).where(draw.c.member == member).group_by(draw.c.deck)
    latest = query.order_by(func.max(draw.c.drawn_at).desc(), draw.c.deck.desc())
    return list(tx.execute(latest.limit(limit)).scalars())


def _rows(kept: Kept, member: str) -> Select[Any]:
    table: Table = METADATA.tables[kept.table]
    query = select(*(table.c[name] for name in kept.columns))
    return query.where(table.c[kept.whose] == member).order_by(*table.primary_key.columns)
