"""The terminal's groups of commands: outbox, draw, db."""

from pathlib import Path
from typing import Annotated

import typer

from bot.terminal import CONFIG, ConfigFile, Stop, chosen_settings, read, upgrade, write

outbox = typer.Typer(help="发件箱：查看、重发、搁置、丢弃。", no_args_is_help=True)
draw = typer.Typer(help="验证抽奖。", no_args_is_help=True)
db = typer.Typer(help="数据库：升级、备份、检查。", no_args_is_help=True)


@outbox.command("list")
def outbox_list(
    status: Annotated[str | None, typer.Option(help="只看一种状态")] = None,
    every: Annotated[bool, typer.Option("--all", help="已发的、丢弃的也列出")] = False,
    limit: Annotated[int, typer.Option(help="最多几行")] = 50,
    config: ConfigFile = CONFIG,
) -> None:
    """列出欠着的消息，以及为什么还没有发出。"""
    from bot.desk import outbox_lines

    zone = chosen_settings(config).zone
    print(read(config, lambda tx: outbox_lines(tx, status, limit, zone, every=every)))


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


@draw.command("verify")
def draw_verify(
    file: Annotated[Path, typer.Argument(help="证据文件")],
    receipt: Annotated[str, typer.Option(help="再看看这个凭证（16 位或 64 位）在不在里面")] = "",
) -> None:
    """只凭证据文件验证一期抽奖，不需要数据库，也不需要相信本程序。"""
    from bot.evidence import judge

    if not file.is_file():
        raise Stop(1, f"没有这个文件：{file}")
    fine, text = judge(file.read_bytes(), receipt.strip().lower())
    print(text)
    raise typer.Exit(0 if fine else 1)


@db.command("upgrade")
def db_upgrade(config: ConfigFile = CONFIG) -> None:
    """把数据库升级到当前版本。"""
    upgrade(config)
    print("数据库已是当前版本。")


@db.command("rotate-keys")
def db_rotate_keys(config: ConfigFile = CONFIG) -> None:
    """把加密的字段都换成用第一把数据密钥加密；服务可以照常运行。"""
    from bot.rotating import RotateKeys

    print(write(config, RotateKeys()))


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


@db.command("restore")
def db_restore(
    file: Annotated[Path, typer.Argument(help="备份文件（db backup 写的）")],
    config: ConfigFile = CONFIG,
) -> None:
    """用备份换下数据库（SQLite；要先停止服务）；之后先核对已发的奖，再继续发奖。"""
    from bot.clock import SystemClock
    from storage.backup import restore
    from storage.database import Unusable

    try:
        kept = restore(chosen_settings(config).database, file, SystemClock().now())
    except Unusable as error:
        raise Stop(1, str(error)) from error
    before = f"原来的数据库留在 {kept}。" if kept else ""
    print(f"恢复好了。{before}启动后会先向发奖渠道核对，核对完才继续发奖。")


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
