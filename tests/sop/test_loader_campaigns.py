"""What an author is told of a campaign's file."""

import pytest

from tests.sop.small_files import CAMPAIGN, Write, messages


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            ("budget: 20.00", "budget: 19.00"),
            "c.yaml:8:9: error[budget]: 奖池合计 20.00 元，超出预算 19.00 元。\n"
            "  8 | budget: 19.00\n"
            "    |         ^^^^^\n"
            "  提示：减少 1.00 元的奖品，或提高预算。",
        ),
        (
            ("amount: 8.00, count: 1", "amount: 60000, count: 1"),
            "c.yaml:8:9: error[budget]: 奖池合计 60,012.00 元，超出预算 20.00 元。\n"
            "  8 | budget: 20.00\n"
            "    |         ^^^^^\n"
            "  提示：减少 59,992.00 元的奖品，或提高预算。",
        ),
        (
            ("count: 8", "count: 0"),
            "c.yaml:11:39: error[value]: 不能小于 1。\n"
            "  11 |   - {prize: 小红包, amount: 1.50, count: 0}\n"
            "     |                                          ^",
        ),
        (
            (
                "rules: [群成员可参加每人一次, 以微信红包发放逾期未领视为放弃, 疑问请私信客户经理]",
                "rules: []",
            ),
            "c.yaml:14:1: error[value]: 至少要有 1 项。\n  14 | rules: []\n     | ^^^^^",
        ),
    ],
)
def test_load_checks_a_campaign(write: Write, change: tuple[str, str], expected: str) -> None:
    assert messages(write, {"c.yaml": CAMPAIGN.replace(*change)}) == expected


def test_load_refuses_a_top_prize_above_the_law(write: Write) -> None:
    text = CAMPAIGN.replace("amount: 8.00", "amount: 50000.01").replace("20.00", "90000")
    assert messages(write, {"c.yaml": text}) == (
        "c.yaml:9:1: error[law]: 最高奖超过 50000 元。\n"
        "  9 | deck:\n"
        "    | ^^^^\n"
        "  提示：《规范促销行为暂行规定》：抽奖式有奖销售最高奖不得超过五万元。"
    )
