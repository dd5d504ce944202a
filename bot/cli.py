"""The command line: one thin function per command. Heavy imports wait until they are needed.

Exit codes: 0 done, 1 the input or the state is wrong (explained), 2 usage, 3 an outside service
failed.
"""

import asyncio
import errno
import logging
import os
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from bot.settings import Settings

cli = typer.Typer(
    help="群运：在企业微信里运营银行的客户社群。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
payouts = typer.Typer(help="发奖：查看、批准、导出。", no_args_is_help=True)
outbox = typer.Typer(help="发件箱：查看、重发、搁置、丢弃。", no_args_is_help=True)
campaign = typer.Typer(help="抽奖活动：查看奖池、导出证据。", no_args_is_help=True)
draw = typer.Typer(help="验证抽奖。", no_args_is_help=True)
db = typer.Typer(help="数据库：升级、备份、检查。", no_args_is_help=True)
cli.add_typer(payouts, name="payouts")
cli.add_typer(outbox, name="outbox")
cli.add_typer(campaign, name="campaign")
cli.add_typer(draw, name="draw")
cli.add_typer(db, name="db")

ConfigFile = Annotated[Path, typer.Option("-c", "--config", help="配置文件")]
CONFIG = Path("config.yaml")


_TROUBLE = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EACCES: "没有权限",
    errno.EISDIR: "这是一个文件夹，请写文件名",
    errno.ENOTDIR: "路径中间有一段不是文件夹",
    errno.ENOSPC: "磁盘满了",
    errno.EROFS: "这个文件系统只能读",
}


class Stop(Exception):
    """Ends a command with an exit code and a text for the person who typed it."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


def main() -> None:
    """Runs a command; what goes wrong is told in words, never as a traceback."""
    try:
        cli()
    except Stop as stop:
        print(stop, file=sys.stderr)
        sys.exit(stop.code)
    except OSError as error:  # a file that cannot be read or written
        why = _TROUBLE.get(error.errno or 0, str(error))
        print(f"{error.filename or '系统'}：{why}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


@cli.command()
def demo(
    port: Annotated[int, typer.Option(help="聊天页的端口；机器人用下一个")] = 8642,
    folder: Annotated[
        Path | None, typer.Option("--dir", help="数据放在哪里；默认用临时文件夹")
    ] = None,
    headless: Annotated[bool, typer.Option("--headless", help="不打开浏览器")] = False,
) -> None:
    """本地演示：沙箱企业微信、两个社群、可以拨动的时钟。"""
    import tempfile

    from bot.demo import demo as run_demo
    from bot.shelf import shipped

    library, workdays = shipped()
    with tempfile.TemporaryDirectory(prefix="qunyun-demo-") as temporary:
        target = folder or Path(temporary)
        target.mkdir(parents=True, exist_ok=True)
        serving = run_demo(
            library=library, workdays=workdays, port=port, folder=target, headless=headless
        )
        _serve(serving)


@cli.command()
def serve(config: ConfigFile = CONFIG) -> None:
    """正式运行。"""
    from bot.app import App
    from bot.clock import SystemClock
    from bot.shelf import library_of
    from storage.database import Unusable, open_database

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    chosen = _settings(config)
    library, workdays = library_of(chosen)

    async def run() -> None:
        try:
            database = await open_database(chosen.database)
        except Unusable as error:
            raise Stop(1, str(error)) from error
        app = App(chosen, library, workdays, database, SystemClock())
        await app.start()
        await app.run()

    _serve(run())


@cli.command()
def init(folder: Annotated[Path, typer.Argument(help="放在哪个文件夹")]) -> None:
    """写出一份可以改的配置和计划库。"""
    from bot.shelf import write_starter

    written = write_starter(folder)
    print("\n".join(f"写好了 {path}" for path in written))
    print(f"下一步：改 {folder / 'config.yaml'}，再运行 qunyun check {folder}")


@cli.command()
def check(
    paths: Annotated[list[Path] | None, typer.Argument(help="文件或文件夹；默认是自带的库")] = None,
    output: Annotated[
        Literal["text", "json", "github"], typer.Option("--format", help="输出格式")
    ] = "text",
) -> None:
    """检查计划、活动、题库和配置：所有问题一次列全。"""
    from bot.shelf import check_all

    missing = [str(path) for path in paths or [] if not path.exists()]
    if missing:
        raise Stop(1, "没有这些文件或文件夹：" + "、".join(missing))
    code, text = check_all(paths or [], output)
    print(text)
    raise typer.Exit(code)


@cli.command()
def report(
    week: Annotated[str, typer.Option(help="哪一周，例如 2026-W47")],
    community: Annotated[str | None, typer.Option(help="社群编号；默认全部")] = None,
    rm: Annotated[str | None, typer.Option(help="只看一位客户经理名下的社群")] = None,
    output: Annotated[Literal["md", "json"], typer.Option("--format", help="格式")] = "md",
    out: Annotated[Path | None, typer.Option(help="写到文件；默认打印")] = None,
    config: ConfigFile = CONFIG,
) -> None:
    """周报。"""
    from bot.report import NoSuchScope
    from bot.report import report as make_report
    from bot.shelf import library_of
    from sop.summary.weeks import NoSuchWeek
    from storage.database import Unusable, open_database

    chosen = _settings(config)
    library, _ = library_of(chosen)

    async def run() -> str:
        database = await open_database(chosen.database, read_only=True)
        try:
            return await make_report(
                database,
                library,
                chosen.staff,
                chosen.communities,
                chosen.zone,
                week=week,
                community=community,
                rm=rm,
                format=output,
            )
        finally:
            await database.close()

    try:
        text = asyncio.run(run())
    except (NoSuchScope, NoSuchWeek, Unusable) as error:
        raise Stop(1, str(error)) from error
    if out is None:
        print(text)
    else:
        out.write_text(text, encoding="utf-8")
        print(f"写好了 {out}")


@payouts.command("list")
def payouts_list(
    status: Annotated[str | None, typer.Option(help="只看一种状态")] = None,
    config: ConfigFile = CONFIG,
) -> None:
    """列出奖励和它们走到哪一步。"""
    from bot.desk import payout_lines

    print(_read(config, lambda tx: payout_lines(tx, status)))


@payouts.command("approve")
def payouts_approve(
    by: Annotated[str, typer.Option(help="批准人的 userid")],
    order: Annotated[list[str] | None, typer.Argument(help="订单号；不写则批准所有到期的")] = None,
    config: ConfigFile = CONFIG,
) -> None:
    """批准到期的奖励。"""
    from bot.desk import approve_due
    from sop.community import Role

    colleague = _settings(config).staff.get(by)
    if colleague is None or not colleague.roles & {Role.MANAGER, Role.ADMIN}:
        raise Stop(1, f"“{by}”不是 config.yaml 里的主管或管理员，不能批准发奖。")
    print(_write(config, lambda tx, now: approve_due(tx, order, by, now)))


@payouts.command("export")
def payouts_export(
    out: Annotated[Path, typer.Option(help="CSV 文件")],
    status: Annotated[str, typer.Option(help="导出哪种状态")] = "due",
    config: ConfigFile = CONFIG,
) -> None:
    """导出给财务的名单（CSV，Excel 能直接打开）。"""
    from bot.desk import payout_csv

    text, count = _read(config, lambda tx: payout_csv(tx, status))
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

    print(_read(config, lambda tx: outbox_lines(tx, status, limit)))


def _outbox_verb(verb: str, number: int, reason: str, config: Path) -> None:
    from bot.desk import outbox_act

    print(_write(config, lambda tx, now: outbox_act(tx, verb, number, reason, now)))


@outbox.command("retry")
def outbox_retry(number: int, config: ConfigFile = CONFIG) -> None:
    """再发一次。"""
    _outbox_verb("retry", number, "", config)


@outbox.command("hold")
def outbox_hold(number: int, reason: str, config: ConfigFile = CONFIG) -> None:
    """先搁置，写明原因。"""
    _outbox_verb("hold", number, reason, config)


@outbox.command("drop")
def outbox_drop(number: int, reason: str, config: ConfigFile = CONFIG) -> None:
    """不再发送，写明原因。"""
    _outbox_verb("drop", number, reason, config)


@campaign.command("list")
def campaign_list(config: ConfigFile = CONFIG) -> None:
    """列出开过的奖池。"""
    from bot.evidence import deck_lines

    zone = _settings(config).zone
    print(_read(config, lambda tx: deck_lines(tx, zone)))


@campaign.command("evidence")
def campaign_evidence(
    number: Annotated[int, typer.Argument(help="奖池编号，见 campaign list")],
    out: Annotated[Path, typer.Option(help="写到哪个文件")],
    config: ConfigFile = CONFIG,
) -> None:
    """导出一期已结束抽奖的证据文件，任何人都能据此验证。"""
    from bot.evidence import evidence_json

    out.write_text(_read(config, lambda tx: evidence_json(tx, number)), encoding="utf-8")
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
    _write(config, lambda tx, now: None)
    print("数据库已是当前版本。")


@db.command("backup")
def db_backup(
    out: Annotated[Path, typer.Argument(help="备份到哪个文件")], config: ConfigFile = CONFIG
) -> None:
    """备份数据库（SQLite；服务可以照常运行）。"""
    from storage.backup import backup
    from storage.database import Unusable

    try:
        size = backup(_settings(config).database, out)
    except Unusable as error:
        raise Stop(1, str(error)) from error
    print(f"写好了 {out}（{size / 1_048_576:.1f} MB）")


@db.command("check")
def db_check(config: ConfigFile = CONFIG) -> None:
    """检查数据库文件、引用和账本。"""
    from storage.backup import check as check_database
    from storage.database import Unusable

    try:
        problems = check_database(_settings(config).database)
    except Unusable as error:
        raise Stop(1, str(error)) from error
    if problems:
        raise Stop(1, "\n".join(problems))
    print("数据库完好，账本平衡。")


@cli.command()
def doctor(config: ConfigFile = CONFIG) -> None:
    """逐项检查计划库、工作日历、磁盘、数据库和企业微信，并说明怎么办。"""
    from bot.doctor import examine

    code, text = asyncio.run(examine(_settings(config)))
    print(text)
    raise typer.Exit(code)


def _settings(path: Path) -> "Settings":
    from bot.settings import Missing, read_config, settings
    from sop.diagnostics import render

    config, problems = read_config(path)
    if config is None:
        raise Stop(1, render(problems))
    try:
        return settings(config, os.environ, path.resolve().parent)
    except Missing as error:
        raise Stop(1, str(error)) from error


def _read(config: Path, work: Any) -> Any:
    return _transact(config, work, write=False)


def _write(config: Path, work: Any) -> Any:
    return _transact(config, work, write=True)


def _transact(config: Path, work: Any, *, write: bool) -> Any:
    from bot.clock import SystemClock
    from bot.desk import Refused
    from storage.database import Unusable, open_database

    chosen = _settings(config)

    async def run() -> Any:
        database = await open_database(chosen.database, read_only=not write)
        try:
            now = SystemClock().now()
            return await (
                database.write(lambda tx: work(tx, now)) if write else database.read(work)
            )
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except (Unusable, Refused) as error:
        raise Stop(1, str(error)) from error


def _serve(serving: Coroutine[Any, Any, None]) -> None:
    """Runs until the work ends or somebody asks it to stop (Ctrl-C, SIGTERM)."""

    async def until_stopped() -> None:
        task = asyncio.ensure_future(serving)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
        try:
            await task
        except asyncio.CancelledError:
            print("已停止。", flush=True)

    try:
        asyncio.run(until_stopped())
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise Stop(1, "端口被占用：换一个端口，或先停掉占用它的程序。") from error
