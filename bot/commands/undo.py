"""撤销: takes the sender's last undoable deed back."""

from bot import agenda
from bot.command import Command, Request, Scope, Usage
from sop.community import Role
from sop.effects import Effect, MarkUndone, Record, RejectPayout, Reply, RestoreStep, SpendPoints
from sop.effects_json import from_json
from storage import audit


def _undo(request: Request) -> list[Effect]:
    if request.args:
        raise Usage("“撤销”后面不用写别的，每次撤销您最近的一次操作。")
    by = request.sender.id
    deed = audit.last_undoable(request.tx, by)
    if deed is None:
        return [Reply("没有可以撤销的操作。跳过、推迟、暂停、恢复、标签可以撤销，发送和开局不能。")]
    effects = [from_json(one) for one in deed.undo]
    name = f"{agenda.when(deed.at, request.now, request.zone)} 的“{deed.action}”"
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
    ),
]
