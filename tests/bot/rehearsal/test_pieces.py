"""A game in a customer group is rehearsed piece by piece: what the RM sends, the group reads."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.rehearsal.stage import perform
from bot.settings import PageSettings
from sop.community import DeliveryMode

PAGE = PageSettings("https://bank.example", "https://open.example", "p" * 40)
PLAN = """
plan: one
title: 一步
applies_to: {labels: [wealth]}
week:
  monday:
    - id: dice
      at: "19:30"
      game: {name: dice, duration: 10m}
"""


async def test_group_reads_the_pieces_that_the_rm_sends(make: Any, tmp_path: Path) -> None:
    communities = tuple(
        replace(one, mode=DeliveryMode.ASSIST, heard_as="", page=True)
        for one in make(PLAN).settings.communities
    )
    script = make(PLAN, settings={"page": PAGE, "communities": communities})
    performance = await perform(script, tmp_path)
    await performance.database.close()
    assert performance.errors == ()
    messages = performance.world.messages
    read = [one.text.split("\n")[0] for one in messages if one.to == "group"]
    assert read == [
        "🎲 掷骰子，开始！",
        "⏳ 还有 5 分钟，还没有人掷，说“掷”就能参加。",
        "⏳ 还有 1 分钟，还没有人掷，说“掷”就能参加。",
        "🎲 本局结束，这次还没有人掷骰子。没关系，下次再一起玩。",
    ]
    handed = [one for one in messages if one.to == "rm" and one.text.startswith("🎮 ")]
    assert len(handed) == 1
