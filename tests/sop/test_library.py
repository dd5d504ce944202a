"""The shipped library: without problems, in time, within budgets, honest."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel

from bot.demo import _config
from sop.community import Community
from sop.files import yaml_files
from sop.games import all_games
from sop.library import Library
from sop.loader import SHIPPED, load
from sop.occurrence import Phase
from sop.personal import Personal
from sop.planner import occurrences
from sop.steps import step_kinds
from sop.steps.draw import Draw
from sop.steps.game import PlayGame
from sop.workdays import Workdays


@pytest.fixture(scope="module")
def library() -> Library:
    library, problems = load([SHIPPED])
    assert problems == []
    return library


PLAYBOOK = {
    "A1": [
        "plans/channel-first-words",
        "scripts/channel-call",
        "scripts/channel-official-account",
        "scripts/channel-mobile-bank",
        "channels/outbound-call",
        "channels/official-account",
        "channels/mobile-bank",
    ],
    "A2": ["plans/gate", "scripts/gate-verify"],
    "A3": ["plans/first-contact", "scripts/first-hello", "channels/walk-in"],
    "A4": ["campaigns/join-hook"],
    "A5": [
        "plans/wealth-weekly",
        "plans/customer-weekly",
        "plans/customer-page",
        "plans/manager-weekly",
        "campaigns/customer-page",
        "campaigns/customer-friday",
        "campaigns/customer-gift",
        "points/customer-points",
    ],
    "A6": ["plans/host-week"],
    "A7": [
        "plans/quiz-night",
        "plans/party-week",
        "campaigns/quiz-night",
        "campaigns/party-week",
        "campaigns/tuesday-games",
        "campaigns/thursday-games",
    ],
    "A8": ["plans/friday-club", "campaigns/friday-club", "campaigns/friday-festival"],
    "A10": [
        "plans/precise-reach",
        "segments/link-openers",
        "segments/quiz-lovers",
        "segments/quiz-masters",
        "segments/regulars",
        "tags/checkin-star",
        "tags/group-behaviour",
        "tags/group-contact",
        "tags/group-interest",
        "tags/newcomer",
        "tags/quiz-master",
        "tags/regular",
        "tags/sleeping",
    ],
    "B1": ["plans/daily-lessons", "lists/daily-lessons"],
    "B2": ["plans/newcomer-journey", "segments/newcomers"],
    "B3": ["plans/story-week", "lists/topics"],
    "B4": [
        "plans/intent-to-tag",
        "follows/intent-high",
        "scripts/intent-hello",
        "segments/intent-high",
        "segments/intent-medium",
        "segments/intent-low",
        "tags/intent-high",
        "tags/intent-medium",
    ],
    "B5": [
        "plans/needs-survey",
        "campaigns/survey-thanks",
        "scripts/survey-insurance",
        "scripts/survey-pension",
    ],
    "B6": ["plans/checkin-streak", "segments/checkin-stars", "points/neighbour-points"],
    "B7": ["plans/golden-egg", "campaigns/golden-egg", "scripts/egg-teaser", "segments/just-drew"],
    "B8": ["plans/live-event", "scripts/live-recap", "campaigns/live-gift"],
    "B9": ["plans/flash-group"],
    "B11": [
        "plans/referral",
        "scripts/referral-invite",
        "campaigns/neighbour-day",
        "referrals/neighbours",
    ],
    "B12": [
        "plans/recall",
        "scripts/recall-first",
        "scripts/recall-second",
        "segments/back-again",
        "segments/drifting",
        "segments/growing",
        "segments/recall-keen",
        "segments/recall-twice",
        "segments/recall-unmoved",
        "segments/sleeping",
    ],
    "B14": ["plans/ab-test"],
    "B15": [
        "plans/consumer-day",
        "campaigns/consumer-day",
        "banks/consumer-rights",
        "banks/scam-cases",
    ],
    "B16": [
        "plans/value-groups",
        "follows/valuable-quiet",
        "segments/fading",
        "segments/high-value",
        "segments/rfm-value",
        "segments/rfm-potential",
        "segments/rfm-sleeping",
    ],
}
"""Every row of the playbook that the library shall have an example of, with its files."""
BESIDE = {
    "banks/anti-fraud",
    "banks/credit-loans",
    "banks/emoji-idioms",
    "banks/finance-basics",
    "banks/folk-lyrics",
    "banks/funds-wealth",
    "banks/insurance-basics",
    "banks/poem-lines",
    "banks/riddles",
    "campaigns/points-draw",
    "campaigns/year-end",
    "lists/fraud-alerts",
    "lists/healthy-money",
    "plans/seniors",
    "segments/no-click",
}
"""What serves several rows, or none of them."""
DEMO = {"wealth", "customer", "online"}
"""Labels of the demo's communities."""


def test_every_row_of_the_playbook_has_its_files() -> None:
    known = {path.relative_to(SHIPPED).with_suffix("").as_posix() for path in yaml_files([SHIPPED])}
    assert known == {one for files in PLAYBOOK.values() for one in files} | BESIDE


@pytest.mark.parametrize(
    ("row", "name"),
    [(row, one) for row, files in PLAYBOOK.items() for one in files if one.startswith("plans/")],
)
def test_plan_says_its_row_and_how_to_use_it(row: str, name: str) -> None:
    head = (SHIPPED / f"{name}.yaml").read_text(encoding="utf-8").partition("plan:")[0]
    lines = head.splitlines()
    assert lines[0].startswith(f"# {row}　")
    assert [line.partition("：")[0] for line in lines if re.match("# ..：", line)][:3] == [
        "# 启用",
        "# 先改",
        "# 运行",
    ]


def test_plans_name_the_label_that_switches_them_on(library: Library) -> None:
    for plan in library.plans.values():
        if not DEMO.isdisjoint(plan.applies_to.labels):
            continue
        text = (SHIPPED / f"plans/{plan.plan}.yaml").read_text(encoding="utf-8")
        (label,) = plan.applies_to.labels
        assert f"\n# 启用：给社群加上标签 {label}" in text


def test_each_label_switches_on_one_plan(library: Library) -> None:
    labels = [tuple(plan.applies_to.labels) for plan in library.plans.values()]
    shared = {one for one in labels if labels.count(one) > 1}
    assert shared == {("wealth",)}


def test_demo_runs_four_plans_four_campaigns_and_points(library: Library) -> None:
    plans = {name for name, one in library.plans.items() if DEMO & set(one.applies_to.labels)}
    campaigns = {
        name for name, one in library.campaigns.items() if DEMO & set(one.applies_to.labels)
    }
    points = {name for name, one in library.points.items() if DEMO & set(one.applies_to.labels)}
    assert (plans, campaigns, points) == (
        {"wealth-weekly", "customer-weekly", "customer-page", "manager-weekly"},
        {"join-hook", "friday-festival", "customer-gift", "customer-friday"},
        {"customer-points"},
    )
    assert {one for entry in _config("", "", "").communities for one in entry.labels} == DEMO


def test_every_game_is_played_by_some_plan(library: Library) -> None:
    played = {
        spec.name
        for plan in library.plans.values()
        for step in plan.steps()
        for _, spec in step.specs()
        if isinstance(spec, PlayGame)
    }
    assert played == set(all_games())


def test_every_kind_of_step_is_shown(library: Library) -> None:
    shown = {
        spec.kind
        for plan in library.plans.values()
        for step in plan.steps()
        for _, spec in step.specs()
    }
    assert shown == set(step_kinds())


def test_nothing_lies_unused(library: Library) -> None:
    linked = {
        id(one)
        for plan in library.plans.values()
        for step in plan.steps()
        for _, spec in step.specs()
        for one in spec.links(library)
    }
    idle = {
        name
        for shelf in (library.scripts, library.lists, library.pools)
        for name, one in shelf.items()
        if id(one) not in linked
    }
    idle -= {rule.script for rule in library.follow_rules.values()}
    assert idle == set()


def test_week_as_it_runs(library: Library, wealth: Community, workdays: Workdays) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    found = occurrences(
        library.plans.values(),
        [wealth],
        datetime(2026, 11, 22, 16, tzinfo=UTC),
        datetime(2026, 11, 29, 16, tzinfo=UTC),
        workdays,
    )
    assert [
        (f"{one.due_at.astimezone(zone):%a %H:%M}", one.step.id, one.phase.value) for one in found
    ] == [
        ("Mon 09:00", "mon-report", "run"),
        ("Mon 09:15", "mon-brief", "remind"),
        ("Mon 09:30", "mon-brief", "run"),
        ("Tue 19:00", "tue-dice", "announce"),
        ("Tue 19:15", "tue-dice", "remind"),
        ("Tue 19:30", "tue-dice", "run"),
        ("Wed 09:15", "wed-lesson", "remind"),
        ("Wed 09:30", "wed-lesson", "run"),
        ("Thu 19:00", "thu-quiz", "announce"),
        ("Thu 19:15", "thu-quiz", "remind"),
        ("Thu 19:30", "thu-quiz", "run"),
        ("Fri 10:00", "fri-teaser", "run"),
        ("Fri 19:30", "fri-draw", "announce"),
        ("Fri 19:45", "fri-draw", "remind"),
        ("Fri 20:00", "fri-draw", "run"),
    ]


def test_no_day_has_more_steps_than_its_cap(
    library: Library, wealth: Community, workdays: Workdays
) -> None:
    plan = library.plans["wealth-weekly"]
    found = occurrences(
        [plan],
        [wealth],
        datetime(2026, 11, 22, 16, tzinfo=UTC),
        datetime(2026, 11, 29, 16, tzinfo=UTC),
        workdays,
    )
    days = [one.day for one in found if one.phase is Phase.RUN]
    assert max(days.count(one) for one in days) == plan.daily_cap == 2


def test_join_hook_spends_its_budget_to_the_fen(library: Library) -> None:
    hook = library.campaigns["join-hook"]
    assert (hook.keyword, hook.chances.total, hook.payable_after) == ("抽奖", 1, 5)
    assert (hook.deck_sum_fen, hook.budget_fen, hook.deck_size) == (150_000, 150_000, 530)
    assert hook.condition is not None


def test_friday_festival_spends_its_budget_to_the_fen(library: Library) -> None:
    festival = library.campaigns["friday-festival"]
    assert (festival.deck_sum_fen, festival.budget_fen) == (20_000, 20_000)
    assert (festival.round, festival.deck_size) == ("event", 80)


def test_every_deck_spends_its_budget_to_the_fen(library: Library) -> None:
    over = {
        name: (one.deck_sum_fen, one.budget_fen)
        for name, one in library.campaigns.items()
        if one.deck_sum_fen != one.budget_fen
    }
    assert over == {}


def test_draws_are_opened_where_their_keyword_is_heard(library: Library) -> None:
    """A campaign answers only in communities that it is for."""
    for plan in library.plans.values():
        for step in plan.steps():
            if isinstance(step.spec, Draw):
                campaign = library.campaigns[step.spec.campaign]
                assert campaign.applies_to == plan.applies_to


def test_prize_names_state_their_amount(library: Library) -> None:
    for campaign in library.campaigns.values():
        for cards in campaign.deck:
            if cards.kind == "cash":
                assert cards.prize == f"{cards.amount_fen / 100:.2f} 元红包"


PROMISES = ("保本", "保收益", "无风险", "零风险", "稳赚", "包赚", "必赚", "保证收益", "刚性兑付")


@pytest.mark.parametrize("path", yaml_files([SHIPPED / "plans", SHIPPED / "campaigns"]))
def test_no_text_promises_a_return(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [word for word in PROMISES if word in text] == []


SLIP = re.compile(
    r"[\u4e00-\u9fff][,;:?!]|[。，；：]{2}|[ \t]+$|https?://(?!(?:live|bank)\.example\.com/)|\d{7,}|\.{3}|[\"']",
    re.MULTILINE,
)
"""Western punctuation beside a Chinese character, doubled marks, straight quotes, trailing blanks,
and links or telephone numbers that somebody invented."""


def _texts(value: object) -> Iterator[str]:
    """Every text in a value, however deep; keys are not read."""
    if isinstance(value, BaseModel):
        value = [getattr(value, name) for name in sorted(value.model_fields_set)]
    if isinstance(value, str):
        yield re.sub(r"\{%.*?%\}", "", value)
    elif isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _texts(one)


def test_copy_is_clean(library: Library) -> None:
    shelves = (library.plans, library.campaigns, library.pools, library.scripts)
    more = (library.segments, library.tag_rules)
    slips = [
        (name, found[0])
        for shelf in (*shelves, *more)
        for name, one in shelf.items()
        for text in _texts(one)
        if (found := SLIP.search(text))
    ]
    assert slips == []


def test_private_messages_say_who_writes(library: Library) -> None:
    """A customer is told in the first line who it is (playbook A3)."""
    anonymous = [
        f"{plan.plan}/{step.id}"
        for plan in library.plans.values()
        for step in plan.steps()
        for _, spec in step.specs()
        if isinstance(spec, Personal)
        and "我是{{ owner }}" not in _text(spec, library).splitlines()[0]
    ]
    # What members may pass on to a friend is in their own words.
    assert anonymous == ["referral/wed-words"]


def _text(spec: Personal, library: Library) -> str:
    return spec.text or library.scripts[spec.from_script or ""].text
