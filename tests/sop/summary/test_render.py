"""The Markdown document and the JSON, whole; words that stay words in every form."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop.summary.card import render
from sop.summary.figures import WeekFigures
from sop.summary.markdown import document, escaped
from sop.summary.wording import cut
from tests.sop.summary.made import made

_UNSEEN = frozenset(
    chr(n)
    for first, last in (
        (0, 0x1F),
        (0x7F, 0x9F),
        (0x61C, 0x61C),
        (0x200E, 0x200F),
        (0x2028, 0x202E),
        (0x2066, 0x2069),
    )
    for n in range(first, last + 1)
)
DOCUMENT = Path(__file__).parent / "document.md"


JSON = {
    "week": "2026-W48",
    "from": "2026-11-23T00:00:00+08:00",
    "to": "2026-11-30T00:00:00+08:00",
    "scope": {"name": "全部社群", "communities": ["a", "b"]},
    "unheard": 0,
    "steps": [
        {
            "plan": "wealth-weekly",
            "step": "mon-brief",
            "title": "内容 mon-brief",
            "day": "2026-11-23",
            "due": 2,
            "executed": 2,
            "on_time": 2,
            "cancelled": 0,
            "reminded": 1,
            "confirmed": 1,
        },
        {
            "plan": "wealth-weekly",
            "step": "tue-dice",
            "title": "掷骰子",
            "day": "2026-11-24",
            "due": 2,
            "executed": 2,
            "on_time": 1,
            "cancelled": 0,
            "reminded": 1,
            "confirmed": 1,
        },
        {
            "plan": "wealth-weekly",
            "step": "wed-tip",
            "title": "内容 wed-tip",
            "day": "2026-11-25",
            "due": 2,
            "executed": 1,
            "on_time": 1,
            "cancelled": 0,
            "reminded": 1,
            "confirmed": 0,
        },
        {
            "plan": "wealth-weekly",
            "step": "thu-quiz",
            "title": "知识问答",
            "day": "2026-11-26",
            "due": 2,
            "executed": 2,
            "on_time": 2,
            "cancelled": 0,
            "reminded": 0,
            "confirmed": 0,
        },
        {
            "plan": "wealth-weekly",
            "step": "fri-draw",
            "title": "周五抽奖",
            "day": "2026-11-27",
            "due": 0,
            "executed": 0,
            "on_time": 0,
            "cancelled": 2,
            "reminded": 0,
            "confirmed": 0,
        },
    ],
    "games": [
        {
            "game": "dice",
            "title": "掷骰子",
            "sessions": 2,
            "players": 18,
            "turns": 20,
            "reward_fen": 2500,
        },
        {
            "game": "quiz",
            "title": "知识问答",
            "sessions": 2,
            "players": 22,
            "turns": 25,
            "reward_fen": 3000,
        },
    ],
    "campaigns": [
        {
            "source": "join-hook",
            "title": "入群礼",
            "budget_fen": 500000,
            "committed_fen": 31250,
            "settled_fen": 6400,
            "returned_fen": 0,
            "winners": 11,
        },
        {
            "source": "pool/games",
            "title": "游戏奖池",
            "budget_fen": 10000,
            "committed_fen": 5500,
            "settled_fen": 0,
            "returned_fen": 0,
            "winners": 7,
        },
    ],
    "channels": [{"via": "qr", "joins": 10, "present": 9}, {"via": "", "joins": 6, "present": 6}],
    "rms": [
        {
            "staff": "linyue",
            "name": "林悦",
            "communities": 2,
            "due": 8,
            "executed": 7,
            "on_time": 6,
            "reminded": 3,
            "confirmed": 2,
            "follow_ups_due": 3,
            "follow_ups_done": 2,
        }
    ],
    "tables": {
        "games": {
            "title": "各种游戏",
            "note": "参与率是下限。",
            "columns": [
                {
                    "key": key,
                    "name": name,
                    "unit": unit,
                    "definition": told,
                    "may_be_ahead": False,
                    "counts_actions": acts,
                }
                for key, name, unit, told, acts in (
                    ("title", "游戏", None, "", False),
                    ("players", "人数", "persons", "", False),
                    ("rate", "参与率", "ratio", "人数 ÷ 在群成员", True),
                    ("mean", "人均", "mean", "", False),
                    ("reward", "奖励", "fen", "", False),
                    ("day", "日期", None, "", False),
                    ("rank", "名次", None, "", False),
                )
            ],
            "rows": [
                {
                    "title": "掷骰子",
                    "players": 1234,
                    "rate": 0.523,
                    "mean": 1.5,
                    "reward": 2500,
                    "day": "2026-11-24",
                    "rank": 2,
                },
                {
                    "title": "a|b\n<b>`*[x](y)*`</b>\\ &amp;\u202e",
                    "players": 0,
                    "rate": None,
                    "mean": None,
                    "reward": 0,
                    "day": None,
                    "rank": 1,
                },
            ],
        },
        "nobody": {
            "title": "没有行",
            "note": "",
            "columns": [
                {
                    "key": "a",
                    "name": "空",
                    "unit": None,
                    "definition": "",
                    "may_be_ahead": False,
                    "counts_actions": False,
                }
            ],
            "rows": [],
        },
    },
    "charts": {
        "days": {
            "key": "days",
            "title": "每天的人数（人）",
            "shape": "line",
            "labels": ["周一", "周二"],
            "series": [
                {"name": "本周", "unit": "persons", "values": [5, None]},
                {"name": "上周", "unit": "persons", "values": [4, 3]},
            ],
            "note": "",
            "label_title": "日期",
        },
        "told": {
            "key": "told",
            "title": "在表里的不再写一遍",
            "shape": "bars",
            "labels": ["掷骰子", "另一个"],
            "series": [{"name": "参与率", "unit": "ratio", "values": [0.523, None]}],
            "note": "",
            "label_title": "",
        },
    },
    "findings": [
        "有 1 项到期未执行：周三内容 wed-tip。下周三请李静值守。",
        "有 1 项晚于执行窗口：周二掷骰子。",
        "周四知识问答的参与率最高。建议周二也换成知识问答。",
        "沉默成员占 14.3%（20/140）。",
    ],
}


def test_document_of_a_busy_week(now: WeekFigures, before: WeekFigures) -> None:
    assert document(made(now, before)) == DOCUMENT.read_text(encoding="utf-8")


def test_json_of_a_busy_week(now: WeekFigures, before: WeekFigures) -> None:
    summary = made(now, before)
    found = json.loads(json.dumps(summary.as_json()))
    metrics = found.pop("metrics")
    assert found == JSON
    assert metrics["active_rate"] == {
        "name": "活跃率",
        "unit": "ratio",
        "value": 0.4756,
        "numerator": 64,
        "denominator": 134.57,
        "previous": 0.2615,
        "target": None,
        "unknown": "",
        "at_least": False,
        "mean": 0.2615,
        "quality": "",
        "less_is_better": False,
        "definition": "周活跃成员 ÷ 七天成员数的平均值",
    }
    assert list(metrics) == [metric.key for metric in summary.metrics]


def test_targets_stand_in_every_form(now: WeekFigures, before: WeekFigures) -> None:
    """The card tells first of what is not reached."""
    week = replace(now, targets=(("active_rate", 0.4), ("game_participation", 0.95)))
    summary = made(week, before)
    lines = ["- ✅ 活跃率 47.6%，目标 40.0%", "- ⬜ 游戏参与率 27.3%，目标 95.0%"]
    assert render(summary).split("**目标**\n")[1].split("\n\n")[0].splitlines() == lines[::-1]
    assert document(summary).split("## 目标\n\n")[1].split("\n\n")[0].splitlines() == lines
    assert summary.as_json()["metrics"]["active_rate"]["target"] == 0.4


@given(st.text())
def test_escaped_words_are_one_line_without_markup(text: str) -> None:
    """A reader of Markdown sees the words again, whatever they are."""
    line = escaped(text)
    assert re.search(r"[\n\r\u2028\u2029\u202e]", line) is None
    assert re.sub(r"\\.", "", line).translate(dict.fromkeys(map(ord, "|<>`*[]&\\"))) == re.sub(
        r"\\.", "", line
    )
    seen = re.sub(r"\\(.)", r"\1", line)
    assert [one for one in seen if one != " "] == [
        one for one in text if one != " " and one not in _UNSEEN
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("掷骰子", "掷骰子"),
        ("a\nb\tc", "a b c"),
        ("**<font>", "font"),
        ("\u202e反\x00", "反"),
        ("一二三四五六七", "一二三四…"),
    ],
)
def test_cut_shows_names_in_one_plain_line(text: str, shown: str) -> None:
    assert cut(text, 5) == shown
