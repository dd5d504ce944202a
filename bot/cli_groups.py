"""The terminal's groups of commands: payouts, outbox, campaign, draw, db."""

from pathlib import Path
from typing import Annotated

import typer

from bot.terminal import CONFIG, ConfigFile, Stop, chosen_settings, read, upgrade, write

payouts = typer.Typer(help="发奖：查看、批准、导出。", no_args_is_help=True)
outbox = typer.Typer(help="发件箱：查看、重发、搁置、丢弃。", no_args_is_help=True)
campaign = typer.Typer(help="抽奖活动：查看奖池、导出证据。", no_args_is_help=True)
draw = typer.Typer(help="验证抽奖。", no_args_is_help=True)
db = typer.Typer(help="数据库：升级、备份、检查。", no_args_is_help=True)


@payouts.command("list")
def payouts_list(
    status: Annotated[str | None, typer.Option(help="只看一种状态")] = None,
    config: ConfigFile = CONFIG,
) -> None:
    """列出奖励和它们走到哪一步。"""
    from bot.desk import payout_lines

    print(read(config, lambda tx: payout_lines(tx, status)))


@payouts.command("approve")
def payouts_approve(
    by: Annotated[str, typer.Option(help="批准人的 userid")],
    order: Annotated[list[str] | None, typer.Argument(help="订单号；不写则批准所有到期的")] = None,
    config: ConfigFile = CONFIG,
) -> None:
    """批准到期的奖励。"""
    from bot.acts import ApprovePayouts
    from sop.community import Role

    colleague = chosen_settings(config).staff.get(by)
    if colleague is None or not colleague.roles & {Role.MANAGER, Role.ADMIN}:
        raise Stop(1, f"“{by}”不是 config.yaml 里的主管或管理员，不能批准发奖。")
    print(write(config, ApprovePayouts(by=by, orders=order)))


@payouts.command("export")
def payouts_export(
    out: Annotated[Path, typer.Option(help="CSV 文件")],
    status: Annotated[str, typer.Option(help="导出哪种状态")] = "due",
    config: ConfigFile = CONFIG,
) -> None:
    """导出给财务的名单（CSV，Excel 能直接打开）。"""
    from bot.desk import payout_csv

    text, count = read(config, lambda tx: payout_csv(tx, status))
    out.touch(mode=0o600)
    out.write_text(text, encoding="utf-8-sig")
    print(f"写好了 {out}：{count} 笔")


@outbox.command("list")
def outbox_list(
    status: Annotated[str | None, typer.Option(help="只看一种状态")] = None,
    limit: Annotated[int, typer.Option(help="最多几行")] = 50,
    config: ConfigFile = CONFIG,
) -> None:
    """列出欠着的消息，以及为什么还没有发出。"""
    from bot.desk import outbox_lines

    zone = chosen_settings(config).zone
    print(read(config, lambda tx: outbox_lines(tx, status, limit, zone)))


@outbox.command("retry")
def outbox_retry(number: int, config: ConfigFile = CONFIG) -> None:
    """再发一次。"""
    from bot.acts import HandleLetter

    print(write(config, HandleLetter(verb="retry", number=number)))


@outbox.command("hold")
def outbox_hold(number: int, reason: str, config: ConfigFile = CONFIG) -> None:
    """先搁置，写明原因。"""
    from bot.acts import HandleLetter

    print(write(config, HandleLetter(verb="hold", number=number, reason=reason)))


@outbox.command("drop")
def outbox_drop(number: int, reason: str, config: ConfigFile = CONFIG) -> None:
    """不再发送，写明原因。"""
    from bot.acts import HandleLetter

    print(write(config, HandleLetter(verb="drop", number=number, reason=reason)))


@campaign.command("list")
def campaign_list(config: ConfigFile = CONFIG) -> None:
    """列出开过的奖池。"""
    from bot.evidence import deck_lines

    zone = chosen_settings(config).zone
    print(read(config, lambda tx: deck_lines(tx, zone)))


@campaign.command("evidence")
def campaign_evidence(
    number: Annotated[int, typer.Argument(help="奖池编号，见 campaign list")],
    out: Annotated[Path, typer.Option(help="写到哪个文件")],
    config: ConfigFile = CONFIG,
) -> None:
    """导出一期已结束抽奖的证据文件，任何人都能据此验证。"""
    from bot.evidence import evidence_json

    out.write_text(read(config, lambda tx: evidence_json(tx, number)), encoding="utf-8")
    print(f"写好了 {out}；验证：qunyun draw verify {out}")


@draw.command("verify")
def draw_verify(file: Annotated[Path, typer.Argument(help="证据文件")]) -> None:
    """只凭证据文件验证一期抽奖，不需要数据库，也不需要相信本程序。"""
    from bot.evidence import judge

    if not file.is_file():
        raise Stop(1, f"没有这个文件：{file}")
    fine, text = judge(file.read_text(encoding="utf-8"))
    print(text)
    raise typer.Exit(0 if fine else 1)


@db.command("upgrade")
def db_upgrade(config: ConfigFile = CONFIG) -> None:
    """把数据库升级到当前版本。"""
    upgrade(config)
    print("数据库已是当前版本。")


@db.command("backup")
def db_backup(
    out: Annotated[Path, typer.Argument(help="备份到哪个文件")], config: ConfigFile = CONFIG
) -> None:
    """备份数据库（SQLite；服务可以照常运行）。"""
    from storage.backup import backup
    from storage.database import Unusable

    try:
        size = backup(chosen_settings(config).database, out)
    except Unusable as error:
        raise Stop(1, str(error)) from error
    print(f"写好了 {out}（{size / 1_048_576:.1f} MB）")


@db.command("check")
def db_check(config: ConfigFile = CONFIG) -> None:
    """检查数据库文件、引用和账本。"""
    from storage.backup import check as check_database
    from storage.database import Unusable

    try:
        problems = check_database(chosen_settings(config).database)
    except Unusable as error:
        raise Stop(1, str(error)) from error
    if problems:
        raise Stop(1, "\n".join(problems))
    print("数据库完好，账本平衡。")
