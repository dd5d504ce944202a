"""`report` in the terminal: printed, written, sent, and what is said of a slip."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from sop.summary.markdown import document
from sop.summary.stored import to_plain
from storage import summaries
from storage.database import open_database
from tests.summary_specimen import MONDAY, specimen
from tests.terminal import Run

KNOWN = "xlsx、png、html、md、csv、json"
RECOUNT = "要按现在的数据重数，加上 --recount。\n"
FINAL_AT = datetime(2026, 11, 24, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--week", "nope"), "“nope”不是一个周，请写成 2026-W47 这样的形式。\n"),
        (
            ("--week", "2026-W47", "--community", "x"),
            "没有编号为“x”的社群，现有：wealth-01、wealth-02。\n",
        ),
        (("--week", "2026-W47", "--rm", "x"), "没有属于客户经理“x”的社群，请检查 --rm。\n"),
        (("--week", "2026-W47", "--out", "no/x.md"), "no/x.md：没有这个文件或文件夹\n"),
        (("--week", "2099-W10"), "2099-W10 这一周还没有开始。\n"),
    ],
)
def test_report_that_cannot_be_made_says_why(
    installed: Run, words: tuple[str, ...], error: str
) -> None:
    assert installed("report", *words) == (1, "", error)


def test_report_is_printed_or_written(installed: Run) -> None:
    code, out, _ = installed("report", "--week", "2026-W47")
    assert (code, out.split("\n")[0]) == (0, "# 全部社群 · 周报")
    assert installed("report", "--week", "2026-W47", "--out", "w.md") == (0, "写好了 w.md\n", "")
    assert Path("w.md").read_text(encoding="utf-8").rstrip() == out.rstrip()
    _, out, _ = installed("report", "--week", "2026-W47", "--format", "json")
    assert json.loads(out)["week"] == "2026-W47"


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("w.xlsx", b"PK"),
        ("w.png", b"\x89PNG"),
        ("w.html", b"<!doctype html>"),
        ("w.json", b'{\n  "week": "2026-W47"'),
        ("w.md", "# 全部社群 · 周报".encode()),
        ("w.csv", "\ufeff周,范围,表,行,列,值,单位,写法\r\n".encode()),
    ],
)
def test_report_is_written_as_the_file_is_called(installed: Run, name: str, begins: bytes) -> None:
    week = ("report", "--week", "2026-W47")
    assert installed(*week, "--out", name) == (0, f"写好了 {name}\n", "")
    assert Path(name).read_bytes()[: len(begins)] == begins


def test_report_format_is_stronger_than_the_suffix(installed: Run) -> None:
    words = ("report", "--week", "2026-W47", "--label", "wealth", "--format", "md")
    assert installed(*words, "--out", "w.xlsx") == (0, "写好了 w.xlsx\n", "")
    first = Path("w.xlsx").read_text(encoding="utf-8").split("\n")[0]
    assert first == "# 标签“wealth”的社群 · 周报"


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (
            ("--format", "pdf"),
            2,
            f"--format 不能写“pdf”，可以写：{KNOWN}。\n",
        ),
        (
            ("--out", "a.pdf"),
            2,
            f"--out 的后缀“.pdf”不认识，可以是：{KNOWN}；或者加上 --format。\n",
        ),
        (("--format", "xlsx"), 2, "Excel 不能打印在终端上，请加上 --out 文件名.xlsx。\n"),
        (("--format", "png"), 2, "图片不能打印在终端上，请加上 --out 文件名.png。\n"),
        (
            ("--raw", "--format", "xlsx", "--out", "a"),
            2,
            "和 --raw 一起，--format 不能写“xlsx”，可以写：csv、parquet。\n",
        ),
        (("--raw",), 2, "逐条记录要写到文件，请加上 --out 文件名.zip。\n"),
        (
            ("--send", "--out", "a.md"),
            2,
            "--send 发的是聊天里的周报，不能和 --raw、--recount、--format、--out 一起用。\n",
        ),
        (
            ("--send", "--rm", "lijing", "--label", "wealth"),
            2,
            "--send 只能选一个范围：--community、--rm、--label 中的一个，或者都不写。\n",
        ),
        (("--send", "--label", "x"), 1, "没有带标签“x”的社群，现有：customer、wealth。\n"),
    ],
)
def test_report_that_was_typed_wrong_says_what_to_type(
    installed: Run, words: tuple[str, ...], code: int, error: str
) -> None:
    assert installed("report", "--week", "2026-W47", *words) == (code, "", error)


def test_report_is_handed_to_the_service_for_managers_or_an_rm(installed: Run) -> None:
    sent = "已交办：运行中的服务会在几秒内把 2026-W47 的周报发给"
    assert installed("report", "--week", "2026-W47", "--send") == (0, f"{sent} 王强\n", "")
    answer = installed("report", "--week", "2026-W47", "--send", "--rm", "lijing")
    assert answer == (0, f"{sent} 李静\n", "")


def test_report_raw_is_a_zip_of_tables(installed: Run) -> None:
    words = ("report", "--week", "2026-W47", "--raw", "--out", "raw.zip")
    code, out, error = installed(*words)
    assert (code, out.split("：")[0], error) == (0, "写好了 raw.zip", "")
    assert Path("raw.zip").read_bytes()[:2] == b"PK"


def kept(*revisions: int) -> None:
    """Week 47 of the whole company is final."""

    async def run() -> None:
        database = await open_database(f"sqlite:///{Path('data/qunyun.db').absolute()}")

        def work(tx: Connection) -> None:
            for one in revisions:
                at = FINAL_AT + timedelta(days=one)
                summaries.keep(tx, MONDAY, "all", to_plain(specimen()), at, one)

        await database.write(work)
        await database.close()

    asyncio.run(run())


def test_final_week_is_shown_as_it_was_told(installed: Run) -> None:
    kept(0)
    note = f"2026-W47 已定稿（11 月 24 日 09:00），这里是终稿。{RECOUNT}"
    week = ("report", "--week", "2026-W47")
    assert installed(*week) == (0, f"{document(specimen())}\n", note)
    assert installed(*week, "--out", "w.xlsx") == (0, "写好了 w.xlsx\n", note)
    code, out, error = installed(*week, "--community", "wealth-01")
    assert (code, out.split("\n")[0], error) == (0, "# 财富体验群 · 周报", "")


def test_corrected_week_says_so(installed: Run) -> None:
    kept(0, 1)
    _, _, error = installed("report", "--week", "2026-W47", "--out", "w.json")
    assert error == (
        "2026-W47 已定稿（11 月 24 日 09:00），这里是终稿。"
        f"收到迟到的数据后，11 月 25 日 09:00 更正过。{RECOUNT}"
    )


def test_final_week_counted_anew_says_what_differs(installed: Run) -> None:
    kept(0)
    code, out, error = installed("report", "--week", "2026-W47", "--recount")
    assert (code, "| 成员数 | 0 |" in out) == (0, True)
    head, first, *_ = error.split("\n")
    assert head.startswith("按现在的数据重数，和终稿（11 月 24 日 09:00 定稿）有 ")
    assert head.endswith(" 个数字不同，终稿 → 现在：")
    assert first == "- 成员数：1,914 → 0"


def test_week_that_is_not_final_has_nothing_to_compare(installed: Run) -> None:
    _, plain, _ = installed("report", "--week", "2026-W47")
    assert installed("report", "--week", "2026-W47", "--recount") == (0, plain, "")


def test_final_week_that_was_damaged_is_not_shown(installed: Run) -> None:
    kept(0)

    async def run() -> None:
        database = await open_database(f"sqlite:///{Path('data/qunyun.db').absolute()}")
        damage = "UPDATE summary SET sha256 = 'x'"
        await database.write(lambda tx: tx.exec_driver_sql(damage))
        await database.close()

    asyncio.run(run())
    code, out, error = installed("report", "--week", "2026-W47")
    assert (code, out) == (1, "")
    assert error == (
        "存下的终稿校验不过（2026-11-16 all #0），请从备份恢复；"
        "要按现在的数据看，加上 --recount。\n"
    )
    assert installed("report", "--week", "2026-W47", "--recount")[0] == 0
