"""A week with hand-made counts, and the week before it."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from sop.summary.figures import (
    CampaignFigures,
    ChannelFigures,
    FunnelFigures,
    GameFigures,
    RmFigures,
    StepFigures,
    WeekFigures,
)
from tests.sop.summary.made import blank

MONDAY = date(2026, 11, 23)


def step(offset: int, name: str, title: str, *counts: int) -> StepFigures:
    """due, executed, on time, cancelled, reminded, confirmed."""
    return StepFigures("wealth-weekly", name, title, MONDAY + timedelta(days=offset), *counts)


@pytest.fixture
def empty() -> WeekFigures:
    """A scope without any member or event."""
    return blank(MONDAY)


@pytest.fixture
def now() -> WeekFigures:
    """A busy week of two communities."""
    return WeekFigures(
        monday=MONDAY,
        communities=2,
        members_at_start=128,
        members_at_end=140,
        daily_members=(128, 130, 132, 135, 138, 139, 140),
        new=15,
        lost=3,
        joins=16,
        leaves=4,
        wau=64,
        dau=(20, 31, 22, 30, 41, 9, 5),
        speakers=40,
        messages=215,
        silent=20,
        returned=2,
        players=35,
        funnel=FunnelFigures(15, 12, 11, 4),
        settled_fen=6400,
        follow_ups_due=3,
        follow_ups_done=2,
        steps=(
            step(0, "mon-brief", "内容 mon-brief", 2, 2, 2, 0, 1, 1),
            step(1, "tue-dice", "掷骰子", 2, 2, 1, 0, 1, 1),
            step(2, "wed-tip", "内容 wed-tip", 2, 1, 1, 0, 1, 0),
            step(3, "thu-quiz", "知识问答", 2, 2, 2, 0, 0, 0),
            step(4, "fri-draw", "周五抽奖", 0, 0, 0, 2, 0, 0),
        ),
        games=(
            GameFigures("dice", "掷骰子", 2, 18, 20, 2500),
            GameFigures("quiz", "知识问答", 2, 22, 25, 3000),
        ),
        campaigns=(
            CampaignFigures("join-hook", "入群礼", 500000, 31250, 6400, 0, 11),
            CampaignFigures("pool/games", "游戏奖池", 10000, 5500, 0, 0, 7),
        ),
        channels=(ChannelFigures("qr", 10, 9), ChannelFigures("", 6, 6)),
        rms=(RmFigures("linyue", "林悦", 2, 8, 7, 6, 3, 2, 3, 2),),
    )


@pytest.fixture
def before() -> WeekFigures:
    """The quieter week before."""
    return WeekFigures(
        monday=MONDAY - timedelta(days=7),
        communities=2,
        members_at_start=100,
        members_at_end=128,
        daily_members=(100, 105, 110, 115, 120, 125, 128),
        new=28,
        lost=0,
        joins=28,
        leaves=0,
        wau=30,
        dau=(5, 6, 7, 8, 9, 3, 1),
        speakers=20,
        messages=80,
        silent=22,
        returned=0,
        players=10,
        funnel=FunnelFigures(28, 10, 8, 0),
        settled_fen=0,
        follow_ups_due=0,
        follow_ups_done=0,
    )


@pytest.fixture
def make_step() -> Callable[..., StepFigures]:
    """Builds a step's figures."""
    return step
