"""Review (审核): who may stamp, what needs a stamp, and who is told in time that one is missing.

Where a community asks for it, a step is carried out only if a reviewer has stamped exactly what
its files say now (`sop.sheet`). Who wrote a plan cannot stamp it. Words besides the plans are
`sop.unplanned`.
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
from sop.spoken import Spoken
from sop.step import StepContext
from sop.times import Weekday

NOT_STAMPED = "还没有审核章"
"""The reason of a step that is skipped for want of a stamp."""
_SETTLED = ("done", "skipped")


def reviewable(plan: Plan) -> list[Step]:
    """The plan's steps that need a stamp: all but those that only colleagues ever see."""
    return [one for one in plan.steps() if any(spec.speaks() for _, spec in one.specs())]


def stops(step: Step) -> bool:
    """Whether the step is not carried out at all without its stamp; what only hands a colleague
    words for a customer goes on without the words."""
    return any(spec.reviewed for _, spec in step.specs())


def may_stamp(staff: Staff, written: Plan | Spoken) -> str | None:
    """Why a colleague may not stamp this plan's steps, or this file, in Chinese; None: they may."""
    if Role.REVIEWER not in staff.roles:
        return f"“{staff.name}”不是合规审核（reviewer），不能盖审核章。"
    what = f"“{written.title}”" if isinstance(written, Plan) else written.heading
    if written.author == staff.id:
        return f"{what}是您写的，请另一位合规审核盖章。"
    if written.author is None and Role.OPERATOR in staff.roles:
        file = "计划文件" if isinstance(written, Plan) else "文件"
        return (
            f"{what}没有写撰稿人，而您也是运营，写的人不能给自己盖章。"
            f"请先在{file}里写 author: 撰稿人的 userid。"
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


def goes_on(facts: Facts, library: Library, plan: Plan, step_id: str) -> bool:
    """Whether a step of a plan is carried out, with or without the words that need its stamp."""
    step = plan.step(step_id)
    return step is None or not stops(step) or step_stamped(facts, library, plan, step_id)


Held = Sequence[tuple[Spoken, Sequence[Community]]]
"""Files whose words are held, with the communities where they are (`sop.unplanned.missing`)."""


def unstamped_warnings(
    facts: Facts,
    library: Library,
    occurrences: Sequence[Occurrence],
    now: datetime,
    held: Held = (),
) -> list[Effect]:
    """Tells of those occurrences that will not be carried out for want of a stamp, and of files
    whose words are held.

    One message for each person: reviewers and operators read of all, an RM of own communities.
    What is past, settled, or in a community without review is not worth a word.
    """
    missing = list(_missing(facts, library, occurrences, now))
    reviewers = {one.id for one in facts.reviewers()}
    in_charge = [one.id for one in (*facts.reviewers(), *facts.operators())]
    owners = [community.owner for _, community in missing]
    owners += [one.owner for _, there in held for one in there]
    told: list[Effect] = []
    for person in dict.fromkeys((*in_charge, *owners)) if owners else ():
        steps, files = missing, held
        if person not in in_charge:
            steps = [one for one in missing if one[1].owner == person]
            files = [(file, own) for file, there in held if (own := _owned(there, person))]
        ask = "> 看内容、盖章请发：审核" if person in reviewers else whom_to_ask(facts)
        told.append(Tell(person, "\n".join([*_of_steps(steps, library), *_of_files(files), ask])))
    return told


def _owned(there: Sequence[Community], person: str) -> list[Community]:
    return [one for one in there if one.owner == person]


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


def _of_files(held: Held) -> Iterator[str]:
    """Files, each with what does not happen and where."""
    if held:
        yield f"⚠️ 有 {len(held)} 份计划以外的文字{NOT_STAMPED}，盖章以前不会用："
    for file, there in held:
        places = "、".join(one.name for one in there)
        yield f"{file.heading}（{file.subject}）{file.held}：{places}"


def _of_steps(missing: Sequence[tuple[Occurrence, Community]], library: Library) -> Iterator[str]:
    """Those that stop, then those that only go without words."""
    stopped = [one for one in missing if stops(one[0].step)]
    silent = [one for one in missing if not stops(one[0].step)]
    yield from _listed(stopped, library, f"步{NOT_STAMPED}，到点不会发送")
    yield from _listed(silent, library, f"步的话术{NOT_STAMPED}，到点照派，不带话术")


def _listed(
    missing: Sequence[tuple[Occurrence, Community]], library: Library, what: str
) -> Iterator[str]:
    """Steps by time, each with its communities."""
    if not missing:
        return
    lines: dict[str, list[str]] = {}
    for one, community in sorted(missing, key=lambda pair: pair[0].due_at):
        called = one.step.title or one.step.spec.called(library)
        at = spoken_time(one.due_at.astimezone(community.zone))
        line = f"{at} “{called}”（{one.plan.plan}/{one.step.id}）"
        lines.setdefault(line, []).append(community.name)
    yield f"⚠️ 接下来有 {len(lines)} {what}："
    yield from (f"{line}：{'、'.join(at)}" for line, at in lines.items())


def spoken_time(local: datetime) -> str:
    """`周二 11 月 24 日 19:30`."""
    day = Weekday(local.weekday()).chinese
    return f"{day} {local.month} 月 {local.day} 日 {local:%H:%M}"


def sheets(plan: Plan, library: Library) -> list[Sheet]:
    """What a reviewer of this plan reads, step by step."""
    return [sheet(plan, step, library) for step in reviewable(plan)]
