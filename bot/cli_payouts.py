"""The terminal's `payouts` group: what waits, approving, finance's list, codes, the books."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.terminal import CONFIG, ConfigFile, Stop, chosen_settings, ended, read, write

if TYPE_CHECKING:
    from bot.settings import Settings
    from sop.community import Staff

payouts = typer.Typer(help="发奖：查看、批准、名单、券码、对账。", no_args_is_help=True)
codes = typer.Typer(help="券码：导入、看还剩多少。", no_args_is_help=True)
payouts.add_typer(codes, name="codes")

By = Annotated[str, typer.Option(help="您的 userid")]
_LONGEST_REASON = 100


@payouts.command("list")
def payouts_list(
    status: Annotated[str | None, typer.Option(help="只看一种状态")] = None,
    source: Annotated[str | None, typer.Option(help="只看一个活动或奖池")] = None,
    out: Annotated[Path | None, typer.Option(help="写成 CSV 文件（Excel 能直接打开）")] = None,
    config: ConfigFile = CONFIG,
) -> None:
    """列出奖励和它们走到哪一步。"""
    from bot.payout_desk import payout_csv, payout_lines

    if out is None:
        print(read(config, lambda tx: payout_lines(tx, status, source)))
        return
    text, count = read(config, lambda tx: payout_csv(tx, status, source))
    out.touch(mode=0o600)
    out.write_text(text, encoding="utf-8-sig")
    print(f"写好了 {out}：{count} 笔")


@payouts.command("approve")
def payouts_approve(
    by: By,
    order: Annotated[
        list[str] | None, typer.Argument(help="订单号；不写则批准所有到期、没有疑点的")
    ] = None,
    config: ConfigFile = CONFIG,
) -> None:
    """批准到期的奖励。"""
    from bot.payout_acts import ApprovePayouts

    settings = chosen_settings(config)
    approver = _approver(settings, by)
    act = ApprovePayouts(
        by=by,
        orders=order,
        own=tuple(sorted(approver.communities)),
        above_fen=settings.approve_above_fen,
    )
    print(write(config, act))


@payouts.command("reject")
def payouts_reject(
    order: Annotated[str, typer.Argument(help="订单号")],
    by: By,
    reason: Annotated[str, typer.Option(help="理由，中奖人会看到")],
    config: ConfigFile = CONFIG,
) -> None:
    """驳回一笔还没有提交的奖励，钱回到预算。"""
    from bot.payout_acts import RejectPayout

    _approver(chosen_settings(config), by)
    print(write(config, RejectPayout(by=by, order=order, reason=_reason(reason))))


@payouts.command("forfeit")
def payouts_forfeit(
    member: Annotated[str, typer.Argument(help="成员的 external_userid")],
    by: By,
    reason: Annotated[str, typer.Option(help="理由，例如 本人要求删除资料")],
    config: ConfigFile = CONFIG,
) -> None:
    """成员放弃还没有提交的奖励，或者要求删除资料：钱回到预算。"""
    from bot.payout_acts import ForfeitPrizes

    _approver(chosen_settings(config), by)
    print(write(config, ForfeitPrizes(by=by, member=member, reason=_reason(reason))))


@payouts.command("export")
def payouts_export(
    out: Annotated[Path, typer.Option(help="写到哪个 .xlsx 文件")],
    by: By,
    again: Annotated[bool, typer.Option("--again", help="再导出已经导出过、还没有结果的")] = False,
    config: ConfigFile = CONFIG,
) -> None:
    """导出已批准的红包给财务发放；导出后就算已提交，结果用 import 登记。"""
    from bot.payout_acts import ListPayouts
    from bot.payout_desk import finance_list
    from bot.payout_list import write_lists

    settings = chosen_settings(config)
    _colleague(settings, by)
    if settings.payer != "manual":
        raise Stop(1, f"发奖方式是 {settings.payer}，批准后自动发放，不用导出名单。")
    if out.suffix.lower() != ".xlsx":
        raise Stop(1, f"名单是 Excel 文件，文件名请以 .xlsx 结尾：{out}")
    if out.exists():
        raise Stop(1, f"已经有 {out}，没有改动它。请换一个文件名。")
    lines = read(config, lambda tx: finance_list(tx, again))
    if not lines:
        raise Stop(1, "没有要导出的奖励。")
    written = write_lists(lines, out)
    try:
        for one in written:
            one.chmod(0o600)
        done = ""
        if not again:  # the file first: what is marked as listed must be on a list
            done = "：" + write(config, ListPayouts(by=by, orders=[one.order_no for one in lines]))
    except BaseException:
        for one in written:
            one.unlink(missing_ok=True)
        raise
    print(f"写好了 {'、'.join(map(str, written))}{done}")


@payouts.command("import")
def payouts_import(
    file: Annotated[Path, typer.Argument(help="财务填好结果的 .xlsx 或 .csv")],
    by: By,
    config: ConfigFile = CONFIG,
) -> None:
    """登记财务的发放结果；有问题就逐格列出，什么也不登记。"""
    from bot.payout_acts import ImportResults, ListResult
    from bot.payout_desk import known_orders
    from bot.payout_list import order_numbers, receipts, results
    from bot.sheets import Unusable, read_sheets
    from sop.files import Unreadable
    from storage.payout_rows import by_receipt

    _colleague(chosen_settings(config), by)
    try:
        sheets = read_sheets(file)
    except (Unusable, Unreadable) as error:
        raise Stop(1, f"{file}：{error}") from error
    numbers, given = order_numbers(sheets), receipts(sheets)
    known, used = read(config, lambda tx: (known_orders(tx, numbers), by_receipt(tx, given)))
    found, problems = results(sheets, known, used)
    if problems:
        raise Stop(1, "\n".join([*problems, f"共 {len(problems)} 个问题，什么也没有登记。"]))
    told = [
        ListResult(order=one.order_no, paid=one.paid, receipt=one.receipt, reason=one.reason)
        for one in found
    ]
    print(write(config, ImportResults(by=by, results=told)))


@payouts.command("reconcile")
def payouts_reconcile(
    day: Annotated[str, typer.Option(help="哪一天，例如 2026-11-23；不写是昨天")] = "",
    done: Annotated[bool, typer.Option("--done", help="从备份恢复后，人工核对完了")] = False,
    by: Annotated[str, typer.Option(help="您的 userid（和 --done 一起写，要管理员）")] = "",
    config: ConfigFile = CONFIG,
) -> None:
    """和发奖渠道对一天的账；有差异时退出码是 1。"""
    if done:
        _end_reconciling(config, by)
        return
    from bot.books import reconcile
    from bot.clock import SystemClock
    from bot.reconciling import told

    wanted = _day(day) if day else None
    settings = chosen_settings(config, secrets=True)
    yesterday = SystemClock().now().astimezone(settings.zone).date() - timedelta(days=1)
    row = ended(reconcile(settings, wanted or yesterday))
    if row is None:
        raise Stop(1, f"发奖方式 {settings.payer} 没有对账单。")
    print(told(row, None))
    raise typer.Exit(1 if row.differences else 0)


@codes.command("import")
def codes_import(
    file: Annotated[Path, typer.Argument(help="券码文件：.xlsx、.csv，或每行一个的 .txt")],
    source: Annotated[str, typer.Option(help="活动名，或 points/积分计划名")],
    prize: Annotated[str, typer.Option(help="奖品名称，和活动文件里的一样")],
    by: By,
    config: ConfigFile = CONFIG,
) -> None:
    """导入券码；重复的、空的逐个列出，什么也不导入。"""
    from bot.code_list import Faulty, read_codes
    from bot.payout_acts import ImportCodes
    from bot.sheets import Unusable
    from sop.files import Unreadable

    settings = chosen_settings(config)
    _colleague(settings, by)
    _coupon_prize(settings, source, prize)
    try:
        found = read_codes(file)
    except Faulty as error:
        count = len(error.faults)
        lines = [*error.faults[:50], f"共 {count} 个问题，什么也没有导入。"]
        raise Stop(1, "\n".join(lines)) from error
    except (Unusable, Unreadable) as error:
        raise Stop(1, f"{file}：{error}") from error
    print(write(config, ImportCodes(by=by, source=source, prize=prize, codes=found)))


@codes.command("list")
def codes_list(config: ConfigFile = CONFIG) -> None:
    """每种券还剩多少。"""
    from bot.payout_desk import stock_lines

    print(read(config, stock_lines))


def _reason(typed: str) -> str:
    from sop.wording import told

    why = told(typed)
    if not 0 < len(why) <= _LONGEST_REASON:
        raise Stop(1, f"请用 1 到 {_LONGEST_REASON} 个字写明理由。")
    return why


def _approver(settings: "Settings", by: str) -> "Staff":
    from bot.approval import APPROVERS

    colleague = settings.staff.get(by)
    if colleague is None or not colleague.roles & APPROVERS:
        raise Stop(1, f"“{by}”不是 config.yaml 里的主管或管理员，不能批准发奖。")
    return colleague


def _colleague(settings: "Settings", by: str) -> None:
    from sop.community import Role

    colleague = settings.staff.get(by)
    if colleague is None or not colleague.roles - {Role.RM, Role.REVIEWER}:
        raise Stop(1, f"“{by}”不是 config.yaml 里的运营、主管或管理员。")


def _end_reconciling(config: Path, by: str) -> None:
    from bot.payout_acts import EndReconciling
    from sop.community import Role

    colleague = chosen_settings(config).staff.get(by)
    if colleague is None or Role.ADMIN not in colleague.roles:
        raise Stop(1, f"“{by}”不是 config.yaml 里的管理员，不能结束核对。")
    print(write(config, EndReconciling(by=by)))


def _coupon_prize(settings: "Settings", source: str, prize: str) -> None:
    """The source gives this prize as a coupon. Raises Stop."""
    from bot.books import coupon_prizes
    from bot.shelf import shelf_of

    library = shelf_of(settings).edition.library
    known = coupon_prizes(library)
    if source not in known:
        names = "、".join(sorted(known)) or "没有"
        raise Stop(1, f"没有发优惠券的活动“{source}”。发券的活动：{names}。")
    if prize not in known[source]:
        names = "、".join(sorted(known[source]))
        raise Stop(1, f"“{source}”里没有叫“{prize}”的券，有：{names}。")


def _day(typed: str) -> date:
    written = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", typed.strip())
    if written is None:
        raise Stop(1, f"看不懂日期“{typed}”，请写成 2026-11-23。")
    try:
        return date(*map(int, written.groups()))
    except ValueError:
        raise Stop(1, f"没有 {typed.strip()} 这一天，请写成 2026-11-23。") from None
