"""`check` in the terminal: every problem with its place, in each format."""

import json
from pathlib import Path

import pytest

from sop.loader import SHIPPED
from tests.terminal import Run

SHIPPED_FILES = len(list(SHIPPED.rglob("*.yaml")))


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
