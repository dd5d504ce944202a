"""Long texts in parts."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wecom.text import split_text

PIECES = st.sampled_from(
    [
        "你好",
        "。",
        "，",
        "\n",
        "\n\n",
        " ",
        "  - 项目",
        "word ",
        "👨‍👩‍👧‍👦",
        "🇨🇳",
        "é",
        "👍🏽",
        "**加粗的字**",
        "[链接](https://example.invalid/a?b=c)",
        "`code`",
        '<font color="warning">红字</font>',
        "<@zhangsan>",
        "第一段说的是基金，第二段说的是保险。",
    ]
)


def payload(part: str) -> str:
    return re.sub(r"\n\(\d+/\d+\)$", "", part)


def squeezed(text: str) -> str:
    return "".join(text.split())


@given(st.lists(PIECES, max_size=60).map("".join), st.integers(min_value=64, max_value=400))
def test_split_loses_nothing_and_fits(text: str, limit: int) -> None:
    parts = split_text(text, limit)
    assert [part for part in parts if len(part.encode()) > limit] == []
    payloads = [payload(part) for part in parts] if len(parts) > 1 else parts
    assert squeezed("".join(payloads)) == squeezed(text)
    for whole in (
        "**加粗的字**",
        "[链接](https://example.invalid/a?b=c)",
        "`code`",
        '<font color="warning">红字</font>',
        "<@zhangsan>",
        "👨‍👩‍👧‍👦",
        "👍🏽",
    ):
        assert sum(one.count(whole) for one in payloads) == text.count(whole)


@given(st.text(max_size=400), st.integers(min_value=64, max_value=200))
def test_split_of_any_text_loses_nothing(text: str, limit: int) -> None:
    parts = split_text(text, limit)
    assert [part for part in parts if len(part.encode()) > limit] == []
    payloads = [payload(part) for part in parts] if len(parts) > 1 else parts
    assert squeezed("".join(payloads)) == squeezed(text)


def test_short_text_stays_as_it_is() -> None:
    assert split_text("  早上好\n", 64) == ["  早上好\n"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param(
            "第一段第一句。\n第一段第二句。\n\n第二段很短很短。",
            ["第一段第一句。\n第一段第二句。\n(1/2)", "第二段很短很短。\n(2/2)"],
            id="paragraph",
        ),
        pytest.param(
            "今天是星期一。\n明天是星期二啊。\n后天是星期三。",
            ["今天是星期一。\n明天是星期二啊。\n(1/2)", "后天是星期三。\n(2/2)"],
            id="line",
        ),
        pytest.param(
            "今天是星期一。明天是星期二。后天又是星期三。",
            ["今天是星期一。明天是星期二。\n(1/2)", "后天又是星期三。\n(2/2)"],
            id="sentence",
        ),
        pytest.param("字" * 25, ["字" * 19 + "\n(1/2)", "字" * 6 + "\n(2/2)"], id="character"),
        pytest.param(
            "一二三四五六七八九十**加粗的一句话在这里**一二三",
            ["一二三四五六七八九十\n(1/2)", "**加粗的一句话在这里**一二三\n(2/2)"],
            id="bold",
        ),
    ],
)
def test_split_at_the_best_border(text: str, parts: list[str]) -> None:
    assert split_text(text, 64) == parts


def test_split_into_ten_parts_and_more_counts_the_wider_mark() -> None:
    parts = split_text("字" * 400, 64)
    assert len(parts) == 23
    assert parts[0] == "字" * 18 + "\n(1/23)"
    assert parts[-1] == "字" * 4 + "\n(23/23)"


def test_something_unbreakable_longer_than_a_part_is_cut_all_the_same() -> None:
    assert split_text("**" + "字" * 25 + "**", 64) == [
        "**" + "字" * 18 + "\n(1/2)",
        "字" * 7 + "**\n(2/2)",
    ]


def test_limit_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match="below 64"):
        split_text("x", 63)
