"""An occurrence is due: run it, skip it with a reason, or ask its RM.

Lateness is judged here and nowhere else: inside the window a step runs; after it the step's
`catch_up` decides; without one a late message is worse than none and the step is skipped.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sop.effects import Button, Effect, Post, Tell
from sop.occurrence import Phase
from sop.review import NOT_STAMPED, goes_on
from sop.step import CannotRun, NothingToDo, StepContext
from sop.tracked import made

_SETTLED = {"skipped": "跳过", "done": "发送"}
"""A person skipped the step, or sent it by hand before its time."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of the occurrence's row, and what shall be done."""

    status: str
    """done, skipped or asked."""
    reason: str
    effects: list[Effect]


def run(context: StepContext, phase: Phase) -> Verdict:
    """Decides and, if it is to run, lets the step kind say what to do."""
    if context.community.paused:
        return Verdict("skipped", "社群已暂停", [])
    if phase is not Phase.RUN:
        return _ahead(context, phase)
    late = _lateness(context)
    if late is not None:
        return late
    capped = _capped(context)
    if capped is not None:
        return Verdict("skipped", capped, [_told_skipped(context, capped)])
    return run_now(context)


def _capped(context: StepContext) -> str | None:
    """Which ceiling is reached; None when there is room for another message."""
    if context.step.spec.to_members or context.step.spec.in_person:
        return None
    cap, community = context.plan.daily_cap, context.community
    if cap is not None and context.facts.posts_on(community.id, context.day) >= cap:
        return f"已到每日上限 {cap} 条"
    ceiling = community.monthly_ceiling
    if ceiling is not None and context.facts.posts_in_month(community.id, context.day) >= ceiling:
        return f"本群本月已收到 {ceiling} 条群发，到了上限"
    return None


def run_now(context: StepContext) -> Verdict:
    """Runs the step without judging the time (命令 发送, or the answer to a question)."""
    if _unstamped(context):
        return Verdict("skipped", NOT_STAMPED, [_told_skipped(context, NOT_STAMPED)])
    effects: list[Effect] = []
    idle = ""
    try:
        for one in _each_variant(context):
            try:
                effects += one.step.spec.run(one)
            except NothingToDo as error:
                idle = str(error)  # but perhaps another variant has something to do
    except CannotRun as error:
        return Verdict("skipped", str(error), [Tell(context.community.owner, str(error))])
    if idle and not effects:
        return Verdict("skipped", idle, [])
    posted = [_with_occurrence(effect, context) for effect in effects]
    # What goes to members one by one makes a link for each of them.
    links = [] if context.step.spec.to_members else made(context)
    return Verdict("done", "", [*links, *posted])


def _unstamped(context: StepContext) -> bool:
    if not context.community.review:
        return False
    written = context.library.plans.get(context.plan.plan, context.plan)
    return not goes_on(context.facts, context.library, written, context.step.id)


def _each_variant(context: StepContext) -> list[StepContext]:
    """The context itself; for a step to members with variants, one for each of them."""
    names = tuple(context.step.variants)
    if not names:
        return [context]
    return [replace(context, step=context.step.choose(name), variants=names) for name in names]


def _with_occurrence(effect: Effect, context: StepContext) -> Effect:
    if isinstance(effect, Post) and effect.occurrence is None:
        return replace(effect, occurrence=context.occurrence)
    return effect


def _ahead(context: StepContext, phase: Phase) -> Verdict:
    """A reminder or announcement; pointless once the step itself is due."""
    known = context.facts.occurrence(context.occurrence)
    if known is not None and known.status in _SETTLED:
        return Verdict("skipped", f"这一步已经{_SETTLED[known.status]}", [])
    due_at = context.due_at if known is None else known.due_at
    if context.now >= due_at:
        return Verdict("skipped", "已到执行时间，不再提前通知", [])
    context = replace(context, due_at=due_at)
    at = _clock_time(context, due_at)
    if _unstamped(context):
        if phase is Phase.ANNOUNCE:
            return Verdict("skipped", NOT_STAMPED, [])
        name, title = context.community.name, _title(context)
        text = f"⚠️ {name} {at} 的“{title}”{NOT_STAMPED}，到点不会发送。"
        return Verdict("done", "", [Tell(context.community.owner, text)])
    if phase is Phase.ANNOUNCE:
        text = context.step.spec.announcement(context)
        quiet = context.plan.quiet_hours
        post = Post(context.community.id, text, quiet_hours=quiet, expires_at=due_at)
        return Verdict("done", "", [post] if text else [])
    try:
        words = script(context)
    except CannotRun as error:
        told = f"⚠️ {context.community.name} {at} 的“{_title(context)}”到点发不出：{error}"
        return Verdict("done", "", [Tell(context.community.owner, told)])
    head = f"**{at} {_title(context)}**　{context.community.name}"
    step = _step_words(context)
    foot = f"> 跳过：跳过 {step} 原因\n> 推迟：推迟 {step} 30m"
    return Verdict("done", "", [Tell(context.community.owner, f"⏰ {head}\n\n{words}\n\n{foot}")])


def script(context: StepContext) -> str:
    """What the RM reads ahead; of a step to members with variants, all of them."""
    each = _each_variant(replace(context, ahead=True))
    if len(each) == 1:
        return each[0].step.spec.script(each[0])
    return "\n\n".join(f"【{one.step.variant}】\n{one.step.spec.script(one)}" for one in each)


def _lateness(context: StepContext) -> Verdict | None:
    """None when the step may run."""
    step, late_by = context.step, context.now - context.due_at
    if late_by <= step.window:
        return None
    catch_up = step.catch_up
    then = catch_up.then if catch_up and late_by <= catch_up.within else "skip"
    if then == "run":
        return None
    late = _for_people(context.due_at, context.now)
    if then == "skip":
        told = _told_skipped(context, f"晚了{late}")
        return Verdict("skipped", f"错过执行窗口（晚了{late}）", [told])
    at = _clock_time(context, context.due_at)
    ask = Tell(
        context.community.owner,
        f"{context.community.name} {at} 的“{_title(context)}”晚了{late}，还要发送吗？",
        title="错过的步骤",
        buttons=(
            Button("现在发送", f"run|{context.occurrence}"),
            Button("跳过", f"skip|{context.occurrence}"),
        ),
    )
    return Verdict("asked", f"晚了{late}，已询问客户经理", [ask])


def _told_skipped(context: StepContext, why: str) -> Tell:
    at = _clock_time(context, context.due_at)
    name, title = context.community.name, _title(context)
    how = "合规审核盖章以后可发" if why == NOT_STAMPED else "仍要发送"
    return Tell(
        context.community.owner,
        f"⏭ {name} {at} 的“{title}”没有发送：{why}。\n> {how}：发送 {_step_words(context)}",
    )


def _title(context: StepContext) -> str:
    return context.step.called(context.library)


def _clock_time(context: StepContext, instant: datetime) -> str:
    return f"{instant.astimezone(context.community.zone):%H:%M}"


def _for_people(start: datetime, end: datetime) -> str:
    minutes = int((end - start).total_seconds() // 60)
    if minutes < 60:
        return f" {minutes} 分钟"
    if minutes < 24 * 60:
        return f" {minutes // 60} 小时"
    return f" {minutes // (24 * 60)} 天"


def _step_words(context: StepContext) -> str:
    """How the RM names this step: its id, with the community when several have this plan."""
    mine = [
        one
        for one in context.facts.communities()
        if one.owner == context.community.owner and context.plan.includes(one)
    ]
    return context.step.id if len(mine) < 2 else f"{context.step.id} {context.community.name}"
