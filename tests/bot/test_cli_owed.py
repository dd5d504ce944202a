"""What is owed, in the terminal: `payouts` listed, approved and exported; `outbox` by hand."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from storage import money, outbox, payouts
from tests.terminal import Run, stored

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


@pytest.fixture
def owing(installed: Run) -> tuple[Run, list[str]]:
    """Two prizes of which one is due, and three letters; the numbers of the orders."""
    orders: list[str] = []

    def work(tx: Any) -> None:
        orders.clear()
        for member, fen, day in (("wm1", 888, 1), ("=wm2", 100, 20)):
            won = money.award(
                tx,
                key=f"deck/{member}",
                source="join-hook",
                budget_fen=10_000,
                community="wealth-01",
                member=member,
                prize="红包",
                amount_fen=fen,
                payable_on=date(2026, 12, day),
                now=NOON,
            )
            orders.append(won.order_no)
        payouts.mature(tx, date(2026, 12, 1), NOON)
        outbox.add(tx, [_letter(number) for number in (1, 2, 3)])
        outbox.claim(tx, NOON, NOON, 1)
        outbox.dead(tx, 1, "机器人已被移出群", NOON)

    stored(work)
    return installed, orders


def _letter(number: int) -> outbox.NewLetter:
    return outbox.NewLetter(
        dedup_key=f"a#{number}",
        channel="group_robot",
        target={"community": "wealth-01"},
        body={"markdown": "密"},
        order_key=f"chat{number}",
        not_before=NOON,
        created_at=NOON,
    )


def test_payouts_are_listed_approved_once_and_exported(owing: tuple[Run, list[str]]) -> None:
    qunyun, (first, second) = owing
    assert qunyun("payouts", "list") == (
        0,
        f"{first}  2026-12-01        8.88 元  待批准  wm1  红包\n"
        f"{second}  2026-12-20        1.00 元  待到期  =wm2  红包\n"
        "共 2 笔，9.88 元\n",
        "",
    )
    assert qunyun("payouts", "approve", "--by", "wangqiang") == (
        0,
        "批准了 1 笔，共 8.88 元\n",
        "",
    )
    assert qunyun("payouts", "approve", "--by", "wangqiang", first) == (
        1,
        "",
        f"这些订单不在“待批准”里：\n  {first}\n",
    )
    assert qunyun("payouts", "list", "--status", "approved") == (
        0,
        f"{first}  2026-12-01        8.88 元  已批准  wm1  红包\n共 1 笔，8.88 元\n",
        "",
    )


def test_table_holds_no_formula_and_is_private(owing: tuple[Run, list[str]]) -> None:
    qunyun, (_, second) = owing
    written = qunyun("payouts", "list", "--out", "held.csv", "--status", "held")
    assert written == (0, "写好了 held.csv：1 笔\n", "")
    path = Path("held.csv")
    assert path.read_text(encoding="utf-8-sig").split("\n") == [
        "订单号,成员,奖品,类别,金额（元）,应发日期,状态,来源,疑点,说明",
        f"{second},'=wm2,红包,红包,1.00,2026-12-20,待到期,join-hook,,",
        "",
    ]
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("by", ["nobody", "lijing", "zhaoyun"])
def test_only_a_manager_approves(owing: tuple[Run, list[str]], by: str) -> None:
    qunyun, _ = owing
    assert qunyun("payouts", "approve", "--by", by) == (
        1,
        "",
        f"“{by}”不是 config.yaml 里的主管或管理员，不能批准发奖。\n",
    )


def test_outbox_is_listed_without_what_it_says(owing: tuple[Run, list[str]]) -> None:
    qunyun, _ = owing
    assert qunyun("outbox", "list") == (
        0,
        "     3  待发  group_robot  11-24 12:00  试过 0 次\n"
        "     2  待发  group_robot  11-24 12:00  试过 0 次\n"
        "     1  发不出  group_robot  11-24 12:00  试过 1 次  机器人已被移出群\n"
        "发不出 1，待发 2\n",
        "",
    )
    assert qunyun("outbox", "list", "--status", "dead", "--limit", "1")[1].startswith("     1  ")


def test_letters_are_retried_held_and_dropped_by_hand(owing: tuple[Run, list[str]]) -> None:
    qunyun, _ = owing
    assert qunyun("outbox", "retry", "1") == (0, "1 号会再发一次\n", "")
    assert qunyun("outbox", "hold", "2", "等合规确认") == (0, "2 号先搁置\n", "")
    assert qunyun("outbox", "drop", "3", "发错群") == (0, "3 号不再发送\n", "")
    listed = qunyun("outbox", "list")[1].split("\n")
    assert [line[:11].split()[0] for line in listed[:-2]] == ["2", "1"]
    every = qunyun("outbox", "list", "--all")[1].split("\n")
    assert [line[:11].split()[0] for line in every[:-2]] == ["3", "2", "1"]
    assert qunyun("outbox", "drop", "3", "再来") == (
        1,
        "",
        "3 号现在是“已丢弃”，不能这样处理\n",
    )
    assert qunyun("outbox", "retry", "9") == (1, "", "发件箱里没有 9 号\n")


@pytest.mark.parametrize(
    ("words", "known"),
    [
        (("outbox", "list"), "pending（待发）"),
        (("payouts", "list"), "held（待到期）"),
    ],
)
def test_unknown_status_lists_the_known(installed: Run, words: tuple[str, ...], known: str) -> None:
    code, _, err = installed(*words, "--status", "nope")
    assert (code, err.startswith(f"没有“nope”这种状态；可以是：{known}")) == (1, True)
