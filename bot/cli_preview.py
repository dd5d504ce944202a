"""`qunyun preview`: every step of a week with the exact words of every message."""

import asyncio
from pathlib import Path
from typing import Annotated, Literal

import typer

from bot.terminal import Stop


def preview(
    plans: Annotated[
        list[str] | None, typer.Argument(help="计划名；不写就是库里的全部计划")
    ] = None,
    week: Annotated[str, typer.Option(help="哪一周，例如 2026-W48")] = "",
    community: Annotated[list[str] | None, typer.Option(help="只看这个社群；可以写几次")] = None,
    output: Annotated[
        Literal["text", "json", "html"], typer.Option("--format", help="输出格式")
    ] = "text",
    out: Annotated[Path | None, typer.Option(help="写到文件；默认打印")] = None,
    library: Annotated[
        Path | None, typer.Option(help="计划库文件夹；默认用配置里的，或自带的示例库")
    ] = None,
    config: Annotated[
        Path | None, typer.Option("-c", "--config", help="配置文件；不写就用两个示例社群")
    ] = None,
) -> None:
    """预览一周：每一步什么时候发、发什么、有没有冲突。什么都不会发出去。"""
    from bot.preview.make import make
    from bot.rehearsal.casting import NotRehearsable
    from sop.summary.weeks import NoSuchWeek, parse_week
    from sop.workdays import UnknownYear

    if not week:
        raise Stop(2, "请写哪一周，例如 --week 2026-W48。")
    try:
        monday = parse_week(week)
    except NoSuchWeek as error:
        raise Stop(2, str(error)) from error
    try:
        text = asyncio.run(make(monday, output, plans or [], community or [], library, config))
    except (NotRehearsable, UnknownYear) as error:
        raise Stop(1, str(error)) from error
    if out is None:
        print(text)
    else:
        out.write_text(text, encoding="utf-8")
        print(f"写好了 {out}")
