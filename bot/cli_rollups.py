"""The terminal's group of commands `rollups`."""

from typing import TYPE_CHECKING

import typer

from bot.terminal import CONFIG, ConfigFile, Stop, read, write

if TYPE_CHECKING:
    from datetime import date

    from storage.rollups import Wrong

rollups = typer.Typer(help="每天的活跃次数（周报的底数）：核对、重新汇总。", no_args_is_help=True)


@rollups.command("check")
def check(config: ConfigFile = CONFIG) -> None:
    """按逐条活跃记录核对每天的活跃次数；服务可以照常运行。"""
    from bot.rollups import told

    wrong, since = _found(config)
    if wrong:
        raise Stop(1, f"{told(wrong, since)}\n请运行 qunyun rollups rebuild 改正。")
    print(told(wrong, since))


@rollups.command("rebuild")
def rebuild(config: ConfigFile = CONFIG) -> None:
    """不一致的，按逐条记录重新汇总，一个社群一天一个事务；服务可以照常运行。"""
    from bot.rollups import MOST_DAYS, RebuildRollups, told

    wrong, since = _found(config)
    print(told(wrong, since))
    for first in range(0, len(wrong), MOST_DAYS):
        days = [(one.community, one.day) for one in wrong[first : first + MOST_DAYS]]
        print(write(config, RebuildRollups(days=days)))


def _found(config: ConfigFile) -> "tuple[list[Wrong], date]":
    from bot.clock import SystemClock
    from storage.rollups import differing, provable_since

    since = provable_since(SystemClock().now())
    return read(config, lambda tx: differing(tx, since)), since
