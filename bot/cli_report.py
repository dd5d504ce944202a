"""The terminal's command `report`."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.terminal import CONFIG, ConfigFile, Stop, chosen_settings, read, write

if TYPE_CHECKING:
    from bot.forms import Form
    from bot.raw import RawFormat
    from bot.settings import Settings
    from sop.community import Community
    from sop.summary.summary import Summary

_RAW: "dict[str, RawFormat]" = {"csv": "csv", "parquet": "parquet"}


def report(
    week: Annotated[str, typer.Option(help="哪一周，例如 2026-W47")],
    community: Annotated[str | None, typer.Option(help="社群编号；默认全部")] = None,
    rm: Annotated[str | None, typer.Option(help="只看一位客户经理名下的社群")] = None,
    label: Annotated[str | None, typer.Option(help="只看带这个标签的社群")] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="格式：md、csv、json、html、xlsx、png；不写就看文件的后缀，还没有就是 md。"
            "和 --raw 一起用：csv、parquet",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="写到文件；默认打印")] = None,
    recount: Annotated[
        bool,
        typer.Option("--recount", help="已经定稿的周也按现在的数据重数，并说出和终稿差在哪里"),
    ] = False,
    raw: Annotated[
        bool, typer.Option("--raw", help="周报背后的逐条记录，给分析师：写成一个 zip 文件")
    ] = False,
    send: Annotated[
        bool, typer.Option("--send", help="由运行中的服务发给主管；有 --rm 时发给这位客户经理")
    ] = False,
    config: ConfigFile = CONFIG,
) -> None:
    """周报。"""
    wish = Wish(week, community, rm, label)
    if send:
        if raw or recount or output is not None or out is not None:
            text = "--send 发的是聊天里的周报，不能和 --raw、--recount、--format、--out 一起用。"
            raise Stop(2, text)
        print(_send(config, wish))
    elif raw:
        print(_raw(config, wish, output or "csv", out))
    else:
        _write(config, wish, _form(output, out), out, recount=recount)


@dataclass(frozen=True, slots=True)
class Wish:
    """Which week of which communities."""

    week: str
    community: str | None
    rm: str | None
    label: str | None

    @property
    def scopes(self) -> list[str]:
        """Those asked for, as `bot.summaries` writes them."""
        every = {"community": self.community, "rm": self.rm, "label": self.label}
        return [f"{kind}:{one}" for kind, one in every.items() if one is not None]

    def chosen(self, settings: "Settings") -> "tuple[date, Sequence[Community], str]":
        """The Monday, the communities and what they are called. Raises Stop."""
        from bot.clock import SystemClock
        from bot.report import NoSuchScope, scope_of
        from sop.summary.weeks import NoSuchWeek, parse_week

        try:
            monday = parse_week(self.week)
            found = scope_of(
                settings.communities, settings.staff, self.community, self.rm, self.label
            )
        except (NoSuchScope, NoSuchWeek) as error:
            raise Stop(1, str(error)) from error
        if monday > SystemClock().now().astimezone(settings.zone).date():
            raise Stop(1, f"{self.week} 这一周还没有开始。")
        return monday, *found


def _write(config: Path, wish: Wish, form: "Form", out: Path | None, *, recount: bool) -> None:
    """Notes go beside the summary, so that it can be piped on."""
    if form.binary and out is None:
        gap = " " if form.title.isascii() else ""
        how = f"请加上 --out 文件名.{form.name}。"
        raise Stop(2, f"{form.title}{gap}不能打印在终端上，{how}")
    summary, note = _measured(config, wish, recount=recount)
    data = form.render(summary)
    if note:
        print(note, file=sys.stderr)
    if out is None:
        print(data.decode())
    else:
        out.write_bytes(data)
        print(f"写好了 {out}")


def _form(output: str | None, out: Path | None) -> "Form":
    """The form that is asked for by name, or by the file's suffix. Raises Stop."""
    from bot.forms import all_forms

    forms = all_forms()
    name = output
    if name is None:
        name = "md" if out is None else out.suffix.lstrip(".").lower() or "md"
        if name not in forms:
            known = "、".join(forms)
            raise Stop(2, f"--out 的后缀“.{name}”不认识，可以是：{known}；或者加上 --format。")
    if name not in forms:
        raise Stop(2, f"--format 不能写“{name}”，可以写：{'、'.join(forms)}。")
    return forms[name]


def _measured(config: Path, wish: Wish, *, recount: bool) -> "tuple[Summary, str]":
    """The summary, final where the week is, and what is to be said of it. Raises Stop."""
    from bot.report import measured
    from bot.shelf import library_of
    from bot.summaries import kept_week, scope_of
    from bot.weekly_letters import compared, finality
    from storage.summaries import Damaged

    settings = chosen_settings(config)
    monday, communities, name = wish.chosen(settings)
    scope = scope_of(settings, [*wish.scopes, "all"][0]) if len(wish.scopes) < 2 else None
    try:
        kept = None if scope is None else read(config, lambda tx: kept_week(tx, scope, monday))
    except Damaged as error:
        text = f"存下的终稿校验不过（{error}），请从备份恢复；要按现在的数据看，加上 --recount。"
        if not recount:
            raise Stop(1, text) from error
        kept = None
    if kept is not None and not recount:
        return kept.summary, f"{finality(kept, settings.zone)}要按现在的数据重数，加上 --recount。"
    library, _ = library_of(settings)
    found: Summary = read(
        config,
        lambda tx: measured(tx, library, settings.staff, communities, monday, settings.zone, name),
    )
    return found, "" if kept is None else compared(kept, found, settings.zone)


def _raw(config: Path, wish: Wish, format: str, out: Path | None) -> str:
    """Writes the rows; what was written. Raises Stop."""
    from bot.raw import NoParquet, write_raw

    kind = _RAW.get(format)
    if kind is None:
        raise Stop(2, f"和 --raw 一起，--format 不能写“{format}”，可以写：csv、parquet。")
    if out is None:
        raise Stop(2, "逐条记录要写到文件，请加上 --out 文件名.zip。")
    settings = chosen_settings(config)
    monday, communities, _ = wish.chosen(settings)
    try:
        done = read(
            config,
            lambda tx: write_raw(tx, settings.staff, communities, monday, settings.zone, kind, out),
        )
    except NoParquet as error:
        raise Stop(1, str(error)) from error
    return str(done.told)


def _send(config: Path, wish: Wish) -> str:
    """Asks the service for it; what was done. Raises Stop."""
    from bot.report_acts import SendSummary
    from sop.community import Role

    settings = chosen_settings(config)
    monday, _, _ = wish.chosen(settings)
    if len(wish.scopes) > 1:
        raise Stop(2, "--send 只能选一个范围：--community、--rm、--label 中的一个，或者都不写。")
    if wish.rm is not None:
        readers, missing = [wish.rm], f"配置的 staff 里没有“{wish.rm}”，周报没有人可以收。"
    else:
        readers = [one.id for one in settings.staff.values() if Role.MANAGER in one.roles]
        missing = "配置的 staff 里没有主管，周报没有人可以收：请给主管写上 roles: [manager]。"
    if not readers or not settings.staff.keys() >= set(readers):
        raise Stop(1, missing)
    names = "、".join(settings.staff[one].name for one in readers)
    scope = wish.scopes[0] if wish.scopes else "all"
    return write(config, SendSummary(week=monday, scope=scope, to=readers, names=names))
