"""Words in drawings: escaped, cut, in lines, and only in characters that the font has."""

from dataclasses import replace

import pytest

from bot.charts.ink import Ink, fitted, plain, width_of, wrapped
from bot.charts.theme import Theme

HOSTILE = "<script>alert(1)</script>"


def test_text_is_escaped(theme: Theme) -> None:
    ink = Ink(theme, 100)
    ink.text(0, 10, f'{HOSTILE}"&', size=12)
    assert ink.marks == (
        '<text x="0" y="10" font-size="12" fill="ink">'
        "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&amp;</text>"
    )


@pytest.mark.parametrize(
    ("words", "seen"),
    [
        ("一群\r\n二群\t三群", "一群 二群 三群"),
        ("甲\u202e乙\u2066丙\u200b丁", "甲乙丙丁"),
        ("e\u0301\u0302\u0303\u0304", "e"),
        ("a\x00b\x1bc\ud800d\ufffe", "abcd"),
        ("كلمة", "كلمة"),
    ],
)
def test_what_is_not_seen_is_left_out(words: str, seen: str) -> None:
    assert plain(words) == seen


def test_long_words_are_cut_to_the_room() -> None:
    cut = fitted("长" * 200, 60)
    assert (cut, width_of(cut)) == ("长长长长…", 60.0)


def test_words_that_fit_are_not_cut() -> None:
    assert fitted("财富一群", 48) == "财富一群"


def test_lines_break_before_no_closing_sign_and_in_no_number() -> None:
    lines = wrapped("周二掷骰子参与率 31.5%（上周 22%），周四 9%。", 120, 12, 3)
    assert lines == ["周二掷骰子参与率", "31.5%（上周", "22%），周四 9%。"]


def test_lines_end_with_an_ellipsis_where_there_are_too_many() -> None:
    assert wrapped("一二三四五六七八九十", 48, 12, 2) == ["一二三四", "五六七…"]


def test_character_without_a_glyph_is_replaced_and_remembered(theme: Theme) -> None:
    ink = Ink(replace(theme, glyphs=frozenset("财富群□")), 100)
    ink.text(0, 10, "财富🎉群")
    assert (ink.marks, ink.missing) == (
        '<text x="0" y="10" font-size="12" fill="ink">财富□群</text>',
        True,
    )
