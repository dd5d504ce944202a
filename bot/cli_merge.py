"""The terminal's `members merge`."""

from typing import Annotated

import typer

from bot.terminal import CONFIG, ConfigFile, Stop, chosen_settings, write


def merge(
    old: Annotated[str, typer.Argument(metavar="旧编号", help="以后不再用的 external_userid")],
    member: Annotated[str, typer.Argument(metavar="新编号", help="以后算数的 external_userid")],
    by: Annotated[str, typer.Option(help="您的 userid")],
    reason: Annotated[str, typer.Option(help="为什么是同一个人，例如：换了微信号")],
    config: ConfigFile = CONFIG,
) -> None:
    """同一个人有两个编号：入群、标签、跟进、积分都归到新编号；抽奖和奖金不动。"""
    from bot.merging import MergeMembers

    if by not in chosen_settings(config).staff:
        raise Stop(1, f"同事里没有 userid“{by}”。")
    if not reason.strip():
        raise Stop(1, "请用 --reason 写明为什么是同一个人，例如 --reason 换了微信号。")
    print(write(config, MergeMembers(by=by, old=old, member=member, reason=reason.strip())))
