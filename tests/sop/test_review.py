"""Sheets and stamps: what a reviewer reads, what voids a stamp, who may stamp, who is warned."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from sop import review
from sop.community import Community, Role, Staff
from sop.effects import Tell
from sop.library import Library
from sop.loader import load
from sop.occurrence import Occurrence, Phase
from sop.plan import Plan
from sop.ports import OccurrenceFacts
from sop.sheet import sheet, whole_hash

Write = Callable[[Mapping[str, str]], Path]

PLAN = """
# 一周的计划
plan: week
title: 标准周
author: zhao
applies_to: {labels: [wealth]}
variables: {hotline: "95588"}
week:
  monday:
    - id: brief
      at: "09:30"
      catch_up: {then: ask}
      content:
        text: |
          **{{ community.name }}早上好**

          详情见 https://bank.example/a ，电话 {{ hotline }}
        risk_notice: true
  tuesday:
    - id: dice
      title: 周二掷骰子
      at: 19:30
      announce: 30m
      game: {name: dice, rewards: {winners: 3, amount: 5.00, pool: small}}
    - id: quiz
      at: "20:30"
      game: {name: quiz, bank: facts, questions: 1}
  friday:
    - id: lucky
      at: "20:00"
      draw: {campaign: festival, open_for: 30m}
    - id: report
      at: "21:00"
      report: {week: this}
overrides:
  wealth-02:
    steps:
      dice: {at: "20:00"}
"""
POOL = """
pool: small
title: 小奖池
budget: 150.00
"""
BANK = """
bank: facts
title: 常识
questions:
  - id: q1
    ask: 存款保险的限额？
    choices: [20 万元, 50 万元]
    answer: B
    explain: 五十万元以内全额偿付。
    source: 《存款保险条例》第五条
"""
CAMPAIGN = """
campaign: festival
title: 周五节
organiser: 示例银行
applies_to: {labels: [wealth]}
round: event
keyword: 抽奖
budget: 20.00
deck:
  - {prize: 大红包, amount: 8.88, count: 1}
  - {prize: 小红包, amount: 1.88, count: 2}
payable_after: 5
opening: 周五节来了。
rules:
  - 群成员均可参加，每人每期一次。
  - 中奖后五个工作日内以企业微信红包发放，点开即存入微信零钱。
  - 发放后 24 小时内未领取的，视为放弃，金额退回活动预算。
  - 有疑问请私信客户经理，或拨打本行客服电话。
"""
FILES = {"plan.yaml": PLAN, "pool.yaml": POOL, "bank.yaml": BANK, "campaign.yaml": CAMPAIGN}
BRIEF = """\
计划：标准周（week），撰稿人 zhao
社群：标签 wealth
时间：周一 09:30
执行窗口：30 分钟
错过执行窗口怎么办
  迟到多久以内按 then 处理：2 小时
  then：ask（问客户经理）
内容
  正文：
    │ **{{ community.name }}早上好**
    │
    │ 详情见 https://bank.example/a ，电话 {{ hotline }}
  文末附风险提示：是
变量 hotline：95588

链接：https://bank.example/a"""
DICE = """\
计划：标准周（week），撰稿人 zhao
社群：标签 wealth
时间：周二 19:30
这一步叫什么：周二掷骰子
执行窗口：30 分钟
提前多久在群里预告：30 分钟
游戏
  哪个游戏：dice
  奖励
    前几名有奖：3
    每人金额（元）：5.00
    由哪个奖池支付：small
  游戏自己的选项
    一局时长：10 分钟
    每人可掷几次：1
变量 hotline：95588
社群 wealth-02 的不同之处
  换个时间：20:00

【奖池名】small
奖池标题：小奖池
奖品名称：游戏红包
总预算（元）：150.00
中奖后几个工作日发奖：5

链接：没有"""
QUIZ_BANK = """\
【题库名】facts
题库标题：常识
题目（1）
  1. 题目编号：q1；题面：存款保险的限额？；选项：20 万元、50 万元；正确答案：B；\
揭晓时的讲解：五十万元以内全额偿付。；出处：《存款保险条例》第五条；难度：medium"""
LUCKY = """\
【活动名】festival
活动标题：周五节
主办方：示例银行
面向哪些社群
  社群须带有这里的全部标签：wealth
round：event（由计划里的 draw 步骤按社群逐期开启）
mode：instant（说关键词当场抽一张）
成员说什么就抽一次（或报名）：抽奖
每人每期的抽奖次数
  每人每期一共几次：1
每期预算（元）：20.00
奖池（2）
  1. 奖品名称：大红包；奖品种类：cash（现金红包）；金额（元）：8.88；张数：1
  2. 奖品名称：小红包；奖品种类：cash（现金红包）；金额（元）：1.88；张数：2
中奖后几个工作日发奖：5
中奖后多久内要领取：30 天
开始时的公告正文：周五节来了。
活动规则（4）
  1. 群成员均可参加，每人每期一次。
  2. 中奖后五个工作日内以企业微信红包发放，点开即存入微信零钱。
  3. 发放后 24 小时内未领取的，视为放弃，金额退回活动预算。
  4. 有疑问请私信客户经理，或拨打本行客服电话。"""


@pytest.fixture
def library(write: Write) -> Callable[..., Library]:
    """The library, with texts replaced in its files."""

    def _library(*changes: tuple[str, str]) -> Library:
        files = dict(FILES)
        for before, after in changes:
            assert sum(before in text for text in files.values()) == 1
            files = {name: text.replace(before, after) for name, text in files.items()}
        loaded, problems = load([write(files)])
        assert [one for one in problems if one.severity == "error"] == []
        return loaded

    return _library


def hashes(library: Library) -> dict[str, str]:
    return {one.step: one.hash for one in review.sheets(library.plans["week"], library)}


def text_of(library: Library, step: str) -> str:
    plan = library.plans["week"]
    found = plan.step(step)
    assert found is not None
    return sheet(plan, found, library).text


# --- what is read --------------------------------------------------------------------------------


@pytest.mark.parametrize(("step", "text"), [("brief", BRIEF), ("dice", DICE)])
def test_sheet_says_when_what_and_from_which_budget(
    library: Callable[..., Library], step: str, text: str
) -> None:
    assert text_of(library(), step) == text


@pytest.mark.parametrize(("step", "text"), [("quiz", QUIZ_BANK), ("lucky", LUCKY)])
def test_sheet_shows_whole_linked_files(
    library: Callable[..., Library], step: str, text: str
) -> None:
    assert f"\n\n{text}\n\n链接：没有" in text_of(library(), step)


def test_sheet_is_titled_by_plan_and_step(library: Callable[..., Library]) -> None:
    found = library()
    titles = [one.title for one in review.sheets(found.plans["week"], found)]
    assert titles == [
        "标准周 · 内容",
        "标准周 · 周二掷骰子",
        "标准周 · 知识问答",
        "标准周 · 周五节",
    ]


def test_step_that_only_colleagues_see_needs_no_stamp(library: Callable[..., Library]) -> None:
    plan = library().plans["week"]
    assert [one.id for one in review.reviewable(plan)] == ["brief", "dice", "quiz", "lucky"]


# --- what voids a stamp --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "void"),
    [
        ("早上好", "晚上好", {"brief"}),
        ("bank.example/a", "bank.example/b", {"brief"}),
        ("        risk_notice: true\n", "", {"brief"}),
        ('at: "09:30"', 'at: "09:31"', {"brief"}),
        ("catch_up: {then: ask}", "catch_up: {then: run}", {"brief"}),
        ("  monday:", "  sunday:", {"brief"}),
        ("announce: 30m", "announce: 31m", {"dice"}),
        ("winners: 3", "winners: 4", {"dice"}),
        ("name: dice", "name: dice, duration: 11m", {"dice"}),
        ('dice: {at: "20:00"}', 'dice: {at: "20:01"}', {"dice"}),
        ("budget: 150.00", "budget: 151.00", {"dice"}),
        ("questions: 1", "questions: 1, seconds: 61", {"quiz"}),
        ("五十万元以内", "五十万以内", {"quiz"}),
        ("count: 2", "count: 3", {"lucky"}),
        ("prize: 大红包", "prize: 特大红包", {"lucky"}),
        ("每人每期一次", "每人每期只一次", {"lucky"}),
        ("open_for: 30m", "open_for: 40m", {"lucky"}),
        ("labels: [wealth]}\nvar", "labels: [youth]}\nvar", {"brief", "dice", "quiz", "lucky"}),
        ('"95588"', '"95599"', {"brief", "dice", "quiz", "lucky"}),
        ("report: {week: this}", "report: {week: last}", set()),
    ],
)
def test_edit_voids_the_stamps_of_what_it_touches(
    library: Callable[..., Library], before: str, after: str, void: set[str]
) -> None:
    old, new = hashes(library()), hashes(library((before, after)))
    assert {step for step in old if old[step] != new[step]} == void


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# 一周的计划\n", "# 改过的注释\n\n"),
        ("pool: small\ntitle", "pool:   small   # 小\ntitle"),
        ('at: "09:30"', "at: 9:30"),
        ("announce: 30m", "announce: 0h30m"),
        ("budget: 150.00", "budget: 150"),
        ("title: 周二掷骰子\n      at: 19:30\n", "at: 19:30\n      title: 周二掷骰子\n"),
        ("game: {name: dice,", "game: {name: dice, duration: 10m,"),
        ("  monday:", "  周一:"),
        ("title: 标准周", "title: 标准的一周"),
        ("author: zhao", "author: qian"),
    ],
    ids=["comment", "blank", "time", "duration", "money", "order", "default", "day", "name", "who"],
)  # fmt: skip
def test_edit_of_form_alone_keeps_the_stamps(
    library: Callable[..., Library], before: str, after: str
) -> None:
    assert hashes(library((before, after))) == hashes(library())


def test_hash_is_the_same_for_ever(library: Callable[..., Library]) -> None:
    found = library()
    sheets = review.sheets(found.plans["week"], found)
    assert [one.short for one in sheets] == ["c4f2efb4", "49bfa777", "63eb9509", "d048aca2"]
    assert whole_hash(sheets)[:8] == "75599c61"


# --- who may stamp -------------------------------------------------------------------------------


def colleague(id: str, *roles: Role) -> Staff:
    return Staff(id, f"{id}-name", frozenset(roles), frozenset())


@pytest.mark.parametrize(
    ("staff", "author", "why"),
    [
        (colleague("shen", Role.REVIEWER), "zhao", None),
        (colleague("shen", Role.REVIEWER), None, None),
        (colleague("shen", Role.REVIEWER, Role.OPERATOR), "zhao", None),
        (
            colleague("wang", Role.MANAGER, Role.ADMIN, Role.OPERATOR),
            "zhao",
            "“wang-name”不是合规审核（reviewer），不能盖审核章。",
        ),
        (
            colleague("zhao", Role.REVIEWER),
            "zhao",
            "“标准周”是您写的，请另一位合规审核盖章。",
        ),
        (
            colleague("shen", Role.REVIEWER, Role.OPERATOR),
            None,
            "“标准周”没有写撰稿人，而您也是运营，写的人不能给自己盖章。"
            "请先在计划文件里写 author: 撰稿人的 userid。",
        ),
    ],
)
def test_who_may_stamp(
    library: Callable[..., Library], staff: Staff, author: str | None, why: str | None
) -> None:
    plan = library().plans["week"].model_copy(update={"author": author})
    assert review.may_stamp(staff, plan) == why


# --- who is warned -------------------------------------------------------------------------------


class Answers:
    """Facts of a small bank: which hashes have their stamp, and what has been settled."""

    def __init__(
        self,
        communities: Sequence[Community],
        stamps: set[tuple[str, str, str]],
        staff: Sequence[Staff],
        settled: Mapping[str, str],
    ) -> None:
        self._communities, self._stamps = communities, stamps
        self._staff, self._settled = staff, settled

    def communities(self) -> Sequence[Community]:
        return self._communities

    def reviewers(self) -> Sequence[Staff]:
        return [one for one in self._staff if Role.REVIEWER in one.roles]

    def operators(self) -> Sequence[Staff]:
        return [one for one in self._staff if Role.OPERATOR in one.roles]

    def stamped(self, plan: str, step: str, hash: str) -> bool:
        return (plan, step, hash) in self._stamps

    def occurrence(self, identity: str) -> OccurrenceFacts | None:
        status = self._settled.get(identity)
        at = datetime(2026, 11, 23, tzinfo=UTC)
        return status and OccurrenceFacts(identity, at, status, "", None, None)  # type: ignore[return-value]


NOW = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
STAFF = (colleague("shen", Role.REVIEWER), colleague("zhao", Role.OPERATOR))


def due(plan: Plan, step: str, day: int, hour: int, community: str) -> Occurrence:
    found = plan.step(step)
    assert found is not None
    at = datetime(2026, 11, day, hour, 30, tzinfo=UTC)
    return Occurrence(plan, found, date(2026, 11, day), community, Phase.RUN, at)


@pytest.fixture
def groups(wealth: Community) -> list[Community]:
    """Two that want stamps, of two RMs, and a training group that wants none."""
    return [
        replace(wealth, review=True),
        replace(wealth, id="wealth-02", name="财富二群", owner="chen", review=True),
        replace(wealth, id="training", name="练习群"),
    ]


def test_missing_stamps_are_told_once_to_each_who_can_do_something(
    library: Callable[..., Library], groups: list[Community]
) -> None:
    found = library()
    plan = found.plans["week"]
    stamps = {("week", "quiz", hashes(found)["quiz"])}
    ahead = [
        due(plan, "dice", 24, 11, "wealth-02"),
        due(plan, "brief", 23, 1, "wealth-01"),
        due(plan, "brief", 23, 1, "wealth-02"),
        due(plan, "brief", 23, 1, "training"),
        due(plan, "quiz", 24, 12, "wealth-01"),
        due(plan, "report", 27, 13, "wealth-01"),
    ]
    facts: Any = Answers(groups, stamps, STAFF, {})
    both = (
        "⚠️ 接下来有 2 步还没有审核章，到点不会发送：\n"
        "周一 11 月 23 日 09:30 “内容”（week/brief）：财富体验群、财富二群\n"
        "周二 11 月 24 日 19:30 “周二掷骰子”（week/dice）：财富二群\n"
    )
    ask = "> 请合规审核（shen-name）看过后盖章。"
    assert review.unstamped_warnings(facts, found, ahead, NOW) == [
        Tell("shen", both + "> 看内容、盖章请发：审核"),
        Tell("zhao", both + ask),
        Tell(
            "chen",
            both.replace("财富体验群、", "") + ask,
        ),
        Tell(
            "lijing",
            "⚠️ 接下来有 1 步还没有审核章，到点不会发送：\n"
            "周一 11 月 23 日 09:30 “内容”（week/brief）：财富体验群\n" + ask,
        ),
    ]


@pytest.mark.parametrize(
    "harmless",
    [
        {"phase": Phase.REMIND},
        {"due_at": NOW},
        {"community": "training"},
        {"community": "gone"},
        {"day": date(2026, 11, 22)},
    ],
    ids=["reminder", "past", "no review", "unknown community", "skipped by a person"],
)
def test_nothing_is_told_of_what_will_not_run_anyway(
    library: Callable[..., Library], groups: list[Community], harmless: dict[str, Any]
) -> None:
    found = library()
    one = due(found.plans["week"], "brief", 23, 1, "wealth-01")
    ahead = [replace(one, **harmless)]
    facts: Any = Answers(groups, set(), STAFF, {"week/brief/2026-11-22/wealth-01": "skipped"})
    assert review.unstamped_warnings(facts, found, ahead, NOW) == []


def test_bank_without_a_reviewer_is_told_so(
    library: Callable[..., Library], groups: list[Community]
) -> None:
    found = library()
    ahead = [due(found.plans["week"], "brief", 23, 1, "wealth-01")]
    facts: Any = Answers(groups, set(), (), {})
    assert review.unstamped_warnings(facts, found, ahead, NOW) == [
        Tell(
            "lijing",
            "⚠️ 接下来有 1 步还没有审核章，到点不会发送：\n"
            "周一 11 月 23 日 09:30 “内容”（week/brief）：财富体验群\n"
            "> config.yaml 里还没有合规审核（roles: [reviewer]），请管理员先加上。",
        )
    ]


def test_stamp_is_asked_for_the_step_as_written_not_as_changed_for_a_community(
    library: Callable[..., Library], groups: list[Community]
) -> None:
    found = library()
    resolved = found.plans["week"].in_community("wealth-02")
    ahead = [due(resolved, "dice", 24, 12, "wealth-02")]
    facts: Any = Answers(groups, {("week", "dice", hashes(found)["dice"])}, STAFF, {})
    assert review.unstamped_warnings(facts, found, ahead, NOW) == []
