"""What a plan is in each community: overrides, variants, scattered times, variables."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from sop.community import Community
from sop.loader import load
from sop.plan import Plan
from sop.planner import cohort_days, occurrences
from sop.variants import assigned
from sop.workdays import Workdays

Read = Callable[[str], Plan]
Write = Callable[[Mapping[str, str]], Path]

PLAN = """
plan: week
title: 一周
applies_to: {labels: [wealth]}
variables: {hotline: 大堂}
week:
  monday:
    - {id: brief, at: "09:30", remind: 15m, content: {text: "{{ hotline }} 早上好"}}
    - {id: dice, at: "19:30", game: {name: dice}}
overrides:
  wealth-02:
    variables: {hotline: 前台}
    steps:
      brief: {at: "10:15", title: 晚一点的早报}
      dice: {content: {text: 今晚没有骰子}}
  wealth-03:
    steps:
      brief: {skip: true}
"""


def listed(plan: Plan, communities: list[Community], workdays: Workdays) -> list[tuple[str, str]]:
    """(local time, key) of a Monday."""
    start = datetime(2026, 11, 22, 15, 59, tzinfo=UTC)
    found = occurrences([plan], communities, start, start.replace(day=23), workdays)
    return [(f"{one.due_at.astimezone(plan.zone):%H:%M}", one.key) for one in found]


def test_override_changes_only_what_it_says_and_only_there(
    plan: Read, wealth: Community, workdays: Workdays
) -> None:
    groups = [replace(wealth, id=f"wealth-0{one}") for one in (1, 2, 3)]
    assert listed(plan(PLAN), groups, workdays) == [
        ("09:15", "week/brief/2026-11-23/wealth-01#remind"),
        ("09:30", "week/brief/2026-11-23/wealth-01"),
        ("10:00", "week/brief/2026-11-23/wealth-02#remind"),
        ("10:15", "week/brief/2026-11-23/wealth-02"),
        ("19:30", "week/dice/2026-11-23/wealth-01"),
        ("19:30", "week/dice/2026-11-23/wealth-02"),
        ("19:30", "week/dice/2026-11-23/wealth-03"),
    ]


def test_override_gives_variables_names_and_another_kind(plan: Read) -> None:
    week = plan(PLAN)
    here, there = week.in_community("wealth-01"), week.in_community("wealth-02")
    assert here is week
    assert (here.variables, there.variables) == ({"hotline": "大堂"}, {"hotline": "前台"})
    steps = [there.step("brief"), there.step("dice")]
    assert [one and (one.title, one.spec.kind) for one in steps] == [
        ("晚一点的早报", "content"),
        (None, "content"),
    ]
    assert week.in_community("wealth-03").step("brief") is None
    assert week.in_community("wealth-02") is there


JITTER = """
plan: spread
title: 错峰
applies_to: {labels: [wealth]}
jitter: 6m
week:
  monday:
    - {id: brief, at: "09:27", content: {text: 早上好}}
    - {id: late, at: "23:58", content: {text: 晚安}}
"""


def test_jitter_scatters_the_communities_off_the_hour_and_the_half(plan: Read) -> None:
    spread = plan(JITTER)
    times = Counter(
        step.at
        for one in range(400)
        if (step := spread.in_community(f"c{one}").step("brief")) is not None
    )
    assert sorted(times) == [time(9, 28), time(9, 29), time(9, 31), time(9, 32), time(9, 33)]
    assert min(times.values()) > 50
    late = {one.at for c in range(50) if (one := spread.in_community(f"c{c}").step("late"))}
    assert late == {time(23, 59)}


def test_jitter_is_the_same_for_ever(plan: Read) -> None:
    first, second = plan(JITTER).in_community("c1"), plan(JITTER).in_community("c1")
    assert [one.at for one in first.steps()] == [one.at for one in second.steps()]
    assert [one.at for one in first.steps()] == [time(9, 29), time(23, 59)]


VARIANTS = """
plan: ab
title: 试一试
applies_to: {labels: [wealth]}
week:
  monday:
    - id: hook
      at: "10:00"
      variants:
        gift: {content: {text: 有小礼物}}
        advice: {content: {text: 有专人答疑}}
"""


def test_variant_belongs_to_a_community_for_ever(plan: Read) -> None:
    ab = plan(VARIANTS)
    chosen = {
        f"c{one}": step.variant
        for one in range(6)
        if (step := ab.in_community(f"c{one}").step("hook"))
    }
    assert chosen == {name: assigned("ab/hook", name, ["gift", "advice"]) for name in chosen}
    assert set(chosen.values()) == {"gift", "advice"}
    step = ab.in_community("c0").step("hook")
    assert step is not None
    assert step.spec.model_dump(exclude_unset=True) == {
        "text": {"gift": "有小礼物", "advice": "有专人答疑"}[step.variant]
    }


def test_variants_are_shared_out_evenly() -> None:
    names = ["a", "b", "c"]
    shares = Counter(assigned("plan/step", f"member-{one}", names) for one in range(9000))
    assert {name: round(count / 100) for name, count in sorted(shares.items())} == {
        "a": 31,
        "b": 30,
        "c": 30,
    }


def test_each_variant_is_checked(write: Write) -> None:
    broken = VARIANTS.replace("text: 有小礼物", "text: '{{ nobody }}'")
    broken = broken.replace("text: 有专人答疑", "script: nothing")
    found = load([write({"p.yaml": broken})])[1]
    assert [(one.line, one.code, one.message) for one in found] == [
        (9, "template", "没有变量“nobody”。")
    ]
    found = load([write({"p.yaml": broken.replace("{{ nobody }}", "x")})])[1]
    assert [(one.line, one.code, one.message) for one in found] == [
        (10, "link", "没有名为“nothing”的话术。scripts/ 里还没有话术。")
    ]


JOINERS = """
plan: newcomers
title: 新人
applies_to: {labels: [wealth]}
on_holiday: shift
after_join:
  1:
    - {id: hello, at: "10:00", follow_up: {reason: 打个招呼}}
"""


@pytest.mark.parametrize(
    ("day", "cohort"),
    [
        ("2026-11-24", ["2026-11-23"]),
        # The National Day holiday of 2026 ends on the 7th; the 8th serves all who waited.
        (
            "2026-10-08",
            [
                "2026-09-30", "2026-10-01", "2026-10-02", "2026-10-03", "2026-10-04",
                "2026-10-05", "2026-10-06", "2026-10-07",
            ],
        ),
    ],
)  # fmt: skip
def test_cohort_of_a_moved_day_is_everybody_who_waited(
    plan: Read, workdays: Workdays, day: str, cohort: list[str]
) -> None:
    newcomers = plan(JOINERS)
    step = newcomers.step("hello")
    assert step is not None
    days = cohort_days(newcomers, step, date.fromisoformat(day), workdays)
    assert [one.isoformat() for one in days] == cohort


def test_plan_for_named_communities_reaches_no_other(
    plan: Read, communities: list[Community]
) -> None:
    text = PLAN.replace("{labels: [wealth]}", "{labels: [wealth], communities: [wealth-02]}")
    named = plan(text)
    assert [one.id for one in communities if named.includes(one)] == ["wealth-02"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            "content: {text: 您好}",
            (8, 34, "“内容”是发到群里的，不能放在 after_join 里。"),
        ),
        ("announce: 10m", (8, 44, "入群后的步骤不在群里预告。")),
    ],
)
def test_override_does_not_bring_a_newcomers_step_into_the_group(
    write: Write, change: str, said: tuple[int, int, str]
) -> None:
    """Regression: a whole group read what was meant for one newcomer."""
    text = JOINERS.strip() + f"\noverrides: {{c1: {{steps: {{hello: {{{change}}}}}}}}}\n"
    _, problems = load([write({"plan.yaml": text})])
    assert [(one.line, one.column, one.message) for one in problems] == [said]


PROMISES = """
plan: p
title: 计划
applies_to: {labels: [wealth]}
variables: {slogan: 稳稳的}
week:
  monday:
    - {id: a, at: "09:00", title: 零风险专场, content: {text: "{{ slogan }}"}}
overrides:
  wealth-02:
    variables: {slogan: 保本保息}
    steps:
      a: {title: 稳赚不赔}
"""


def test_promises_in_titles_variables_and_overrides_are_found(write: Write) -> None:
    found = load([write({"p.yaml": PROMISES})])[1]
    assert [(one.line, one.column, one.code, one.message) for one in found] == [
        (7, 35, "promise.riskless", "“零风险”属于无风险承诺。"),
        (10, 25, "promise.principal", "“保本保息”属于保本承诺。"),
        (12, 18, "promise.return", "“稳赚不赔”属于收益承诺。"),
    ]
