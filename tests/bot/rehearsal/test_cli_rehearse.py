"""`qunyun rehearse` as its user meets it."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def rehearse(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Types the command: (exit code, output, errors)."""

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["qunyun", "rehearse", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        assert "Traceback" not in shown.err
        return int(ended.value.code or 0), shown.out, shown.err

    return run


SMALL = ("--start", "2026-11-23", "--days", "1", "--members", "6", "--seeds", "2")


def test_files_are_written_where_asked(rehearse: Run, shelf: Path, tmp_path: Path) -> None:
    out, html = tmp_path / "a.json", tmp_path / "a.html"
    code, text, errors = rehearse(
        *SMALL, "--library", str(shelf), "--json", str(out), "--html", str(html)
    )
    assert (code, errors) == (0, "")
    assert text.endswith(f"写好了 {out}\n写好了 {html}\n")
    assert html.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_problem_is_exit_code_1(rehearse: Run, shelf: Path) -> None:
    code, text, _ = rehearse(*SMALL, "--library", str(shelf), "--start", "2026-11-24", "evening")
    assert code == 1
    assert text.endswith(
        "━━ 问题\n计划没有一次执行\n    evening（周一晚上）：这几天里没有它的步骤\n共 1 个问题。\n"
    )


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "请写第一天是哪一天，例如 --start 2026-11-23。\n"),
        (("--start", "明天"), 2, "“明天”不是一个日期，请写成 2026-11-23 这样。\n"),
        ((*SMALL, "evenin"), 1, "没有名为“evenin”的计划。您是想写 evening 吗？\n"),
        (
            (*SMALL, "--community", "wealth-1"),
            1,
            "没有编号为“wealth-1”的社群。您是想写 wealth-01 吗？\n",
        ),
        ((*SMALL, "--library", "/nowhere"), 1, "没有这些文件或文件夹：/nowhere\n"),
    ],
)
def test_wrong_wish_is_explained(
    rehearse: Run, shelf: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    assert rehearse("--library", str(shelf), *words) == (code, "", said)


def test_configuration_needs_no_secret(rehearse: Run, shelf: Path, tmp_path: Path) -> None:
    example = Path(__file__).parents[3] / "config.example.yaml"
    config = tmp_path / "config.yaml"
    config.write_text(example.read_text(encoding="utf-8"), encoding="utf-8")
    code, text, errors = rehearse(*SMALL, "-c", str(config), "--library", str(shelf))
    assert (code, errors) == (0, "")
    assert "社群：财富体验群、财富客户群" in text
    assert sorted(tmp_path.iterdir()) == [config, shelf]


def test_broken_library_is_not_rehearsed(rehearse: Run, shelf: Path) -> None:
    (shelf / "plan.yaml").write_text("plan: evening\n", encoding="utf-8")
    code, text, errors = rehearse(*SMALL, "--library", str(shelf))
    assert (code, text) == (1, "")
    assert errors.endswith("先改好这些问题，再试一次。\n")
