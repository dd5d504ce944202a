"""备注: written to WeCom for one's own contacts, and taken back; 欢迎 ready to be forwarded."""

from typing import Any

import pytest

from storage import relations, remarks


@pytest.fixture
async def contact(bank_anywhere: Any) -> Any:
    """王芳 is a contact of Li, and called 王姐 by her."""
    bank = bank_anywhere
    await bank.arrive("wealth-01", "wm1", "王芳", 20)
    now = bank.clock.now()
    await bank.write(lambda tx: relations.begin(tx, "li", "wm1", "", now))
    await bank.write(lambda tx: remarks.owe(tx, "wm1", "li", "王姐", None, now))
    await bank.write(lambda tx: remarks.done(tx, remarks.of(tx, "li", "wm1")))
    return bank


async def owed(bank: Any) -> tuple[str | None, str | None]:
    row = await bank.write(remarks.of, "li", "wm1")
    return row and (row.remark, row.description)


async def test_remark_and_undo(contact: Any) -> None:
    assert await contact.reply("li", "备注 王芳 王芳 爱答题") == (
        "📝 王芳的备注名：王芳 爱答题\n稍后会写进企业微信。\n> 反悔请发：撤销"
    )
    assert await owed(contact) == ("王芳 爱答题", None)
    assert await contact.reply("li", "备注 王芳 王芳 爱答题") == "王芳的备注已经是“王芳 爱答题”。"
    assert await contact.reply("li", "备注 王芳 描述 周末 方便") == (
        "📝 王芳的描述：周末 方便\n稍后会写进企业微信。\n> 反悔请发：撤销"
    )
    assert await owed(contact) == ("王芳 爱答题", "周末 方便")
    assert [await contact.reply("li", "撤销") for _ in range(2)] == [
        "↩️ 已撤销今天 12:00 的“备注”（描述）。",
        "↩️ 已撤销今天 12:00 的“备注”（备注名）。",
    ]
    assert await owed(contact) == ("王姐", "")
    assert ("li", "备注", "wm1", "备注名") in await contact.audited()


@pytest.mark.parametrize(
    ("sender", "line", "answer"),
    [
        ("li", "备注", "请先写成员，再写备注。"),
        ("li", "备注 王芳", "请在“王芳”后面写上备注名。"),
        (
            "li",
            f"备注 王芳 {'长' * 21}",
            "备注名最多 20 个字。长的请写成描述：备注 王芳 描述 ……",
        ),
        ("li", f"备注 王芳 描述 {'长' * 151}", "描述最多 150 个字。"),
        ("li", "备注 王芳 描述", "请在“描述”后面写上内容。"),
        ("yun", "备注 王芳 王姐", "“备注”只有客户经理可以用。"),
        (
            "chen",
            "备注 王芳 王姐",
            "没有找到“王芳”。只能查目前在群里的成员，可以只写名字的一部分。",
        ),
    ],
)
async def test_remark_refused(contact: Any, sender: str, line: str, answer: str) -> None:
    assert (await contact.reply(sender, line)).split("\n")[0] == answer
    assert await owed(contact) is None


async def test_remark_of_who_is_no_contact(contact: Any) -> None:
    await contact.arrive("wealth-01", "wm2", "赵敏", 1)
    assert await contact.reply("li", "备注 赵敏 小赵") == (
        "赵敏不是您的微信好友，备注只能写在自己的好友上。"
    )


async def test_welcome_is_ready_to_be_forwarded(bank: Any) -> None:
    (to, head), *texts = await bank.say("chen", "欢迎")
    assert to == "chen"
    assert head.split("\n")[0] == "**欢迎**　代发 客户群"
    assert texts[0] == ("chen", "👋 欢迎新朋友加入代发 客户群！")
    assert await bank.audited() == [("chen", "欢迎", "salary-01", "")]
