"""How problems look: in a terminal, for programs, and for GitHub."""

import json

from sop.diagnostics import Problem, closest, columns, did_you_mean, render, to_github, to_json

WIDE = Problem(
    "计划/周.yaml",
    12,
    7,
    "error",
    "unknown-key",
    "没有“contnet”这一项。",
    "您是想写 content 吗？",
    "标题: 好 contnet: x",
    7,
)
FIRST = Problem("a.yaml", 1, 1, "warning", "quiet-hours", "22:00 在静默时段 21:30-08:30 内。")


def test_render_sorts_and_points_below_wide_characters() -> None:
    assert render([WIDE, FIRST]) == (
        "a.yaml:1:1: warning[quiet-hours]: 22:00 在静默时段 21:30-08:30 内。\n"
        "\n"
        "计划/周.yaml:12:7: error[unknown-key]: 没有“contnet”这一项。\n"
        "  12 | 标题: 好 contnet: x\n"
        "     |          ^^^^^^^\n"
        "  提示：您是想写 content 吗？"
    )


def test_render_underlines_wide_characters_in_full() -> None:
    wide = Problem("a.yaml", 1, 5, "error", "time", "看不懂。", "", "at: 晚上7点", 4)
    assert render([wide]) == (
        "a.yaml:1:5: error[time]: 看不懂。\n  1 | at: 晚上7点\n    |     ^^^^^^^"
    )


def test_render_shows_nothing_that_steers_a_terminal() -> None:
    hostile = Problem("a.yaml", 1, 2, "error", "x", "坏\x1b[31m", "", "\t\x1b[2J", 1)
    assert render([hostile]) == "a.yaml:1:2: error[x]: 坏 [31m\n  1 |   [2J\n    |  ^"


def test_json_is_the_documented_shape() -> None:
    assert json.loads(to_json(2, [WIDE, FIRST])) == {
        "files": 2,
        "errors": 1,
        "warnings": 1,
        "problems": [
            {
                "file": "a.yaml",
                "line": 1,
                "column": 1,
                "severity": "warning",
                "code": "quiet-hours",
                "message": "22:00 在静默时段 21:30-08:30 内。",
                "hint": "",
            },
            {
                "file": "计划/周.yaml",
                "line": 12,
                "column": 7,
                "severity": "error",
                "code": "unknown-key",
                "message": "没有“contnet”这一项。",
                "hint": "您是想写 content 吗？",
            },
        ],
    }


def test_github_annotations_escape_their_separators() -> None:
    odd = Problem("a,b.yaml", 3, 4, "error", "value", "100% 不行\n第二行", "换一个")
    assert to_github([odd]) == (
        "::error file=a%2Cb.yaml,line=3,col=4,title=value::100%25 不行%0A第二行 提示：换一个"
    )


def test_columns_count_wide_and_combining_characters() -> None:
    assert [columns(text) for text in ("abc", "周一", "，", "e\u0301")] == [3, 4, 2, 1]


def test_closest_is_near_or_none() -> None:
    assert closest("Contnet", ["content", "draw"]) == "content"
    assert closest("xyz", ["content", "draw"]) is None
    assert closest("x", []) is None


def test_did_you_mean_lists_what_is_possible_when_nothing_is_near() -> None:
    assert did_you_mean("dicee", ["dice", "quiz"]) == "您是想写 dice 吗？"
    assert did_you_mean("xyz", ["quiz", "dice"]) == "可以写：dice、quiz。"
    assert did_you_mean("xyz", [], "还没有游戏。") == "还没有游戏。"
