"""Files → library: what loads, what is left out, and the messages about one file."""

from pathlib import Path

import pytest

from sop.bank import Bank
from sop.campaign import Condition, DeckCards
from sop.files import yaml_files
from sop.loader import load, load_model
from tests.sop.small_files import BANK, CAMPAIGN, PLAN, POOL, Write, messages


def test_load_reads_every_kind(write: Write) -> None:
    folder = write({"a/p.yaml": PLAN, "b.yml": CAMPAIGN, "c.yaml": POOL, "d.yaml": BANK})
    library, problems = load([folder])
    assert problems == []
    assert [list(one) for one in (library.plans, library.campaigns)] == [["week"], ["festival"]]
    assert [list(one) for one in (library.pools, library.banks)] == [["games"], ["basics"]]
    festival = library.campaigns["festival"]
    assert (festival.budget_fen, festival.deck_sum_fen, festival.deck_size) == (2000, 2000, 9)
    assert festival.deck[1] == DeckCards(prize="小红包", amount="1.50", count=8)  # type: ignore[arg-type]
    assert festival.condition == Condition(played_within="7d")  # type: ignore[arg-type]


def test_load_takes_each_file_once(write: Write) -> None:
    folder = write({"p.yaml": PLAN, "notes.txt": "no: yaml"})
    assert yaml_files([folder, folder / "p.yaml", folder]) == [Path("p.yaml")]
    assert list(load([folder, folder / "p.yaml"])[0].plans) == ["week"]


def test_load_leaves_out_the_broken_file_and_keeps_the_rest(write: Write) -> None:
    library, problems = load([write({"good.yaml": PLAN, "bad.yaml": "plan: [\n"})])
    assert list(library.plans) == ["week"]
    assert [one.file for one in problems] == ["bad.yaml"]


def test_load_leaves_out_a_file_with_a_duplicate_key(write: Write) -> None:
    library, problems = load([write({"p.yaml": PLAN + "title: 再一次\n"})])
    assert list(library.plans) == []
    assert [(one.line, one.code) for one in problems] == [(9, "duplicate-key")]


def test_load_reports_every_problem_at_once_sorted(write: Write) -> None:
    files = {
        "b.yaml": """
            plan: bad week
            titel: 坏计划
            applies_to: {labels: wealth}
            daily_cap: "2"
            on_holiday: skp
            week:
              1:
                - {id: x, at: "09:00", content: {text: 好}}
              Monday:
                - id: a
                  at: 晚上7点半
                  window: 30分钟
                  content:
                    text: |
                      早上好，
                      {{ comunity.name }}
              周一:
                - at: 9:30
                  contnet: {text: 好}
        """,
        "a.yaml": "pool: p\ntitle: 池\nbudget: ¥100\n",
    }
    assert messages(write, files) == (
        "a.yaml:3:9: error[amount]: 看不懂金额“¥100”。\n"
        "  3 | budget: ¥100\n"
        "    |         ^^^^\n"
        "  提示：请写 100.00。\n"
        "\n"
        "b.yaml:1:7: error[value]: “bad week”不能用作编号或名称。\n"
        "  1 | plan: bad week\n"
        "    |       ^^^^^^^^\n"
        "  提示：只能用文字、数字、“-”“_”“.”，不能有空格，例如 tue-dice。\n"
        "\n"
        "b.yaml:2:1: error[unknown-key]: 没有“titel”这一项。\n"
        "  2 | titel: 坏计划\n"
        "    | ^^^^^\n"
        "  提示：您是想写 title 吗？\n"
        "\n"
        "b.yaml:3:22: error[type]: 应为列表（每项另起一行，以“- ”开头），这里是文字。\n"
        "  3 | applies_to: {labels: wealth}\n"
        "    |                      ^^^^^^\n"
        "  提示：请写 [wealth]。\n"
        "\n"
        "b.yaml:4:12: error[type]: 应为整数，这里是文字。\n"
        '  4 | daily_cap: "2"\n'
        "    |            ^^^\n"
        "  提示：请去掉引号：2。\n"
        "\n"
        "b.yaml:5:13: error[value]: 这里不能写“skp”，只能写 run、skip、shift。\n"
        "  5 | on_holiday: skp\n"
        "    |             ^^^\n"
        "  提示：您是想写 skip 吗？\n"
        "\n"
        "b.yaml:17:3: error[duplicate]: “Monday”和“周一”是同一天。\n"
        "  17 |   周一:\n"
        "     |   ^^^^\n"
        "  提示：请合并成一处。"
    )


def test_load_reports_every_problem_of_steps(write: Write) -> None:
    files = {
        "p.yaml": """
            plan: p
            title: 计划
            applies_to: {labels: [wealth]}
            week:
              1:
                - {id: x, at: "09:00", content: {text: 好}}
              monday:
                - id: a
                  at: 晚上7点半
                  window: 30分钟
                  content:
                    text: |
                      早上好，
                      {{ comunity.name }}
                    risk_notice: 是
                - at: 9:30
                  contnet: {text: 好}
              tuesday:
                - {id: b, at: 9:30, content: {text: 好}, tell: {text: 好}}
                - id: c
                  at: "9:30"
                  game: {name: dice, duraton: 9, rewards: {winners: 0, amount: 9-5, pool: 1}}
                - {id: d, at: "9:30", game: {name: dicee}}
                - {id: e, at: "9:30", content: }
        """,
    }
    assert messages(write, files) == (
        "p.yaml:5:3: error[weekday]: 星期不能写成数字“1”。\n"
        "  5 |   1:\n"
        "    |   ^\n"
        "  提示：请写 monday、Mon 或 周一。\n"
        "\n"
        "p.yaml:9:11: error[time]: 看不懂时间“晚上7点半”。\n"
        "  9 |       at: 晚上7点半\n"
        "    |           ^^^^^^^^^\n"
        '  提示：请写 "19:30"。\n'
        "\n"
        "p.yaml:10:15: error[duration]: 看不懂时长“30分钟”。\n"
        "  10 |       window: 30分钟\n"
        "     |               ^^^^^^\n"
        "  提示：请写 30m。\n"
        "\n"
        "p.yaml:14:14: error[template]: 没有变量“comunity.name”。\n"
        "  14 |           {{ comunity.name }}\n"
        "     |              ^^^^^^^^^^^^^\n"
        "  提示：您是想写 community.name 吗？\n"
        "\n"
        "p.yaml:15:22: error[type]: 应为 true 或 false，这里是文字。\n"
        "  15 |         risk_notice: 是\n"
        "     |                      ^^\n"
        "  提示：请写 true。\n"
        "\n"
        "p.yaml:16:7: error[missing-key]: 缺少“id”。\n"
        "  16 |     - at: 9:30\n"
        "     |       ^\n"
        "  提示：id：步骤编号，在本计划内唯一；客户经理用它跳过、推迟。\n"
        "\n"
        "p.yaml:17:7: error[unknown-key]: 没有“contnet”这一项。\n"
        "  17 |       contnet: {text: 好}\n"
        "     |       ^^^^^^^\n"
        "  提示：您是想写 content 吗？\n"
        "\n"
        "p.yaml:19:7: error[kind]: 一步只能做一件事，这里写了 content、tell。\n"
        "  19 |     - {id: b, at: 9:30, content: {text: 好}, tell: {text: 好}}\n"
        "     |       ^\n"
        "  提示：请拆成几步，各有自己的 id。\n"
        "\n"
        "p.yaml:22:26: error[unknown-key]: 没有“duraton”这一项。\n"
        "  22 |       game: {name: dice, duraton: 9, rewards: {winners: 0, amount: 9-5, pool: 1}}\n"
        "     |                          ^^^^^^^\n"
        "  提示：您是想写 duration 吗？\n"
        "\n"
        "p.yaml:22:57: error[value]: 不能小于 1。\n"
        "  22 |       game: {name: dice, duraton: 9, rewards: {winners: 0, amount: 9-5, pool: 1}}\n"
        "     |                                                         ^\n"
        "\n"
        "p.yaml:22:68: error[amount]: 金额区间写反了。\n"
        "  22 |       game: {name: dice, duraton: 9, rewards: {winners: 0, amount: 9-5, pool: 1}}\n"
        "     |                                                                    ^^^\n"
        "  提示：请写 5.00-9.00。\n"
        "\n"
        "p.yaml:22:79: error[type]: 应为文字，这里是数字或真假值。\n"
        "  22 |       game: {name: dice, duraton: 9, rewards: {winners: 0, amount: 9-5, pool: 1}}\n"
        "     |                                                                               ^\n"
        '  提示：请加上引号："1"。\n'
        "\n"
        "p.yaml:23:40: error[unknown-game]: 没有名为“dicee”的游戏。\n"
        '  23 |     - {id: d, at: "9:30", game: {name: dicee}}\n'
        "     |                                        ^^^^^\n"
        "  提示：您是想写 dice 吗？\n"
        "\n"
        "p.yaml:24:36: error[type]: “content”后面没有内容，应为一组“键: 值”。\n"
        '  24 |     - {id: e, at: "9:30", content: }\n'
        "     |                                    ^\n"
        "  提示：下面可以写：text、script、risk_notice、list。"
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("pln: x\n", (1, 1, "认不出这是什么文件：第一行是“pln”。", "您是想写 plan 吗？")),
        (
            "- a\n",
            (
                1,
                1,
                "最外层应为一组“键: 值”，第一行写其中之一：plan:（计划）、campaign:（活动）、"
                "pool:（奖池）、bank:（题库）、script:（话术）、list:（内容清单）、"
                "segment:（人群）、tag:（标签规则）、"
                "points:（积分计划）、referral:（邀请规则）、channel:（渠道）、"
                "tags:（标签组）、follow:（跟进规则）。",
                "",
            ),
        ),
    ],
)
def test_load_does_not_know_the_kind_of_file(
    write: Write, text: str, problem: tuple[int, int, str, str]
) -> None:
    (one,) = load([write({"x.yaml": text})])[1]
    assert (one.line, one.column, one.message, one.hint) == problem


def test_load_refuses_a_plan_without_steps(write: Write) -> None:
    text = PLAN.partition("week:\n")[0]
    (one,) = load([write({"p.yaml": text})])[1]
    assert (one.message, one.hint) == (
        "这个计划一步也没有。",
        "请在 week:、dates: 或 after_join: 下面写上步骤。",
    )


def test_load_model_gives_the_value_and_places(write: Write) -> None:
    path = write({"d.yaml": BANK}) / "d.yaml"
    bank, problems, at = load_model(path, Bank)
    assert problems == []
    assert bank is not None
    assert bank.bank == "basics"
    problem = at(("questions", 0, "answer"), "答案不对。")
    assert (problem.file, problem.line, problem.column, problem.message) == (
        "d.yaml",
        4,
        53,
        "答案不对。",
    )


def test_load_model_of_a_broken_file_has_no_value(write: Write) -> None:
    path = write({"d.yaml": BANK + "title: 再来\n"}) / "d.yaml"
    bank, problems, _ = load_model(path, Bank)
    assert bank is None
    assert [one.code for one in problems] == ["duplicate-key"]
