"""`bank stats` as an operator types it."""

import asyncio
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot.cli import main
from storage import questions
from storage.database import open_database
from tests.house import CONFIG, SECRETS

Run = Callable[..., tuple[int, str, str]]
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
def qunyun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Types a command in a folder with one bank: (exit code, output, errors)."""
    monkeypatch.chdir(tmp_path)
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    config = {**CONFIG, "library": ["library"]}
    Path("config.yaml").write_text(json.dumps(config, ensure_ascii=False), encoding="utf-8")
    Path("library").mkdir()
    text = json.dumps(RIDDLES, ensure_ascii=False)
    Path("library/riddles.yaml").write_text(text, encoding="utf-8")

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["qunyun", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        assert isinstance(code, int)
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    assert run("db", "upgrade")[0] == 0
    return run


async def _played() -> None:
    def work(tx: Connection) -> None:
        questions.ask(tx, "wealth-01", "riddles", "rain", NOW)
        questions.judge(tx, "wealth-01", "riddles", "rain", 8, 6)

    database = await open_database(f"sqlite:///{Path('data/qunyun.db').resolve()}")
    await database.write(work)
    await database.close()


def test_stats_of_a_bank(qunyun: Run) -> None:
    asyncio.run(_played())
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
