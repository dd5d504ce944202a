"""The review commands of the terminal as a reviewer types them."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.cli_review import _wrapped
from sop.loader import load
from sop.sheet import sheet, whole_hash
from storage import audit, reviews
from tests.house import CONFIG
from tests.terminal import Run, stored

STAFF = [
    {"id": "li", "name": "李静", "roles": ["rm"]},
    {"id": "chen", "name": "陈明", "roles": ["rm"]},
    {"id": "yun", "name": "赵芸", "roles": ["operator", "reviewer"]},
    {"id": "shen", "name": "沈洁", "roles": ["reviewer"]},
]
WEEK: dict[str, Any] = {
    "plan": "week",
    "title": "标准周",
    "author": "yun",
    "applies_to": {"labels": ["all"]},
    "dates": {
        "2099-01-01": [
            {"id": "hello", "at": "09:30", "content": {"text": "早上好"}},
            {"id": "sum", "at": "10:30", "report": {"week": "last"}},
        ],
        "2099-01-02": [{"id": "bye", "at": "18:30", "content": {"text": "再见"}}],
    },
}
WHEN = re.compile(r"(?<!-)\d\d-\d\d \d\d:\d\d")
USE = "看内容：qunyun review show"


@pytest.fixture
def qunyun(terminal: Run, usual_database: Path, secrets: None) -> Run:
    """The terminal in a folder with one plan. Times of stamps are masked."""
    stamped = [{**one, "review": True} for one in CONFIG["communities"]]
    config = {**CONFIG, "staff": STAFF, "library": ["library"], "communities": stamped}
    Path("config.yaml").write_text(json.dumps(config, ensure_ascii=False), encoding="utf-8")
    Path("library").mkdir()
    save(WEEK)

    def run(*words: str) -> tuple[int, str, str]:
        code, out, err = terminal(*words)
        return code, WHEN.sub("MM-DD HH:MM", out), err

    assert run("db", "upgrade")[0] == 0
    return run


def save(plan: dict[str, Any]) -> None:
    Path("library/week.yaml").write_text(json.dumps(plan, ensure_ascii=False), encoding="utf-8")


def edited(text: str) -> dict[str, Any]:
    days = {
        **WEEK["dates"],
        "2099-01-02": [{"id": "bye", "at": "18:30", "content": {"text": text}}],
    }
    return {**WEEK, "dates": days}


def codes() -> dict[str, str]:
    """The short hashes of the steps, and of the plan."""
    library, _ = load([Path("library")])
    plan = library.plans["week"]
    sheets = [sheet(plan, one, library) for one in plan.steps() if one.id != "sum"]
    return {one.step: one.short for one in sheets} | {"week": whole_hash(sheets)[:8]}


def written() -> tuple[list[tuple[Any, ...]], list[tuple[str, ...]]]:
    """Stamps (step, by, note, revoked by, reason), and the audit."""

    def work(tx: Any) -> Any:
        rows = [one for step in ("hello", "bye") for one in reviews.history(tx, "week", step)]
        deeds = reversed(audit.listing(tx))
        return (
            [(one.step, one.stamped_by, one.note, one.revoked_by, one.reason) for one in rows],
            [(one.actor, one.action, one.subject, one.detail) for one in deeds],
        )

    return stored(work)


def test_list_names_what_waits_and_the_code_of_the_whole_plan(qunyun: Run) -> None:
    code, out, _ = qunyun("review", "list")
    assert (code, out) == (
        0,
        f"\nweek　标准周　撰稿人 yun　整个计划的校验码 {codes()['week']}\n"
        "1. 内容（hello）两周内不执行　❗ 从未盖章\n"
        "2. 内容（bye）两周内不执行　❗ 从未盖章\n"
        f"\n共 2 步。{USE} week/hello\n",
    )


def test_stamp_of_a_step_is_for_what_show_showed(qunyun: Run) -> None:
    code = codes()["bye"]
    _, shown, _ = qunyun("review", "show", "week/bye")
    assert shown == (
        f"审核单 2　week/bye　校验码 {code}\n"
        "❗ 从未盖章\n"
        "\n"
        "计划：标准周（week），撰稿人 yun\n"
        "社群：标签 all\n"
        "时间：2099-01-02 18:30\n"
        "执行窗口：30 分钟\n"
        "内容\n"
        "  正文：再见\n"
        "\n"
        "链接：没有\n"
        f"\n盖章：qunyun review stamp week/bye --by 您的userid --hash {code}\n"
    )
    stamp = ("review", "stamp", "week/bye", "--by", "shen", "--hash", code, "--note", "可以")
    assert [qunyun(*stamp), qunyun(*stamp)] == [
        (0, "盖章 1 步\n", ""),
        (0, "盖章 0 步；1 步原来就有章\n", ""),
    ]
    assert written() == (
        [("bye", "shen", "可以", None, "")],
        [("shen", "盖审核章", "week/bye", f"{code} 可以")],
    )
    assert qunyun("review", "list")[1].split("\n")[2:4] == [
        "1. 内容（hello）两周内不执行　❗ 从未盖章",
        "",
    ]
    assert qunyun("review", "list", "--all")[1].split("\n")[3] == (
        "2. 内容（bye）两周内不执行　✅ 沈洁 MM-DD HH:MM 盖章"
    )


def test_whole_plan_is_stamped_by_the_code_of_all_its_sheets(qunyun: Run) -> None:
    code = codes()["week"]
    _, shown, _ = qunyun("review", "show", "week")
    assert shown.endswith(f"\n盖章：qunyun review stamp week --by 您的userid --hash {code}\n")
    assert qunyun("review", "stamp", "week", "--by", "shen", "--hash", code) == (
        0,
        "盖章 2 步\n",
        "",
    )
    assert qunyun("review", "list") == (0, "没有等待审核的步骤。\n", "")


def test_edit_voids_the_stamp_and_show_says_what_changed(qunyun: Run) -> None:
    qunyun("review", "stamp", "week", "--by", "shen", "--hash", codes()["week"])
    save(edited("下周见"))
    assert qunyun("review", "list")[1].split("\n")[2] == (
        "2. 内容（bye）两周内不执行　✏️ MM-DD HH:MM 沈洁盖章之后改过"
    )
    assert (
        "\n\n与上次盖章时相比：\n-   正文：再见\n+   正文：下周见\n\n盖章："
        in (qunyun("review", "show", "week/bye")[1])
    )
    save(WEEK)  # taken back
    assert qunyun("review", "list") == (0, "没有等待审核的步骤。\n", "")


def test_code_of_an_older_sheet_is_refused(qunyun: Run) -> None:
    old = codes()
    save(edited("下周见"))
    refused = "校验码对不上，没有盖章：内容可能在您看过之后改过。\n请重新看：qunyun review show "
    for name, code in (("week/bye", old["bye"]), ("week", old["week"])):
        assert qunyun("review", "stamp", name, "--by", "shen", "--hash", code) == (
            1,
            "",
            f"{refused}{name}\n",
        )
    assert written() == ([], [])


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("week/bye", "--by", "nobody"), "config.yaml 的 staff 里没有“nobody”。\n"),
        (("week/bye", "--by", "li"), "“李静”不是合规审核（reviewer），不能盖审核章。\n"),
        (("week/bye", "--by", "yun"), "“标准周”是您写的，请另一位合规审核盖章。\n"),
        (
            ("week/by", "--by", "shen"),
            "没有“week/by”，或它不需要审核。您是想写 week/bye 吗？\n",
        ),
    ],
)
def test_stamp_that_cannot_be_is_refused(qunyun: Run, words: tuple[str, ...], error: str) -> None:
    assert qunyun("review", "stamp", *words, "--hash", codes()["bye"]) == (1, "", error)
    assert written() == ([], [])


def test_report_that_only_colleagues_see_is_not_reviewed(qunyun: Run) -> None:
    code, _, error = qunyun("review", "show", "week/sum")
    assert (code, error.startswith("没有“week/sum”，或它不需要审核。")) == (1, True)


def test_short_code_is_refused(qunyun: Run) -> None:
    words = ("review", "stamp", "week/bye", "--by", "shen", "--hash", codes()["bye"][:7])
    error = "校验码至少写前 8 位，见 qunyun review show week/bye\n"
    assert qunyun(*words) == (1, "", error)


def test_revoke_needs_a_reason_and_is_kept(qunyun: Run) -> None:
    qunyun("review", "stamp", "week", "--by", "shen", "--hash", codes()["week"])
    revoke = ("review", "revoke", "week/bye", "--reason", "数字不对", "--by")
    assert qunyun(*revoke, "li") == (
        1,
        "",
        "“李静”不是合规审核（reviewer），不能撤销审核章。\n",
    )
    assert qunyun("review", "revoke", "week/bye", "--reason", " ", "--by", "yun") == (
        1,
        "",
        "请用 --reason 写明撤销的原因。\n",
    )
    assert qunyun(*revoke, "yun") == (
        0,
        "撤销了 week/bye 的审核章：重新盖章之前不会再发送\n",
        "",
    )
    assert qunyun(*revoke, "yun") == (1, "", "week/bye 没有有效的审核章，不用撤销。\n")
    stamps, deeds = written()
    assert stamps == [
        ("hello", "shen", "", None, ""),
        ("bye", "shen", "", "yun", "数字不对"),
    ]
    assert deeds[-1] == ("yun", "撤销审核章", "week/bye", "数字不对")
    assert qunyun("review", "list")[1].split("\n")[2] == (
        "2. 内容（bye）两周内不执行　↩️ MM-DD HH:MM 被赵芸撤销：数字不对"
    )


@pytest.mark.parametrize("name", ["week", "week/"])
def test_revoke_is_of_one_step(qunyun: Run, name: str) -> None:
    assert qunyun("review", "revoke", name, "--by", "shen", "--reason", "旧") == (
        1,
        "",
        "请写明是哪一步：week/步骤编号\n",
    )


def test_stamp_of_a_step_that_is_gone_can_be_revoked(qunyun: Run) -> None:
    qunyun("review", "stamp", "week", "--by", "shen", "--hash", codes()["week"])
    save({**WEEK, "dates": {"2099-01-01": WEEK["dates"]["2099-01-01"]}})
    revoked = qunyun("review", "revoke", "week/bye", "--by", "shen", "--reason", "不用了")
    assert revoked[0] == 0


def test_reason_with_broken_characters_is_no_traceback(qunyun: Run) -> None:
    code, _, error = qunyun("review", "revoke", "week/bye", "--by", "shen", "--reason", "a\udcff")
    assert (code, error) == (1, "命令里有无法识别的字符，请重新输入。\n")


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("短", ["短"]),
        ("  │ " + "长" * 20, ["  │ " + "长" * 18, "    " + "长" * 2]),
        ("  1. " + "长" * 20, ["  1. " + "长" * 17, "  " + "长" * 3]),
    ],
)
def test_lines_are_wrapped_by_their_width_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, line: str, parts: list[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert list(_wrapped(line)) == parts


def test_file_that_speaks_besides_the_plans_is_read_stamped_and_revoked(qunyun: Run) -> None:
    channel = {
        "channel": "call",
        "title": "外呼",
        "author": "yun",
        "applies_to": {"labels": ["all"]},
        "way": "group",
        "introduction": "我是{{ owner }}。",
    }
    Path("library/call.yaml").write_text(json.dumps(channel, ensure_ascii=False), encoding="utf-8")
    out = qunyun("review", "list")[1]
    assert out.endswith(
        "\n\n计划以外的文字\n3. 渠道“外呼”（channel:call）❗ 从未盖章\n"
        f"\n共 2 步、1 份。{USE} week/hello\n"
    )
    shown = qunyun("review", "show", "channel:call")[1]
    head, *lines = shown.split("\n")
    code = head.rpartition(" ")[2]
    assert head == f"审核单 3　channel:call　校验码 {code}"
    assert "客户经理接着发的自我介绍：我是{{ owner }}。" in lines
    assert lines[-2] == f"盖章：qunyun review stamp channel:call --by 您的userid --hash {code}"
    stamp = ("review", "stamp", "channel:call", "--hash", code, "--by")
    revoke = ("review", "revoke", "channel:call", "--reason", "太长", "--by", "shen")
    assert qunyun(*stamp, "yun") == (
        1,
        "",
        "渠道“外呼”是您写的，请另一位合规审核盖章。\n",
    )
    assert [qunyun(*stamp, "shen"), qunyun(*stamp, "shen"), qunyun(*revoke), qunyun(*revoke)] == [
        (0, "盖章 1 份\n", ""),
        (0, "盖章 0 份；1 份原来就有章\n", ""),
        (0, "撤销了 channel:call 的审核章：重新盖章之前不会再发送\n", ""),
        (1, "", "channel:call 没有有效的审核章，不用撤销。\n"),
    ]
    assert stored(lambda tx: [one.subject for one in audit.listing(tx)]) == ["channel:call"] * 2
    assert qunyun("review", "show", "chanel:call")[0] == 1
