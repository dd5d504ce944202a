"""The command line as its user meets it: how it begins, and ends when something is missing."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.clock import MovableClock
from bot.demo import CUSTOMER_GROUP, Demo
from bot.shelf import shipped
from sop.loader import SHIPPED
from tests.terminal import Run

SECRETS = {
    "QUNYUN_APP_SECRET": "s",
    "QUNYUN_APP_TOKEN": "t",
    "QUNYUN_APP_AES_KEY": "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
    "QUNYUN_AIBOT_SECRET": "x",
    "QUNYUN_ROBOT_WEALTH_01": "k",
}
SHIPPED_FILES = len(list(SHIPPED.rglob("*.yaml")))


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


def test_missing_secrets_are_all_named(qunyun: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        monkeypatch.delenv(name, raising=False)
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
