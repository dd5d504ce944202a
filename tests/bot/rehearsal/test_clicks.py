"""Members of a rehearsal open the tracked links that they read, and rules by clicks see it."""

from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from bot.rehearsal.stage import perform
from bot.settings import PageSettings

PAGE = PageSettings("https://bank.example", "https://open.example", "p" * 40)
PLAN = """
plan: one
title: 一步
applies_to: {labels: [wealth]}
week:
  monday:
    - id: guide
      at: "09:30"
      content: {text: "一页纸的清单：{{ links.sheet }}"}
      links: {sheet: "https://bank.example/sheet"}
    - id: care
      at: "14:00"
      message:
        to: {segment: readers}
        text: "您好，早上那份清单还想细看的话：{{ links.more }}"
      links: {more: {url: "https://bank.example/more", intent: high}}
"""
READERS = """
segment: readers
title: 点开过清单的
who: {clicked: {within: 1d}}
"""


def clicked(tx: Connection) -> list[tuple[Any, ...]]:
    query = "SELECT l.name, c.member, c.at FROM click c JOIN link l ON l.token = c.link"
    return [tuple(row) for row in tx.execute(text(f"{query} ORDER BY c.id"))]


async def performed(make: Any, shelf: Path, folder: Path) -> tuple[Any, list[tuple[Any, ...]]]:
    (shelf / "readers.yaml").write_text(READERS, encoding="utf-8")
    script = make(PLAN, members=200, settings={"page": PAGE})
    performance = await perform(script, folder)
    rows = await performance.database.read(clicked)
    await performance.database.close()
    assert performance.errors == ()
    return performance.world, rows


async def test_members_open_links_as_their_temperament_has_it(
    make: Any, shelf: Path, tmp_path: Path
) -> None:
    world, rows = await performed(make, shelf, tmp_path)
    kinds = Counter(
        world.accounts[who].temperament.name for name, who, _ in rows if name == "sheet"
    )
    assert kinds == {"casual": 8, "eager": 3, "answer-late": 1}


async def test_who_opened_one_is_written_to_and_opens_an_own_link(
    make: Any, shelf: Path, tmp_path: Path
) -> None:
    _, rows = await performed(make, shelf, tmp_path)
    readers = {who for name, who, _ in rows if name == "sheet"}
    more = [who for name, who, _ in rows if name == "more"]
    assert more
    assert set(more) <= readers
    assert len(more) == len(set(more))


async def test_nobody_opens_anything_where_links_are_not_counted(
    make: Any, shelf: Path, tmp_path: Path
) -> None:
    script = make(PLAN.split("    - id: care")[0], members=60)
    performance = await perform(script, tmp_path)
    assert await performance.database.read(clicked) == []
    await performance.database.close()
