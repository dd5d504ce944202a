"""Draws and gifts that hang on a deed, and honest sentences that only look so."""

from collections.abc import Callable

import pytest

Said = Callable[..., list[tuple[str, str, str]]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("购买即可抽奖", "购买即可抽奖"),
        ("周五节：凡购买本行产品满 5 万元，即可参与抽奖！", "购买本行产品满 5 万元，即可参与抽奖"),
        ("持有本行基金的客户专享抽奖", "持有本行基金的客户专享抽奖"),
        ("持有满 30 天可抽奖", "持有满 30 天可抽奖"),
        ("今天开户，就能抽奖", "开户，就能抽奖"),
        ("开户抽奖，人人有份：开户后抽一次", "开户后抽一次"),
        ("转账满 1000 元可抽大奖", "转账满 1000 元可抽大奖"),
        ("轉賬即可抽獎", "轉賬即可抽獎"),
        ("存入 5 万元就有机会转盘", "存入 5 万元就有机会转盘"),
        ("抽奖资格：仅限持有本行存款的客户", "抽奖资格：仅限持有"),
        ("抽奖需先签约", "抽奖需先签约"),
        ("推荐好友开户即可抽奖", "开户即可抽奖"),
        ("未购买的客户不能抽奖", "未购买的客户不能抽奖"),
        ("不购买，就不能抽奖", "不购买，就不能抽奖"),
        ("办理信用卡可砸金蛋", "办理信用卡可砸金蛋"),
    ],
)
def test_draw_tied_to_a_deed_is_an_error(said: Said, text: str, words: str) -> None:
    assert said(text) == [("draw.purchase", "error", words)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("拉 3 位好友进群才能抽奖", "拉 3 位好友进群才能抽奖"),
        ("转发到朋友圈即可抽奖", "转发到朋友圈即可抽奖"),
        ("邀请两位好友就能抽一次", "邀请两位好友就能抽一次"),
        ("抽奖要求：先转发海报", "抽奖要求：先转发"),
        ("集赞满 20 个可抽奖", "集赞满 20 个可抽奖"),
    ],
)
def test_draw_tied_to_bringing_people_is_an_error(said: Said, text: str, words: str) -> None:
    assert said(text) == [("draw.referral", "error", words)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("存款送米面油", "存款送"),
        ("开户即送红包", "开户即送"),
        ("申购后返现 10 元", "申购后返现"),
        ("投保可领好礼", "投保可领好礼"),
    ],
)
def test_gift_for_a_deed_is_a_warning(said: Said, text: str, words: str) -> None:
    assert said(text) == [("gift.purchase", "warning", words)]


@pytest.mark.parametrize(
    "text",
    [
        "不需要购买、持有或开立任何产品，也不需要拉人或转发，人人都能抽奖。",
        "不用买任何产品，不用拉人，也不用转发，来了就有份，今晚抽奖。",
        "无需开户，就能抽奖",
        "抽奖与是否购买产品无关，人人都能抽奖",
        "未购买产品也可抽奖",
        "不得以购买产品作为抽奖条件",
        "购买理财产品请谨慎，答对题目即可抽奖",
        "转账前请核实对方身份。今晚 20:00 抽奖",
        "转账功能升级，今晚可抽奖",
        "骗子说“转账即可抽奖”，千万别信",
        "谨防“转账即可抽奖”的骗局",
        "周五抽奖，欢迎来玩",
        "今晚抽奖，先玩一局群游戏",
        "分享您的理财心得，大家一起聊",
        "抽空来网点办理业务",
        "请抽时间来签约",
        "快递送到，请签收",
        "销售人员说“买保险返现金”，合规吗？",
    ],
)
def test_honest_sentences_are_left_alone(said: Said, text: str) -> None:
    assert said(text) == []


def test_each_sentence_is_judged_for_itself(said: Said) -> None:
    assert said("开户即可抽奖。转发也能抽奖。") == [
        ("draw.purchase", "error", "开户即可抽奖"),
        ("draw.referral", "error", "转发也能抽奖"),
    ]
