"""`qunyun rehearse`: plans on a virtual clock against simulated members. Nothing is sent."""

import asyncio
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import typer

from bot.terminal import Stop

MOST_DAYS = 366
MOST_MEMBERS = 20_000


def rehearse(
    plans: Annotated[
        list[str] | None, typer.Argument(help="计划名；不写就是库里的全部计划")
    ] = None,
    start: Annotated[str, typer.Option(help="第一天，例如 2026-11-23")] = "",
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="演几天")] = 7,
    members: Annotated[
        int, typer.Option(min=1, max=MOST_MEMBERS, help="模拟成员，各社群平分")
    ] = 200,
    seed: Annotated[int, typer.Option(help="种子：同样的参数和种子，结果一字不差")] = 7,
    seeds: Annotated[int, typer.Option(min=1, max=1000, help="成本预测用多少个种子")] = 20,
    rm: Annotated[
        Literal["punctual", "busy", "absent"],
        typer.Option(help="客户经理的脾气：punctual 守时，busy 忙碌，absent 缺席"),
    ] = "punctual",
    community: Annotated[list[str] | None, typer.Option(help="只演这个社群；可以写几次")] = None,
    library: Annotated[
        Path | None, typer.Option(help="计划库文件夹；默认用配置里的，或自带的示例库")
    ] = None,
    config: Annotated[
        Path | None, typer.Option("-c", "--config", help="配置文件；不写就用两个示例社群")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="另存为 JSON 文件")] = None,
    html: Annotated[Path | None, typer.Option(help="另存为一个网页")] = None,
) -> None:
    """彩排：用模拟成员把计划快演一遍，什么都不会发出去。有问题时退出码为 1。"""
    from bot.rehearsal.casting import NotRehearsable, cast, labelled, narrowed
    from bot.rehearsal.host import HOSTS
    from bot.rehearsal.page import page
    from bot.rehearsal.rehearse import Wish, as_text, rehearse, span_of
    from bot.rehearsal.stage import Script
    from bot.rehearsal.terminal import render
    from bot.warm import warm_up

    first = _first_day(start)
    try:
        chosen, shelf, workdays = cast(config, library)
        chosen, shelf = narrowed(chosen, shelf, plans or [], community or [])
    except NotRehearsable as error:
        raise Stop(1, str(error)) from error
    if config is None and plans:
        chosen = labelled(chosen, shelf)
    span = span_of(first, days, chosen.zone)
    script = Script(chosen, shelf, workdays, span, members, seed, HOSTS[rm])
    warm_up()
    gc.set_threshold(100_000, 20, 100)  # a short life with little rubbish: a tenth of its time
    with _progress() as progress:
        result = asyncio.run(rehearse(script, Wish(first, seeds, plans or []), progress))
    staff = {one.id: one.name for one in chosen.staff.values()}
    print(render(result, staff))
    if json is not None:
        json.write_text(as_text(result), encoding="utf-8")
        print(f"写好了 {json}")
    if html is not None:
        html.write_text(page(result, staff), encoding="utf-8")
        print(f"写好了 {html}")
    raise typer.Exit(1 if result.problems else 0)


def _first_day(text: str) -> date:
    if not text:
        raise Stop(2, "请写第一天是哪一天，例如 --start 2026-11-23。")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Stop(2, f"“{text}”不是一个日期，请写成 2026-11-23 这样。") from None


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on the terminal; nothing where nobody watches."""
    if not sys.stderr.isatty():
        yield lambda what, done, whole: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def show(what: str, done: int, whole: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=whole)
            bar.update(tasks[what], completed=done)

        yield show
