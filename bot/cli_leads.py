"""The terminal's `leads` and `channel` groups: lists of people to add, QR codes of channels."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.terminal import CONFIG, ConfigFile, Stop, chosen_settings, read, write

if TYPE_CHECKING:
    from bot.lead_import import LeadList
    from bot.settings import Settings
    from bot.vault import Vault
    from sop.channel import Channel
    from sop.library import Library
    from storage.channel_ways import WayRow

leads = typer.Typer(help="线索：导入要加好友的客户名单。", no_args_is_help=True)
channel = typer.Typer(help="渠道：看二维码。", no_args_is_help=True)


@leads.callback()
def _leads() -> None:
    """A group of one command keeps its name."""


@channel.callback()
def _channel() -> None:
    """A group of one command keeps its name."""


@channel.command("list")
def channel_list(config: ConfigFile = CONFIG) -> None:
    """列出每个渠道的二维码地址；还没有开好的，说明为什么。"""
    from bot.shelf import library_of
    from storage import channel_ways

    settings = chosen_settings(config)
    library, _ = library_of(settings)
    rows = read(config, channel_ways.every_way)
    names = {one.id: one.name for one in settings.communities}
    if not rows:
        print("还没有渠道：在计划库里写渠道文件（channel:），服务运行时会自动开好二维码。")
    for one in rows:
        known = library.channels.get(one.channel)
        title = known.title if known else one.channel
        into = f"（进“{names.get(one.community, one.community)}”）" if one.community else ""
        print(f"{one.channel}　{title}　{_KINDS[one.kind]}{into}　{_state(one)}")


_KINDS = {"contact": "联系我", "group": "入群", "template": "入群欢迎语素材"}


def _state(way: "WayRow") -> str:
    if way.status == "made":
        return way.qr_code or "已提供给群主选用"
    words = {"wanted": "正在开", "failed": "开不出来", "stopping": "正在停用", "stopped": "已停用"}
    return f"{words[way.status]}：{way.error}" if way.error else words[way.status]


@leads.command("import")
def leads_import(
    file: Annotated[Path, typer.Argument(help="名单，.xlsx 或 .csv")],
    to: Annotated[str, typer.Option("--channel", help="属于哪个渠道（渠道文件里的名字）")],
    by: Annotated[str, typer.Option(help="您的 userid")],
    name: Annotated[str | None, typer.Option("--list", help="这份名单叫什么；默认是文件名")] = None,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="真的写入；不加只检查，不写入")
    ] = False,
    config: ConfigFile = CONFIG,
) -> None:
    """检查名单，逐格列出问题；没有问题再加 --confirm 写入，分给客户经理。"""
    from bot.lead_import import summary
    from sop.files import shown_path
    from storage import leads as rows

    settings = chosen_settings(config)
    if by not in settings.staff:
        raise Stop(1, f"同事里没有 userid“{by}”。")
    chosen = _chosen(settings, to)
    title = name or shown_path(Path(file.stem))
    vault = _vault()
    found = _read(file, settings, chosen, vault)
    hashes = {one.phone: vault.blinds(one.phone) for one in found.lines}
    wanted = [hash for each in hashes.values() for hash in each]
    known, taken = read(config, lambda tx: (rows.known(tx, wanted), title in rows.lists(tx)))
    for line in (*summary(found.lines, settings.staff), *found.notes):
        print(line)
    if known:
        again = [str(one.line) for one in found.lines if not known.isdisjoint(hashes[one.phone])]
        print(f"以前的名单里已经有 {len(again)} 位，会跳过：第 {'、'.join(again[:20])} 行")
    if taken:
        raise Stop(1, f"已经有一份叫“{title}”的名单，请用 --list 换个名字。")
    if not confirm:
        print("只检查了，没有写入。没有问题就加上 --confirm 再运行一次。")
        return
    _write(config, by, title, chosen, found, vault)


def _chosen(settings: "Settings", name: str) -> "Channel":
    from bot.shelf import library_of
    from sop.diagnostics import did_you_mean

    library: Library = library_of(settings)[0]
    if name not in library.channels:
        raise Stop(1, f"没有渠道“{name}”。{did_you_mean(name, library.channels)}")
    chosen = library.channels[name]
    if not chosen.colleagues(settings.communities):
        raise Stop(1, f"渠道“{chosen.title}”没有对应的社群，也没有写 staff，名单没有人可分。")
    return chosen


def _vault() -> "Vault":
    import os

    from bot.clock import SystemClock
    from bot.vault import KeysUnusable, Vault, read_keys

    try:
        return Vault(read_keys(os.environ), SystemClock().entropy)
    except KeysUnusable as error:
        raise Stop(1, str(error)) from error


def _read(file: Path, settings: "Settings", chosen: "Channel", vault: "Vault") -> "LeadList":
    from bot.lead_import import Around, Faulty, read_leads
    from bot.sheets import Unusable
    from sop.files import shown_path

    around = Around(chosen, settings.communities, settings.staff, vault.blind)
    try:
        return read_leads(file, around)
    except Faulty as error:
        count = len(error.faults)
        raise Stop(1, "\n".join([*error.faults, f"共 {count} 个问题，什么也没有写入。"])) from error
    except Unusable as error:
        raise Stop(1, f"{shown_path(file)}：{error}") from error


def _write(
    config: Path, by: str, title: str, chosen: "Channel", found: "LeadList", vault: "Vault"
) -> None:
    """Part by part: each is kept once, however often it is written."""
    from bot.lead_acts import AT_ONCE, ImportLeads, SealedLead
    from bot.lead_values import masked
    from bot.vault import about

    sealed = [
        SealedLead(
            line=one.line,
            name=one.name,
            phone=vault.seal(one.phone, about("lead", "phone", title, one.line)),
            phone_hash=vault.blind(one.phone),
            former_hashes=tuple(vault.blinds(one.phone)[1:]),
            masked=masked(one.phone),
            priority=one.priority,
            staff=one.staff,
            community=one.community,
            variant=one.variant,
            benefit=one.benefit,
            note=one.note,
        )
        for one in found.lines
    ]
    for start in range(0, len(sealed), AT_ONCE):
        part = sealed[start : start + AT_ONCE]
        print(write(config, ImportLeads(by=by, named=title, channel=chosen.channel, leads=part)))
