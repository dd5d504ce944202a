"""Files saved while the bot runs: what has begun keeps its rules, what comes follows the file."""

import shutil
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.demo import Demo, own_library
from sop.loader import SHIPPED

OWN = """\
plan: own
title: 自己的计划
applies_to: {labels: [wealth]}
week:
  monday:
    - {id: morning, at: "09:30", content: {text: 早上好}}
    - {id: noon, at: "12:00", content: {text: 中午好}}
    - id: dice
      at: "13:00"
      window: 15m
      game: {name: dice, duration: 10m, rewards: {winners: 1, amount: "5.00", pool: small}}
    - id: draw
      at: "14:00"
      window: 15m
      draw: {campaign: friday-festival, open_for: 30m}
"""
POOL = """\
pool: small
title: 小奖池
prize: 骰子红包
budget: "20.00"
payable_after: 5
"""
FESTIVAL = SHIPPED / "campaigns" / "friday-festival.yaml"

Look = Callable[[], Awaitable[None]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "library"
    path.mkdir()
    (path / "own.yaml").write_text(OWN, encoding="utf-8")
    (path / "pool.yaml").write_text(POOL, encoding="utf-8")
    shutil.copy(FESTIVAL, path / "festival.yaml")
    return path


@pytest.fixture
async def stage(open_stage: Any, sqlite_url: str, folder: Path) -> Any:
    """The demo with a library of one's own, as `demo --library` opens it."""
    shelf = own_library(folder)
    assert shelf.edition.problems == ()
    stage = await open_stage(sqlite_url, partial(Demo, shelf=shelf), shelf.edition.library)
    await stage.settle()
    return stage


@pytest.fixture
def look(stage: Any) -> Look:
    """What the bot's own loop does twice a second."""

    async def look_twice() -> None:
        await stage.show.app.reload.look()
        await stage.show.app.reload.look()
        await stage.settle()

    return look_twice


def save(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


def heads(texts: list[str]) -> list[str]:
    return [one.split("\n")[0] for one in texts]


async def test_step_to_come_follows_the_file_and_the_one_that_ran_stays(
    stage: Any, look: Look, folder: Path
) -> None:
    await look()
    await stage.until("一 10:00")
    mark = stage.mark
    later = OWN.replace("09:30", "10:30").replace("12:00", "11:00").replace("中午好", "快到中午了")
    save(folder, "own.yaml", later)
    await look()
    await stage.until("一 12:30")
    assert stage.said_since(mark) == ["快到中午了"]
    assert stage.show.app.calendar.last_tick == stage.show.clock.now()


async def test_operator_is_told_in_chat_and_the_last_good_version_is_sent(
    stage: Any, look: Look, folder: Path
) -> None:
    await look()
    mark = stage.mark
    save(folder, "own.yaml", OWN.replace("09:30", "25:00").replace("早上好", "坏的"))
    await look()
    await stage.until("一 09:31")
    assert stage.said_since(mark) == ["早上好"]
    assert stage.said_since(mark, stage.direct("赵芸")) == [
        "⚠️ **计划库有 1 处错误**\n"
        "library/own.yaml:6:25 没有“25:00”这个时间。\n"
        "> 沿用上一版：library/own.yaml\n"
        "> 改好后保存，两秒内生效。"
    ]
    async with aiohttp.ClientSession() as session, session.get(stage.bot_url("/ready")) as answer:
        assert answer.status == 200
    save(folder, "own.yaml", OWN.replace("中午好", "改好了"))
    mark = stage.mark
    await look()
    assert stage.said_since(mark, stage.direct("赵芸")) == [
        "✅ 计划库的问题都改好了，现在执行的就是文件里写的内容。"
    ]
    await stage.until("一 12:01")
    assert stage.said_since(mark) == ["改好了"]
    assert await stage.rows(
        "SELECT action, detail FROM audit WHERE actor = '计划库' ORDER BY id"
    ) == [
        ("计划库已更新", "读入 1 个计划、1 个活动、1 个奖池"),
        ("计划库有错误", "错误在 library/own.yaml:6:25"),
        ("计划库已更新", "修改 计划“own”"),
    ]


async def test_running_game_keeps_its_rules(stage: Any, look: Look, folder: Path) -> None:
    await look()
    await stage.until("一 13:00")
    other = OWN.replace("duration: 10m", "duration: 2m").replace('amount: "5.00"', 'amount: "0.50"')
    save(folder, "own.yaml", other)
    await look()
    await stage.until("一 13:03")
    mark = stage.mark
    await stage.say("陈晓雯", "掷")
    await stage.until("一 13:10")
    assert heads(stage.said_since(mark))[-2:] == ["🏁 **掷骰子，结束！**", "**掷骰子·中奖名单**"]
    assert await stage.rows("SELECT prize, amount_fen FROM award") == [("骰子红包", 500)]


async def test_running_game_goes_on_when_its_plan_is_deleted(
    stage: Any, look: Look, folder: Path
) -> None:
    await look()
    await stage.until("一 13:00")
    (folder / "own.yaml").unlink()
    mark = stage.mark
    await look()
    assert heads(stage.said_since(mark, stage.direct("赵芸"))) == ["🗑️ 计划库里已删除：计划“own”。"]
    await stage.say("陈晓雯", "掷")
    await stage.until("一 13:10")
    assert await stage.rows("SELECT status FROM game_session") == [("finished",)]
    assert await stage.rows("SELECT amount_fen FROM award") == [(500,)]
    mark = stage.mark
    await stage.until("一 15:00")
    assert stage.said_since(mark) == []


@pytest.mark.parametrize("change", ["edited", "deleted"])
async def test_open_draw_keeps_its_rules(stage: Any, look: Look, folder: Path, change: str) -> None:
    await look()
    await stage.until("一 14:00")
    if change == "edited":
        text = FESTIVAL.read_text(encoding="utf-8")
        text = text.replace("keyword: 抽奖", "keyword: 开奖").replace(
            "payable_after: 5", "payable_after: 9"
        )
        text = text.replace("title: 周五节抽奖", "title: 新名字").replace("count: 34", "count: 3")
        save(folder, "festival.yaml", text.replace("第 5 个工作日", "第 9 个工作日"))
    else:
        (folder / "own.yaml").unlink()
        (folder / "festival.yaml").unlink()
    await look()
    mark = stage.mark
    await stage.say("陈晓雯", "抽奖")
    (told,) = [one for one in stage.said_since(mark) if "恭喜抽中" in one]
    assert told.startswith("🎉 周五节抽奖：恭喜抽中 **")
    assert "第 1/80 张　11 月 30 日发放" in told
    mark = stage.mark
    await stage.until("一 14:31")
    assert heads(stage.said_since(mark)) == ["**周五节抽奖·本期结束**"]


async def test_loops_take_up_a_save_and_the_calendar_rings_for_it(
    stage: Any, folder: Path, run_loops: Callable[[Any], Any], soon: Callable[..., Any]
) -> None:
    """The bot as it runs in production, on the machine's clock."""
    app = stage.show.app
    async with run_loops(stage):
        await soon(lambda: len(app.calendar._slots) == 4)
        save(
            folder,
            "own.yaml",
            OWN.replace(
                "    - {id: noon",
                '    - {id: tea, at: "16:17", content: {text: 茶}}\n    - {id: noon',
            ),
        )
        await soon(lambda: len(app.calendar._slots) == 5)
    assert stage.complaints() == []
