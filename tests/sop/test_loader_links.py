"""Links between files, names used twice, and what does not fit the communities."""

from sop.loader import load
from tests.sop.small_files import BANK, CAMPAIGN, PLAN, POOL, Write, messages

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
FRIDAY = """
    plan: friday
    title: 周五
    applies_to: {labels: [wealth]}
    week: {friday: [{id: d, at: "20:00", draw: {campaign: festival, open_for: 30m}}]}
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
        "a.yaml": FRIDAY,
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
        "a.yaml": FRIDAY,
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
