"""Communities of which nobody knows what is said there: unknown is unknown, and never nought."""

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sop.community import Community, DeliveryMode
from sop.summary import WeekFigures, summarise
from sop.summary.card import render
from sop.summary.markdown import document
from sop.summary.period import Period

ZONE = ZoneInfo("Asia/Shanghai")
PLACE = Community("a", "一群", "wr1", "li", DeliveryMode.ASSIST, frozenset(), ZONE)
TALK = ("wau", "active_rate", "dau", "stickiness", "speakers", "messages_per_member", "silent")
NOTE = "无法统计：1 个群没有会话存档，那里的聊天不在数字里"


def measured(now: WeekFigures, before: WeekFigures) -> dict[str, tuple[Any, bool, str]]:
    summary = summarise(Period(now, before, (PLACE,), ZONE, "一群"))
    found = {one.key: one for one in summary.metrics}
    return {key: (found[key].value, found[key].at_least, found[key].unknown) for key in TALK}


def test_nobody_is_heard_and_nothing_else_is_known(empty: WeekFigures) -> None:
    now = replace(empty, unheard=1, members_at_end=40, daily_members=(40,) * 7, silent=0)
    why = (None, False, "1 个群没有会话存档")
    assert measured(now, now) == dict.fromkeys(TALK, why)


def test_what_else_members_did_is_the_least_that_can_be_said(empty: WeekFigures) -> None:
    """They opened the page, though nobody knows what they said."""
    now = replace(
        empty,
        unheard=1,
        members_at_end=40,
        daily_members=(40,) * 7,
        wau=14,
        dau=(7,) * 7,
    )
    why = (None, False, "1 个群没有会话存档")
    assert measured(now, now) == {
        "wau": (14, True, ""),
        "active_rate": (0.35, True, ""),
        "dau": (7, True, ""),
        "stickiness": why,
        "speakers": why,
        "messages_per_member": why,
        "silent": why,
    }


def test_of_two_communities_the_heard_one_is_counted(empty: WeekFigures) -> None:
    now = replace(
        empty,
        communities=2,
        unheard=1,
        members_at_end=60,
        heard_members_at_end=20,
        daily_members=(60,) * 7,
        wau=15,
        dau=(7,) * 7,
        speakers=9,
        messages=50,
        silent=4,
    )
    assert measured(now, now) == {
        "wau": (15, True, ""),
        "active_rate": (0.25, True, ""),
        "dau": (7, True, ""),
        "stickiness": (None, False, "1 个群没有会话存档"),
        "speakers": (9, False, ""),
        "messages_per_member": (2.5, False, ""),
        "silent": (4, False, ""),
    }


def test_card_and_document_say_what_is_missing(empty: WeekFigures) -> None:
    now = replace(empty, unheard=1, members_at_end=40, daily_members=(40,) * 7, wau=14, silent=30)
    summary = summarise(Period(now, now, (PLACE,), ZONE, "一群"))
    card = render(summary)
    lines = card.split("\n")
    assert (lines[5], lines[8]) == (
        '活跃率 **≥ 35.0%**（14/40） <font color="comment">持平</font>',
        f'<font color="comment">{NOTE}</font>',
    )
    assert "周活跃 ≥ 14 人，日均 无法统计，黏性 无法统计（1 个群没有会话存档）" in card
    assert "发言 无法统计，人均消息 无法统计（1 个群没有会话存档）" in card
    assert "沉默 无法统计，回流 无法统计" in card
    assert "沉默成员占" not in card
    text = document(summary)
    assert f"> {NOTE}。" in text
    assert "| 发言人数 | 无法统计 |  | 无数据 |" in text


@pytest.mark.parametrize("key", ["wau", "silent", "speakers"])
def test_where_everybody_is_heard_nothing_changes(now: WeekFigures, key: str) -> None:
    metric = summarise(Period(now, now, (PLACE,), ZONE, "一群")).metric(key)
    assert (metric.value, metric.at_least, metric.unknown) == (getattr(now, key), False, "")
