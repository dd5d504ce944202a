"""Hot reload on one database: when a save is taken up, who is told what, and how often."""

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import aiohttp
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from bot.due import Due
from bot.edition import Edition, Shelf
from bot.reload import LOOK_SECONDS, Reload
from sop.community import Role, Staff
from sop.library import Library
from storage import audit
from tests.house import CONFIG, SECRETS, ZONE, House, opened

PLAN = """\
plan: mine
title: 我的计划
applies_to: {labels: [first]}
week:
  monday:
    - {id: early, at: "09:00", content: {text: 早上好}}
    - {id: late, at: "21:00", content: {text: 晚上好}}
"""
SCRIPT = """\
script: greeting
title: 问候
text: 大家好，周末愉快。
"""
BROKEN = PLAN.replace("21:00", "25:00")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
OPERATORS = {"zhao": Role.OPERATOR, "wang": Role.MANAGER, "root": Role.ADMIN}
MENDED = "zhao: ✅ 计划库的问题都改好了，现在执行的就是文件里写的内容。"


class Room:
    """A house whose library is a folder, and the reload that follows it."""

    def __init__(self, house: House, folder: Path, roles: dict[str, Role] = OPERATORS) -> None:
        staff = {
            one: Staff(one, one, frozenset({role}), frozenset()) for one, role in roles.items()
        }
        self.house, self.folder = house, folder
        self.settings = replace(house.settings, staff={**house.settings.staff, **staff})
        self.runtime = house.due.runtime
        self.sent = 0
        self.start()

    def start(self) -> None:
        """As a process starts: everything is read anew."""
        self.shelf = Shelf([self.folder], labels={"first"}, communities={"first"})
        self.registry = CollectorRegistry()
        self.change(self.shelf.edition)
        self.reload = Reload(
            self.shelf,
            self.house.database,
            self.house.clock,
            lambda: self.house.due,
            self.registry,
            on_change=self.change,
            done=self.count,
        )

    def change(self, edition: Edition) -> None:
        self.house.due = Due(self.settings, edition.library, edition.workdays, self.runtime)

    def count(self) -> None:
        self.sent += 1

    def save(self, text: str, name: str = "mine.yaml") -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    async def look(self, times: int = 2) -> list[str]:
        """Looks; what is owed because of it."""
        for _ in range(times):
            await self.reload.look()
        return await self.house.owed()

    async def deeds(self) -> list[tuple[str, str]]:
        """What the audit has of the library, oldest first."""
        rows = await self.house.database.read(lambda tx: audit.listing(tx, "计划库"))
        return [(row.action, row.detail) for row in reversed(rows)]

    def text(self, step: str) -> str:
        found = self.house.due.library.plans["mine"].step(step)
        assert found is not None
        return str(found.spec.model_dump()["text"])

    def measured(self) -> list[str]:
        lines = generate_latest(self.registry).decode().splitlines()
        return [one for one in lines if one.startswith("qunyun") and "created" not in one]


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    """Monday 08:00, without a library of its own."""
    async with opened(sqlite_url, "11-23 08:00", Library()) as one:
        yield one


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "library"
    path.mkdir()
    (path / "mine.yaml").write_text(PLAN, encoding="utf-8")
    return path


@pytest.fixture
def room(house: House, folder: Path) -> Room:
    return Room(house, folder)


async def test_good_start_is_written_down_and_nobody_is_told(room: Room) -> None:
    assert await room.look() == []
    assert await room.deeds() == [("计划库已更新", "读入 1 个计划")]
    room.start()
    assert await room.look() == []
    assert len(await room.deeds()) == 1


async def test_save_is_taken_up_when_two_looks_have_seen_it(room: Room) -> None:
    await room.look()
    room.save(PLAN.replace("晚上好", "晚安"))
    assert not await room.reload.look()
    assert room.text("late") == "晚上好"
    assert await room.reload.look()
    assert room.text("late") == "晚安"
    assert await room.look() == []
    assert (await room.deeds())[1:] == [("计划库已更新", "修改 计划“mine”")]


async def test_file_that_is_still_being_written_is_waited_for(room: Room) -> None:
    await room.look()
    text = PLAN.replace("晚上好", "晚安")
    for length in (0, 40, 90, 140):
        room.save(text[:length])
        assert not await room.reload.look()
    room.save(text)
    assert await room.look() == []
    assert room.text("late") == "晚安"
    assert len(await room.deeds()) == 2


async def test_asked_for_now_it_does_not_wait(room: Room) -> None:
    await room.look()
    room.save(PLAN.replace("晚上好", "晚安"))
    assert await room.reload.look(afresh=True)
    assert room.text("late") == "晚安"


async def test_broken_save_is_told_once_with_its_place_and_then_that_it_is_mended(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    await room.look()
    room.save(BROKEN)
    assert await room.look() == [
        "zhao: ⚠️ **计划库有 1 处错误**\n"
        "library/mine.yaml:7:22 没有“25:00”这个时间。\n"
        "> 沿用上一版：library/mine.yaml\n"
        "> 改好后保存，两秒内生效。"
    ]
    assert room.text("late") == "晚上好"
    (record,) = [one for one in caplog.records if one.levelno == logging.WARNING]
    assert record.getMessage().startswith(f"{room.folder}/mine.yaml:7:22: error[")
    room.save(f"# 还没改好\n{BROKEN}")
    assert await room.look() == []
    room.save(PLAN)
    assert await room.look() == [MENDED]
    assert await room.look() == []
    assert (await room.deeds())[1:] == [
        ("计划库有错误", "错误在 library/mine.yaml:7:22"),
        ("计划库已更新", ""),
    ]


async def test_another_problem_is_told_anew(room: Room) -> None:
    await room.look()
    room.save(BROKEN)
    await room.look()
    room.save(BROKEN.replace("title", "titel"))
    (told,) = await room.look()
    assert told.split("\n")[0] == "zhao: ⚠️ **计划库有 2 处错误**"


async def test_file_broken_at_start_is_told_once_for_every_start(room: Room) -> None:
    room.save(BROKEN)
    room.start()
    told = [
        "zhao: ⚠️ **计划库有 1 处错误**\n"
        "library/mine.yaml:7:22 没有“25:00”这个时间。\n"
        "> 没有可用的上一版，先不执行：library/mine.yaml\n"
        "> 改好后保存，两秒内生效。"
    ]
    assert await room.look() == told
    room.start()
    assert await room.look() == []
    room.save(PLAN)
    assert await room.look() == [MENDED]
    assert (await room.deeds())[1:] == [("计划库已更新", "新增 计划“mine”")]


async def test_mended_while_the_service_was_down(room: Room) -> None:
    room.save(BROKEN)
    room.start()
    await room.look()
    room.save(PLAN)
    room.start()
    assert await room.look() == [MENDED]


async def test_second_process_tells_nothing_again(room: Room) -> None:
    await room.look()
    other = Room(room.house, room.folder)
    assert await other.look() == []
    room.save(BROKEN)
    assert len(await room.look()) == 1
    assert await other.look() == []
    assert len(await room.deeds()) == 2


async def test_deleted_file_is_told_with_its_names(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    room.save(SCRIPT, "greeting.yaml")
    await room.look()
    (room.folder / "mine.yaml").unlink()
    assert await room.look() == [
        "zhao: 🗑️ 计划库里已删除：计划“mine”。\n"
        "> 还没到时间的步骤不再执行；已经开始的游戏和抽奖照旧进行到结束。"
    ]
    assert "library changed: 删除 计划“mine”" in caplog.messages
    assert (await room.deeds())[-1] == ("计划库已更新", "删除 计划“mine”")


async def test_vanished_folder_is_told_and_everything_runs_on(room: Room) -> None:
    await room.look()
    room.folder.rename(room.folder.with_name("elsewhere"))
    assert await room.look() == [
        "zhao: ⚠️ **计划库有 1 处错误**\n"
        "library:1:1 没有这个文件。\n"
        "> 沿用上一版：library\n"
        "> 改好后保存，两秒内生效。"
    ]
    assert room.text("late") == "晚上好"
    room.folder.with_name("elsewhere").rename(room.folder)
    assert await room.look() == [MENDED]


async def test_many_problems_are_cut_to_one_message(room: Room) -> None:
    await room.look()
    for number in range(30):
        room.save(
            PLAN.replace("mine", f"p{number:02d}").replace("title", "titel"), f"{number:02d}.yaml"
        )
    (told,) = await room.look()
    lines = told.split("\n")
    assert lines[0] == "zhao: ⚠️ **计划库有 30 处错误**"
    assert len([one for one in lines if one.startswith("library/")]) == 10
    assert lines[-3:] == [
        "还有 20 处，请用 qunyun check 查看。",
        f"> 没有可用的上一版，先不执行：{'、'.join(f'library/{n:02d}.yaml' for n in range(10))}"
        "等 30 个",
        "> 改好后保存，两秒内生效。",
    ]
    assert len(told.encode()) < 2048


@pytest.mark.parametrize(
    ("roles", "readers"),
    [
        ({"a": Role.OPERATOR, "b": Role.OPERATOR, "c": Role.ADMIN}, ["a", "b"]),
        ({"c": Role.ADMIN, "d": Role.MANAGER}, ["c"]),
        ({"d": Role.MANAGER}, []),
    ],
)
async def test_operators_are_told_or_else_the_administrators(
    house: House, folder: Path, roles: dict[str, Role], readers: list[str]
) -> None:
    room = Room(house, folder, roles)
    room.save(BROKEN)
    assert [one.split(":")[0] for one in await room.look()] == readers


async def test_metrics_count_problems_and_reloads(room: Room) -> None:
    room.save(PLAN.replace("week:", 'quiet_hours: "20:00-08:00"\nweek:'))
    room.start()
    assert room.measured() == [
        'qunyun_library_problems{severity="error"} 0.0',
        'qunyun_library_problems{severity="warning"} 1.0',
        "qunyun_library_reloads_total 0.0",
    ]
    room.save(BROKEN)
    room.save(SCRIPT, "greeting.yaml")
    await room.look()
    assert room.measured() == [
        'qunyun_library_problems{severity="error"} 1.0',
        'qunyun_library_problems{severity="warning"} 0.0',
        "qunyun_library_reloads_total 1.0",
    ]


async def test_what_ran_is_not_replayed_and_what_is_to_come_follows_the_file(room: Room) -> None:
    await room.look()
    await room.house.until("11-23 09:00")
    assert await room.house.owed() == ["first: 早上好"]
    room.save(PLAN.replace("09:00", "10:00").replace("21:00", "11:00").replace("早上好", "又早"))
    await room.look()
    await room.house.until("11-23 23:00")
    assert await room.house.owed() == ["first: 晚上好"]
    await room.house.until("11-30 12:00")
    assert await room.house.owed() == ["first: 又早", "first: 晚上好"]


async def test_untold_is_told_when_the_database_is_back(room: Room) -> None:
    await room.look()
    room.save(BROKEN)
    await room.reload.look()
    await room.house.write("ALTER TABLE audit RENAME TO away")
    with pytest.raises(Exception, match="no such table"):
        await room.reload.look()
    await room.house.write("ALTER TABLE away RENAME TO audit")
    assert len(await room.look(1)) == 1


async def test_saved_file_takes_effect_within_two_seconds(
    room: Room, until: Callable[[Callable[[], object]], Awaitable[None]]
) -> None:
    """The loop itself, on the machine's clock."""
    assert 3 * LOOK_SECONDS < 2
    running = asyncio.create_task(room.reload.run())
    await until(lambda: room.sent)
    room.save(PLAN.replace("晚上好", "晚安"))
    await until(lambda: room.text("late") == "晚安")
    room.save(PLAN.replace("晚上好", "再见"))
    asyncio.get_running_loop().call_soon(room.reload.now)
    await until(lambda: room.text("late") == "再见")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_failing_look_is_logged_once_and_the_next_one_works(
    room: Room,
    until: Callable[[Callable[[], object]], Awaitable[None]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    await room.house.write("ALTER TABLE audit RENAME TO away")
    running = asyncio.create_task(room.reload.run())
    await until(lambda: caplog.messages)
    for _ in range(3):
        room.reload.now()
        await asyncio.sleep(0)
    await room.house.write("ALTER TABLE away RENAME TO audit")
    room.reload.now()
    await until(lambda: room.sent)
    assert caplog.messages == ["library look failed"]
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


@pytest.fixture
def until() -> Callable[[Callable[[], object]], Awaitable[None]]:
    """Waits for a condition; ten seconds at most."""

    async def wait(condition: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                await asyncio.sleep(0.005)

    return wait


async def test_two_hundred_edits_in_two_weeks_repeat_nothing(room: Room) -> None:
    """Times are changed at random while the weeks go by; no step runs twice on one day."""
    chance = Random(20261122)
    await room.look()
    for number in range(200):
        now = room.house.clock.now().astimezone(ZONE)
        early, late = (f"{chance.randrange(24):02d}:{chance.randrange(60):02d}" for _ in "ab")
        days = "".join(
            f"  {day}:\n"
            f'    - {{id: {day}-a, at: "{early}", remind: 15m, content: {{text: {day}-a}}}}\n'
            f'    - {{id: {day}-b, at: "{late}", content: {{text: {day}-b {number}}}}}\n'
            for day in DAYS
        )
        room.save(PLAN.split("  monday:")[0] + days)
        assert await room.reload.look(afresh=True)
        until = now + timedelta(minutes=chance.randrange(200))
        await room.house.until(f"{until:%m-%d %H:%M}")
    posts = "FROM outbox WHERE channel = 'group_robot'"
    (several,) = await room.house.rows(f"SELECT count(*), count(DISTINCT occurrence) {posts}")
    assert several == (14, 14)


async def test_service_takes_up_a_save_and_lives_through_a_hangup(
    folder: Path, tmp_path: Path, unused_tcp_port: int
) -> None:
    config = {**CONFIG, "library": ["library"], "listen": {"port": unused_tcp_port}}
    config["wecom"] = {**CONFIG["wecom"], "api": "http://127.0.0.1:1"}
    (tmp_path / "config.yaml").write_text(json.dumps(config), encoding="utf-8")
    serving = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "serve", "-c", str(tmp_path / "config.yaml")),
        env={**os.environ, **SECRETS},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert serving.stderr is not None

    async def logged(text: str) -> None:
        assert serving.stderr is not None
        lines = [""]
        async with asyncio.timeout(60):
            while text not in lines[-1]:
                lines.append((await serving.stderr.readline()).decode())
                assert lines[-1], "".join(lines)  # it has ended

    try:
        async with asyncio.timeout(60), aiohttp.ClientSession() as session:
            while True:
                with contextlib.suppress(aiohttp.ClientConnectionError):
                    async with session.get(f"http://127.0.0.1:{unused_tcp_port}/live"):
                        break
                await asyncio.sleep(0.05)
        save = (folder / "mine.yaml").write_text
        save(BROKEN, encoding="utf-8")
        await logged("没有“25:00”这个时间。")
        serving.send_signal(signal.SIGHUP)
        save(PLAN.replace("晚上好", "晚安"), encoding="utf-8")
        await logged("library changed: 修改 计划“mine”")
        assert serving.returncode is None
    finally:
        serving.terminate()
        await serving.communicate()
    assert serving.returncode == 0
