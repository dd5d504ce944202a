"""`qunyun rehearse`: plans on a virtual clock against simulated members. Nothing is sent."""

import asyncio
import gc
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bot.terminal import Stop

if TYPE_CHECKING:
    from bot.rehearsal.flow import Flow
    from bot.rehearsal.rehearse import Wish
    from bot.rehearsal.stage import Script

MOST_DAYS = 366
MOST_MEMBERS = 20_000
MOST_PEOPLE = 100_000
USUAL = (7, 200, 20)
"""Days, members, seeds."""
USUAL_IN_A_FLOW = (0, 3)
"""Members beside those who join, and seeds."""


def rehearse(
    plans: Annotated[
        list[str] | None, typer.Argument(help="计划名；不写就是库里的全部计划")
    ] = None,
    start: Annotated[str, typer.Option(help="第一天，例如 2026-11-23")] = "",
    days: Annotated[
        int | None,
        typer.Option(min=1, max=MOST_DAYS, help="演几天；默认 7，引流时同 --over"),
    ] = None,
    members: Annotated[
        int | None,
        typer.Option(min=0, max=MOST_MEMBERS, help="模拟成员，各社群平分；默认 200，引流时 0"),
    ] = None,
    joins: Annotated[
        int, typer.Option(min=0, max=MOST_PEOPLE, help="引流：陆续入群多少人，奖励演到发完为止")
    ] = 0,
    over: Annotated[str, typer.Option(help="引流：在多长时间里入群，例如 14d")] = "14d",
    seed: Annotated[int, typer.Option(help="种子：同样的参数和种子，结果一字不差")] = 7,
    seeds: Annotated[
        int | None,
        typer.Option(min=1, max=1000, help="成本预测用多少个种子；默认 20，引流时 3"),
    ] = None,
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
    from bot.rehearsal.flow import Flow, with_room
    from bot.rehearsal.host import HOSTS
    from bot.rehearsal.rehearse import Wish, span_of
    from bot.rehearsal.stage import Script

    first = _first_day(start)
    flow = Flow(joins, first, _whole_days(over)) if joins else None
    days, members, seeds = _or_usual((days, members, seeds), flow)
    try:
        chosen, shelf, workdays = cast(config, library)
        chosen, shelf = narrowed(chosen, shelf, plans or [], community or [])
        if config is None and plans:
            chosen = labelled(chosen, shelf)
        chosen, aside = with_room(chosen, members, flow)
    except NotRehearsable as error:
        raise Stop(1, str(error)) from error
    span = span_of(first, days, chosen.zone)
    script = Script(chosen, shelf, workdays, span, members, seed, HOSTS[rm], flow, aside)
    _perform(script, Wish(first, seeds, plans or []), json, html)


def _or_usual(typed: Sequence[int | None], flow: "Flow | None") -> list[int]:
    """Days, members and seeds; where nothing was typed, the usual ones."""
    usual = USUAL if flow is None else (flow.days, *USUAL_IN_A_FLOW)
    return [number if one is None else one for one, number in zip(typed, usual, strict=True)]


def _perform(script: "Script", wish: "Wish", json: Path | None, html: Path | None) -> None:
    """Runs it, shows it, writes the files, and ends with the exit code."""
    from bot.rehearsal.page import page
    from bot.rehearsal.rehearse import as_text, rehearse
    from bot.rehearsal.terminal import render
    from bot.warm import warm_up

    warm_up()
    gc.set_threshold(100_000, 20, 100)  # a short life with little rubbish: a tenth of its time
    with _progress() as progress:
        result = asyncio.run(rehearse(script, wish, progress))
    staff = {one.id: one.name for one in script.settings.staff.values()}
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


def _whole_days(text: str) -> int:
    from sop.times import parse_duration

    try:
        days, rest = divmod(parse_duration(text), timedelta(days=1))
    except ValueError:
        days, rest = 0, timedelta()
    if not 1 <= days <= MOST_DAYS or rest:
        raise Stop(2, f"“{text}”不是整数天，请写成 --over 14d 这样，最多 {MOST_DAYS} 天。")
    return days


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
