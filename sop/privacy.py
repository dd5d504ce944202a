"""Members and their own data: the notice on joining, opting out, looking, asking to be erased.

What is said in a group everybody reads, so nothing of a member's data is answered there.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sop.community import Community, Staff
from sop.effects import (
    AskErasure,
    Effect,
    Notice,
    OptIn,
    OptOut,
    Record,
    Reply,
    TakeBackErasure,
    Tell,
    Untag,
)
from sop.member_page import how, reachable, way_in
from sop.ports import Facts
from sop.wording import shown

OPT_OUT, OPT_IN, MY_DATA, ERASE = "退出统计", "恢复统计", "我的数据", "删除我的数据"
ERASE_WITHIN = timedelta(days=15)
"""A request that waits longer is told of anew every week."""

_OUT = (
    "好的，不再统计您的活跃情况，也不再按它给您打标签、挑您发消息。"
    "签到、游戏、抽奖、积分和已经中的奖都不受影响（按活跃情况邀请的抽奖除外）。"
)
_IN = "好的，从现在起重新统计您的活跃情况。以前没有统计的不会补上。"


def notice(
    facts: Facts, community: Community, members: Sequence[str], now: datetime
) -> tuple[str, list[Effect]]:
    """One line on personal data for those of newcomers who were never told, with what remembers
    it; empty when all of them were."""
    known = facts.privacy.noticed(members)
    new = tuple(one for one in members if one not in known and not facts.is_staff(one))
    if not new:
        return "", []
    wish = how(community, OPT_OUT) if reachable(community) else "请告诉您的客户经理"
    line = f"> 活动只记次数和时间，不存聊天内容；不想被统计，{wish}。"
    way = way_in(facts, community, now, "个人信息说明")
    return "\n".join([line, way] if way else [line]), [Notice(new)]


def _later(purpose: str, words: str, page: bool) -> str:
    """How to do something else: `想恢复请发“恢复统计”。`; on the page there is a button for it."""
    return f"{purpose}，请点下面的“{words}”。" if page else f"{purpose}请发“{words}”。"


def opt_out(facts: Facts, member: str, *, page: bool = False) -> list[Effect]:
    """The member is counted no longer, and wears no label of a rule any more. `page`: they said
    so on the member page, where nothing can be sent, only pressed."""
    worn = facts.privacy.rule_tags(member)
    off: list[Effect] = [Untag(member, tag, rule) for tag, rule in worn]
    return [OptOut(member), *off, Reply(f"{_OUT}{_later('想恢复', OPT_IN, page)}")]


def opt_in(member: str) -> list[Effect]:
    """The member is counted again."""
    return [OptIn(member), Reply(_IN)]


def my_data(facts: Facts, community: Community, member: str, now: datetime) -> list[Effect]:
    """Where the member sees it; without a page their relationship manager sends it."""
    way = way_in(facts, community, now, MY_DATA)
    out = facts.privacy.opted_out(member)
    counting = "想恢复统计请发“恢复统计”" if out else "不想被统计请发“退出统计”"
    rights = f"{counting}，想删除请发“删除我的数据”。"
    if way:
        return [Reply(f"您的数据只给您自己看，在活动页的“我的数据”里。\n{way}\n{rights}")]
    told = Tell(
        community.owner,
        f"{_name(facts, community, member)}（{community.name}）想看自己的数据。请主管或管理员运行 "
        f"qunyun members export {member}，再由您私下交给本人。",
        once=f"my-data/{member}/{now.astimezone(community.zone).date()}",
    )
    return [told, Reply(f"您的数据只给您自己看，已经请客户经理私下发给您。{rights}")]


def ask_erasure(
    facts: Facts,
    community: Community,
    member: str,
    sure: bool,
    now: datetime,
    *,
    page: bool = False,
) -> list[Effect]:
    """Said once, what it means; said to be sure, the colleagues are told. Counting ends at once."""
    back = _later("改主意了", "撤回删除申请" if page else f"{ERASE} 撤回", page)
    if facts.privacy.erasure_asked_at(member) is not None:
        return [Reply(f"已经登记了，管理员会在 15 天内删除。{back}")]
    if not sure:
        return [
            Reply(
                "删除后，您的昵称、活跃记录、标签、积分和邀请都没有了，不能恢复；"
                "还没有发的奖要先领完。中奖和发奖记录依法留存，但不再和您对得上。\n"
                "确定要删除，请发“删除我的数据 确定”。"
            )
        ]
    told: list[Effect] = [
        _told(facts, community, member, one, now) for one in _in_charge(facts, community)
    ]
    return [
        AskErasure(community.id, member),
        *opt_out(facts, member)[:-1],
        *told,
        Record(community.id, "成员申请删除资料", member, ""),
        Reply(f"已登记，管理员会在 15 天内删除，现在起不再统计您。{back}"),
    ]


def take_back_erasure(facts: Facts, member: str, *, page: bool = False) -> list[Effect]:
    """The member has thought better of it; counting stays off until they say so."""
    if facts.privacy.erasure_asked_at(member) is None:
        return [Reply("您没有申请过删除。")]
    return [TakeBackErasure(member), Reply(f"好的，不删除了。{_later('想恢复统计', OPT_IN, page)}")]


def nightly(facts: Facts, community: Community, now: datetime) -> list[Effect]:
    """Requests made in a community that have waited too long are told of anew, once a week."""
    late = [
        one
        for one in facts.privacy.erasure_wishes()
        if one.community == community.id and now - one.at > ERASE_WITHIN
    ]
    week = now.astimezone(community.zone).strftime("%G-W%V")
    return [
        Tell(
            staff.id,
            f"{community.name}有一位成员申请删除资料已经 "
            f"{(now - one.at).days} 天了，请尽快处理：qunyun members erase {one.member}",
            once=f"erase/{one.member}/{week}/{staff.id}",
        )
        for one in late
        for staff in _in_charge(facts, community)
    ]


def _in_charge(facts: Facts, community: Community) -> list[Staff]:
    """The community's own relationship manager, and the administrators; the managers where there
    are none."""
    owner = facts.staff(community.owner)
    above = facts.admins() or facts.managers()
    return [*([owner] if owner else []), *(one for one in above if one.id != community.owner)]


def _told(facts: Facts, community: Community, member: str, staff: Staff, now: datetime) -> Effect:
    own = staff.id == community.owner
    name = _name(facts, community, member) if own else "一位成员"
    text = (
        f"{name}（{community.name}）申请删除自己的资料。请和本人确认、发完该发的奖，"
        f"再请主管或管理员在 15 天内运行 qunyun members erase {member}。"
    )
    return Tell(staff.id, text, once=f"erase/{member}/{now.isoformat()}/{staff.id}")


def _name(facts: Facts, community: Community, member: str) -> str:
    known = facts.member(community.id, member)
    return shown(known.name if known else "")
