"""What a campaign may not promise or demand, and what its notice must say."""

from typing import Any

import pytest

from sop.campaign import Campaign
from sop.compliance.rules import check_campaign

COMPLETE: dict[str, Any] = {
    "campaign": "festival",
    "title": "周五节抽奖",
    "organiser": "示例银行财富管理部",
    "applies_to": {"labels": ["wealth"]},
    "round": "event",
    "keyword": "抽奖",
    "budget": "200.00",
    "deck": [
        {"prize": "8.88 元红包", "amount": "8.88", "count": 5},
        {"prize": "安慰红包", "amount": "0.60", "count": 10},
    ],
    "payable_after": 5,
    "opening": "辛苦了一周，今晚张张有奖。",
    "rules": [
        "群成员均可参加，每人每期一次。",
        "不需要购买、持有或开立任何产品，也不需要拉人或转发。",
        "奖励以微信红包发放，24 小时内未领取的视为放弃。",
        "有疑问请私信群内客户经理。",
    ],
}


def found(**changes: object) -> list[tuple[str, str, tuple[str | int, ...], str]]:
    """(rule, severity, path, message) of the complete campaign with some keys changed."""
    findings = check_campaign(Campaign.model_validate(COMPLETE | changes))
    return [(one.rule, one.severity, one.path, one.message) for one in findings]


def test_complete_campaign_is_fine() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        (
            {"opening": "今晚抽奖，稳赚不赔。"},
            ("promise.return", "error", ("opening",), "“稳赚不赔”属于收益承诺。"),
        ),
        (
            {"title": "躺赚抽奖"},
            ("promise.return", "error", ("title",), "“躺赚”属于收益承诺。"),
        ),
        (
            {"rules": [*COMPLETE["rules"], "购买基金即可再抽一次。"]},
            (
                "draw.purchase",
                "error",
                ("rules", 4),
                "“购买基金即可再抽一次”：抽奖以购买、持有、开户或转账为条件。",
            ),
        ),
        (
            {"deck": [{"prize": "保本理财券", "amount": "1.00", "count": 1}]},
            ("promise.principal", "error", ("deck", 0, "prize"), "“保本”属于保本承诺。"),
        ),
        (
            {"deck": [{"prize": "8.88 元红包", "amount": "8.80", "count": 1}]},
            (
                "prize.amount",
                "error",
                ("deck", 0, "amount"),
                "“8.88 元红包”与金额 8.80 元不一致。",
            ),
        ),
    ],
)
def test_each_text_of_a_campaign_is_judged(
    changes: dict[str, object], finding: tuple[str, str, tuple[str | int, ...], str]
) -> None:
    assert finding in found(**changes)


def test_recommending_a_product_in_a_campaign_is_an_error_and_a_mention_is_not() -> None:
    assert found(opening="本周推荐一款理财产品，顺便抽奖。") == [
        ("product.notice", "error", ("opening",), "推荐“理财产品”，却没有风险提示。")
    ]
    [finding] = check_campaign(Campaign.model_validate(COMPLETE | {"opening": "推荐一款基金。"}))
    assert finding.hint == "活动公告里不要推荐产品，请删去。"
    assert found(opening="学会看理财产品说明书，今晚抽奖。") == []


def test_missing_items_of_the_notice_are_named() -> None:
    assert found(rules=["奖品送完即止。"]) == [
        ("notice.items", "error", ("rules",), "活动规则没有写明参加条件。"),
        ("notice.items", "error", ("rules",), "活动规则没有写明奖品交付方式。"),
        ("notice.items", "error", ("rules",), "活动规则没有写明弃奖条件。"),
        ("notice.items", "error", ("rules",), "活动规则没有写明联系方式。"),
    ]


def test_missing_item_comes_with_an_example() -> None:
    rules = [one for one in COMPLETE["rules"] if "放弃" not in one] + ["以红包发放到微信零钱。"]
    [finding] = check_campaign(Campaign.model_validate(COMPLETE | {"rules": rules}))
    assert finding.hint == (
        "请在活动的 rules 里补上。例如：发放后 24 小时内未领取的，视为放弃，金额退回活动预算。"
    )


@pytest.mark.parametrize(
    ("prize", "amount", "rules"),
    [
        ("50,000 元大奖", "50000.00", []),
        ("价值 5 万元的家电", "50000.00", []),
        ("价值 6 万元的汽车", "1.00", ["prize.amount", "prize.cap"]),
        ("价值 50000.01 元的家电", "1.00", ["prize.amount", "prize.cap"]),
        ("价值 1.2 万元的家电", "12000.00", []),
        ("价值５０元的礼盒", "50.00", []),
        ("神秘礼盒", "88.00", []),
    ],
)
def test_worth_of_a_prize(prize: str, amount: str, rules: list[str]) -> None:
    deck = [{"prize": prize, "amount": amount, "count": 1}]
    assert [one[0] for one in found(deck=deck, budget="50000.00")] == rules


def test_cap_says_how_much() -> None:
    deck = [{"prize": "价值 6 万元的汽车", "amount": "1.00", "count": 1}]
    assert found(deck=deck)[1] == (
        "prize.cap",
        "error",
        ("deck",),
        "一个人最多可得 60,000.00 元，超过 50,000.00 元。",
    )


@pytest.mark.parametrize(
    "cards",
    [
        {"prize": "电影票", "kind": "coupon", "amount": "30.00", "count": 1},
        {"prize": "保温杯", "kind": "gift", "amount": "39.00", "count": 1, "redeem": " "},
        {"prize": "积分", "kind": "points", "points": 10, "count": 1},
    ],
)
def test_prize_that_is_no_money_says_how_it_is_redeemed(cards: dict[str, Any]) -> None:
    message = f"“{cards['prize']}”没有写明怎么兑换、兑换地点、有效期和限制。"
    assert found(deck=[cards]) == [("notice.items", "error", ("deck", 0), message)]
    assert found(deck=[cards | {"redeem": "凭码到网点兑换，2026-12-31 前有效。"}]) == []


def test_friends_as_a_condition_need_a_waiver() -> None:
    assert found(condition={"invited": 2}) == [
        ("draw.referral", "error", ("condition", "invited"), "抽奖以拉人或转发为条件。")
    ]


def test_cap_counts_every_chance() -> None:
    deck = [{"prize": "大奖", "amount": "20000.00", "count": 3}]
    assert found(deck=deck, budget="60000.00", chances=2) == []
    assert found(deck=deck, budget="60000.00", chances={"total": 3, "per_day": 1}) == [
        (
            "prize.cap",
            "error",
            ("deck",),
            "一个人最多可得 60,000.00 元，超过 50,000.00 元。",
        )
    ]
