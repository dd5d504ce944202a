"""Numbers as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop.numerals import rewrite


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50万", "500000"),
        ("五十万", "500000"),
        ("500万", "5000000"),
        ("五百万", "5000000"),
        ("1.5万", "15000"),
        ("2千万", "20000000"),
        ("一万亿", "1000000000000"),
        ("1亿2千万", "120000000"),
        ("一亿零五万", "100050000"),
        ("1万5千", "15000"),
        ("十", "10"),
        ("十二", "12"),
        ("二十", "20"),
        ("一百一十", "110"),
        ("一百十", "110"),
        ("三百零五", "305"),
        ("一千零五", "1005"),
        ("一千零二十", "1020"),
        ("十万八千里", "108000里"),
        ("二〇二六年", "2026年"),
        ("九六一一零", "96110"),
        ("两年", "2年"),
        ("七日年化", "7日年化"),
        ("百分之五", "5%"),
        ("百分之二点五", "2.5%"),
        ("百分之三十", "30%"),
        ("50.0", "50"),
        ("0.50", "0.5"),
        ("零", "0"),
    ],
)
def test_rewrite_one_reading(text: str, expected: str) -> None:
    assert rewrite(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "一万五", "1万5", "三百五", "三五天", "五百千", "一千零二百五", "万一", "千万别", "亿万",
        "百分之百", "百度", "半斤八两", "010", "零零七", "3.14.15", ".5", "1.", "1" * 21, "",
        "没有数",
    ],
)  # fmt: skip
def test_rewrite_no_single_reading(text: str) -> None:
    assert rewrite(text) == text


@given(st.text(alphabet="0123456789.零〇一两五十百千万亿分之点元年", max_size=30))
def test_rewrite_twice_is_once(text: str) -> None:
    assert rewrite(rewrite(text)) == rewrite(text)


_DIGITS = "零一二三四五六七八九"


def _spoken(number: int) -> str:
    """A plain writer of Chinese numerals below 10,000, to read back."""
    if number < 10:
        return _DIGITS[number]
    text, pending = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            text += ("零" if pending and text else "") + _DIGITS[digit] + name
        pending = not digit
    return text


@given(st.integers(0, 9999), st.sampled_from(["", "万", "亿"]))
def test_rewrite_reads_what_was_written(number: int, unit: str) -> None:
    size = {"": 1, "万": 10**4, "亿": 10**8}[unit]
    if number or not unit:
        assert rewrite(_spoken(number) + unit) == str(number * size)
