"""What people are told of customer groups that are not as configuration has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sop.community import Community, Role, Staff
from sop.effects import Effect, Pause, Record, Resume, Tell

MOST_LISTED = 20
"""New groups in one message."""
_WECOM = "wecom"
"""Who did it, as the audit has it."""


@dataclass(frozen=True, slots=True)
class FoundGroup:
    """A customer group that configuration does not know."""

    chat_id: str
    name: str
    owner: str
    members: int


def dismissed(community: Community, staff: Mapping[str, Staff]) -> list[Effect]:
    """The group exists no more: its plans rest, and the people in charge hear of it."""
    text = (
        f"⚠️ “{community.name}”已经解散：它的计划停了，不再发送。"
        f"请管理员从 config.yaml 里去掉社群 {community.id}。"
    )
    paused = Pause(community.id, _WECOM)
    undo: tuple[Effect, ...] = (Resume(community.id, _WECOM),)
    return [
        paused,
        Record(_WECOM, "群解散", community.id, "", undo),
        *[Tell(one, text) for one in _concerned(community, staff)],
    ]


def new_owner(
    community: Community, staff: Mapping[str, Staff], owner: str, before: str
) -> list[Effect]:
    """Another colleague owns the group now: only they can confirm its messages."""
    if owner == community.owner:
        text = f"“{community.name}”的群主现在是{_name(staff, owner)}，和配置一致。"
    else:
        text = (
            f"⚠️ “{community.name}”的群主从{_name(staff, before)}变成了{_name(staff, owner)}："
            f"群发任务从现在起由{_name(staff, owner)}确认。"
            f"请管理员把 config.yaml 里 {community.id} 的 owner 改成 {owner}。"
        )
    whom = _concerned(community, staff)
    return [
        Record(_WECOM, "换群主", community.id, f"{before} → {owner}"),
        *[Tell(one, text) for one in whom],
        *([Tell(owner, text)] if owner in staff and owner not in whom else []),
    ]


def owner_left(community: Community, staff: Mapping[str, Staff]) -> list[Effect]:
    """The owner has left the company: nobody can send into the group until it is passed on."""
    text = (
        f"⚠️ “{community.name}”的群主已经离职：在管理后台“客户联系 → 离职继承”里"
        f"把群交给在职的同事之前，群里的消息没有人能发。"
    )
    return [Tell(one, text) for one in _concerned(community, staff) if one != community.owner]


def unknown_groups(found: Sequence[FoundGroup], staff: Mapping[str, Staff]) -> list[Effect]:
    """Groups of our colleagues that configuration does not name."""
    lines = [
        f"- {one.name or '（未命名）'}，群主{_name(staff, one.owner)}，{one.members} 人，"
        f"chat_id: {one.chat_id}"
        for one in found[:MOST_LISTED]
    ]
    more = len(found) - len(lines)
    if more > 0:
        lines.append(f"- 另有 {more} 个")
    text = "\n".join(
        (f"发现 {len(found)} 个还没有接入的客户群，要接入请写进 config.yaml：", *lines)
    )
    return [Tell(one, text) for one in _with(staff, Role.ADMIN, Role.OPERATOR)]


def _concerned(community: Community, staff: Mapping[str, Staff]) -> list[str]:
    whom = [community.owner, *_with(staff, Role.MANAGER, Role.ADMIN)]
    return [one for one in dict.fromkeys(whom) if one in staff]


def _with(staff: Mapping[str, Staff], *roles: Role) -> list[str]:
    return [one.id for one in staff.values() if one.roles & set(roles)]


def _name(staff: Mapping[str, Staff], userid: str) -> str:
    """With a blank between a Chinese name's sentence and a bare userid."""
    known = staff.get(userid)
    return known.name if known else f" {userid} "
