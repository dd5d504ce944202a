"""Review (审核): who may stamp, what needs a stamp, and who is told in time that one is missing.

Where a community asks for it, a step is carried out only if a reviewer has stamped exactly what
its files say now (`sop.sheet`). Who wrote a plan cannot stamp it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sop.community import Community, Role, Staff
from sop.effects import Effect, Tell
from sop.library import Library
from sop.occurrence import Occurrence, Phase
from sop.plan import Plan
from sop.ports import Facts
from sop.schedule import Step
from sop.sheet import Sheet, content_hash, sheet
from sop.step import StepContext
from sop.times import Weekday

NOT_STAMPED = "还没有审核章"
"""The reason of a step that is skipped for want of a stamp."""
_SETTLED = ("done", "skipped")


def reviewable(plan: Plan) -> list[Step]:
    """The plan's steps that need a stamp: all but those that only colleagues ever see."""
    return [one for one in plan.steps() if any(spec.reviewed for _, spec in one.specs())]


def may_stamp(staff: Staff, plan: Plan) -> str | None:
    """Why a colleague may not stamp this plan's steps, in Chinese; None: they may."""
    if Role.REVIEWER not in staff.roles:
        return f"“{staff.name}”不是合规审核（reviewer），不能盖审核章。"
    if plan.author == staff.id:
        return f"“{plan.title}”是您写的，请另一位合规审核盖章。"
    if plan.author is None and Role.OPERATOR in staff.roles:
        return (
            f"“{plan.title}”没有写撰稿人，而您也是运营，写的人不能给自己盖章。"
            "请先在计划文件里写 author: 撰稿人的 userid。"
        )
    return None


def may_revoke(staff: Staff) -> str | None:
    """Why a colleague may not take a stamp back, in Chinese; None: they may."""
    if Role.REVIEWER in staff.roles:
        return None
    return f"“{staff.name}”不是合规审核（reviewer），不能撤销审核章。"


def stamped(context: StepContext) -> bool:
    """Whether a reviewer has approved what is about to be done, or nobody needs to."""
    written = context.library.plans.get(context.plan.plan, context.plan)
    return step_stamped(context.facts, context.library, written, context.step.id)


def step_stamped(facts: Facts, library: Library, plan: Plan, step_id: str) -> bool:
    """The same for a step of a plan as its file has it, before any community's overrides."""
    step = next((one for one in reviewable(plan) if one.id == step_id), None)
    return step is None or facts.stamped(plan.plan, step.id, content_hash(plan, step, library))


def unstamped_warnings(
    facts: Facts, library: Library, occurrences: Sequence[Occurrence], now: datetime
) -> list[Effect]:
    """Tells of those occurrences that will not be carried out for want of a stamp.

    One message for each person: reviewers and operators read of all, an RM of own communities.
    What is past, settled, or in a community without review is not worth a word.
    """
    missing = list(_missing(facts, library, occurrences, now))
    if not missing:
        return []
    reviewers = {one.id for one in facts.reviewers()}
    ask = whom_to_ask(facts)
    everyone = {one.id: missing for one in (*facts.reviewers(), *facts.operators())}
    for one, community in missing:
        if community.owner not in everyone or everyone[community.owner] is not missing:
            everyone.setdefault(community.owner, []).append((one, community))
    return [
        Tell(
            person,
            _warning(its, library, "> 看内容、盖章请发：审核" if person in reviewers else ask),
        )
        for person, its in everyone.items()
    ]


def whom_to_ask(facts: Facts) -> str:
    """The line that says who can stamp."""
    names = "、".join(one.name for one in facts.reviewers())
    if not names:
        return "> config.yaml 里还没有合规审核（roles: [reviewer]），请管理员先加上。"
    return f"> 请合规审核（{names}）看过后盖章。"


def _missing(
    facts: Facts, library: Library, occurrences: Sequence[Occurrence], now: datetime
) -> Iterator[tuple[Occurrence, Community]]:
    communities = {one.id: one for one in facts.communities() if one.review}
    known: dict[tuple[str, str], bool] = {}
    for one in occurrences:
        community = communities.get(one.community)
        written = library.plans.get(one.plan.plan)
        if one.phase is not Phase.RUN or one.due_at <= now or community is None or not written:
            continue
        name = (written.plan, one.step.id)
        if name not in known:
            known[name] = step_stamped(facts, library, written, one.step.id)
        if known[name]:
            continue
        row = facts.occurrence(one.identity)
        if row is None or row.status not in _SETTLED:
            yield one, community


def _warning(missing: Sequence[tuple[Occurrence, Community]], library: Library, ask: str) -> str:
    """Steps by time, each with its communities."""
    lines: dict[str, list[str]] = {}
    for one, community in sorted(missing, key=lambda pair: pair[0].due_at):
        called = one.step.title or one.step.spec.called(library)
        at = spoken_time(one.due_at.astimezone(community.zone))
        line = f"{at} “{called}”（{one.plan.plan}/{one.step.id}）"
        lines.setdefault(line, []).append(community.name)
    head = f"⚠️ 接下来有 {len(lines)} 步{NOT_STAMPED}，到点不会发送："
    return "\n".join([head, *(f"{line}：{'、'.join(at)}" for line, at in lines.items()), ask])


def spoken_time(local: datetime) -> str:
    """`周二 11 月 24 日 19:30`."""
    day = Weekday(local.weekday()).chinese
    return f"{day} {local.month} 月 {local.day} 日 {local:%H:%M}"


def sheets(plan: Plan, library: Library) -> list[Sheet]:
    """What a reviewer of this plan reads, step by step."""
    return [sheet(plan, step, library) for step in reviewable(plan)]
