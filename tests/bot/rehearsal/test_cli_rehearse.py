"""`qunyun rehearse` as its user meets it."""

from functools import partial
from pathlib import Path

import pytest

from tests.terminal import Run


@pytest.fixture
def rehearse(terminal: Run) -> Run:
    """Types the command: (exit code, output, errors)."""
    return partial(terminal, "rehearse")


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
        (
            (*SMALL, "--joins", "10", "--over", "36h"),
            2,
            "“36h”不是整数天，请写成 --over 14d 这样，最多 366 天。\n",
        ),
        (
            (*SMALL, "--joins", "10", "--over", "两周"),
            2,
            "“两周”不是整数天，请写成 --over 14d 这样，最多 366 天。\n",
        ),
        (
            (*SMALL, "--joins", "10", "--over", "2d", "--community", "wealth-02"),
            1,
            "没有一个社群是机器人听得到成员的，引流进来的人玩不了，也抽不了。\n",
        ),
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


FUNNEL = """\
━━ 引流漏斗
渠道      入群      玩过      抽过      到账  已发出（元）  每人  已领取（元）  每人
公众号      11  2（18%）  2（18%）  2（18%）         11.50  1.05         11.50  1.05
手机银行     5   0（0%）   0（0%）   0（0%）          0.00  0.00          0.00  0.00
网点         4  2（50%）  1（25%）  1（25%）          6.20  1.55          6.20  1.55
合计        20  4（20%）  3（15%）  3（15%）         17.70  0.89         17.70  0.89
人均成本 0.89 元（已领取 ÷ 入群人数）。
企业微信客户群每群最多 500 人（含群主），所以进了 1 个群，期末人最多的群 20 人。
"""


def test_people_who_join_are_followed_to_their_prizes(rehearse: Run, shelf: Path) -> None:
    code, text, errors = rehearse(
        *SMALL[:2], "--joins", "20", "--over", "1d", "--library", str(shelf)
    )
    assert (code, errors) == (0, "")
    assert text.startswith("彩排 2026-11-23（周一）起 1 天，1 天里入群 20 人，种子 7\n")
    assert text[text.index("━━ 引流漏斗") : text.index("\n━━ 游戏和抽奖")] == FUNNEL


def test_broken_library_is_not_rehearsed(rehearse: Run, shelf: Path) -> None:
    (shelf / "plan.yaml").write_text("plan: evening\n", encoding="utf-8")
    code, text, errors = rehearse(*SMALL, "--library", str(shelf))
    assert (code, text) == (1, "")
    assert errors.endswith("先改好这些问题，再试一次。\n")
