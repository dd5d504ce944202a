"""The command line: one thin function per command. Heavy imports wait until they are needed.

Exit codes: 0 done, 1 the input or the state is wrong (explained), 2 usage, 3 an outside service
failed.
"""

import asyncio
import errno
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from bot import (
    cli_archive,
    cli_bank,
    cli_campaign,
    cli_groups,
    cli_leads,
    cli_members,
    cli_merge,
    cli_payouts,
    cli_rehearse,
    cli_report,
    cli_review,
    cli_rollups,
    cli_schema,
)
from bot.cli_preview import preview
from bot.terminal import CONFIG, ConfigFile, Stop, chosen_settings

cli = typer.Typer(
    help="群运：在企业微信里运营银行的客户社群。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for name, group in (
    ("payouts", cli_payouts.payouts),
    ("outbox", cli_groups.outbox),
    ("campaign", cli_campaign.campaign),
    ("draw", cli_groups.draw),
    ("db", cli_groups.db),
    ("leads", cli_leads.leads),
    ("channel", cli_leads.channel),
    ("members", cli_members.members),
    ("rollups", cli_rollups.rollups),
):
    cli.add_typer(group, name=name)
cli_campaign.campaign.command("archive")(cli_archive.archive)
cli_members.members.command("merge")(cli_merge.merge)
cli_campaign.campaign.command("verify-archive")(cli_archive.verify_archive)
cli.add_typer(cli_bank.bank, name="bank")
cli.add_typer(cli_review.review, name="review")
cli.command()(cli_rehearse.rehearse)
cli.command()(cli_schema.schema)
cli.command()(cli_report.report)

cli.command()(preview)


_TROUBLE = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EACCES: "没有权限",
    errno.EISDIR: "这是一个文件夹，请写文件名",
    errno.ENOTDIR: "路径中间有一段不是文件夹",
    errno.ENOSPC: "磁盘满了",
    errno.EROFS: "这个文件系统只能读",
}


def main() -> None:
    """Runs a command; what goes wrong is told in words, never as a traceback."""
    try:
        code = cli(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except typer.TyperException as error:  # typed wrong
        from bot.usage import in_chinese

        print(in_chinese(error), file=sys.stderr)
        sys.exit(error.exit_code)
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
    own: Annotated[
        Path | None,
        typer.Option("--library", help="演示您自己的计划库文件夹；保存文件，两秒内生效"),
    ] = None,
) -> None:
    """本地演示：沙箱企业微信、两个社群、可以拨动的时钟。"""
    import tempfile

    from bot.demo import demo as run_demo
    from bot.demo import own_library
    from bot.shelf import shipped

    if own is not None and not own.is_dir():
        raise Stop(1, f"没有这个文件夹：{own}")
    library, workdays = shipped()
    shelf = None if own is None else own_library(own)
    if shelf is not None:
        library, workdays = shelf.edition.library, shelf.edition.workdays
        print(f"计划库：{own}，保存文件，两秒内生效。")
    with tempfile.TemporaryDirectory(prefix="qunyun-demo-") as temporary:
        target = folder or Path(temporary)
        target.mkdir(parents=True, exist_ok=True)
        serving = run_demo(
            library=library,
            workdays=workdays,
            port=port,
            folder=target,
            headless=headless,
            shelf=shelf,
        )
        _serve(serving)


@cli.command()
def serve(config: ConfigFile = CONFIG) -> None:
    """正式运行。"""
    from bot.app import App
    from bot.clock import SystemClock
    from bot.logs import set_up as set_up_logs
    from bot.restored import Mark
    from bot.shelf import shelf_of
    from storage.database import Unusable, open_database

    set_up_logs()
    chosen = chosen_settings(config, secrets=True)
    shelf = shelf_of(chosen)
    first = shelf.edition

    async def run() -> None:
        try:
            database = await open_database(chosen.database)
        except Unusable as error:
            raise Stop(1, str(error)) from error
        app = App(
            chosen,
            first.library,
            first.workdays,
            database,
            SystemClock(),
            shelf=shelf,
            mark=Mark.beside(chosen.database),
        )
        assert app.reload is not None  # noqa: S101  # there is a shelf
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, app.reload.now)
        await app.start()
        await app.run()

    _serve(run())


@cli.command()
def init(folder: Annotated[Path, typer.Argument(help="放在哪个文件夹")]) -> None:
    """写出一份可以改的配置和计划库。"""
    from bot.shelf import write_starter

    written = write_starter(folder)
    library = folder / "library"
    inside = [one for one in written if one.is_relative_to(library)]
    for path in written:
        if path not in inside:
            print(f"写好了 {path}")
    print(f"写好了 {library}：{len(inside)} 个文件" if inside else f"{library} 已经有了，没有改动")
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
def doctor(config: ConfigFile = CONFIG) -> None:
    """逐项检查计划库、工作日历、磁盘、数据库和企业微信，并说明怎么办。"""
    from bot.doctor import examine

    code, text = asyncio.run(examine(chosen_settings(config, secrets=True)))
    print(text)
    raise typer.Exit(code)


def _serve(serving: Coroutine[Any, Any, None]) -> None:
    """Runs until the work ends or somebody asks it to stop (Ctrl-C, SIGTERM)."""
    from bot.warm import warm_up

    warm_up()

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
