"""The command line as its user meets it: what is printed, and how it ends. Never a traceback."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from bot.clock import MovableClock
from bot.demo import CUSTOMER_GROUP, Demo
from bot.shelf import shipped
from sop.loader import SHIPPED
from storage import money, outbox, payouts
from storage.database import open_database

Run = Callable[..., tuple[int, str, str]]
NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
SECRETS = {
    "QUNYUN_APP_SECRET": "s",
    "QUNYUN_APP_TOKEN": "t",
    "QUNYUN_APP_AES_KEY": "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
    "QUNYUN_AIBOT_SECRET": "x",
    "QUNYUN_ROBOT_WEALTH_01": "k",
}
SHIPPED_FILES = len(list(SHIPPED.rglob("*.yaml")))


@pytest.fixture
def qunyun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Types a command in an empty folder: (exit code, output, errors)."""
    monkeypatch.chdir(tmp_path)
    for name in SECRETS:
        monkeypatch.delenv(name, raising=False)

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["qunyun", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        assert isinstance(code, int)
        shown = capsys.readouterr()
        assert "Traceback" not in shown.err
        return code, shown.out, shown.err

    return run


@pytest.fixture
def installed(qunyun: Run, usual_database: Path) -> Run:
    """In a folder with the starter and an empty database; no secret is needed."""
    qunyun("init", ".")
    assert qunyun("db", "upgrade") == (0, "数据库已是当前版本。\n", "")
    return qunyun


def _store(work: Callable[[Any], Any]) -> None:
    async def run() -> None:
        database = await open_database(f"sqlite:///{Path('data/qunyun.db').resolve()}")
        await database.write(work)
        await database.close()

    asyncio.run(run())


@pytest.fixture
def owing(installed: Run) -> tuple[Run, list[str]]:
    """Two prizes of which one is due, and three letters; the numbers of the orders."""
    orders: list[str] = []

    def work(tx: Any) -> None:
        orders.clear()
        for member, fen, day in (("wm1", 888, 1), ("=wm2", 100, 20)):
            won = money.award(
                tx,
                key=f"deck/{member}",
                source="join-hook",
                budget_fen=10_000,
                community="wealth-01",
                member=member,
                prize="红包",
                amount_fen=fen,
                payable_on=date(2026, 12, day),
                now=NOON,
            )
            orders.append(won.order_no)
        payouts.mature(tx, date(2026, 12, 1), NOON)
        outbox.add(tx, [_letter(number) for number in (1, 2, 3)])
        outbox.claim(tx, NOON, NOON, 1)
        outbox.dead(tx, 1, "机器人已被移出群", NOON)

    _store(work)
    return installed, orders


def _letter(number: int) -> outbox.NewLetter:
    return outbox.NewLetter(
        dedup_key=f"a#{number}",
        channel="group_robot",
        target={"community": "wealth-01"},
        body={"markdown": "密"},
        order_key=f"chat{number}",
        not_before=NOON,
        created_at=NOON,
    )


def test_init_writes_a_starter_that_passes_check(qunyun: Run) -> None:
    inside = SHIPPED_FILES + len(list(SHIPPED.rglob("*.schema.json")))
    after = "下一步：改 home/config.yaml，再运行 qunyun check home\n"
    written = f"写好了 home/config.yaml\n写好了 home/library：{inside} 个文件\n"
    assert qunyun("init", "home") == (0, written + after, "")
    code, out, err = qunyun("check", "home")
    assert (code, out.partition("\n")[0], err) == (
        0,
        f"检查了 {SHIPPED_FILES + 1} 个文件，没有发现问题。",
        "",
    )


def test_init_never_writes_over_a_file(qunyun: Run) -> None:
    qunyun("init", ".")
    Path("config.yaml").write_text("mine", encoding="utf-8")
    kept = "library 已经有了，没有改动\n"
    after = "下一步：改 config.yaml，再运行 qunyun check .\n"
    assert qunyun("init", ".") == (0, kept + after, "")
    assert Path("config.yaml").read_text(encoding="utf-8") == "mine"


def test_check_without_paths_checks_the_shipped_library(qunyun: Run) -> None:
    assert qunyun("check") == (0, f"检查了 {SHIPPED_FILES} 个文件，没有发现问题。\n", "")


BROKEN = """\
company: 示例银行
zone: Asia/Shangai
listen: {port: 99999}
wecom:
  corp_id: ww1
  app: {agent: 许多}
  aibot: {id: a, mode: longconnection}
staff:
  - {id: lijing, name: 李静, roles: [boss]}
  - {id: lijing, name: 李静, roles: []}
communities:
  - {id: Wealth 1, name: "", chat_id: wr1, owner: nobody, mode: robots, lables: [x]}
payout: {payer: manual}
"""
FOUND_AT = [
    (2, 7, "没有叫“Asia/Shangai”的时区，例如 Asia/Shanghai"),
    (3, 16, "不能大于 65535。"),
    (6, 16, "应为整数，这里是文字。"),
    (7, 24, "这里不能写“longconnection”，只能写 callback、long_connection。"),
    (9, 36, "这里不能写“boss”，只能写 rm、operator、reviewer、manager、admin。"),
    (10, 10, "编号“lijing”写了两次"),
    (10, 28, "至少要有 1 项。"),
    (12, 10, "“Wealth 1”不能用作编号或名称。"),
    (12, 26, "至少要有 1 个字。"),
    (12, 51, "同事里没有 userid“nobody”"),
    (12, 65, "这里不能写“robots”，只能写 robot、assist、aibot。"),
    (12, 73, "没有“lables”这一项。"),
    (13, 1, "没有“payout”这一项。"),
]


def test_check_of_a_broken_config_tells_everything_with_line_and_column(qunyun: Run) -> None:
    Path("config.yaml").write_text(BROKEN, encoding="utf-8")
    code, out, err = qunyun("check", "config.yaml", "--format", "json")
    found = json.loads(out)
    assert (code, err, found["files"], found["errors"]) == (1, "", 1, 13)
    places = [(one["line"], one["column"], one["message"]) for one in found["problems"]]
    assert places == FOUND_AT
    code, out, _ = qunyun("check", "config.yaml")
    assert out.endswith(
        "config.yaml:13:1: error[unknown-key]: 没有“payout”这一项。\n"
        "  13 | payout: {payer: manual}\n"
        "     | ^^^^^^\n"
        "  提示：您是想写 payouts 吗？\n\n"
        "检查了 1 个文件：13 个错误。\n"
    )


ALMOST = """\
company: 示例银行
zone: Asia/Shangai
wecom: {corp_id: ww1, app: {agent: 1}}
staff: [{id: lijing, name: 李静, roles: [rm]}, {id: lijing, name: 静, roles: [rm]}]
communities:
  - {id: a, name: 甲, chat_id: wr1, owner: nobody, mode: robot}
  - {id: a, name: 乙, chat_id: wr2, owner: lijing, mode: robot}
"""


def test_check_of_a_config_finds_what_does_not_fit_together(qunyun: Run) -> None:
    Path("config.yaml").write_text(ALMOST, encoding="utf-8")
    code, out, _ = qunyun("check", "config.yaml", "--format", "json")
    places = [(one["line"], one["column"], one["message"]) for one in json.loads(out)["problems"]]
    assert (code, places) == (
        1,
        [
            (2, 7, "没有叫“Asia/Shangai”的时区，例如 Asia/Shanghai"),
            (4, 51, "编号“lijing”写了两次"),
            (6, 43, "同事里没有 userid“nobody”"),
            (7, 10, "编号“a”写了两次"),
        ],
    )


@pytest.mark.parametrize("command", [["serve"], ["doctor"], ["payouts", "list"]])
def test_broken_config_stops_every_command(qunyun: Run, command: list[str]) -> None:
    Path("config.yaml").write_text("- 1\n", encoding="utf-8")
    code, out, err = qunyun(*command)
    assert (code, out) == (1, "")
    assert err.split("\n")[0].startswith("config.yaml:1:1: error[")


def test_check_github_format(qunyun: Run) -> None:
    Path("bad.yaml").write_text("plan: [\n", encoding="utf-8")
    assert qunyun("check", "bad.yaml", "--format", "github") == (
        1,
        "::error file=bad.yaml,line=2,col=1,title=syntax::"
        "这里缺少一个值。 提示：检查括号、逗号和引号。\n",
        "",
    )


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("check", "absent.yaml"), "没有这些文件或文件夹：absent.yaml\n"),
        (("serve", "-c", "absent.yaml"), "absent.yaml:1:1: error[file]: 没有这个文件。\n"),
        (("draw", "verify", "absent.json"), "没有这个文件：absent.json\n"),
        (("demo", "--library", "absent"), "没有这个文件夹：absent\n"),
    ],
)
def test_absent_file_is_named(qunyun: Run, words: tuple[str, ...], error: str) -> None:
    assert qunyun(*words) == (1, "", error)


@pytest.mark.parametrize(
    "words",
    [
        ("bogus",),
        ("check", "--bogus"),
        ("check", "--format", "xml"),
        ("report",),
        ("payouts", "approve"),
        ("outbox", "retry", "seven"),
        ("demo", "--port", "many"),
        (),
    ],
)
def test_wrong_usage_ends_with_two(qunyun: Run, words: tuple[str, ...]) -> None:
    assert qunyun(*words)[0] == 2


def test_missing_secrets_are_all_named(qunyun: Run) -> None:
    qunyun("init", ".")
    names = "".join(f"  {name}\n" for name in sorted(SECRETS, key=list(SECRETS).index))
    code, out, err = qunyun("doctor")
    assert (code, out) == (1, "")
    assert sorted(err.split("\n")) == sorted(
        f"缺少这些环境变量：\n{names}把它们写进 0600 权限的环境文件后再启动。\n".split("\n")
    )


def test_commands_before_the_first_start_say_so(qunyun: Run) -> None:
    qunyun("init", ".")
    path = Path("data/qunyun.db").resolve()
    assert qunyun("outbox", "list") == (
        1,
        "",
        f"没有数据库文件 {path}：服务还没有在这里运行过。\n",
    )


def test_payouts_are_listed_approved_once_and_exported(owing: tuple[Run, list[str]]) -> None:
    qunyun, (first, second) = owing
    assert qunyun("payouts", "list") == (
        0,
        f"{first}  2026-12-01        8.88 元  待批准  wm1  红包\n"
        f"{second}  2026-12-20        1.00 元  待到期  =wm2  红包\n"
        "共 2 笔，9.88 元\n",
        "",
    )
    assert qunyun("payouts", "approve", "--by", "wangqiang") == (
        0,
        "批准了 1 笔，共 8.88 元\n",
        "",
    )
    assert qunyun("payouts", "approve", "--by", "wangqiang", first) == (
        1,
        "",
        f"这些订单不在“待批准”里：\n  {first}\n",
    )
    assert qunyun("payouts", "list", "--status", "approved") == (
        0,
        f"{first}  2026-12-01        8.88 元  已批准  wm1  红包\n共 1 笔，8.88 元\n",
        "",
    )


def test_table_holds_no_formula_and_is_private(owing: tuple[Run, list[str]]) -> None:
    qunyun, (_, second) = owing
    written = qunyun("payouts", "list", "--out", "held.csv", "--status", "held")
    assert written == (0, "写好了 held.csv：1 笔\n", "")
    path = Path("held.csv")
    assert path.read_text(encoding="utf-8-sig").split("\n") == [
        "订单号,成员,奖品,类别,金额（元）,应发日期,状态,来源,疑点,说明",
        f"{second},'=wm2,红包,红包,1.00,2026-12-20,待到期,join-hook,,",
        "",
    ]
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("by", ["nobody", "lijing", "zhaoyun"])
def test_only_a_manager_approves(owing: tuple[Run, list[str]], by: str) -> None:
    qunyun, _ = owing
    assert qunyun("payouts", "approve", "--by", by) == (
        1,
        "",
        f"“{by}”不是 config.yaml 里的主管或管理员，不能批准发奖。\n",
    )


def test_outbox_is_listed_without_what_it_says(owing: tuple[Run, list[str]]) -> None:
    qunyun, _ = owing
    assert qunyun("outbox", "list") == (
        0,
        "     3  待发  group_robot  11-24 12:00  试过 0 次\n"
        "     2  待发  group_robot  11-24 12:00  试过 0 次\n"
        "     1  发不出  group_robot  11-24 12:00  试过 1 次  机器人已被移出群\n"
        "发不出 1，待发 2\n",
        "",
    )
    assert qunyun("outbox", "list", "--status", "dead", "--limit", "1")[1].startswith("     1  ")


def test_letters_are_retried_held_and_dropped_by_hand(owing: tuple[Run, list[str]]) -> None:
    qunyun, _ = owing
    assert qunyun("outbox", "retry", "1") == (0, "1 号会再发一次\n", "")
    assert qunyun("outbox", "hold", "2", "等合规确认") == (0, "2 号先搁置\n", "")
    assert qunyun("outbox", "drop", "3", "发错群") == (0, "3 号不再发送\n", "")
    listed = qunyun("outbox", "list")[1].split("\n")
    assert [line[:11].split()[0] for line in listed[:-2]] == ["2", "1"]
    every = qunyun("outbox", "list", "--all")[1].split("\n")
    assert [line[:11].split()[0] for line in every[:-2]] == ["3", "2", "1"]
    assert qunyun("outbox", "drop", "3", "再来") == (
        1,
        "",
        "3 号现在是“已丢弃”，不能这样处理\n",
    )
    assert qunyun("outbox", "retry", "9") == (1, "", "发件箱里没有 9 号\n")


@pytest.mark.parametrize(
    ("words", "known"),
    [
        (("outbox", "list"), "pending（待发）"),
        (("payouts", "list"), "held（待到期）"),
    ],
)
def test_unknown_status_lists_the_known(installed: Run, words: tuple[str, ...], known: str) -> None:
    code, _, err = installed(*words, "--status", "nope")
    assert (code, err.startswith(f"没有“nope”这种状态；可以是：{known}")) == (1, True)


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
        (("--format", "pdf"), 2, "--format 不能写“pdf”，可以写：xlsx、png、html、md、json。\n"),
        (
            ("--out", "a.pdf"),
            2,
            "--out 的后缀“.pdf”不认识，可以是：xlsx、png、html、md、json；或者加上 --format。\n",
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
            "--send 发的是聊天里的周报，不能和 --raw、--format、--out 一起用。\n",
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


async def test_doctor_against_a_sandbox(
    installed: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = MovableClock(datetime(2026, 11, 23, 1, 10, tzinfo=UTC), seed=b"cli")
    show = Demo(clock, *shipped(), f"sqlite:///{tmp_path}/demo.db")
    port = await show.sandbox.start()
    try:
        config = Path("config.yaml").read_text(encoding="utf-8")
        config = config.replace("wrExampleInternalGroup01", CUSTOMER_GROUP)
        config = config.replace("ww0123456789abcdef", show.sandbox.seed.corp.id)
        api = f"wecom:\n  api: http://127.0.0.1:{port}\n"
        Path("config.yaml").write_text(config.replace("wecom:\n", api), encoding="utf-8")
        for name, value in SECRETS.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("QUNYUN_APP_SECRET", show.sandbox.seed.app.secret)
        code, out, err = await asyncio.to_thread(installed, "doctor")
    finally:
        await show.sandbox.close()
    found = [line for line in out.split("\n") if "企业微信" in line or "企业群发" in line]
    assert (code, err) == (3, "")
    assert found == [
        "✅ 企业微信：“财富体验群”有 8 人",
        "❌ 企业微信：读不到“财富客户群”："
        "没有这个群：在 config.yaml 核对 chat_id（企业微信错误码 40050）",
        "✅ 企业群发：可以给 1 位客户经理建任务",
    ]


def test_module_and_script_are_the_same_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "check"], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        f"检查了 {SHIPPED_FILES} 个文件，没有发现问题。\n",
        "",
    )


def test_preview_of_a_year_without_a_calendar_says_which_file_to_add(qunyun: Run) -> None:
    """Regression: a traceback."""
    assert qunyun("preview", "wealth-weekly", "--week", "2027-W02") == (
        1,
        "",
        "还没有 2027 年的工作日历：请按国务院办公厅的放假通知添加 cn-2027.yaml，"
        "格式见自带的 cn-2026.yaml。\n",
    )
