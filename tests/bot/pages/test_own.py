"""What the page says of a member's own choice, and of money that WeChat wants confirmed."""

from typing import Any

from bot.letters import Origin
from sop import hosting
from tests.bot.pages.conftest import Bank
from tests.house import GUIDED


async def _opens(bank: Bank, game: str, options: dict[str, Any]) -> None:
    """The RM opens a round."""
    house = bank.house

    def run(tx: Any) -> None:
        facts, now = house.due.facts(tx), house.clock.now()
        here = facts.community(GUIDED)
        assert here is not None
        effects = hosting.start_by_host(
            facts, house.library, here, game, options, "chen", now, b"s" * 32
        )
        house.due.runtime.apply(tx, effects, Origin("test", now))

    await house.database.write(run)


async def test_choice_of_a_prediction_is_marked(bank: Bank) -> None:
    await _opens(bank, "prediction", {"question": "周六下雨吗？", "choices": "下雨、不下雨"})
    phone = await bank.member("wm1")
    page = await phone.get("/m/game")
    assert "您选的" not in page.html
    for choice in ("猜 1：下雨", "猜 2：不下雨"):
        page = await phone.press(page, say=choice)
        assert page.html.count('aria-pressed="true"') == 1
        assert f"{choice}您选的" in page.lines
    other = await bank.member("wm2")
    assert "您选的" not in (await other.get("/m/game")).html


async def test_transfer_to_be_confirmed_says_what_the_member_can_do(bank: Bank) -> None:
    phone = await bank.member("wm1")
    page = await phone.get("/m/draw/1")
    await phone.press(page, request=page.field("request"))
    await bank.house.write("UPDATE payout SET status = 'unknown', confirm = 'package-1'")
    page = await phone.get("/m/prizes")
    assert page.lines[4:] == [
        "等您在微信里确认收款",
        "这笔转账要您本人确认才到账，确认页只有微信自己能打开，这个网页打不开。请联系您的客户经理。"
        "24 小时内没有确认的，钱会退回，由工作人员重新安排发放。",
    ]
    assert page.forms == []
    assert "package-1" not in page.html
