"""我的奖品, 领取 and the page's own wallet, asked of facts that are written down here."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from sop.community import Community, DeliveryMode, Member
from sop.effects import ClaimCoupon, Reply, Tell
from sop.payout_ports import Prize
from sop.ports import Facts
from sop.prizes import (
    Wallet,
    claim,
    claim_in_chat,
    my_prizes,
    prize_state,
    prize_title,
    wallet,
)

ZONE = ZoneInfo("Asia/Shanghai")
GROUP = Community("c", "财富一群", "wr", "li", DeliveryMode.ROBOT, frozenset(), ZONE, "群运")
QUIET = replace(GROUP, heard_as="")
NOW = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
"""Half past midnight on the 24th in Shanghai."""
TODAY = date(2026, 11, 24)
LINK = "https://qunyun.bank.example/m/abc"
CASH = Prize(
    order_no="QY1",
    member="wm1",
    community="c",
    prize="周五节红包",
    kind="cash",
    amount_fen=188,
    points=0,
    won_at=datetime(2026, 11, 20, 16, 10, tzinfo=UTC),
    source="friday-festival",
    payout_status="held",
    payable_on=date(2026, 11, 27),
    claim_by=None,
    reason="",
    code="",
    confirm="",
)
COUPON = replace(
    CASH,
    order_no="QY2",
    prize="咖啡券",
    kind="coupon",
    amount_fen=2000,
    payout_status="approved",
    claim_by=date(2026, 12, 20),
    code="CAFE-1",
)
GIFT = replace(COUPON, order_no="QY3", prize="雨伞", kind="gift", code="ABCDEFGHJK")
POINTS = replace(
    CASH, order_no="QY4", prize="积分", kind="points", amount_fen=0, points=20, payout_status="paid"
)


@dataclass
class Known:
    """The answers that these words need."""

    won: tuple[Prize, ...] = ()
    link: str = ""

    @property
    def payouts(self) -> "Known":
        return self

    def prizes(self, member: str) -> tuple[Prize, ...]:
        return self.won if member == "wm1" else ()

    def prize(self, order_no: str) -> Prize | None:
        return next((one for one in self.won if one.order_no == order_no), None)

    def page_link(self, community: str, now: datetime) -> str:
        return self.link

    def member(self, community: str, member: str) -> Member:
        return Member(member, "小王", community, NOW)


def facts(*won: Prize, link: str = "") -> Facts:
    return cast(Facts, Known(won, link))


def test_my_prizes_without_any() -> None:
    assert my_prizes(facts(), GROUP, "wm1", NOW) == [
        Reply("您还没有中过奖。群里的游戏和抽奖都有机会，留意预告就好。")
    ]


def test_my_prizes_newest_first_with_states() -> None:
    early = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)
    older = replace(CASH, prize="掷骰子奖励", amount_fen=588, won_at=early, payout_status="paid")
    assert my_prizes(facts(CASH, older, POINTS), GROUP, "wm1", NOW) == [
        Reply(
            "🎁 您一共有 3 份奖品，合计 7.76 元\n"
            "11 月 21 日　周五节红包 1.88 元，预计 11 月 27 日发放\n"
            "11 月 17 日　掷骰子奖励 5.88 元，已发放\n"
            "11 月 21 日　积分 20 积分，已到账"
        )
    ]


def test_my_prizes_many_lists_the_latest() -> None:
    won = [
        replace(
            CASH,
            prize="红包",
            amount_fen=100,
            won_at=datetime(2026, 10, day, 12, 0, tzinfo=UTC),
            payout_status="paid",
        )
        for day in range(12, 0, -1)
    ]
    lines = [f"10 月 {day} 日　红包 1.00 元，已发放" for day in range(12, 2, -1)]
    expected = ["🎁 您一共有 12 份奖品，合计 12.00 元", *lines, "（只列出最近 10 次）"]
    assert my_prizes(facts(*won), GROUP, "wm1", NOW) == [Reply("\n".join(expected))]


@pytest.mark.parametrize(
    ("community", "link", "told"),
    [
        (GROUP, LINK, f"> 领取请打开成员网页：{LINK}"),
        (
            GROUP,
            "",
            "> 领取请发“@群运 领取”，客户经理会把码私信给您",
        ),
        (QUIET, "", "> 领取请联系客户经理"),
    ],
)
def test_my_prizes_never_show_a_code(community: Community, link: str, told: str) -> None:
    assert my_prizes(facts(COUPON, GIFT, link=link), community, "wm1", NOW) == [
        Reply(
            "🎁 您一共有 2 份奖品，合计 40.00 元\n"
            "11 月 21 日　咖啡券，可以领取，12 月 20 日前有效\n"
            f"11 月 21 日　雨伞，可以领取，12 月 20 日前有效\n{told}"
        )
    ]


STATES = [
    ("cash", "held", "预计 11 月 27 日发放"),
    ("cash", "due", "发放中"),
    ("cash", "approved", "发放中"),
    ("cash", "submitted", "发放中"),
    ("cash", "unknown", "发放中"),
    ("cash", "paid", "已发放"),
    ("cash", "failed", "发放没有成功，工作人员正在处理"),
    ("cash", "expired", "已过期"),
    ("cash", "rejected", "没有通过核对（重复账号），有疑问请联系客户经理"),
    ("coupon", "held", "预计 11 月 27 日可领取"),
    ("coupon", "due", "核对中，通过后可以领取"),
    ("coupon", "approved", "可以领取，12 月 20 日前有效"),
    ("coupon", "paid", "已领取"),
    ("gift", "due", "核对中，通过后可以领取"),
    ("gift", "paid", "已领取"),
    ("gift", "expired", "已过期"),
    ("points", "paid", "已到账"),
]


@pytest.mark.parametrize(("kind", "status", "words"), STATES)
def test_prize_state(kind: str, status: str, words: str) -> None:
    one = replace(
        CASH,
        kind=kind,
        payout_status=status,
        reason="重复账号" if status == "rejected" else "",
        claim_by=date(2026, 12, 20) if kind in ("coupon", "gift") else None,
    )
    assert prize_state(one, TODAY) == words


def test_prize_state_on_its_day_and_when_wechat_asks() -> None:
    assert prize_state(replace(CASH, payable_on=TODAY), TODAY) == "发放中"
    asked = replace(CASH, payout_status="unknown", confirm="package")
    assert prize_state(asked, TODAY) == "等您在微信里确认收款"


@pytest.mark.parametrize(
    ("prize", "title"),
    [
        (CASH, "周五节红包 1.88 元"),
        (COUPON, "咖啡券"),
        (GIFT, "雨伞"),
        (POINTS, "积分 20 积分"),
        (replace(POINTS, prize="20 积分"), "20 积分"),
    ],
)
def test_prize_title(prize: Prize, title: str) -> None:
    assert prize_title(prize) == title


def test_wallet_shows_codes_to_their_owner_only_when_they_may_be_used() -> None:
    claimed = replace(COUPON, order_no="QY5", payout_status="paid")
    expired = replace(GIFT, order_no="QY6", payout_status="expired")
    won_at, until = CASH.won_at, "可以领取，12 月 20 日前有效"
    found = wallet(facts(COUPON, GIFT, claimed, expired, CASH), GROUP, "wm1", NOW)
    assert found == [
        Wallet("QY2", "咖啡券", until, won_at, "coupon", "", True, ""),
        Wallet("QY3", "雨伞", until, won_at, "gift", "ABCDE-FGHJK", False, ""),
        Wallet("QY5", "咖啡券", "已领取", won_at, "coupon", "CAFE-1", False, ""),
        Wallet("QY6", "雨伞", "已过期", won_at, "gift", "", False, ""),
        Wallet("QY1", "周五节红包 1.88 元", "预计 11 月 27 日发放", won_at, "cash", "", False, ""),
    ]


CLAIMS: list[tuple[Prize, list[Any]]] = [
    (COUPON, [ClaimCoupon("QY2", "wm1"), Reply("您的券码：CAFE-1")]),
    (replace(COUPON, payout_status="paid"), [Reply("您的券码：CAFE-1")]),
    (GIFT, [Reply("领取“雨伞”时，请向客户经理出示领取码：ABCDE-FGHJK")]),
    (
        replace(COUPON, payout_status="due"),
        [Reply("“咖啡券”现在不能领取：核对中，通过后可以领取。")],
    ),
    (
        replace(COUPON, claim_by=date(2026, 11, 23)),
        [Reply("“咖啡券”现在不能领取：已过期。")],
    ),
    (CASH, [Reply("“周五节红包 1.88 元”现在不能领取：预计 11 月 27 日发放。")]),
    (
        replace(COUPON, member="wm2"),
        [Reply("没有找到这份奖品，请在“我的奖品”里看编号。")],
    ),
]


@pytest.mark.parametrize(("prize", "effects"), CLAIMS)
def test_claim_on_the_page(prize: Prize, effects: list[Any]) -> None:
    assert claim(facts(prize), GROUP, "wm1", prize.order_no, NOW) == effects


def test_claim_of_what_does_not_exist() -> None:
    assert claim(facts(), GROUP, "wm1", "QY9", NOW) == [
        Reply("没有找到这份奖品，请在“我的奖品”里看编号。")
    ]


def test_claim_in_a_group_sends_codes_through_the_manager() -> None:
    assert claim_in_chat(facts(COUPON, GIFT, CASH), GROUP, "wm1", NOW) == [
        ClaimCoupon("QY2", "li"),
        Tell(
            "li",
            "小王（财富一群）来领奖品，请私信给本人：\n"
            "> 咖啡券，券码 CAFE-1\n"
            "> 雨伞，领取码 ABCDE-FGHJK（本人出示时核销）",
            once="claim/QY2+QY3/2026-11-24",
        ),
        Reply("“咖啡券”、“雨伞”可以领取了，客户经理会把券码和领取码私信给您。"),
    ]


def test_claim_in_a_group_with_a_page_shows_the_way() -> None:
    assert claim_in_chat(facts(COUPON, link=LINK), GROUP, "wm1", NOW) == [
        Reply(f"“咖啡券”可以领取了，请打开成员网页：{LINK}")
    ]


def test_claim_with_nothing_to_take() -> None:
    assert claim_in_chat(facts(CASH), GROUP, "wm1", NOW) == [
        Reply("现在没有可以领取的奖品。发“我的奖品”可以看每份奖品到了哪一步。")
    ]
