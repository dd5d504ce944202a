"""The terminal's review commands: what waits for a stamp, the sheets, stamping and revoking."""

import shutil
import sys
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.terminal import CONFIG, ConfigFile, Stop, chosen_settings, read, write

if TYPE_CHECKING:
    from bot.reviewing import Entry, NameOf
    from bot.settings import Settings
    from sop.community import Staff
    from sop.plan import Plan

review = typer.Typer(help="审核章：查看、盖章、撤销。", no_args_is_help=True)

_NARROWEST = 40
"""Columns."""
_LEAST_CODE = 8
"""Characters of a hash that show which sheet was read."""

By = Annotated[str, typer.Option(help="审核人的 userid")]


@review.command("list")
def review_list(
    every: Annotated[bool, typer.Option("--all", help="也列出已盖章和不需要盖章的")] = False,
    config: ConfigFile = CONFIG,
) -> None:
    """列出等着盖章的步骤和文件：下次什么时候发，为什么还没有章。"""
    from bot import reviewing

    settings, listed = _entries(config)
    chosen = [one for one in listed if every or one.waits]
    if not chosen:
        print("没有等待审核的步骤。" if listed else "计划库里没有需要审核的步骤。")
        return

    def head(plan: "Plan") -> str:
        whole = reviewing.plan_hash(listed, plan.plan)[:_LEAST_CODE]
        author = plan.author or "没有写"
        return f"\n{plan.plan}　{plan.title}　撰稿人 {author}　整个计划的校验码 {whole}"

    besides = "\n计划以外的文字"
    for line in reviewing.lines(chosen, _name_of(settings), settings.zone, head, besides):
        print(line)
    print(f"\n共 {reviewing.counted(chosen)}。看内容：qunyun review show {chosen[0].sheet.name}")


@review.command("show")
def review_show(
    name: Annotated[str, typer.Argument(metavar="PLAN/STEP", help="哪一步、哪个计划或文件")],
    config: ConfigFile = CONFIG,
) -> None:
    """看审核单：盖章盖的就是这些内容。"""
    from bot import reviewing

    settings, listed = _entries(config)
    chosen = _chosen(listed, name)
    for number, one in enumerate(chosen):
        if number:
            print("\n" + "─" * _NARROWEST + "\n")
        for line in reviewing.whole_sheet(one, _name_of(settings), settings.zone).split("\n"):
            print(*_wrapped(line), sep="\n")
    code = reviewing.code(listed, name)[:_LEAST_CODE]
    print(f"\n盖章：qunyun review stamp {name} --by 您的userid --hash {code}")


@review.command("stamp")
def review_stamp(
    name: Annotated[str, typer.Argument(metavar="PLAN[/STEP]", help="哪一步、哪个计划或文件")],
    by: By,
    hash: Annotated[str, typer.Option(help="审核单上的校验码：盖的正是看过的内容")],
    note: Annotated[str, typer.Option(help="备注")] = "",
    config: ConfigFile = CONFIG,
) -> None:
    """盖审核章。"""
    from bot import reviewing
    from bot.acts import Approved, StampSteps
    from sop.review import may_stamp

    settings, listed = _entries(config)
    chosen = _chosen(listed, name)
    refused = may_stamp(_colleague(settings, by), chosen[0].written)
    if refused is not None:
        raise Stop(1, refused)
    whole, typed = reviewing.code(listed, name), hash.strip().lower()
    if len(typed) < _LEAST_CODE:
        raise Stop(1, f"校验码至少写前 {_LEAST_CODE} 位，见 qunyun review show {name}")
    if not whole.startswith(typed):
        raise Stop(
            1,
            "校验码对不上，没有盖章：内容可能在您看过之后改过。\n"
            f"请重新看：qunyun review show {name}",
        )
    steps = [
        Approved(step=one.sheet.step, hash=one.sheet.hash, sheet=one.sheet.text) for one in chosen
    ]
    print(write(config, StampSteps(by=by, plan=chosen[0].sheet.plan, steps=steps, note=note)))


@review.command("revoke")
def review_revoke(
    name: Annotated[str, typer.Argument(metavar="PLAN/STEP", help="哪一步，或哪个文件")],
    by: By,
    reason: Annotated[str, typer.Option(help="为什么")],
    config: ConfigFile = CONFIG,
) -> None:
    """撤销一步的审核章：重新盖章之前不再发送。"""
    from bot.acts import RevokeStamp
    from sop.review import may_revoke

    plan, slash, step = name.partition("/")
    if ":" not in name and (not slash or not step):
        raise Stop(1, f"请写明是哪一步：{plan}/步骤编号")
    refused = may_revoke(_colleague(chosen_settings(config), by))
    if refused is not None:
        raise Stop(1, refused)
    if not reason.strip():
        raise Stop(1, "请用 --reason 写明撤销的原因。")
    # Not looked for in the library: the stamp of a step that is gone can be revoked too.
    print(write(config, RevokeStamp(by=by, plan=plan, step=step, reason=reason.strip())))


def _entries(config: Path) -> "tuple[Settings, list[Entry]]":
    from bot import reviewing
    from bot.clock import SystemClock
    from bot.shelf import library_of

    settings = chosen_settings(config)
    library, workdays = library_of(settings)
    now: datetime = SystemClock().now()
    listed: list[Entry] = read(
        config,
        lambda tx: reviewing.entries(tx, library, settings.communities, workdays, now),
    )
    return settings, listed


def _chosen(listed: "list[Entry]", name: str) -> "list[Entry]":
    """The step, every step of the plan, or the file. Raises Stop."""
    from sop.diagnostics import did_you_mean

    found = [one for one in listed if name in (one.sheet.name, one.sheet.plan)]
    if found:
        return found
    names = dict.fromkeys(name for one in listed for name in (one.sheet.plan, one.sheet.name))
    raise Stop(1, f"没有“{name}”，或它不需要审核。{did_you_mean(name, names)}")


def _colleague(settings: "Settings", by: str) -> "Staff":
    colleague = settings.staff.get(by)
    if colleague is None:
        raise Stop(1, f"config.yaml 的 staff 里没有“{by}”。")
    return colleague


def _name_of(settings: "Settings") -> "NameOf":
    def name(userid: str) -> str:
        colleague = settings.staff.get(userid)
        return colleague.name if colleague else userid

    return name


def _wrapped(line: str) -> Iterator[str]:
    """A line in the width of the terminal, continued below its own beginning. A file or pipe
    gets it whole."""
    if not sys.stdout.isatty():
        yield line
        return
    width = max(shutil.get_terminal_size().columns, _NARROWEST)
    indent = " " * (len(line) - len(line.lstrip(" │")))
    part, used = "", 0
    for char in line:
        wide = 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if used + wide > width:
            yield part
            part, used = indent, len(indent)
        part, used = part + char, used + wide
    yield part
