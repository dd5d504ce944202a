"""The RM's desk through the whole program and the sandbox's WeCom: a file by application message,
equal names told apart on a card, a practice round, and nothing left in the group by any of it."""

import io
from typing import Any

import openpyxl


def received(stage: Any, mark: int, who: str = "李静") -> list[Any]:
    """What a colleague got from the application since a mark."""
    chat = stage.direct(who)
    found = stage.sandbox.messages.all()[mark:]
    return [one for one in found if one.chat == chat and one.sender.kind == "app"]


async def test_export_arrives_as_a_workbook(stage: Any) -> None:
    await stage.settle()
    await stage.join("=王芳")
    await stage.advance("1m")  # names are read a moment after the callback
    mark = stage.mark
    await stage.ask("李静", "导出 新成员")
    kinds = {one.type: one.text for one in received(stage, mark)}
    assert kinds["file"] == "新成员.xlsx"
    (medium,) = stage.sandbox.media._stored.values()
    book = openpyxl.load_workbook(io.BytesIO(medium.data))
    names = [row[0].value for row in book.active]
    assert names[0] == "成员"
    assert "'=王芳" in names
    assert {cell.data_type for row in book.active for cell in row} == {"s"}
    assert await stage.statuses() == {"sent": len(await stage.rows("SELECT id FROM outbox"))}


async def test_equal_names_are_told_apart_by_pressing(stage: Any) -> None:
    await stage.settle()
    await stage.join("王小芳")
    await stage.join("王大芳")
    await stage.advance("1m")
    mark = stage.mark
    await stage.ask("李静", "查 芳")
    (card,) = received(stage, mark)
    offered = [one["text"] for one in card.card["button_list"]]
    assert [one.partition(" ")[2] for one in offered] == ["王大芳", "王小芳"]
    mark = stage.mark
    await stage.press("李静", offered[1])
    assert [one.text.split("\n")[0] for one in received(stage, mark)] == ["**王小芳**"]


async def test_practice_reaches_no_group(stage: Any) -> None:
    await stage.settle()
    mark = stage.mark
    for line in ("练习 知识问答", "提示", "继续", "揭晓", "结束", "结束练习"):
        await stage.ask("李静", line)
    told = stage.sandbox.messages.all()[mark:]
    assert {one.chat for one in told} == {stage.direct("李静")}
    assert await stage.rows("SELECT count(*) FROM game_session") == [(0,)]
    assert await stage.rows("SELECT count(*) FROM practice") == [(0,)]
