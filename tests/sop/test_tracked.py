"""Links of a step: what an author may write, and what reviewers read."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from sop.address import Https, is_safe
from sop.diagnostics import render
from sop.loader import load
from sop.plan import Plan
from sop.sheet import content_hash, sheet

PLAN = """
    plan: p
    title: 计划
    applies_to: {{labels: [wealth]}}
    week:
      monday:
        - id: s
          at: "10:00"
          {step}
"""
SCRIPT = """
    script: hello
    title: 问候
    text: "您好，看看 {{ links.guide }}"
"""
LIST = """
    list: lessons
    title: 小课堂
    items:
      - {id: a, text: "第一课 {{ links.lesson }}"}
"""
Write = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def told(write: Write) -> Callable[[str], list[str]]:
    """The problems of a plan with this step: `line:column 错误 text`."""

    def read(step: str) -> list[str]:
        files = {"plan.yaml": PLAN.format(step=step), "hello.yaml": SCRIPT, "list.yaml": LIST}
        _, problems = load([write(files)])
        return [
            f"{one.line}:{one.column} {one.severity} {one.message}{one.hint}" for one in problems
        ]

    return read


@pytest.mark.parametrize(
    "step",
    [
        "content: {text: '看 {{ links.guide }}'}\n          links: {guide: https://a.example/x}",
        "content: {text: '看 {{ links.a1_b }}'}\n          links: {a1_b: {url: https://a.example}}",
        "message: {script: hello}\n"
        "          links: {guide: {url: https://a.example, intent: high}}",
        "content: {list: lessons}\n          links: {lesson: https://a.example}",
        "vote: {subject: 下期, text: '看 {{ links.a }}', options: [甲, 乙], open_for: 1h}\n"
        "          links: {a: https://a.example}",
        "content: {text: '{% if links.a %}看 {{ links.a }}{% endif %}'}\n"
        "          links: {a: https://a.example}",
    ],
)
def test_links_that_fit(told: Callable[[str], list[str]], step: str) -> None:
    assert told(step) == []


@pytest.mark.parametrize(
    ("step", "problems"),
    [
        (
            "content: {text: '看 {{ links.giude }}'}\n          links: {guide: https://a.example}",
            [
                "8:29 error 这一步的 links 里没有“giude”。您是想写 guide 吗？",
                "9:15 warning 链接“guide”没有用到。在正文里写 {{ links.guide }}，或删掉它。",
            ],
        ),
        (
            "message: {script: hello}",
            ["8:25 error 这一步的 links 里没有“guide”。请在这一步加上 links，写明 guide 的网址。"],
        ),
        (
            "content: {list: lessons}",
            [
                "8:23 error 这一步的 links 里没有“lesson”。"
                "请在这一步加上 links，写明 lesson 的网址。"
            ],
        ),
        (
            "content: {text: 好}\n          links: {Guide: https://a.example}",
            ["9:15 error 链接不能叫“Guide”。用小写英文字母、数字和下划线，字母开头，例如 guide。"],
        ),
        (
            "content: {text: '{{ links }}'}",
            ["8:27 error 没有变量“links”。可以写：bot、community.name、date、owner、weekday。"],
        ),
        (
            "tell: {to: manager, text: '{{ links.a }}'}",
            ["8:37 error 没有变量“links.a”。可以写：bot、community.name、date、owner、weekday。"],
        ),
    ],
)
def test_links_that_do_not_fit(
    told: Callable[[str], list[str]], step: str, problems: list[str]
) -> None:
    assert told(step) == problems


HOSTILE = [
    "http://bank.example", "javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x",
    "//bank.example", "/m/home", "bank.example", "https://", "https:///x", "https:bank.example",
    "https://user@bank.example", "https://user:word@bank.example", "https://@bank.example",
    "https://bank.example@evil.example", "https://bank.example\\@evil.example",
    "https://bank.example:8443", "https://bank.example:0", "https://bank.example:x",
    "https://localhost", "https://2130706433", "https://0x7f000001", "https://[::1]/",
    "https://bank.example/ x", "https://bank.example/\nSet-Cookie: a=b", "https://bank.example/\r",
    "https://bank.example/\x00", "https://bank.example/<b>", 'https://bank.example/"x', "",
    "https://银行.example", "https://bank.example/理财", "https://bank.example/\u202egpj.exe",
    " https://bank.example", "https://bank.example ", "ftp://bank.example", "file:///etc/passwd",
    "https://bank.example/{{ owner }}", "https://bank.example/" + "a" * 1024, "https://.", "https://..",
]  # fmt: skip


@pytest.mark.parametrize("address", HOSTILE)
def test_addresses_nobody_is_sent_to(address: str) -> None:
    assert is_safe(address) is False
    with pytest.raises(ValidationError):
        TypeAdapter(Https).validate_python(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://bank.example",
        "https://www.bank.example:443/a/b?c=d&e=%E7%90%86#f",
        "https://work.weixin.qq.com/gm/1?x=(1)!*'",
    ],
)
def test_addresses_for_customers(address: str) -> None:
    assert TypeAdapter(Https).validate_python(address) == address


def test_wrong_address_is_shown_where_it_is(write: Write) -> None:
    step = "content: {text: '{{ links.a }}'}\n          links: {a: 'http://bank.example'}"
    _, problems = load([write({"plan.yaml": PLAN.format(step=step)})])
    assert "“http://bank.example”不是可以发给客户的网址。" in render(problems)
    assert [(one.line, one.column) for one in problems] == [(9, 18)]


STEP = (
    "content: {text: '看 {{ links.guide }}'}\n"
    "          links: {guide: {url: 'https://bank.example/guide', intent: high}}"
)


def test_reviewers_read_where_links_really_lead(plan: Callable[[str], Plan], write: Write) -> None:
    one = plan(PLAN.format(step=STEP))
    library, _ = load([Path()])
    read = sheet(one, next(one.steps()), library).text
    assert (
        "链接\n"
        "  guide\n"
        "    网址：https://bank.example/guide\n"
        "    intent：high（点开一次就算高意向）\n"
    ) in read
    assert read.endswith("\n链接：https://bank.example/guide")


def test_another_address_needs_another_stamp(plan: Callable[[str], Plan]) -> None:
    hashes = set()
    for url in ("https://bank.example/guide", "https://evil.example/guide"):
        one = plan(PLAN.format(step=STEP.replace("https://bank.example/guide", url)))
        library, _ = load([Path()])
        hashes.add(content_hash(one, next(one.steps()), library))
    assert len(hashes) == 2


def test_one_address_in_short_and_in_full_is_the_same(plan: Callable[[str], Plan]) -> None:
    short = plan(PLAN.format(step=STEP.replace(", intent: high", "")))
    full = plan(
        PLAN.format(
            step=STEP.replace("{url: 'https://bank.example/guide', intent: high}",
                              "'https://bank.example/guide'")
        )
    )  # fmt: skip
    assert next(short.steps()) == next(full.steps())
