"""撤销: takes the sender's last undoable deed back."""

from bot import agenda
from bot.command import Command, Request, Scope, Topic, Usage
from sop.community import Role
from sop.effects import Effect, MarkUndone, Record, RejectPayout, Reply, RestoreStep, SpendPoints
from sop.effects_json import from_json
from storage import audit
from storage.audit import AuditRow

FINAL = ("发送", "开局", "结束", "揭晓", "开奖", "批准发奖", "驳回", "核销", "采用", "导出")
"""Deeds that somebody outside has seen or got: nothing takes them back."""
_CAN = "跳过、推迟、暂停、恢复、标签、备注、跟进、加分可以撤销，发送和开局不能。"
_ASKED = "先确认"
_LOOKED_AT = 20


def _undo(request: Request) -> list[Effect]:
    if request.args:
        raise Usage("“撤销”后面不用写别的，每次撤销您最近的一次操作。")
    by = request.sender.id
    deed = audit.last_undoable(request.tx, by)
    final = _final_since(request, deed)
    if deed is None:
        if final is not None:
            return [Reply(f"{_told(request, final)}不能撤销，再往前也没有可以撤销的操作。")]
        return [Reply(f"没有可以撤销的操作。{_CAN}")]
    if final is not None and not _asked_since(request, final):
        earlier = f"{_told(request, deed)}{f'（{deed.detail}）' if deed.detail else ''}"
        return [
            Reply(
                f"{_told(request, final)}不能撤销。再往前可以撤销的是{earlier}，"
                "要撤销它请再发一次：撤销"
            ),
            Record(by, "撤销", deed.subject, _ASKED),
        ]
    effects = [from_json(one) for one in deed.undo]
    name = _told(request, deed)
    detail = f"（{deed.detail}）" if deed.detail else ""
    late = next((why for one in effects if (why := _too_late(request, one))), None)
    if late is not None:
        # Marked all the same, or it would stand in the way of what was done before it.
        return [
            MarkUndone(deed.id),
            Reply(f"{name}{detail}已经撤销不了：{late}。"),
            Record(by, "撤销", deed.subject, f"未执行：{deed.action}{detail}"),
        ]
    return [
        *effects,
        MarkUndone(deed.id),
        Reply(f"↩️ 已撤销{name}{detail}。"),
        Record(by, "撤销", deed.subject, f"{deed.action}{detail}"),
    ]


def _final_since(request: Request, deed: AuditRow | None) -> AuditRow | None:
    """The sender's latest deed that nobody can take back, if it is newer than `deed`."""
    recent = audit.listing(request.tx, request.sender.id, _LOOKED_AT)
    for row in recent:
        if deed is not None and row.id <= deed.id:
            return None
        if row.action in FINAL and not row.detail.startswith(("未执行", "核对")):
            return row
    return None


def _asked_since(request: Request, final: AuditRow) -> bool:
    """Whether the sender knows by now that the latest deed stays."""
    recent = audit.listing(request.tx, request.sender.id, _LOOKED_AT)
    return any((one.action, one.detail) == ("撤销", _ASKED) for one in recent if one.id > final.id)


def _told(request: Request, deed: AuditRow) -> str:
    """`今天 12:00 的“跳过”`."""
    return f"{agenda.when(deed.at, request.now, request.zone)} 的“{deed.action}”"


def _too_late(request: Request, effect: Effect) -> str | None:
    """Why an effect of the undo can no longer be had; None if it can."""
    if isinstance(effect, RestoreStep):
        row = request.facts.occurrence(effect.occurrence)
        ran = row is not None and row.status in (agenda.DONE, agenda.FAILED)
        return "这一步后来发出去了" if ran else None
    if isinstance(effect, SpendPoints):
        spent = request.facts.points.balance(effect.member) < effect.points
        return "这些积分已经用掉了" if spent else None
    if isinstance(effect, RejectPayout):
        prize = request.facts.payouts.prize(effect.order_no)
        waits = prize is not None and prize.payout_status == "due"
        return None if waits else "这一笔已经有人批准或驳回"
    return None


COMMANDS = [
    Command(
        name="撤销",
        aliases=("undo",),
        roles=frozenset({Role.RM, Role.OPERATOR, Role.MANAGER}),
        scope=Scope.NONE,
        usage="撤销",
        example="撤销",
        summary="收回您最近的一次操作",
        handle=_undo,
        topic=Topic.TODAY,
    ),
]
