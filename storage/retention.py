"""How long each kind of record is kept (个人信息保护法 第十九条: the shortest time necessary), and
what happens then, a few rows at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Table,
    Text,
    cast,
    delete,
    func,
    select,
    tuple_,
    update,
)

from storage.mentions import IN_GROUPS, Mentions
from storage.people import PSEUDONYM
from storage.tables import METADATA

DAY = timedelta(days=1)
BLANK = "（内容已过保存期限）"
LEGAL = timedelta(days=800)
"""Records of prizes: two years at least (规范促销行为暂行规定), and time for complaints."""
GONE = timedelta(days=400)
"""After this a member who has left every community is erased whole."""

Deed = Literal["deleted", "blanked"]


@dataclass(frozen=True, slots=True)
class Term:
    """Rows whose `since` lies further back than `keeps` have had their time."""

    table: str
    since: str
    """The column that the time counts from; rows without a value stay."""
    keeps: timedelta
    title: str
    why: str
    deed: Deed = "deleted"


TERMS = (
    Term("inbox", "finished_at", 30 * DAY, "处理不了的消息", "查原因；处理好的两天后就删"),
    Term(
        "outbox",
        "finished_at",
        30 * DAY,
        "私信和回答的内容",
        "查投递；群公告要留证，不清空",
        "blanked",
    ),
    Term("outbox", "finished_at", LEGAL, "发件记录", "群公告是抽奖的证据"),
    Term("practice", "kept_at", DAY, "练习", "练完就删；没有说结束的第二天删"),
    Term("welcome", "at", 30 * DAY, "欢迎语的发送记录", "查投递"),
    Term("activity", "at", 90 * DAY, "逐条活跃记录", "算标签和节奏；之后只留每天的次数"),
    Term("reply", "at", 180 * DAY, "投票、问卷等回复", "统计和回访"),
    Term("tag_push", "next_at", 90 * DAY, "同步标签的记录", "查同步"),
    Term("tag", "removed_at", GONE, "摘下的标签", "说明曾经为什么有"),
    Term("follow_up", "done_at", GONE, "办完的跟进", "一年的服务记录"),
    Term("private_message", "at", GONE, "私信的时间", "不重复打扰"),
    Term("click", "at", GONE, "点开链接的记录", "一年的同比"),
    Term("link", "expires_at", GONE, "发出的链接", "一年的同比"),
    Term("repair", "at", GONE, "核对企业微信补上的记录", "查丢失的回调"),
    Term("lead", "created_at", GONE, "名单线索", "添加好友的工作期"),
    Term("gate_check", "answered_at", GONE, "是否本行客户的答复", "免得反复查询"),
    Term("daily", "day", LEGAL, "每天的活跃次数", "两年的同比"),
    Term("right_answer", "day", LEGAL, "每天答对的题数", "两年的同比"),
    Term("standing_change", "day", LEGAL, "生命周期的变化", "两年的同比"),
    Term("player", "at", LEGAL, "参加过的游戏", "两年的同比"),
    Term("arrival", "at", LEGAL, "加好友和入群的来路", "渠道的同比"),
    Term("audit", "at", LEGAL, "操作记录", "查账；之后没有用处"),
)
FIXED = (
    (
        "奖品、抽奖、报名和兑换",
        "award",
        f"{LEGAL.days} 天后换成假名",
        "规范促销行为暂行规定：至少两年",
    ),
    ("账本和抽奖日志", "ledger, deck_log", "一直保存", "只有单号和凭证，没有姓名和编号"),
    (
        "成员资料、标签、积分",
        "member, tag, points_*",
        f"离开全部社群 {GONE.days} 天后整份删除",
        "还在群里就要用",
    ),
    ("同意与撤回、退出统计", "consent, opt_out", "和成员资料一起", "证明征得过同意"),
    ("删除证明", "erasure", "一直保存", "只有编号的散列"),
)
"""What has no single day: (title, tables, how long, why)."""


def purge(tx: Connection, term: Term, now: datetime, limit: int) -> int:
    """Does away with at most `limit` rows. Returns how many."""
    place = METADATA.tables[term.table]
    keys = list(place.primary_key.columns)
    old = select(*keys).where(*_over(place, term, now)).limit(limit)
    found = [tuple(row) for row in tx.execute(old)]
    if not found:
        return 0
    mine = tuple_(*keys).in_(found) if len(keys) > 1 else keys[0].in_([one for (one,) in found])
    if term.deed == "blanked":
        tx.execute(update(place).where(mine).values(body={"text": BLANK}))
    else:
        tx.execute(delete(place).where(mine))
    return len(found)


def _over(place: Table, term: Term, now: datetime) -> Sequence[ColumnElement[bool]]:
    since = place.c[term.since]
    before: datetime | date = now - term.keeps
    if isinstance(since.type, Date):
        before = (now - term.keeps).date()
    conditions: list[ColumnElement[bool]] = [since < before]
    if term.table == "tag_push":
        conditions.append(place.c.status != "waiting")
    if term.deed == "blanked":
        conditions.append(place.c.channel.not_in(IN_GROUPS))
        conditions.append(cast(place.c.body, Text).not_like(f"%{BLANK}%"))
    return conditions


def long_gone(tx: Connection, now: datetime, limit: int) -> list[str]:
    """Members who have left every community so long ago that they are to be erased, longest
    first; not those whose prizes are not settled, and not those who are somebody's contact."""
    stay, award, payout = (METADATA.tables[one] for one in ("membership", "award", "payout"))
    relation = METADATA.tables["relation"]
    unsettled = (
        select(award.c.member)
        .join(payout, payout.c.order_no == award.c.order_no)
        .where(payout.c.status.not_in(("paid", "expired", "rejected")))
    )
    contacts = select(relation.c.member).where(relation.c.ended_at.is_(None))
    query = (
        select(stay.c.member)
        .where(stay.c.member.not_in(unsettled), stay.c.member.not_in(contacts))
        .where(stay.c.member.not_like(f"{PSEUDONYM}%"))
        .group_by(stay.c.member)
        .having(func.count() == func.count(stay.c.left_at))
        .having(func.max(stay.c.left_at) < now - GONE)
        .order_by(func.max(stay.c.left_at), stay.c.member)
    )
    return list(tx.execute(query.limit(limit)).scalars())


_PRIZES = (("draw", "drawn_at"), ("entrant", "at"), ("award", "won_at"), ("redemption", "at"))


def winners_of_old(tx: Connection, now: datetime, limit: int) -> list[str]:
    """Members with settled prizes whose records have been kept as long as the law asks."""
    award, payout = METADATA.tables["award"], METADATA.tables["payout"]
    query = (
        select(award.c.member)
        .join(payout, payout.c.order_no == award.c.order_no)
        .where(
            award.c.won_at < now - LEGAL,
            award.c.member.not_like(f"{PSEUDONYM}%"),
            payout.c.status.in_(("paid", "expired", "rejected")),
        )
    )
    in_order = query.distinct().order_by(award.c.member).limit(limit)
    return list(tx.execute(in_order).scalars())


def rename_old(tx: Connection, member: str, pseudonym: str, now: datetime) -> int:
    """A member's records of prizes that have been kept long enough stay under a name drawn at
    random; those of rounds that still run stay theirs. Returns how many were renamed."""
    deck, payout = METADATA.tables["deck"], METADATA.tables["payout"]
    closed = select(deck.c.id).where(deck.c.closed_at < now - LEGAL)
    settled = select(payout.c.order_no).where(payout.c.status.in_(("paid", "expired", "rejected")))
    renamed = 0
    for name, since in _PRIZES:
        place = METADATA.tables[name]
        over = [place.c.member == member, place.c[since] < now - LEGAL]
        if name == "award":
            over.append(place.c.order_no.in_(settled))
        elif "deck" in place.c:
            over.append(place.c.deck.in_(closed))
        renamed += tx.execute(update(place).where(*over).values(member=pseudonym)).rowcount
    names = Mentions(member, pseudonym, "", ())
    for name in ("award", "redemption"):
        renamed_keys(tx, METADATA.tables[name], names)
    return renamed


def renamed_keys(tx: Connection, place: Table, names: Mentions) -> None:
    """The keys of rows that are under the pseudonym already name it too."""
    (id,) = place.primary_key.columns
    rows: Any = tx.execute(select(id, place.c.key).where(place.c.member == names.pseudonym))
    for row, key in rows.all():
        tx.execute(update(place).where(id == row).values(key=names.without(key)))
