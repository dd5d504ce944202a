"""核销: a gift is handed out once, by its code."""

from datetime import date, timedelta
from typing import Any

import pytest

from storage import books, payout_rows, payouts
from storage.types import order_number
from tests.prize_deeds import buttons, press, tail, win


@pytest.fixture
async def umbrella(bank: Any) -> str:
    """A gift that can be picked up: its code."""
    await bank.arrive("wealth-01", "wm1", "王小明", 10)
    more = {"kind": "gift", "claim_by": date(2026, 12, 24), "prize": "雨伞"}
    number = await win(bank, "k7", "wm1", 3000, **more)
    await bank.write(payouts.approve, number, 3000, "wang", bank.clock.now())
    row = await bank.write(payout_rows.get, number)
    return str(row.code)


ASKED = "王小明的“雨伞”。\n请核对本人后再核销，核销不能撤销。"


async def test_gift_is_handed_out_once_after_a_look(bank: Any, umbrella: str) -> None:
    shown = f"{umbrella[:5]}-{umbrella[5:]}"
    assert await bank.say("li", f"核销 {shown.lower()}") == [
        ("li", ASKED),
        ("li", f"{ASKED}\n> 或发：核销 {shown} 确认"),
    ]
    (key,) = await buttons(bank)
    assert await press(bank, "chen", key) == [("chen", "这份奖品不在您负责的社群")]
    assert await press(bank, "li", key) == [("li", "已核销")]
    assert await press(bank, "yun", key) == [("yun", "“雨伞”已经核销过了")]
    again = await bank.reply("li", f"核销 {umbrella} 确认")
    assert again == "“雨伞”已经核销过了。"
    row = await bank.write(payout_rows.get, order_number("k7"))
    assert (row.status, row.receipt) == ("paid", "li")
    assert await bank.write(books.wrong) == []


async def test_gift_is_never_handed_out_without_a_look_at_whose_it_is(
    bank: Any, umbrella: str
) -> None:
    first = await bank.say("yun", f"核销 {umbrella} 确认")
    assert first[0] == ("yun", ASKED.replace("王小明", "王＊＊"))
    assert (await bank.write(payout_rows.get, order_number("k7"))).status == "approved"
    assert await bank.reply("yun", f"核销 {umbrella} 确认") == "✅ 已核销：王＊＊的“雨伞”。"


async def test_gift_without_its_code_is_not_handed_out(bank: Any, umbrella: str) -> None:
    number = order_number("k7")
    for typed in (number[-4:], number[-10:-5], number, umbrella[:9], f"{tail('k7')} 确认"):
        said = await bank.reply("yun", f"核销 {typed}")
        assert said.split("\n")[0] == (
            "领取码是 10 位字母和数字，在成员手上：请本人出示，或请本人发“领取”。"
        )
        assert umbrella not in said
    assert (await bank.write(payout_rows.get, number)).status == "approved"


async def test_wrong_pickup_codes_are_counted_and_stop_the_colleague(
    bank: Any, umbrella: str
) -> None:
    told = [await bank.reply("yun", f"核销 23456789A{n}") for n in "BCDEF"]
    assert told == [
        "没有这个领取码，请和成员手机上的再对一遍（一小时内还可以试 4 次）。",
        "没有这个领取码，请和成员手机上的再对一遍（一小时内还可以试 3 次）。",
        "没有这个领取码，请和成员手机上的再对一遍（一小时内还可以试 2 次）。",
        "没有这个领取码，请和成员手机上的再对一遍（一小时内还可以试 1 次）。",
        "没有这个领取码，请和成员手机上的再对一遍（一小时内不能再试了）。",
    ]
    assert await bank.audited() == [
        ("yun", "核销码不对", "", f"一小时内第 {n} 次") for n in range(1, 6)
    ]
    await bank.clock.advance(timedelta(minutes=20))
    stopped = await bank.reply("yun", f"核销 {umbrella}")
    assert stopped == "领取码输错了 5 次，请 40 分钟后再试。"
    assert (await bank.say("li", f"核销 {umbrella}"))[0] == ("li", ASKED)
    await bank.clock.advance(timedelta(minutes=40))
    later = await bank.say("yun", f"核销 {umbrella}")
    assert later[0] == ("yun", ASKED.replace("王小明", "王＊＊"))


@pytest.mark.parametrize(
    ("sender", "line", "answer"),
    [
        ("chen", "核销 {code}", "这份奖品不在您负责的社群。"),
        ("li", "核销", "请写成员出示的领取码。"),
    ],
)
async def test_gift_that_is_not_handed_out(
    bank: Any, umbrella: str, sender: str, line: str, answer: str
) -> None:
    said = await bank.reply(sender, line.format(code=umbrella))
    assert said.split("\n")[0] == answer


async def test_gift_without_approval_is_not_handed_out(bank: Any) -> None:
    number = await win(bank, "k7", "wm1", 3000, kind="gift", prize="雨伞")
    code = (await bank.write(payout_rows.get, number)).code
    assert await bank.reply("li", f"核销 {code}") == "“雨伞”还没有批准。"
