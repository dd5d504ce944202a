"""The terminal's `bank` group: question banks from a colleague's sheet, and what became of them."""

from pathlib import Path
from typing import Annotated

import typer

from bot.terminal import CONFIG, ConfigFile, Stop, chosen_settings, read

bank = typer.Typer(help="题库：从 Excel 导入，生成样表，看答题情况。", no_args_is_help=True)


@bank.command("import")
def bank_import(
    file: Annotated[Path, typer.Argument(help="同事填好的 .xlsx 或 .csv")],
    name: Annotated[
        str | None, typer.Option("--bank", help="题库名，计划里用它引用；默认是文件名")
    ] = None,
    title: Annotated[str | None, typer.Option(help="题库标题；默认是文件名")] = None,
    topic: Annotated[str, typer.Option(help="主题，例如 反诈；统计按它归类")] = "",
    out: Annotated[
        Path | None, typer.Option(help="写到哪个 YAML 文件；默认是“题库名.yaml”")
    ] = None,
    sheet: Annotated[
        list[str] | None, typer.Option(help="只导入这张工作表，可以写几次；默认是有表头的每一张")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="替换同一个题库的旧文件")] = False,
) -> None:
    """把同事的表格变成题库文件；有问题就逐格列出，什么也不写。"""
    from bot.bank_import import Faulty, import_bank, summary
    from bot.bank_yaml import NotWritten, write_bank
    from bot.sheets import Unusable
    from sop.files import shown_path

    stem = shown_path(Path(file.stem))
    chosen = name or "-".join(stem.split())
    target = out or Path(f"{chosen.replace('/', '-')}.yaml")
    try:
        imported = import_bank(file, chosen, title or stem, sheet or (), topic)
        comment = f"由 {shown_path(Path(file.name))} 导入（qunyun bank import）。"
        write_bank(imported.bank, target, comment, force=force)
    except Faulty as error:
        count = len(error.faults)
        raise Stop(1, "\n".join([*error.faults, f"共 {count} 个问题，没有写出文件。"])) from error
    except Unusable as error:
        raise Stop(1, f"{shown_path(file)}：{error}") from error
    except NotWritten as error:
        raise Stop(1, str(error)) from error
    for note in imported.notes:
        print(f"注意：{note}")
    print(f"写好了 {target}：{summary(imported.bank)}")
    print(f"下一步：看一遍 {target}，放进 library/banks，再运行 qunyun check")


@bank.command("template")
def bank_template(out: Annotated[Path, typer.Option(help="写到哪个 .xlsx 文件")]) -> None:
    """写出一张样表给同事填：表头、两行例子和说明。"""
    from bot.bank_template import write_template

    if out.suffix.lower() != ".xlsx":
        raise Stop(1, f"样表是 Excel 文件，文件名请以 .xlsx 结尾：{out}")
    try:
        write_template(out)
    except FileExistsError as error:
        raise Stop(1, f"已经有 {out}，没有改动它。请换一个文件名。") from error
    print(f"写好了 {out}；填好后：qunyun bank import {out}")


@bank.command("stats")
def bank_stats(
    name: Annotated[
        str | None, typer.Argument(metavar="[BANK]", help="哪个题库；不写就是全部")
    ] = None,
    config: ConfigFile = CONFIG,
) -> None:
    """每道题问过几次、多少人答、多少人答对；最有用的在前，该改的在后。"""
    from bot.bank_quality import stats
    from bot.shelf import library_of
    from sop.diagnostics import did_you_mean
    from storage.questions import tallies

    library, _ = library_of(chosen_settings(config))
    if name is not None and name not in library.banks:
        raise Stop(1, f"没有题库“{name}”。{did_you_mean(name, library.banks)}")
    chosen = [one for one in library.banks.values() if name in (None, one.bank)]
    if not chosen:
        raise Stop(1, "计划库里还没有题库。")
    print(stats(chosen, read(config, lambda tx: tallies(tx, name))))
