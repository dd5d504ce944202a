"""Names of strangers are shown safely; rankings read well on a phone."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop.wording import NAME_LENGTH, plain, ranking, shown


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("张三", "张三"),
        ("  Li   Lei ", "Li Lei"),
        ("", "群友"),
        ("\u200b\u202e\u2066", "群友"),
        ("\u202e三张", "三张"),
        ("张\u0000三\n\t", "张三"),
        ("**粗体**", "＊＊粗体＊＊"),
        ("[点我](http://x.cn)", "［点我］（http:/…"),
        ("<@all>", "＜＠all＞"),
        ("一二三四五六七八九十甲乙", "一二三四五六七八九十甲乙"),
        ("一二三四五六七八九十甲乙丙", "一二三四五六七八九十甲…"),
        ("Z̴̡͎a̷l̵g̸o", "Zalgo"),
        ("👨‍👩‍👧", "👨👩👧"),
        ("王" * 4096, "王" * 11 + "…"),
    ],
)
def test_shown_name(name: str, expected: str) -> None:
    assert shown(name) == expected


@given(st.text(max_size=300))
def test_shown_is_short_and_visible_whatever_the_name(name: str) -> None:
    result = shown(name)
    assert 1 <= len(result) <= NAME_LENGTH
    assert not set(result) & set("<>[]()*_`#@~|\\!&")
    assert all(unicodedata.category(one) not in ("Cc", "Cf", "Mn", "Zl", "Zp") for one in result)


def test_ranking_of_four() -> None:
    entries = [("甲", "12 点"), ("乙", "9 点"), ("丙", "8 点"), ("*丁*", "2 点")]
    assert ranking(entries) == "🥇 甲　12 点\n🥈 乙　9 点\n🥉 丙　8 点\n4. ＊丁＊　2 点"


def test_plain_takes_the_markdown_of_a_post_away() -> None:
    post = "🎲 **掷骰子，开始！**\n\n说“掷”。\n> 时长 10 分钟\n🥇 ＊安娜＊　5 * 6 > 20"
    assert plain(post) == (
        "🎲 掷骰子，开始！",
        "说“掷”。",
        "时长 10 分钟",
        "🥇 ＊安娜＊　5 * 6 > 20",
    )
