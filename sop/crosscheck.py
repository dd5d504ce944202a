"""What a file's own model does not see: names used twice, links, compliance, likely mistakes."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from sop.answers import question_problems
from sop.bank import Bank
from sop.campaign import Campaign
from sop.channel import Channel
from sop.compliance.finding import Finding, place
from sop.compliance.rules import check_campaign, check_text
from sop.compliance.waiver import Waiver, judge
from sop.diagnostics import closest, did_you_mean
from sop.follow_rule import FollowRule
from sop.library import Library, Waived
from sop.placed import LoadedFile, Path, of_step, placed_specs, placed_steps, step_paths
from sop.plan import Plan
from sop.points_program import PointsProgram
from sop.references import check_references
from sop.referral_program import ReferralProgram
from sop.scripts import ContentList, Script
from sop.source import Document, Key, Position
from sop.step import StepKind
from sop.tags import TagGroup
from sop.times import is_quiet, parse_time

CHINESE = {
    "plan": "计划",
    "campaign": "活动",
    "pool": "奖池",
    "bank": "题库",
    "script": "话术",
    "list": "内容清单",
    "segment": "人群",
    "tag": "标签规则",
    "tags": "标签组",
    "points": "积分计划",
    "referral": "邀请规则",
    "channel": "渠道",
    "follow": "跟进规则",
}
MISTYPED = 70
"""Likeness, of 100, from which on a label is taken for another one with a slip."""


def cross_check(
    files: Sequence[LoadedFile], library: Callable[[Iterable[LoadedFile]], Library]
) -> None:
    """Adds to each file's problems what its own text does not show."""
    _names_once(files)
    for file in files:
        _questions(file)
        _compliance(file)
        if any(one.severity == "error" for one in file.document.problems):
            file.value = None  # before the links are looked at: a plan cannot use it
    _labels_once(files)
    check_references(files, library)


def _names_once(files: Sequence[LoadedFile]) -> None:
    """A name used by two files, and step ids used twice in one: both places are named."""
    first: dict[tuple[str, str], LoadedFile] = {}
    for file in files:
        twin = first.setdefault((file.kind, file.name), file)
        if twin is not file:
            for one, other in ((twin, file), (file, twin)):
                at = one.document.place((one.kind,))
                line = other.document.place((other.kind,)).line
                text = f"{CHINESE[one.kind]}名“{one.name}”也用在 {other.document.file}:{line}。"
                hint = "每个名称只能用一次，请改其中一个。"
                one.document.problems.append(one.document.problem(at, "duplicate-name", text, hint))
                one.value = None
        if file.kind == "plan":
            _step_ids_once(file.document)


def _step_ids_once(document: Document) -> None:
    first: dict[str, Position] = {}
    for path in step_paths(document):
        node = document.node((*path, "id"))
        if node is None or not isinstance(node.value, str):
            continue
        if node.value in first:
            text = f"步骤编号“{node.value}”已用在第 {first[node.value].line} 行。"
            hint = "同一计划里每一步的 id 都不能相同。"
            document.problems.append(document.problem(node.at, "duplicate-id", text, hint))
        else:
            first[node.value] = node.at


def _questions(file: LoadedFile) -> None:
    """Questions that nobody can answer, and ids used twice in one bank."""
    if not isinstance(file.value, Bank):
        return
    document, first = file.document, dict[str, int]()
    for number, question in enumerate(file.value.questions):
        path = ("questions", number)
        for text in question_problems(question):
            at = document.place((*path, "choices" if "选项，" in text else "answer"))
            document.problems.append(document.problem(at, "question", f"{text}。"))
        if question.id in first:
            line = document.place(("questions", first[question.id], "id")).line
            text = f"题目编号“{question.id}”已用在第 {line} 行。"
            hint = "同一题库里每道题的 id 都不能相同。"
            at = document.place((*path, "id"))
            document.problems.append(document.problem(at, "duplicate-id", text, hint))
        first.setdefault(question.id, number)


def _labels_once(files: Sequence[LoadedFile]) -> None:
    """A label belongs to one group: at WeCom it would stand twice on every customer."""
    first: dict[str, str] = {}
    for file in files:
        if not isinstance(file.value, TagGroup):
            continue
        for number, item in enumerate(file.value.items):
            group = first.setdefault(item.tag, file.name)
            if group != file.name:
                at = file.document.place(("items", number, "tag"))
                text = f"标签“{item.tag}”也写在标签组“{group}”里。"
                hint = "一个标签只放在一组里，请删掉其中一处。"
                problem = file.document.problem(at, "duplicate-name", text, hint)
                file.document.problems.append(problem)


def _compliance(file: LoadedFile) -> None:
    """Words and offers that the law forbids; a written reason excuses some of them."""
    for path, findings, waivers in _judged(file):
        kept, waived, _ = judge(findings, waivers, path)
        for one in kept:
            hint = f"{one.hint}（依据：{one.source}）" if one.source else one.hint
            at = place(file.document, one)
            file.document.problems.append(
                file.document.problem(at, one.rule, one.message, hint, one.severity)
            )
        file.waived += [
            Waived(file.document.file, one.rule, waiver.reason) for one, waiver in waived
        ]


def _judged(file: LoadedFile) -> Iterator[tuple[Path, list[Finding], Sequence[Waiver]]]:
    """What is found in each part of a file that has waivers of its own, with the part's path."""
    match file.value:
        case Plan() as plan:
            yield (), _of_variables(plan), ()
            steps = dict(placed_steps(file.document, plan))
            specs = list(placed_specs(file.document, plan))
            for path, step in steps.items():
                own = list(of_step(path, step, specs))
                title = _said(step.title, (*path, "title"), True)
                yield path, [*title, *_of_specs(own)], step.waive
        case Campaign() as campaign:
            yield (), check_campaign(campaign), campaign.waive
        case PointsProgram() | ReferralProgram() | Channel() as rules:
            words = rules.model_dump(by_alias=True, exclude={"waive"})
            yield (), _said(words, (), True), rules.waive
        case Script() as script:
            found = check_text(script.text, risk_notice=script.risk_notice, path=("text",))
            yield (), found, script.waive
        case ContentList() as chosen:
            for number, item in enumerate(chosen.items):
                path = ("items", number)
                where = (*path, "text")
                found = check_text(item.text, risk_notice=item.risk_notice, path=where)
                yield path, found, item.waive


def _of_variables(plan: Plan) -> list[Finding]:
    found = _said(plan.variables, ("variables",), True)
    for community, own in plan.overrides.items():
        path = ("overrides", community)
        found += _said(own.variables, (*path, "variables"), True)
        for step_id, change in own.steps.items():
            found += _said(change.title, (*path, "steps", step_id, "title"), True)
    return found


def _of_specs(specs: Sequence[tuple[Path, StepKind]]) -> list[Finding]:
    found: list[Finding] = []
    for path, spec in specs:
        written = spec.model_dump(by_alias=True, exclude_unset=True)
        found += _said(written, path, getattr(spec, "risk_notice", False))
    return found


def _said(value: object, path: Path, risk_notice: bool) -> list[Finding]:
    """Findings in every text of a value, however deep."""
    if isinstance(value, str):
        return check_text(value, risk_notice=risk_notice, path=path)
    if isinstance(value, dict):
        parts: Iterable[tuple[Key, object]] = value.items()
    else:
        parts = enumerate(value) if isinstance(value, list) else ()
    return [one for key, part in parts for one in _said(part, (*path, key), risk_notice)]


def warnings(
    file: LoadedFile,
    known_labels: Collection[str] | None,
    known_communities: Collection[str] | None,
) -> None:
    """What will run but is hardly meant.

    A label that no community has is no mistake: that is how a plan waits to be switched on. One
    that looks like another label is."""
    document, value = file.document, file.value
    if isinstance(value, Plan | Campaign | PointsProgram | ReferralProgram | Channel | FollowRule):
        audience = value.applies_to
        _known(document, ("applies_to", "labels"), audience.labels, known_labels, "label")
        _known(
            document,
            ("applies_to", "communities"),
            audience.communities,
            known_communities,
            "community",
        )
    if isinstance(value, Plan):
        _known(document, ("overrides",), list(value.overrides), known_communities, "community")
        _quiet(document, value)


_UNKNOWN = {
    "label": "没有任何社群带有标签“{}”，不会发给任何人。",
    "community": "没有编号为“{}”的社群。",
}


def _known(
    document: Document,
    path: Path,
    names: Sequence[str],
    known: Collection[str] | None,
    what: str,
) -> None:
    if known is None:
        return
    node = document.node(path)
    by_key = node is not None and isinstance(node.value, dict)
    for number, name in enumerate(names):
        if name not in known:
            if what == "label" and closest(name, known, likeness=MISTYPED) is None:
                continue
            at = document.place((*path, name if by_key else number), on_key=by_key)
            hint = did_you_mean(name, known)
            text = _UNKNOWN[what].format(name)
            document.problems.append(document.problem(at, f"unknown-{what}", text, hint, "warning"))


def _quiet(document: Document, plan: Plan) -> None:
    if not plan.quiet_hours:
        return
    for path, step in placed_steps(document, plan):
        if step.spec.kind == "content" and is_quiet(plan.quiet_hours, step.at):
            end = parse_time(plan.quiet_hours.split("-")[1])
            at = document.place((*path, "at"))
            text = f"{step.at:%H:%M} 在静默时段 {plan.quiet_hours} 内。"
            hint = f"内容会推迟到 {end:%H:%M}；若那时执行窗口已过，就不发送。"
            document.problems.append(document.problem(at, "quiet-hours", text, hint, "warning"))
