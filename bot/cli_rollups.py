"""The terminal's group of commands `rollups`."""

from typing import TYPE_CHECKING

import typer

from bot.terminal import CONFIG, ConfigFile, Stop, read, write

if TYPE_CHECKING:
    from bot.rollups import Found

rollups = typer.Typer(
    help="周报的底数（每天的活跃次数、资金汇总）：核对、重新汇总。", no_args_is_help=True
)


@rollups.command("check")
def check(config: ConfigFile = CONFIG) -> None:
    """按逐条活跃记录核对每天的活跃次数，按奖品核对资金汇总；服务可以照常运行。"""
    from bot.rollups import told

    found = _found(config)
    if not found.fine:
        raise Stop(1, f"{told(found)}\n请运行 qunyun rollups rebuild 改正。")
    print(told(found))


@rollups.command("rebuild")
def rebuild(config: ConfigFile = CONFIG) -> None:
    """不一致的，按逐条记录重新汇总，一个社群一天一个事务；服务可以照常运行。"""
    from bot.rollups import MOST_DAYS, RebuildRollups, RebuildSpending, told

    found = _found(config)
    print(told(found))
    for first in range(0, len(found.days), MOST_DAYS):
        days = [(one.community, one.day) for one in found.days[first : first + MOST_DAYS]]
        print(write(config, RebuildRollups(days=days)))
    if found.money:
        print(write(config, RebuildSpending()))


def _found(config: ConfigFile) -> "Found":
    from bot.clock import SystemClock
    from bot.rollups import look

    now = SystemClock().now()
    found: Found = read(config, lambda tx: look(tx, now))
    return found
