"""`check`: what it prints, and how it ends."""

import json
from pathlib import Path

import pytest

from bot.check import check
from sop.diagnostics import Problem
from sop.loader import SHIPPED

GOOD = 'plan: a\ntitle: 甲\napplies_to: {labels: [x]}\nweek: {mon: [{id: s, at: "9:00", content: {text: 好}}]}\n'  # noqa: E501


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path(".")


def test_check_of_the_shipped_library_finds_nothing() -> None:
    files = len(list(SHIPPED.rglob("*.yaml")))
    assert check([SHIPPED]) == (0, f"检查了 {files} 个文件，没有发现问题。")


def test_check_text_ends_with_the_counts(folder: Path) -> None:
    Path("a.yaml").write_text(GOOD, encoding="utf-8")
    Path("b.yaml").write_text("pln: x\n", encoding="utf-8")
    Path("a.yaml").write_text(GOOD.replace("[x]", "[welth]"), encoding="utf-8")
    assert check([folder], known_labels=["wealth"]) == (
        1,
        "a.yaml:3:23: warning[unknown-label]: 没有任何社群带有标签“welth”，不会发给任何人。\n"
        "  3 | applies_to: {labels: [welth]}\n"
        "    |                       ^^^^^\n"
        "  提示：您是想写 wealth 吗？\n"
        "\n"
        "b.yaml:1:1: error[kind]: 认不出这是什么文件：第一行是“pln”。\n"
        "  1 | pln: x\n"
        "    | ^^^\n"
        "  提示：您是想写 plan 吗？\n"
        "\n"
        "检查了 2 个文件：1 个错误，1 个警告。\n"
        "有 1 份计划还没有启用，在 config.yaml 里给社群加上它的标签就启用：welth。",
    )


def test_check_names_the_labels_that_switch_plans_on(folder: Path) -> None:
    for name, label in (("a", "vip"), ("b", "vip"), ("c", "y"), ("d", "event")):
        text = GOOD.replace("plan: a", f"plan: {name}").replace("[x]", f"[{label}]")
        Path(f"{name}.yaml").write_text(text, encoding="utf-8")
    assert check([folder], known_labels=["y"]) == (
        0,
        "检查了 4 个文件，没有发现问题。\n"
        "有 3 份计划还没有启用，在 config.yaml 里给社群加上它的标签就启用：event、vip。",
    )


def test_check_names_the_plan_that_no_single_community_has_all_labels_for(folder: Path) -> None:
    """Regression: nothing was wrong, and nothing was ever sent."""
    Path("a.yaml").write_text(GOOD.replace("[x]", "[x, y]"), encoding="utf-8")
    for together, said in (
        ([["x"], ["y", "z"]], "\n计划 a 不会执行：没有社群同时带有它的全部标签（x、y）。"),
        ([["x"], ["y", "x"]], ""),
    ):
        found = check([folder], known_labels=["x", "y", "z"], together=together)
        assert found == (0, f"检查了 1 个文件，没有发现问题。{said}")


def test_check_with_warnings_only_passes(folder: Path) -> None:
    Path("a.yaml").write_text(GOOD.replace("[x]", "[welth]"), encoding="utf-8")
    code, text = check([folder], "json", known_labels=["wealth"])
    found = json.loads(text)
    assert (code, found["files"], found["errors"], found["warnings"]) == (0, 1, 0, 1)


def test_check_github_is_one_annotation_a_problem(folder: Path) -> None:
    Path("b.yaml").write_text("pln: x\n", encoding="utf-8")
    assert check([folder], "github") == (
        1,
        "::error file=b.yaml,line=1,col=1,title=kind::"
        "认不出这是什么文件：第一行是“pln”。 提示：您是想写 plan 吗？",
    )


def test_check_of_a_missing_path_is_an_error() -> None:
    code, text = check([Path("absent.yaml")])
    assert (code, text) == (
        1,
        "absent.yaml:1:1: error[file]: 没有这个文件。\n\n检查了 1 个文件：1 个错误。",
    )


def test_check_adds_problems_found_elsewhere() -> None:
    other = Problem("config.yaml", 2, 1, "error", "value", "时区不对。")
    code, text = check([], "json", also=[other], also_files=1)
    found = json.loads(text)
    assert (code, found["files"], found["problems"][0]["file"]) == (1, 1, "config.yaml")
