"""`payouts` in the terminal: finance's list out and in, coupon codes, rejecting, the books."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from bot.desk import Refused
from bot.payout_acts import ImportResults, ListResult
from storage import coupons, money, paying, payout_rows, payouts
from storage.types import order_number
from tests.terminal import Run, stored

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
ONE, TWO, GIFT = (order_number(f"deck/wm{n}") for n in (1, 2, 3))
BY = ("--by", "wangqiang")


@pytest.fixture
def qunyun(installed: Run) -> Run:
    return installed


@pytest.fixture
def approved(qunyun: Run) -> Run:
    """Two red packets and a gift that may be given."""

    def work(tx: Any) -> None:
        for number, fen, kind in ((1, 888, "cash"), (2, 100, "cash"), (3, 500, "gift")):
            money.award(
                tx,
                key=f"deck/wm{number}",
                source="join-hook",
                budget_fen=10_000,
                community="wealth-01",
                member=f"wm{number}",
                prize="=红包",
                amount_fen=fen,
                payable_on=date(2026, 12, 1),
                now=NOON,
                kind=kind,
            )
        for row in payouts.mature(tx, date(2026, 12, 1), NOON):
            payouts.approve(tx, row.order_no, row.amount_fen, "wangqiang", NOON)

    stored(work)
    return qunyun


def statuses() -> dict[str, str]:
    rows = stored(lambda tx: payout_rows.many(tx, [ONE, TWO, GIFT]))
    return {number: rows[number].status for number in (ONE, TWO, GIFT)}


def fill(path: str, results: dict[str, tuple[str, str, str]]) -> None:
    """What finance writes: result, the bank's number and a note by order number."""
    book = load_workbook(path)
    sheet = book.active
    assert sheet is not None
    for row in sheet.iter_rows(min_row=2):
        for cell, value in zip(row[6:9], results.get(str(row[0].value), ("", "", "")), strict=True):
            cell.value = value or None
    book.save(path)


def test_list_goes_to_finance_once_and_comes_back(approved: Run) -> None:
    exported = approved("payouts", "export", "--out", "list.xlsx", *BY)
    assert exported == (0, "写好了 list.xlsx：2 笔，共 9.88 元，已记为“已提交”\n", "")
    assert Path("list.xlsx").stat().st_mode & 0o077 == 0
    assert statuses() == {ONE: "submitted", TWO: "submitted", GIFT: "approved"}
    nothing = approved("payouts", "export", "--out", "again.xlsx", *BY)
    assert nothing == (1, "", "没有要导出的奖励。\n")
    again = approved("payouts", "export", "--out", "again.xlsx", "--again", *BY)
    assert again == (0, "写好了 again.xlsx\n", "")
    fill("list.xlsx", {ONE: ("已发放", "R-1", ""), TWO: ("失败", "", "账户不存在")})
    done = approved("payouts", "import", "list.xlsx", *BY)
    assert done == (0, "登记了已发放 1 笔，失败 1 笔\n", "")
    assert statuses() == {ONE: "paid", TWO: "failed", GIFT: "approved"}
    assert approved("db", "check") == (0, "数据库完好，账本平衡。\n", "")
    twice = approved("payouts", "import", "list.xlsx", *BY)
    assert twice == (
        1,
        "",
        f"A2：单号 {TWO} 已经作废，不能再登记结果。\n"
        f"A3：单号 {ONE} 早已登记为已发放，请删掉这一行。\n"
        "共 2 个问题，什么也没有登记。\n",
    )
    assert statuses() == {ONE: "paid", TWO: "failed", GIFT: "approved"}


def test_results_that_do_not_fit_change_nothing(approved: Run) -> None:
    approved("payouts", "export", "--out", "list.xlsx", *BY)
    fill("list.xlsx", {ONE: ("已发放", "R-1", ""), TWO: ("也许", "", "")})
    code, out, errors = approved("payouts", "import", "list.xlsx", *BY)
    assert (code, out) == (1, "")
    assert errors.endswith("共 1 个问题，什么也没有登记。\n")
    assert statuses() == {ONE: "submitted", TWO: "submitted", GIFT: "approved"}


def test_number_of_the_bank_is_taken_once_over_all_imports(approved: Run) -> None:
    approved("payouts", "export", "--out", "list.xlsx", *BY)
    fill("list.xlsx", {ONE: ("已发放", "R-1", ""), TWO: ("已发放", "R-1", "")})
    code, out, errors = approved("payouts", "import", "list.xlsx", *BY)
    assert (code, out) == (1, "")
    assert errors == (
        "H3：流水号 R-1 在 H2 已经有了，每笔应当不同。\n共 1 个问题，什么也没有登记。\n"
    )
    fill("list.xlsx", {ONE: ("已发放", "R-1", "")})
    assert approved("payouts", "import", "list.xlsx", *BY)[0] == 0
    Path("more.csv").write_text(
        f"单号,金额（元）,结果,流水号\n{TWO},1.00,已发放,R-1\n", encoding="utf-8-sig"
    )
    assert approved("payouts", "import", "more.csv", *BY) == (
        1,
        "",
        f"D2：流水号 R-1 以前登记给了单号 {ONE}，每笔应当不同。\n共 1 个问题，什么也没有登记。\n",
    )
    assert statuses() == {ONE: "paid", TWO: "submitted", GIFT: "approved"}


def test_number_of_the_bank_that_was_given_in_between_is_refused(approved: Run) -> None:
    approved("payouts", "export", "--out", "list.xlsx", *BY)
    stored(lambda tx: payouts.paid(tx, ONE, "R-1", NOON))
    late = ImportResults(by="x", results=[ListResult(order=TWO, paid=True, receipt="R-1")])
    with pytest.raises(Refused) as refused:
        stored(lambda tx: late.do(tx, NOON))
    assert str(refused.value) == f"流水号 R-1 已经登记给了单号 {ONE}，什么也没有登记。"


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("--out", "list.csv", *BY), "名单是 Excel 文件，文件名请以 .xlsx 结尾：list.csv\n"),
        (("--out", "config.yaml", *BY), "名单是 Excel 文件，文件名请以 .xlsx 结尾：config.yaml\n"),
        (
            ("--out", "list.xlsx", "--by", "lijing"),
            "“lijing”不是 config.yaml 里的运营、主管或管理员。\n",
        ),
    ],
)
def test_list_that_is_not_written(approved: Run, words: tuple[str, ...], answer: str) -> None:
    assert approved("payouts", "export", *words) == (1, "", answer)
    assert statuses() == {ONE: "approved", TWO: "approved", GIFT: "approved"}


def test_list_waits_while_a_backup_is_compared(approved: Run) -> None:
    assert approved("db", "backup", "copy.db")[0] == 0
    code, out, _ = approved("db", "restore", "copy.db")
    assert (code, out.startswith("恢复好了。原来的数据库留在 ")) == (0, True)
    assert out.endswith("启动后会先向发奖渠道核对，核对完才继续发奖。\n")
    assert approved("payouts", "export", "--out", "list.xlsx", *BY) == (
        1,
        "",
        "数据库是从备份恢复的，导出已暂停：请财务核对哪些已经发过，"
        "导入结果后运行 qunyun payouts reconcile --done\n",
    )
    Path("back.csv").write_text(
        f"单号,金额（元）,结果,流水号,备注\n{ONE},8.88,已发放,R-1,\n", encoding="utf-8-sig"
    )
    found = approved("payouts", "import", "back.csv", *BY)
    assert found == (0, "登记了已发放 1 笔，失败 0 笔\n", "")
    assert statuses() == {ONE: "paid", TWO: "approved", GIFT: "approved"}
    assert approved("payouts", "reconcile", "--done", *BY) == (
        1,
        "",
        "“wangqiang”不是 config.yaml 里的管理员，不能结束核对。\n",
    )
    assert stored(paying.state).mode == "reconcile"


def test_reconciling_is_ended_by_an_administrator_once(approved: Run) -> None:
    config = Path("config.yaml")
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("roles: [manager]", "roles: [manager, admin]"), encoding="utf-8")
    stored(lambda tx: paying.enter(tx, "测试", NOON))
    done = approved("payouts", "reconcile", "--done", *BY)
    assert done == (0, "核对结束，发奖继续\n", "")
    again = approved("payouts", "reconcile", "--done", *BY)
    assert again == (1, "", "发奖没有暂停，不用结束核对。\n")


def test_payout_is_rejected_with_a_reason(approved: Run) -> None:
    assert approved("payouts", "reject", ONE, "--reason", "", *BY) == (
        1,
        "",
        "请用 1 到 100 个字写明理由。\n",
    )
    done = approved("payouts", "reject", ONE, "--reason", "重复账号", *BY)
    assert done == (0, f"驳回了 {ONE}：8.88 元回到预算\n", "")
    again = approved("payouts", "reject", ONE, "--reason", "重复账号", *BY)
    assert again == (1, "", f"{ONE} 不存在，或者已经提交、发放、作废，不能驳回。\n")
    assert approved("db", "check") == (0, "数据库完好，账本平衡。\n", "")


def test_member_gives_up_what_is_not_on_its_way(approved: Run) -> None:
    why = ("--reason", "本人要求删除资料")
    done = approved("payouts", "forfeit", "wm1", *why, *BY)
    nothing = "没有在路上的奖励，可以删除这位成员的资料"
    assert done == (0, f"放弃了 1 份，钱回到预算；{nothing}\n", "")
    approved("payouts", "export", "--out", "list.xlsx", *BY)
    assert approved("payouts", "forfeit", "wm2", *why, *BY) == (
        0,
        "放弃了 0 份，钱回到预算；还有 1 份已经提交给发奖渠道，等有了结果再删除这位成员的资料\n",
        "",
    )
    assert statuses() == {ONE: "rejected", TWO: "submitted", GIFT: "approved"}


def test_member_who_never_won_is_not_said_to_be_free(approved: Run) -> None:
    code, out, errors = approved("payouts", "forfeit", "wm9", "--reason", "删除资料", *BY)
    assert (code, out) == (1, "")
    assert errors == "没有“wm9”的奖励：请核对 external_userid，见 qunyun payouts list。\n"
    approved("payouts", "forfeit", "wm1", "--reason", "删除资料", *BY)
    again = approved("payouts", "forfeit", "wm1", "--reason", "删除资料", *BY)
    done = "1 份奖励都早已了结，没有要放弃的，可以删除这位成员的资料\n"
    assert again == (0, done, "")


def test_source_that_gave_nothing_lists_those_that_did(approved: Run) -> None:
    for more in ((), ("--out", "x.csv")):
        wrong = approved("payouts", "list", "--source", "hook", *more)
        assert wrong == (1, "", "没有发过奖的活动或奖池“hook”，有：join-hook。\n")
    assert approved("payouts", "list", "--source", "join-hook")[0] == 0


def test_flagged_payout_is_not_approved_with_the_others(qunyun: Run) -> None:
    def work(tx: Any) -> None:
        for number in (1, 2):
            money.award(
                tx,
                key=f"deck/wm{number}",
                source="join-hook",
                budget_fen=10_000,
                community="wealth-01",
                member=f"wm{number}",
                prize="红包",
                amount_fen=100,
                payable_on=date(2026, 12, 1),
                now=NOON,
            )
        payouts.mature(tx, date(2026, 12, 1), NOON)
        payouts.flag(tx, ONE, "已退群：到期时不在群里")

    stored(work)
    done = qunyun("payouts", "approve", *BY)
    assert done == (0, "批准了 1 笔，共 1.00 元；还有 1 笔要逐笔批准或由别人批准\n", "")
    shown = qunyun("payouts", "list", "--status", "due")[1]
    assert shown.split("\n")[1] == "    ⚠️ 已退群：到期时不在群里"
    assert qunyun("payouts", "approve", ONE, *BY) == (0, "批准了 1 笔，共 1.00 元\n", "")


def coupon_campaign() -> None:
    """The Friday draw gives away a coupon."""
    path = Path("library/campaigns/friday-festival.yaml")
    text = path.read_text(encoding="utf-8")
    packet = "{prize: 28.80 元红包, amount: 28.80, count: 1}"
    assert packet in text
    redeem = "凭券码到任一网点兑换，2026-12-31 前有效，每人限用一张。"
    coupon = f"{{kind: coupon, prize: 咖啡券, amount: 28.80, count: 1, redeem: {redeem}}}"
    path.write_text(text.replace(packet, coupon), encoding="utf-8")


IMPORT = ("payouts", "codes", "import")
COUPON = ("--source", "friday-festival", "--prize", "咖啡券")


def test_codes_are_imported_once(qunyun: Run) -> None:
    coupon_campaign()
    Path("codes.txt").write_text("券码\nA-1\nA-2\nA-3\n", encoding="utf-8")
    done = qunyun(*IMPORT, "codes.txt", *COUPON, *BY)
    assert done == (0, "导入了 3 个券码，“咖啡券”现在有 3 个可发\n", "")
    assert qunyun("payouts", "codes", "list") == (
        0,
        "friday-festival  咖啡券  还剩 3/3 张\n",
        "",
    )
    Path("more.csv").write_text("A-4\nA-2\n", encoding="utf-8")
    again = qunyun(*IMPORT, "more.csv", *COUPON, *BY)
    assert again == (1, "", "1 个券码以前导入过（A-2），什么也没有导入。\n")
    assert stored(lambda tx: coupons.left(tx, "friday-festival", "咖啡券")) == 3


@pytest.mark.parametrize(
    ("source", "prize", "answer"),
    [
        ("festival", "咖啡券", "没有发优惠券的活动“festival”。"),
        ("friday-festival", "茶券", "“friday-festival”里没有叫“茶券”的券，有：咖啡券。"),
    ],
)
def test_codes_for_what_nobody_gives_are_refused(
    qunyun: Run, source: str, prize: str, answer: str
) -> None:
    coupon_campaign()
    Path("codes.txt").write_text("A-1\n", encoding="utf-8")
    code, out, errors = qunyun(*IMPORT, "codes.txt", "--source", source, "--prize", prize, *BY)
    assert (code, out) == (1, "")
    assert errors.startswith(answer)


def test_codes_with_faults_are_all_named(qunyun: Run) -> None:
    coupon_campaign()
    Path("codes.csv").write_text("客户,券码\n甲,A-1\n乙,\n丙,A-1\n丁,A 2\n", encoding="utf-8")
    assert qunyun(*IMPORT, "codes.csv", *COUPON, *BY) == (
        1,
        "",
        "B3：这里是空的\nB4：券码“A-1”和 B2 重复\nB5：券码里有空格或看不见的字符\n"
        "共 3 个问题，什么也没有导入。\n",
    )
    assert qunyun("payouts", "codes", "list") == (0, "还没有导入过券码。\n", "")


def test_manual_payer_has_no_statement(qunyun: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("APP_SECRET", "APP_TOKEN", "AIBOT_SECRET", "ROBOT_WEALTH_01"):
        monkeypatch.setenv(f"QUNYUN_{name}", "x")
    monkeypatch.setenv("QUNYUN_APP_AES_KEY", "k" * 43)
    assert qunyun("payouts", "reconcile", "--day", "2026-11-23") == (
        1,
        "",
        "发奖方式 manual 没有对账单。\n",
    )
    assert qunyun("payouts", "reconcile", "--day", "23.11.") == (
        1,
        "",
        "看不懂日期“23.11.”，请写成 2026-11-23。\n",
    )
    assert qunyun("payouts", "reconcile", "--day", "2026-13-01") == (
        1,
        "",
        "没有 2026-13-01 这一天，请写成 2026-11-23。\n",
    )
