"""Numbers said as moves."""

import pytest

from sop.said_number import said_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("50", 50),
        ("５０", 50),
        ("我猜 50 吧", 50),
        ("五十", 50),
        ("第三个", 3),
        ("砸3号蛋！", 3),
        ("我要砸 三 号金蛋啦", 3),
        ("007", 7),
        ("一百", 100),
        ("砸", None),
        ("三五", None),
        ("-5", None),
        ("5-10", None),
        ("2.5", None),
        ("50%", None),
        ("12345", None),
        ("报 50 可以吗", None),
        ("今天猜了 3 次", None),
        ("9" * 5000, None),
        ("", None),
        ("\u202e\u200b", None),
    ],
)
def test_number_that_a_message_says(text: str, number: int | None) -> None:
    assert said_number(text, "猜|报|砸") == number
