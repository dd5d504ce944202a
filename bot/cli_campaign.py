"""The terminal's campaign commands: rounds listed, opened, ended, and their evidence."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.terminal import CONFIG, ConfigFile, Stop, chosen_settings, read, write

if TYPE_CHECKING:
    from bot.settings import Settings

campaign = typer.Typer(help="抽奖活动：查看奖池、开启、提前结束、导出证据。", no_args_is_help=True)

By = Annotated[str, typer.Option(help="您的 userid（运营、主管或管理员）")]
_LONGEST_REASON = 100


@campaign.command("list")
def campaign_list(config: ConfigFile = CONFIG) -> None:
    """列出开过的奖池。"""
    from bot.evidence import deck_lines

    zone = chosen_settings(config).zone
    print(read(config, lambda tx: deck_lines(tx, zone)))


@campaign.command("open")
def campaign_open(
    name: Annotated[str, typer.Argument(help="活动名，见 campaigns/")],
    by: By,
    community: Annotated[str, typer.Option(help="在哪个社群开（社群编号）；共用一副牌的不写")] = "",
    lasts: Annotated[str, typer.Option("--for", help="event 活动开放多久，例如 30m")] = "",
    config: ConfigFile = CONFIG,
) -> None:
    """在计划之外开一期抽奖。"""
    from pydantic_core import PydanticCustomError

    from bot.acts import OpenRound
    from sop.times import parse_duration

    _allowed(config, by)
    try:
        seconds = int(parse_duration(lasts).total_seconds()) if lasts else 0
    except PydanticCustomError as error:
        raise Stop(1, f"看不懂 --for“{lasts}”，请写 30m、2h 这样的时长。") from error
    _can_open(chosen_settings(config), name, community, lasts)
    print(write(config, OpenRound(by=by, campaign=name, community=community, seconds=seconds)))


@campaign.command("close")
def campaign_close(
    number: Annotated[int, typer.Argument(help="奖池编号，见 campaign list")],
    by: By,
    reason: Annotated[str, typer.Option(help="为什么提前结束；会在群里公布")],
    config: ConfigFile = CONFIG,
) -> None:
    """提前结束一期抽奖，公布种子。"""
    from bot.acts import CloseRound
    from sop.wording import told

    _allowed(config, by)
    why = told(reason)
    if not 0 < len(why) <= _LONGEST_REASON:
        raise Stop(1, f"请用 1 到 {_LONGEST_REASON} 个字写明原因。")
    print(write(config, CloseRound(by=by, deck=number, reason=why)))


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


def _can_open(settings: "Settings", name: str, community: str, lasts: str) -> None:
    """What the running service would refuse minutes later is refused at once. Raises Stop."""
    from bot.shelf import shelf_of
    from sop.rounds import STANDING, reaches

    ids = [one.id for one in settings.communities]
    if community and community not in ids:
        raise Stop(1, f"没有编号为“{community}”的社群，config.yaml 里有：{'、'.join(ids)}。")
    library = shelf_of(settings).edition.library
    campaign = library.campaigns.get(name)
    if campaign is None:
        known = "、".join(sorted(library.campaigns)) or "没有"
        raise Stop(1, f"计划库里没有活动“{name}”，或它的文件有错误。有：{known}。")
    able = [one.id for one in settings.communities if reaches(campaign, one)]
    title = campaign.title
    if not able:
        raise Stop(1, f"没有社群能参加“{title}”：标签不符，或机器人听不到又没有成员网页。")
    if campaign.round == STANDING:
        return
    if not campaign.shared and community not in able:
        asked = f"社群“{community}”不能参加" if community else "请用 --community 写明在哪个社群开"
        raise Stop(1, f"{asked}“{title}”，能参加的有：{'、'.join(able)}。")
    if not lasts:
        raise Stop(1, f"“{title}”要写明开放多久，例如 --for 30m。")


def _allowed(config: Path, by: str) -> None:
    from sop.community import Role

    colleague = chosen_settings(config).staff.get(by)
    if colleague is None or not colleague.roles & {Role.OPERATOR, Role.MANAGER, Role.ADMIN}:
        raise Stop(1, f"“{by}”不是 config.yaml 里的运营、主管或管理员，不能开启或结束活动。")
