"""Files → library: what loads, what is left out, and every message an author can get."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from sop.bank import Bank
from sop.campaign import Condition, DeckCards
from sop.diagnostics import render
from sop.files import yaml_files
from sop.loader import load, load_model

Write = Callable[[Mapping[str, str]], Path]

PLAN = """
plan: week
title: 一周
applies_to: {labels: [wealth]}
week:
  monday:
    - id: brief
      at: "09:30"
      content: {text: 早上好}
"""
POOL = """
pool: games
title: 奖池
budget: 100.00
"""
CAMPAIGN = """
campaign: festival
title: 周五节
organiser: 示例银行
applies_to: {labels: [wealth]}
round: event
keyword: 抽奖
condition: {played_within: 7d}
budget: 20.00
deck:
  - {prize: 大红包, amount: 8.00, count: 1}
  - {prize: 小红包, amount: 1.50, count: 8}
payable_after: 5
opening: 开始了
rules: [群成员可参加每人一次, 以微信红包发放逾期未领视为放弃, 疑问请私信客户经理]
"""
BANK = """
bank: basics
title: 常识
questions:
  - {id: q1, ask: 一加一等于几？, choices: [一, 二], answer: B}
"""


def messages(write: Write, files: Mapping[str, str]) -> str:
    """Everything that is wrong, as an author reads it."""
    return render(load([write(files)])[1])


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
    ("change", "expected"),
    [
        (
            ("budget: 20.00", "budget: 19.00"),
            "c.yaml:8:9: error[budget]: 奖池合计 20.00 元，超出预算 19.00 元。\n"
            "  8 | budget: 19.00\n"
            "    |         ^^^^^\n"
            "  提示：减少 1.00 元的奖品，或提高预算。",
        ),
        (
            ("amount: 8.00, count: 1", "amount: 60000, count: 1"),
            "c.yaml:8:9: error[budget]: 奖池合计 60,012.00 元，超出预算 20.00 元。\n"
            "  8 | budget: 20.00\n"
            "    |         ^^^^^\n"
            "  提示：减少 59,992.00 元的奖品，或提高预算。",
        ),
        (
            ("count: 8", "count: 0"),
            "c.yaml:11:39: error[value]: 不能小于 1。\n"
            "  11 |   - {prize: 小红包, amount: 1.50, count: 0}\n"
            "     |                                          ^",
        ),
        (
            (
                "rules: [群成员可参加每人一次, 以微信红包发放逾期未领视为放弃, 疑问请私信客户经理]",
                "rules: []",
            ),
            "c.yaml:14:1: error[value]: 至少要有 1 项。\n  14 | rules: []\n     | ^^^^^",
        ),
    ],
)
def test_load_checks_a_campaign(write: Write, change: tuple[str, str], expected: str) -> None:
    assert messages(write, {"c.yaml": CAMPAIGN.replace(*change)}) == expected


def test_load_refuses_a_top_prize_above_the_law(write: Write) -> None:
    text = CAMPAIGN.replace("amount: 8.00", "amount: 50000.01").replace("20.00", "90000")
    assert messages(write, {"c.yaml": text}) == (
        "c.yaml:9:1: error[law]: 最高奖超过 50000 元。\n"
        "  9 | deck:\n"
        "    | ^^^^\n"
        "  提示：《规范促销行为暂行规定》：抽奖式有奖销售最高奖不得超过五万元。"
    )


GAME = """
plan: games
title: 游戏
applies_to: {labels: [wealth]}
week:
  tuesday:
    - id: dice
      at: "19:30"
      game: {name: dice, rewards: {winners: 5, amount: 5.00-30.00, pool: gams}}
  thursday:
    - id: quiz
      at: "19:30"
      game: {name: quiz, bank: basic, questions: 1, seconds: 30}
  friday:
    - id: draw
      at: "20:00"
      draw: {campaign: festval, open_for: 30m}
"""


def test_load_checks_links_between_files(write: Write) -> None:
    files = {"a.yaml": GAME, "b.yaml": POOL, "c.yaml": CAMPAIGN, "d.yaml": BANK}
    library, problems = load([write(files)])
    assert list(library.plans) == []
    assert [(one.line, one.column, one.code, one.message) for one in problems] == [
        (8, 74, "link", "没有名为“gams”的奖池。您是想写 games 吗？"),
        (12, 32, "link", "没有题库“basic”。您是想写 basics 吗？"),
        (16, 24, "link", "没有名为“festval”的活动。您是想写 festival 吗？"),
    ]


def test_load_checks_that_a_pool_holds_one_round(write: Write) -> None:
    text = GAME.partition("  thursday:")[0].replace("gams", "games")
    assert messages(write, {"a.yaml": text, "b.yaml": POOL}) == (
        "a.yaml:8:56: error[link]: 一局最多要发 150.00 元，超出奖池预算 100.00 元。\n"
        "  8 |       game: {name: dice, rewards: {winners: 5, amount: 5.00-30.00, pool: games}}\n"
        "    |                                                        ^^^^^^^^^^"
    )


def test_load_says_that_a_needed_file_is_broken(write: Write) -> None:
    files = {
        "a.yaml": """
            plan: friday
            title: 周五
            applies_to: {labels: [wealth]}
            week: {friday: [{id: d, at: "20:00", draw: {campaign: festival, open_for: 30m}}]}
        """,
        "c.yaml": CAMPAIGN.replace("budget: 20.00", "budget: 1.00"),
    }
    _, problems = load([write(files)])
    assert [(one.file, one.code, one.message) for one in problems] == [
        (
            "a.yaml",
            "link",
            "“festival”所在的文件 c.yaml 有错误，改好后这一步才能运行。",
        ),
        ("c.yaml", "budget", "奖池合计 20.00 元，超出预算 1.00 元。"),
    ]


def test_load_refuses_to_open_a_standing_campaign_by_a_step(write: Write) -> None:
    files = {
        "a.yaml": """
            plan: friday
            title: 周五
            applies_to: {labels: [wealth]}
            week: {friday: [{id: d, at: "20:00", draw: {campaign: festival, open_for: 30m}}]}
        """,
        "c.yaml": CAMPAIGN.replace("round: event", "round: standing"),
    }
    _, problems = load([write(files)])
    assert [one.message for one in problems] == [
        "“festival”是常设活动（round: standing），不需要由计划开启。"
    ]


def test_load_names_both_places_of_a_name_used_twice(write: Write) -> None:
    library, problems = load([write({"a.yaml": PLAN, "b.yaml": PLAN, "c.yaml": POOL})])
    assert (list(library.plans), list(library.pools)) == ([], ["games"])
    assert [(one.file, one.line, one.message) for one in problems] == [
        ("a.yaml", 1, "计划名“week”也用在 b.yaml:1。"),
        ("b.yaml", 1, "计划名“week”也用在 a.yaml:1。"),
    ]


def test_load_names_both_places_of_a_step_id_used_twice(write: Write) -> None:
    text = PLAN + '  tuesday:\n    - {id: brief, at: "9:30", content: {text: 好}}\n'
    assert messages(write, {"p.yaml": text}) == (
        "p.yaml:10:12: error[duplicate-id]: 步骤编号“brief”已用在第 6 行。\n"
        '  10 |     - {id: brief, at: "9:30", content: {text: 好}}\n'
        "     |            ^^^^^\n"
        "  提示：同一计划里每一步的 id 都不能相同。"
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


def test_load_warns_of_a_label_that_no_community_has(write: Write) -> None:
    library, problems = load([write({"p.yaml": PLAN})], known_labels=["wealthy", "youth"])
    assert list(library.plans) == ["week"]
    assert [(one.severity, one.line, one.column, one.message, one.hint) for one in problems] == [
        (
            "warning",
            3,
            23,
            "没有任何社群带有标签“wealth”，不会发给任何人。",
            "您是想写 wealthy 吗？",
        )
    ]


def test_load_warns_of_content_in_quiet_hours(write: Write) -> None:
    text = PLAN.replace("week:\n", 'quiet_hours: "21:30-10:00"\nweek:\n')
    library, problems = load([write({"p.yaml": text})])
    assert list(library.plans) == ["week"]
    assert [(one.severity, one.line, one.message, one.hint) for one in problems] == [
        (
            "warning",
            8,
            "09:30 在静默时段 21:30-10:00 内。",
            "内容会推迟到 10:00；若那时执行窗口已过，就不发送。",
        )
    ]


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
