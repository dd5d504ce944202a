"""Onboarding over the sandbox: a QR code is scanned, the bank is asked, the customer is greeted
within 20 seconds, invited, joins, plays and draws; and what happens while the gate is down."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.config import Config, Gate
from bot.demo import CUSTOMER_GROUP, Demo
from sop.library import Library
from storage import onboarding
from storage.onboarding import FunnelRow

Opened = Callable[..., Awaitable[Any]]


class Gated(Demo):
    """The demo's bank asks its marketing platform who is a customer, and has channels."""

    def config(self, base: str) -> Config:
        usual = super().config(base)
        gate = Gate(url=f"{base}/marketing", timeout=timedelta(seconds=2))
        communities = [
            one.model_copy(update={"labels": [*one.labels, "onboarding"]})
            if one.id == "wealth-01"
            else one
            for one in usual.communities
        ]
        return usual.model_copy(update={"gate": gate, "communities": communities})


@pytest.fixture
async def stage(open_stage: Opened, sqlite_url: str) -> Any:
    one = await open_stage(sqlite_url, Gated)
    await one.settle()
    return one


async def way_of(stage: Any, channel: str, kind: str) -> str:
    """Where the QR code leads."""
    rows = await stage.rows(
        f"SELECT config_id FROM channel_way WHERE channel = '{channel}' AND kind = '{kind}' "
        "AND community IN ('', 'wealth-01')"
    )
    return str(rows[0][0])


async def scan(stage: Any, channel: str, name: str, says: str = "yes") -> str:
    """Somebody of whom the bank says so scans a channel's code and becomes a contact."""
    person = stage.sandbox.world.add_customer(name)
    stage.sandbox.gate_platform.set(person.id, says)
    way = await way_of(stage, channel, "contact")
    stage.sandbox.contact_ways.use(way, member=person.id)
    await stage.settle()
    return str(person.id)


def private(stage: Any, member: str) -> list[str]:
    """What the customer reads from the RM."""
    return [one.text for one in stage.sandbox.messages.of(f"private:lijing:{member}")]


def told(stage: Any, mark: int) -> list[str]:
    """What the RM has read since."""
    return [text for text in stage.said_since(mark, "app:lijing") if text]


async def funnel(stage: Any) -> list[FunnelRow]:
    start, now = stage.show.clock.now() - timedelta(days=30), stage.show.clock.now()
    later = now + timedelta(seconds=1)
    return list(await stage.show.app.database.read(lambda tx: onboarding.funnel(tx, start, later)))


async def test_ways_and_template_are_made_once(stage: Any) -> None:
    made = await stage.rows("SELECT channel, kind, community, status FROM channel_way ORDER BY 1")
    assert sorted(made) == [
        ("mobile-bank", "group", "wealth-01", "made"),
        ("official-account", "contact", "", "made"),
        ("official-account", "group", "wealth-01", "made"),
        ("official-account", "template", "", "made"),
        ("outbound-call", "contact", "", "made"),
        ("outbound-call", "group", "wealth-01", "made"),
        ("walk-in", "group", "wealth-01", "made"),
    ]
    ways = stage.sandbox.contact_ways.ways.values()
    assert sorted((one.state, one.users) for one in ways) == [
        ("official-account", ["lijing"]),
        ("outbound-call", ["lijing"]),
    ]
    await stage.restart()
    await stage.settle()
    assert len(stage.sandbox.contact_ways.ways) == 2
    assert len(stage.sandbox.welcome_templates.templates) == 1


async def test_customer_comes_by_a_code_and_goes_the_whole_way(stage: Any) -> None:
    mark = stage.mark
    member = await scan(stage, "outbound-call", "许晴")
    hello = (
        "您好，我是李静，在银行做客户经理，刚才是我们的同事给您打的电话，谢谢您愿意加我。\n"
        "以后办业务要带什么、账单看不懂，都可以先在这里问我一句，省得白跑。"
    )
    assert private(stage, member) == [hello]
    note, script = told(stage, mark)
    assert note == (
        "🆕 新客户（来自电话外呼）：许晴，已核对是本行客户\n"
        "先别急着拉群，请转发下面的自我介绍。\n"
        "> 对方回复“进群”后，请发：邀请 许晴"
    )
    assert script.startswith("再跟您说一声我平时能帮上什么")

    mark = stage.mark
    await stage.ask("李静", "邀请 许晴")
    note, invitation = told(stage, mark)[1:]
    way = await way_of(stage, "outbound-call", "group")
    assert note == "💌 请把下面这段转发给许晴，扫码就能进“财富体验群”。"
    assert invitation == (
        "谢谢您愿意来“财富体验群”。扫下面的二维码就能进群，"
        "群里觉得吵可以设成免打扰，想退随时可以退。\n"
        f"{stage.sandbox.url}/connect/join/{way}"
    )

    stage.sandbox.join_ways.use(way, member=member)
    await stage.settle()
    await stage.until("二 19:31")
    await stage.say("许晴", "掷骰子")
    await stage.until("二 19:45")
    await stage.say("许晴", "抽奖")
    assert await funnel(stage) == [FunnelRow("outbound-call", 1, 1, 0, 1, 1, 1, 1, 1)]
    await stage.advance("8d")
    (row,) = await funnel(stage)
    assert (row.stayed, row.ripe) == (1, 1)


async def test_stranger_is_told_politely_reported_and_wins_nothing(stage: Any) -> None:
    mark = stage.mark
    member = await scan(stage, "official-account", "路人", "no")
    assert private(stage, member) == [
        "您好，我是李静，谢谢您添加我。我们的社群目前只面向本行客户，"
        "有业务上的问题可以随时问我，也欢迎到网点来坐坐。"
    ]
    assert told(stage, mark) == [
        "🚪 核对下来不是本行客户（来自公众号菜单）：路人\n"
        "> 不用邀请进群，也不参加抽奖和游戏奖励。确实是本行客户的，请联系运营更正客户资料，"
        "明天会再核对。"
    ]
    mark = stage.mark
    await stage.ask("李静", "邀请 路人")
    assert told(stage, mark)[1:] == ["路人核对下来不是本行客户，不能邀请进群。"]

    stage.sandbox.actions.join(CUSTOMER_GROUP, member=member)
    await stage.settle()
    mark = stage.mark
    await stage.say("路人", "抽奖")
    (answer,) = [
        one.text
        for one in stage.sandbox.messages.of(CUSTOMER_GROUP, mark)
        if one.sender.kind == "aibot"
    ]
    assert "只面向本行客户" in answer
    assert await funnel(stage) == [FunnelRow("official-account", 1, 0, 1, 1, 0, 1, 0, 0)]


async def test_gate_down_lets_nobody_in_and_refuses_nobody(stage: Any) -> None:
    stage.sandbox.faults.set("gate_down", True)
    mark = stage.mark
    member = await scan(stage, "outbound-call", "许晴")
    assert private(stage, member) == [
        "您好，我是李静，在银行做客户经理，谢谢您愿意加我。\n有什么要问的随时留言，我看到就回。"
    ]
    assert told(stage, mark) == []
    await stage.ask("李静", "邀请 许晴")
    assert told(stage, mark)[1:] == ["许晴的客户身份还在核对，核对好会告诉您，请过一会儿再邀请。"]
    stage.sandbox.faults.set("gate_down", False)
    mark = stage.mark
    await stage.advance("5m")
    assert told(stage, mark)[0].startswith("🆕 新客户（来自电话外呼）：许晴，已核对是本行客户")
    assert [one.passed for one in await funnel(stage)] == [1]
    assert "gate" in " ".join(stage.complaints())


async def test_silent_gate_does_not_keep_the_customer_waiting(stage: Any) -> None:
    stage.sandbox.faults.set("gate_silent", 1)
    member = await scan(stage, "outbound-call", "许晴")
    assert len(private(stage, member)) == 1
    assert await stage.rows("SELECT status FROM welcome") == [("sent",)]
    assert await stage.rows("SELECT gate FROM arrival") == [("waiting",)]


async def test_who_joins_without_adding_anybody_is_checked_too(stage: Any) -> None:
    person = stage.sandbox.world.add_customer("路人")
    stage.sandbox.gate_platform.set(person.id, "no")
    way = await way_of(stage, "mobile-bank", "group")
    mark = stage.mark
    stage.sandbox.join_ways.use(way, member=person.id)
    await stage.advance("10s")
    assert told(stage, mark)[-1] == (
        "🚪 核对下来不是本行客户（来自手机银行）：路人\n"
        "> 不用邀请进群，也不参加抽奖和游戏奖励。确实是本行客户的，请联系运营更正客户资料，"
        "明天会再核对。"
    )
    assert await funnel(stage) == [FunnelRow("mobile-bank", 1, 0, 1, 0, 0, 1, 0, 0)]


async def test_who_stays_away_is_brought_to_mind_once(stage: Any) -> None:
    member = await scan(stage, "outbound-call", "许晴")
    await stage.advance("5d")
    rows = await stage.rows("SELECT staff, member, reason FROM follow_up WHERE key LIKE 'silence%'")
    assert rows == [
        (
            "lijing",
            member,
            f"来自电话外呼，加好友 3 天了，还没邀请进群。对方愿意的话，请发：邀请 {member}",
        )
    ]


async def test_removed_channel_stops(stage: Any, shelf: tuple[Library, Any]) -> None:
    library = shelf[0]
    left = {name: one for name, one in library.channels.items() if name != "official-account"}
    app = stage.show.app
    due = app._due
    mark = stage.mark
    from dataclasses import replace

    app._due = app._bound(replace(library, channels=left), due.workdays)
    await stage.settle()
    assert [one.state for one in stage.sandbox.contact_ways.ways.values()] == ["outbound-call"]
    assert stage.sandbox.welcome_templates.templates == {}
    assert sorted(stage.said_since(mark, "app:zhaoyun")) == [
        "🛑 渠道“official-account”的入群二维码（进“财富体验群”）停用了："
        "计划库里已经没有它。已印出去的二维码扫了不再有用。",
        "🛑 渠道“official-account”的入群欢迎语素材删掉了。",
        "🛑 渠道“official-account”的联系我二维码停用了："
        "计划库里已经没有它。已印出去的二维码扫了不再有用。",
    ]
