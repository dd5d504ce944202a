"""The page of a rehearsal: self-contained, escaped, complete."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest

from bot.rehearsal.page import bubble, page, short
from bot.rehearsal.result import Finding
from bot.rehearsal.terminal import render

HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">'
STAFF = {"lijing": "李静", "zhaoyun": "赵芸", "wangqiang": "王强"}


class _Outward(HTMLParser):
    """Collects everything that would load or run something."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name for name, _ in attrs}
        if tag in ("script", "link", "iframe", "img") or named & {"src", "href", "onerror"}:
            self.found.append(tag)


@pytest.fixture
async def result(rehearsed: Callable[..., Awaitable[Any]]) -> Any:
    """A small rehearsal with a hostile member and a problem."""
    found = await rehearsed()
    hostile = [replace(one, name=HOSTILE, text=HOSTILE, answer=HOSTILE) for one in found.talks]
    told = [replace(one, text=HOSTILE + one.text) for one in found.messages]
    problem = Finding(None, "error", "", HOSTILE)
    return replace(found, talks=hostile, messages=told, problems=[problem])


async def test_page_needs_nothing_else(result: Any) -> None:
    found = page(result, STAFF)
    outward = _Outward()
    outward.feed(found)
    assert outward.found == []
    assert "url(" not in found


async def test_what_people_wrote_is_never_markup(result: Any) -> None:
    found = page(result, STAFF)
    assert "<img" not in found
    assert found.count("&lt;script&gt;") > 10


async def test_every_chart_is_well_formed_and_has_a_title(result: Any) -> None:
    charts = re.findall(r"<svg.*?</svg>", page(result, STAFF), re.S)
    titles = [ElementTree.fromstring(one)[0].text for one in charts]
    assert titles == [
        "每局游戏、每期抽奖的参与人数，按成员脾气分段，占当时群成员的百分比",
        "成本分布：多少个种子花了多少钱（元）",
        "每天约用多少分钟：转发、阅读，以及可选的陪场",
        *["一周里群里何时有消息、何时有人说话"] * 3,
    ]


async def test_page_names_verdict_groups_and_colleagues(result: Any) -> None:
    found = page(result, STAFF)
    headings = re.findall(r"<h[12]>(.*?)</h[12]>", found)
    assert headings == [
        "彩排报告",
        "问题",
        "这一期会怎样",
        "谁参加，花了多少",
        "财富体验群",
        "财富客户群",
        "李静的应用消息",
    ]
    assert '<span class="verdict bad">1 个问题</span>' in found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**粗** `码`", "<b>粗</b> <code>码</code>"),
        ("> 引用\n之后", "<q>引用</q>之后"),
        ("## 标题", "<b>标题</b>"),
        ('<font color="comment">灰</font>', '<span class="font-comment">灰</span>'),
        ("[看](https://example.com)", '<span class="link">看</span>'),
        ("[看](javascript:alert)", "[看](javascript:alert)"),
        ("<b>不是</b>", "&lt;b&gt;不是&lt;/b&gt;"),
    ],
)
def test_bubble_shows_what_wecom_shows(text: str, expected: str) -> None:
    assert bubble(text) == expected


def test_long_words_are_cut() -> None:
    assert short("哈" * 3000) == "哈" * 60 + "…"


async def test_terminal_ends_with_the_verdict(rehearsed: Callable[..., Awaitable[Any]]) -> None:
    lines = render(await rehearsed(), STAFF).split("\n")
    assert lines[0] == "彩排 2026-11-23（周一）起 1 天，12 位模拟成员，种子 7"
    assert lines[-2:] == ["━━ 问题", "没有发现问题。"]
    assert [line for line in lines if line != line.rstrip()] == []
