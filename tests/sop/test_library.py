"""The shipped library: without problems, in time, within budgets, honest."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sop.community import Community
from sop.library import Library
from sop.loader import SHIPPED, load, yaml_files
from sop.occurrence import Phase
from sop.planner import occurrences
from sop.steps.content import Content
from sop.workdays import Workdays


@pytest.fixture(scope="module")
def library() -> Library:
    library, problems = load([SHIPPED], known_labels=["wealth", "customer"])
    assert problems == []
    return library


def test_names(library: Library) -> None:
    assert sorted(library.plans) == ["customer-weekly", "manager-weekly", "wealth-weekly"]
    assert sorted(library.campaigns) == ["friday-festival", "join-hook"]
    assert sorted(library.pools) == ["thursday-games", "tuesday-games"]
    assert sorted(library.banks) == ["finance-basics"]


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
    assert (hook.keyword, hook.chances, hook.payable_after) == ("抽奖", 1, 5)
    assert (hook.deck_sum_fen, hook.budget_fen, hook.deck_size) == (150_000, 150_000, 530)
    assert hook.condition is not None


def test_friday_festival_spends_its_budget_to_the_fen(library: Library) -> None:
    festival = library.campaigns["friday-festival"]
    assert (festival.deck_sum_fen, festival.budget_fen) == (20_000, 20_000)
    assert (festival.round, festival.deck_size) == ("event", 80)


def test_prize_names_state_their_amount(library: Library) -> None:
    for campaign in library.campaigns.values():
        for cards in campaign.deck:
            assert cards.prize == f"{cards.amount_fen / 100:.2f} 元红包"


PROMISES = ("保本", "保收益", "无风险", "零风险", "稳赚", "包赚", "必赚", "保证收益", "刚性兑付")


@pytest.mark.parametrize("path", yaml_files([SHIPPED / "plans", SHIPPED / "campaigns"]))
def test_no_text_promises_a_return(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [word for word in PROMISES if word in text] == []


def test_content_that_names_products_carries_the_risk_notice(library: Library) -> None:
    for plan in library.plans.values():
        for step in plan.steps():
            if isinstance(step.spec, Content) and (
                "理财" in step.spec.text or "基金" in step.spec.text
            ):
                assert step.spec.risk_notice
