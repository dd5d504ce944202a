"""A week before it is sent: every word, what holidays change, what gets in each other's way."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from bot.preview.make import make
from bot.rehearsal.casting import NotRehearsable
from sop.loader import load
from sop.sheet import content_hash
from storage import lists, occurrences, reviews
from storage.database import open_database
from storage.occurrences import NewOccurrence

MONDAY = date(2026, 11, 23)
NATIONAL_DAY = date(2026, 9, 28)
PLAN = """
plan: small
title: 小计划
applies_to: {labels: [wealth]}
on_holiday: skip
quiet_hours: "21:30-08:30"
daily_cap: 2
variables: {hotline: 大堂}
week:
  monday:
    - id: early
      title: 早安
      at: "08:00"
      window: 2h
      remind: 15m
      content: {text: "早上好，{{ community.name }}。<b>请到{{ hotline }}</b>"}
    - {id: second, at: "09:00", content: {list: tips}}
    - {id: third, at: "20:00", content: {text: 晚上好}}
  thursday:
    - {id: tip, at: "10:00", content: {list: tips}}
"""
LIST = """
list: tips
title: 小知识
items:
  - {id: one, text: 第一条}
  - {id: two, text: 第二条}
  - {id: three, text: 第三条}
  - {id: four, text: 第四条}
  - {id: five, text: 第五条}
"""
CONFIG = """
company: 示例银行
database: sqlite:///q.db
library: [library]
wecom:
  corp_id: ww1
  app: {agent: 1}
staff:
  - {id: li, name: 李静, roles: [rm]}
  - {id: sun, name: 孙岩, roles: [reviewer]}
communities:
  - {id: one, name: 一群, chat_id: wr1, owner: li, mode: assist, labels: [wealth]}
"""

EXPECTED = """\
预览 2026-W48（周一 11 月 23 日—周日 11 月 29 日）
社群：财富体验群

周一 11 月 23 日  08:00  早安    财富体验群  ⚠️
                  09:00  小知识  财富体验群  ⚠️
                  20:00  内容    财富体验群  ⚠️
周四 11 月 26 日  10:00  小知识  财富体验群

———— 周一 11 月 23 日 ————

08:00 财富体验群　早安（内容，机器人发，small/early）
  ⚠️ 和 09:00 的“小知识”落在同一个执行窗口
  静默时段，顺延到 11 月 23 日 08:30 发送
  07:45 ⏰ 提醒客户经理，149/2048 字节，内容同下
  08:30 💬 群里，49/4096 字节
  │ 早上好，财富体验群。<b>请到大堂</b>

09:00 财富体验群　小知识（内容，机器人发，small/second）
  ⚠️ 和 08:00 的“早安”落在同一个执行窗口
  09:00 💬 群里，9/4096 字节
  │ 第一条

20:00 财富体验群　内容（内容，机器人发，small/third）
  ⚠️ 不会发送：已到每日上限 2 条
  20:00 🔔 私信同事，113/2048 字节
  │ ⏭ 财富体验群 20:00 的“内容”没有发送：已到每日上限 2 条。
  │ > 仍要发送：发送 third

———— 周四 11 月 26 日 ————

10:00 财富体验群　小知识（内容，机器人发，small/tip）
  10:00 💬 群里，9/4096 字节
  │ 第二条

共 4 步，3 步会执行，3 步需要看一看（⚠️）。题目、点数和牌序由随机种子决定，这里只是一种可能。"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A library of one plan and one list, beside a configuration."""
    library = tmp_path / "library"
    library.mkdir()
    (library / "plan.yaml").write_text(dedent(PLAN).lstrip(), encoding="utf-8")
    (library / "list.yaml").write_text(dedent(LIST).lstrip(), encoding="utf-8")
    (tmp_path / "config.yaml").write_text(dedent(CONFIG).lstrip(), encoding="utf-8")
    return tmp_path


async def sample(folder: Path, output: str = "text", monday: date = MONDAY) -> str:
    """The preview in the sample training group."""
    return await make(monday, output, [], ["wealth-01"], folder / "library", None)


async def test_every_message_stands_there_in_full(folder: Path) -> None:
    assert await sample(folder) == EXPECTED


async def test_json_says_the_same(folder: Path) -> None:
    found = json.loads(await sample(folder, "json"))
    assert {key: found[key] for key in ("week", "from", "to", "communities", "conflicts")} == {
        "week": "2026-W48",
        "from": "2026-11-23",
        "to": "2026-11-29",
        "communities": ["wealth-01"],
        "conflicts": 3,
    }
    assert found["entries"][3] == {
        "occurrence": "small/tip/2026-11-26/wealth-01",
        "plan": "small",
        "step": "tip",
        "title": "小知识",
        "kind": "content",
        "variant": "",
        "community": "wealth-01",
        "mode": "robot",
        "at": "2026-11-26T10:00:00+08:00",
        "window_ends": "2026-11-26T10:30:00+08:00",
        "status": "done",
        "reason": "",
        "stamp": "",
        "conflicts": [],
        "notes": [],
        "messages": [
            {
                "at": "2026-11-26T10:00:00+08:00",
                "phase": "run",
                "to": "group",
                "channel": "group_robot",
                "text": "第二条",
                "bytes": 9,
                "limit": 4096,
                "buttons": [],
            }
        ],
    }


async def test_page_shows_markup_of_texts_as_text(folder: Path) -> None:
    page = await sample(folder, "html")
    assert "&lt;b&gt;请到大堂&lt;/b&gt;" in page
    assert "<b>请到大堂</b>" not in page


async def test_holidays_are_explained(folder: Path) -> None:
    found = json.loads(await sample(folder, "json", NATIONAL_DAY))
    assert found["holidays"] == ["small/tip：10 月 1 日（周四）放假，跳过"]
    assert [one["occurrence"] for one in found["entries"]] == [
        "small/early/2026-09-28/wealth-01",
        "small/second/2026-09-28/wealth-01",
        "small/third/2026-09-28/wealth-01",
    ]


async def known(folder: Path, work: Callable[[Any], Any]) -> dict[str, dict[str, Any]]:
    """The preview of the configured community, by step, after `work` on its database."""
    database = await open_database(f"sqlite:///{folder}/q.db")
    await database.write(work)
    await database.close()
    text = await make(MONDAY, "json", [], [], None, folder / "config.yaml")
    return {one["step"]: one for one in json.loads(text)["entries"]}


async def test_without_a_database_nothing_is_stamped(folder: Path) -> None:
    text = await make(MONDAY, "json", [], [], None, folder / "config.yaml")
    entries = {one["step"]: one for one in json.loads(text)["entries"]}
    assert {name: one["stamp"] for name, one in entries.items()} == dict.fromkeys(
        ("early", "second", "third", "tip"), "❗ 没有审核章"
    )
    assert entries["tip"]["conflicts"] == ["没有审核章，到点不会发送"]


async def test_stamped_content_is_said_to_be(folder: Path) -> None:
    library, _ = load([folder / "library"])
    plan = library.plans["small"]
    tip = plan.step("tip")
    assert tip is not None
    code = content_hash(plan, tip, library)
    at = datetime(2026, 11, 20, tzinfo=UTC)
    stamp = {"plan": "small", "step": "tip", "sheet": "", "by": "sun", "note": "", "now": at}
    entries = await known(folder, lambda tx: reviews.stamp(tx, hash=code, **stamp))
    assert {name: one["stamp"] for name, one in entries.items()} == {
        "early": "❗ 没有审核章",
        "second": "❗ 没有审核章",
        "third": "❗ 没有审核章",
        "tip": "✅ 已盖章",
    }


async def test_items_that_went_out_are_not_shown_again(folder: Path) -> None:
    at = datetime(2026, 11, 16, tzinfo=UTC)
    entries = await known(folder, lambda tx: lists.use(tx, "one", "tips", "one", "x", at))
    texts = [entries[name]["messages"][0]["text"] for name in ("second", "tip")]
    assert texts == ["第二条", "第三条"]


async def test_skipped_and_postponed_steps_are_shown_as_ordered(folder: Path) -> None:
    def order(tx: Any) -> None:
        for step, status, due_at, planned in (
            ("early", "skipped", "2026-11-23T00:00", "2026-11-23T00:00"),
            ("tip", "planned", "2026-11-26T03:00", "2026-11-26T02:00"),
        ):
            was = datetime.fromisoformat(planned).replace(tzinfo=UTC)
            due = datetime.fromisoformat(due_at).replace(tzinfo=UTC)
            identity = f"small/{step}/{was.date()}/one"
            row = NewOccurrence(
                identity, identity, "small", step, was.date(), "one", "run", was, was
            )
            occurrences.override(tx, row, status, due, "客户会", "li", was)

    entries = await known(folder, order)
    assert (entries["early"]["status"], entries["early"]["reason"]) == ("skipped", "客户会")
    assert (entries["tip"]["at"], entries["tip"]["notes"]) == (
        "2026-11-26T11:00:00+08:00",
        ["已推迟，原定 10:00"],
    )


async def test_broken_library_is_not_previewed(folder: Path) -> None:
    (folder / "library" / "plan.yaml").write_text("plan: x\n", encoding="utf-8")
    with pytest.raises(NotRehearsable, match="缺少“title”"):
        await sample(folder)


NEWCOMERS = """
plan: newcomers
title: 新人
applies_to: {labels: [wealth]}
week:
  tuesday:
    - {id: note, at: "11:00", message: {text: 您好}}
after_join:
  3:
    - {id: third, at: "11:30", title: 第三天, message: {text: 住得惯吗}}
"""


MOMENT = """
plan: circle
title: 朋友圈
applies_to: {labels: [wealth]}
week:
  tuesday:
    - {id: one, at: "11:00", moment: {text: 您好, to: {tags: [老友]}}}
"""


async def test_moment_for_some_is_shown_without_their_names(folder: Path) -> None:
    (folder / "library" / "plan.yaml").write_text(MOMENT, encoding="utf-8")
    shown = (await sample(folder)).partition("————")[2].split("\n")
    assert shown[3:7] == [
        "  11:00 💌 交给客户经理，名单到时才知道，104/2048 字节",
        "  │ 到点请您发客户朋友圈，只给部分客户看（带标签“老友”），文字是：",
        "  │",
        "  │ 您好",
    ]


async def test_steps_to_members_are_shown_without_their_names(folder: Path) -> None:
    (folder / "library" / "plan.yaml").write_text(NEWCOMERS, encoding="utf-8")
    assert (
        (await sample(folder)).partition("————")[2]
        == """ 周二 11 月 24 日 ————

11:00 财富体验群　私信（私信，客户经理逐个联系，newcomers/note）
  11:00 💌 交给客户经理，名单到时才知道，65/2048 字节
  │ 到点把名单交给您（全体成员），话术是：
  │
  │ 您好

———— 有人入群以后 ————

第 3 天 11:30 财富体验群　第三天（newcomers/third）
  │ 到点把名单交给您（入群第 3 天的成员），话术是：
  │
  │ 住得惯吗

共 1 步，1 步会执行。题目、点数和牌序由随机种子决定，这里只是一种可能。"""
    )
