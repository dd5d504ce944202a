"""The terminal's `members` group: who there is, what is kept, the member's own file, erasing."""

from pathlib import Path
from typing import Annotated

import typer

from bot.terminal import CONFIG, ConfigFile, Stop, chosen_settings, read, write

members = typer.Typer(help="成员资料：查看、导出、退出统计、删除、保存期限。", no_args_is_help=True)

By = Annotated[str, typer.Option(help="您的 userid")]
Member = Annotated[str, typer.Argument(metavar="编号", help="external_userid（wm 开头）")]


@members.command("list")
def members_list(
    community: Annotated[str | None, typer.Option(help="只看一个社群")] = None,
    name: Annotated[str | None, typer.Option(help="名字里含有这几个字")] = None,
    asked: Annotated[bool, typer.Option("--asked", help="只看申请了删除的")] = False,
    limit: Annotated[int, typer.Option(help="最多几行")] = 50,
    config: ConfigFile = CONFIG,
) -> None:
    """列出成员的编号；名字只露一个字。"""
    from bot.members_desk import member_lines

    zone = chosen_settings(config).zone
    print(read(config, lambda tx: member_lines(tx, community, name, asked, limit, zone)))


@members.command("show")
def members_show(member: Member, config: ConfigFile = CONFIG) -> None:
    """一位成员的资料各有多少条。"""
    from bot.members_desk import member_card

    zone = chosen_settings(config).zone
    print(read(config, lambda tx: member_card(tx, member, zone)))


@members.command("export")
def members_export(
    member: Member,
    by: By,
    out: Annotated[Path, typer.Option(help="写到哪个文件（JSON），只有本账号能读")],
    config: ConfigFile = CONFIG,
) -> None:
    """把一位成员的全部资料写成文件，交给本人；会记入操作记录。"""
    from bot.clock import SystemClock
    from bot.erasing import NoteExport
    from bot.members_desk import member_file

    _colleague(config, by)
    if out.exists():
        raise Stop(1, f"{out} 已经存在，请换一个文件名。")
    now = SystemClock().now()
    text = read(config, lambda tx: member_file(tx, member, now))
    noted = write(config, NoteExport(by=by, member=member))
    out.touch(mode=0o600)
    out.write_text(text, encoding="utf-8")
    print(f"写好了 {out}，{noted}。交给本人以后请删掉这个文件。")


@members.command("opt-out")
def members_opt_out(member: Member, by: By, config: ConfigFile = CONFIG) -> None:
    """替成员登记退出统计（成员口头提出时）。"""
    _opt(config, member, by, out=True)


@members.command("opt-in")
def members_opt_in(member: Member, by: By, config: ConfigFile = CONFIG) -> None:
    """替成员登记恢复统计。"""
    _opt(config, member, by, out=False)


@members.command("erase")
def members_erase(
    member: Member,
    by: Annotated[str, typer.Option(help="您的 userid")] = "",
    reason: Annotated[str, typer.Option(help="为什么删除，例如：本人要求")] = "",
    force: Annotated[
        bool, typer.Option("--force", help="成员放弃还没有发的奖，钱回到预算")
    ] = False,
    prove: Annotated[bool, typer.Option("--prove", help="不删除，只出示以前的删除证明")] = False,
    config: ConfigFile = CONFIG,
) -> None:
    """删除一位成员的资料，不能恢复；中奖和发奖记录换成假名留存。"""
    if prove:
        from bot.members_desk import proof_lines

        zone = chosen_settings(config).zone
        fine, text = read(config, lambda tx: proof_lines(tx, member, zone))
        print(text)
        raise typer.Exit(0 if fine else 1)
    from bot.clock import SystemClock
    from bot.erasing import EraseMember

    _colleague(config, by)
    if not reason.strip():
        raise Stop(1, "请用 --reason 写明为什么删除，例如 --reason 本人要求。")
    pseudonym = f"qy-{SystemClock().entropy(12).hex()}"
    print(
        write(
            config,
            EraseMember(by=by, member=member, reason=reason, pseudonym=pseudonym, force=force),
        )
    )


@members.command("retention")
def members_retention() -> None:
    """每种记录保存多久，为什么。"""
    from bot.members_desk import retention_lines

    print(retention_lines())


def _opt(config: Path, member: str, by: str, *, out: bool) -> None:
    from bot.erasing import OptMember

    _colleague(config, by)
    print(write(config, OptMember(by=by, member=member, out=out)))


def _colleague(config: Path, by: str) -> None:
    """Only managers and administrators do what concerns a member's whole data."""
    from sop.community import Role

    staff = chosen_settings(config).staff.get(by)
    if staff is None:
        raise Stop(1, f"config.yaml 的 staff 里没有“{by}”，请用 --by 写您的 userid。")
    if not staff.roles & {Role.MANAGER, Role.ADMIN}:
        raise Stop(1, f"“{staff.name or by}”不是主管或管理员，不能导出或删除成员资料。")
