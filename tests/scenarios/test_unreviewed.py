"""Nothing unreviewed is said to who comes by a channel: no first words, no introduction, only the
way in. With the reviewer's stamp everything is said, and 退回 ends it again."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.config import Config
from bot.demo import Demo, own_library
from sop.library import Library
from sop.sheet import file_sheet
from sop.unplanned import speaking

Opened = Callable[..., Awaitable[Any]]
CHANNELS = ("outbound-call", "official-account")


class Unread(Demo):
    """The demo's first community asks for review and has channels; nobody has read anything."""

    def config(self, base: str) -> Config:
        usual = super().config(base)
        communities = [
            one.model_copy(update={"labels": [*one.labels, "onboarding"], "review": True})
            if one.id == "wealth-01"
            else one
            for one in usual.communities
        ]
        return usual.model_copy(update={"communities": communities})

    def _stamp(self, tx: Connection) -> None:
        pass


@pytest.fixture
async def stage(open_stage: Opened, sqlite_url: str, shelf: tuple[Library, Any]) -> Any:
    """With two channels, and nothing else to be told of."""
    known = shelf[0]
    channels = {name: known.channels[name] for name in CHANNELS}
    one = await open_stage(sqlite_url, Unread, Library(channels=channels))
    await one.settle()
    return one


async def scan(stage: Any, channel: str, name: str) -> str:
    """Somebody scans a channel's code and becomes a contact."""
    rows = await stage.rows(
        f"SELECT config_id FROM channel_way WHERE channel = '{channel}' AND kind = 'contact'"
    )
    person = stage.sandbox.world.add_customer(name)
    stage.sandbox.contact_ways.use(rows[0][0], member=person.id)
    await stage.settle()
    return str(person.id)


def private(stage: Any, member: str) -> list[str]:
    """What the customer reads from the RM."""
    return [one.text for one in stage.sandbox.messages.of(f"private:lijing:{member}")]


def told(stage: Any, mark: int) -> list[str]:
    """What the RM has read since."""
    return [text for text in stage.said_since(mark, "app:lijing") if text]


def code(library: Library, channel: str) -> str:
    file = next(one for one in speaking(library) if one.subject == f"channel:{channel}")
    return file_sheet(file, library).short


def templates(stage: Any) -> int:
    """How many welcome templates group owners can choose from."""
    return len(stage.sandbox.welcome_templates.templates)


def use(stage: Any, library: Library) -> None:
    app = stage.show.app
    app._due = app._bound(library, app._due.workdays)


async def test_first_words_wait_for_the_stamp(stage: Any) -> None:
    mark = stage.mark
    member = await scan(stage, "outbound-call", "许晴")
    assert private(stage, member) == []
    assert told(stage, mark) == [
        "⚠️ 给新客户“许晴”的欢迎语没有自动发出（还没有审核章）。请您自己跟对方打个招呼。",
        "🆕 新客户（来自电话外呼）：许晴\n"
        "先别急着拉群；自我介绍还没有审核章，请先用您自己的话介绍。\n"
        "> 对方回复“进群”后，请发：邀请 许晴",
    ]
    mark = stage.mark
    await stage.ask("李静", "邀请 许晴")
    note, way = told(stage, mark)[1:]
    assert note == (
        "💌 请把下面这段转发给许晴，扫码就能进“财富体验群”。\n"
        "> 邀请的话还没有审核章，下面只有二维码，话请您自己写。"
    )
    assert way.startswith(f"{stage.sandbox.url}/connect/join/")

    library = stage.show._library
    await stage.ask("孙岩", f"审核 outbound-call 通过 {code(library, 'outbound-call')}")
    member = await scan(stage, "outbound-call", "方敏")
    assert private(stage, member)[0].startswith("您好，我是李静，在银行做客户经理")

    await stage.ask("孙岩", "审核 outbound-call 退回 太长")
    member = await scan(stage, "outbound-call", "何琳")
    assert private(stage, member) == []


async def test_who_stays_away_is_brought_to_mind_without_words(stage: Any) -> None:
    member = await scan(stage, "outbound-call", "许晴")
    await stage.advance("5d")
    rows = await stage.rows("SELECT reason, script FROM follow_up WHERE key LIKE 'silence%'")
    assert rows == [
        (
            "来自电话外呼，加好友 3 天了，还没邀请进群（话术未审核）。"
            f"对方愿意的话，请发：邀请 {member}",
            "",
        )
    ]


async def test_words_for_group_owners_are_brought_to_wecom_with_a_stamp(stage: Any) -> None:
    assert templates(stage) == 0
    library: Library = stage.show._library
    await stage.ask("孙岩", f"审核 official-account 通过 {code(library, 'official-account')}")
    await stage.settle()
    assert templates(stage) == 1
    (before,) = stage.sandbox.welcome_templates.templates.values()

    # Edited: what stands there was stamped, and stays until the new words are.
    known = library.channels["official-account"]
    edited = known.model_copy(update={"group_welcome": "欢迎 %NICKNAME%。"})
    channels = {**library.channels, "official-account": edited}
    use(stage, replace(library, channels=channels))
    await stage.settle()
    assert [*stage.sandbox.welcome_templates.templates.values()] == [before]

    await stage.ask("孙岩", "审核 official-account 退回 不合适")
    await stage.settle()
    assert templates(stage) == 0


async def test_saved_edit_holds_the_words_again(
    open_stage: Opened, sqlite_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "library" / "door.yaml"
    file.parent.mkdir()
    written = (
        "channel: door\ntitle: 网点\napplies_to: {labels: [wealth]}\nwelcome: 我在网点等您。\n"
    )
    file.write_text(written, encoding="utf-8")

    async def look() -> None:
        await stage.show.app.reload.look()
        await stage.show.app.reload.look()
        await stage.settle()

    shelf = own_library(file.parent)
    stage = await open_stage(sqlite_url, partial(Unread, shelf=shelf), shelf.edition.library)
    await look()
    await stage.ask("孙岩", f"审核 door 通过 {code(shelf.edition.library, 'door')}")
    assert private(stage, await scan(stage, "door", "许晴")) == ["我在网点等您。"]

    await stage.advance("1m")
    file.write_text(written.replace("等您", "恭候"), encoding="utf-8")
    mark = stage.mark
    await look()
    assert private(stage, await scan(stage, "door", "方敏")) == []
    (told_of_it,) = [one for one in stage.said_since(mark, "app:sunyan") if one.startswith("⚠️")]
    assert told_of_it == (
        "⚠️ 有 1 份计划以外的文字还没有审核章，盖章以前不会用：\n"
        "渠道“网点”（channel:door）不自动发欢迎语，自我介绍、邀请的话和线索话术都不给：财富体验群\n"
        "> 看内容、盖章请发：审核"
    )

    file.write_text(written, encoding="utf-8")  # the edit is taken back: the stamp counts again
    await look()
    assert private(stage, await scan(stage, "door", "何琳")) == ["我在网点等您。"]
