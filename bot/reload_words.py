"""What colleagues and the audit read of a new edition of the library."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from bot.edition import Edition
from sop.diagnostics import Problem
from sop.library import Library

MOST_PROBLEMS = 10
MOST_NAMES = 10
MOST_BYTES = 1200
"""Of the problems in a message; WeCom takes 2,048 for the whole."""
MOST_CHARACTERS = 80

_SHELVES: tuple[tuple[str, Callable[[Library], Mapping[str, Any]]], ...] = (
    ("计划", lambda one: one.plans),
    ("活动", lambda one: one.campaigns),
    ("奖池", lambda one: one.pools),
    ("题库", lambda one: one.banks),
    ("话术", lambda one: one.scripts),
    ("内容清单", lambda one: one.lists),
    ("人群", lambda one: one.segments),
    ("标签规则", lambda one: one.tag_rules),
    ("标签组", lambda one: one.tag_groups),
    ("积分计划", lambda one: one.points),
    ("邀请规则", lambda one: one.referrals),
    ("渠道", lambda one: one.channels),
    ("跟进规则", lambda one: one.follow_rules),
)
"""Every kind of file: an edit of one that is missing here would not take effect."""


def changes(before: Edition, after: Edition) -> dict[str, list[str]]:
    """What was done to the library: 新增, 修改, 删除 → names such as 计划“weekly”; only what is not
    empty. A value that is still the same object has not changed."""
    done: dict[str, list[str]] = {"新增": [], "修改": [], "删除": []}
    for word, shelf in _SHELVES:
        old, new = shelf(before.library), shelf(after.library)
        for name in sorted({*old, *new}):
            if name not in old:
                done["新增"].append(f"{word}“{name}”")
            elif name not in new:
                done["删除"].append(f"{word}“{name}”")
            elif old[name] is not new[name]:
                done["修改"].append(f"{word}“{name}”")
    if before.workdays is not after.workdays:
        done["修改"].append("工作日历")
    return {verb: names for verb, names in done.items() if names}


def contents(edition: Edition) -> str:
    """What a start has read."""
    counted = [
        f"{len(shelf(edition.library))} 个{word}"
        for word, shelf in _SHELVES
        if shelf(edition.library)
    ]
    return f"读入 {'、'.join(counted) or '空的计划库'}"


def summary(done: Mapping[str, Sequence[str]]) -> str:
    """The changes on one line."""
    return "；".join(f"{verb} {listed(names)}" for verb, names in done.items())


def listed(names: Sequence[str]) -> str:
    """Names on one line, not too many."""
    if len(names) <= MOST_NAMES:
        return "、".join(names)
    return f"{'、'.join(names[:MOST_NAMES])}等 {len(names)} 个"


def removed(names: Sequence[str]) -> str:
    """Told when something is gone from the library."""
    return (
        f"🗑️ 计划库里已删除：{listed(names)}。\n"
        "> 还没到时间的步骤不再执行；已经开始的游戏和抽奖照旧进行到结束。"
    )


MENDED = "✅ 计划库的问题都改好了，现在执行的就是文件里写的内容。"


def trouble(edition: Edition, shown: Callable[[str], str]) -> str:
    """Told when files are broken: every problem with its place, and what runs meanwhile."""
    errors = edition.errors
    told: list[str] = []
    room = MOST_BYTES
    for one in errors[:MOST_PROBLEMS]:
        line = _line(one, shown)
        room -= len(line.encode())
        if room < 0:
            break
        told.append(line)
    lines = [f"⚠️ **计划库有 {len(errors)} 处错误**", *told]
    if len(errors) > len(told):
        lines.append(f"还有 {len(errors) - len(told)} 处，请用 qunyun check 查看。")
    for names, what in (
        (edition.kept, "沿用上一版"),
        (edition.left_out, "没有可用的上一版，先不执行"),
    ):
        if names:
            lines.append(f"> {what}：{listed([shown(str(one)) for one in names])}")
    lines.append("> 改好后保存，两秒内生效。")
    return "\n".join(lines)


def _line(problem: Problem, shown: Callable[[str], str]) -> str:
    message = " ".join(problem.message.split())
    if len(message) > MOST_CHARACTERS:
        message = f"{message[:MOST_CHARACTERS]}…"
    return f"{shown(problem.file)}:{problem.line}:{problem.column} {message}"


def same(before: Iterable[Problem], after: Iterable[Problem]) -> bool:
    """Whether the problems are the same, wherever in their files they have moved to."""
    return {(one.file, one.code, one.message) for one in before} == {
        (one.file, one.code, one.message) for one in after
    }
