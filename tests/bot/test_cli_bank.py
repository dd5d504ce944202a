"""`bank stats` as an operator types it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from storage import questions
from tests.house import CONFIG
from tests.terminal import Run, stored

NOW = datetime(2026, 11, 24, 11, 40, tzinfo=UTC)
RIDDLES = {
    "bank": "riddles",
    "title": "猜谜语",
    "questions": [
        {"id": "rain", "ask": "千条线，万条线。（打一自然现象）", "answer": "雨"},
        {"id": "snow", "ask": "天上白絮飘。（打一自然现象）", "answer": "雪"},
    ],
}


@pytest.fixture
def qunyun(terminal: Run, secrets: None) -> Run:
    """The terminal in a folder with one bank."""
    config = {**CONFIG, "library": ["library"]}
    Path("config.yaml").write_text(json.dumps(config, ensure_ascii=False), encoding="utf-8")
    Path("library").mkdir()
    text = json.dumps(RIDDLES, ensure_ascii=False)
    Path("library/riddles.yaml").write_text(text, encoding="utf-8")
    assert terminal("db", "upgrade")[0] == 0
    return terminal


def played(tx: Connection) -> None:
    questions.ask(tx, "wealth-01", "riddles", "rain", NOW)
    questions.judge(tx, "wealth-01", "riddles", "rain", 8, 6)


def test_stats_of_a_bank(qunyun: Run) -> None:
    stored(played)
    table = (
        "riddles/rain　中等　问 1 次，答 8 次，答对 75%　千条线，万条线。（打一自然现象）\n"
        "riddles/snow　中等　还没问过　天上白絮飘。（打一自然现象）\n"
        "\n"
        "共 2 题：还没问过 1 题，太容易 0 题，太难 0 题，没人答 0 题。\n"
        "答过 5 次以上才看对错：答对 95% 及以上是“太容易”，10% 及以下是“太难”；"
        "问过 3 次没有一个人答是“没人答”。\n"
    )
    assert qunyun("bank", "stats", "riddles") == (0, table, "")
    assert qunyun("bank", "stats") == (0, table, "")


def test_stats_of_an_unknown_bank(qunyun: Run) -> None:
    code, out, err = qunyun("bank", "stats", "ridles")
    assert (code, out) == (1, "")
    assert err.startswith("没有题库“ridles”。您是想写 riddles 吗？")
