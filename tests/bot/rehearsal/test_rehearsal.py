"""A whole rehearsal, and that it is the same every time and stays in the process.

`expected.json` is the expected value. To accept a change, look at what changed:

    QUNYUN_REWRITE=1 .venv/bin/pytest tests/bot/rehearsal && git diff tests/bot/rehearsal
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.rehearsal.rehearse import as_text

EXPECTED = Path(__file__).parent / "expected.json"
ROOT = Path(__file__).parents[3]
Rehearsed = Callable[..., Awaitable[Any]]


async def test_rehearsal_is_the_expected_one(rehearsed: Rehearsed) -> None:
    seen = as_text(await rehearsed())
    if os.environ.get("QUNYUN_REWRITE") and not os.environ.get("CI"):
        EXPECTED.write_text(seen, encoding="utf-8")
    assert seen == EXPECTED.read_text(encoding="utf-8")


async def test_json_has_the_keys_that_scripts_rely_on(rehearsed: Rehearsed) -> None:
    found = json.loads(as_text(await rehearsed()))
    assert [
        list(found)[:10],
        list(found["messages"][0])[:8],
        list(found["games"][0])[:8],
        list(found["draws"][0]),
        list(found["money"]["evening-draw"]),
        list(found["forecast"]["cost_fen"]),
        found["summary"]["week"],
    ] == [
        [
            "start",
            "days",
            "members",
            "seed",
            "messages",
            "games",
            "draws",
            "money",
            "forecast",
            "summary",
        ],
        ["at", "community", "to", "mode", "plan", "step", "kind", "text"],
        ["community", "game", "step", "started_at", "ended_at", "players", "winners", "reward_fen"],
        ["at", "campaign", "member", "prize", "amount_fen", "payable_on"],
        ["budget_fen", "committed_fen", "settled_fen", "returned_fen"],
        ["p50", "p95", "max"],
        "2026-W48",
    ]


async def test_another_seed_is_another_rehearsal(rehearsed: Rehearsed) -> None:
    assert as_text(await rehearsed(seed=8)) != as_text(await rehearsed(seed=7))


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_file_is_the_same_in_every_process(shelf: Path, tmp_path: Path, hash_seed: str) -> None:
    out = tmp_path / "out.json"
    words = ["rehearse", "--start", "2026-11-23", "--days", "1", "--members", "12", "--seeds", "5"]
    done = subprocess.run(
        [sys.executable, "-m", "bot", *words, "--library", str(shelf), "--json", str(out)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert out.read_text(encoding="utf-8") == EXPECTED.read_text(encoding="utf-8")


async def test_nothing_leaves_the_process(
    rehearsed: Rehearsed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("a rehearsal opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "bind", refuse)
    assert (await rehearsed()).problems == []


async def test_real_database_is_not_touched(
    make: Any, rehearsed: Rehearsed, tmp_path: Path
) -> None:
    real = tmp_path / "real.db"
    await rehearsed(settings={"database": f"sqlite:///{real}"})
    assert not real.exists()
