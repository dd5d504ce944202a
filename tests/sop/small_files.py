"""One small file of each kind that others are written from, and what loading says of files."""

from collections.abc import Callable, Mapping
from pathlib import Path

from sop.diagnostics import render
from sop.loader import load

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
