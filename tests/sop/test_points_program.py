"""The points program's own arithmetic: last days, levels, which program is whose."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from sop.community import Community
from sop.library import Library
from sop.points_program import PointsProgram, program_of
from sop.points_words import masked


def program(**more: Any) -> PointsProgram:
    base: dict[str, Any] = {
        "points": "p",
        "title": "积分",
        "applies_to": {"labels": ["wealth"]},
        "earn": {"checkin": 5},
    }
    return PointsProgram.model_validate(base | more)


@pytest.mark.parametrize(
    ("earned_on", "months", "last"),
    [
        (date(2026, 11, 1), 1, date(2026, 12, 31)),
        (date(2026, 11, 30), 1, date(2026, 12, 31)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2028, 1, 1), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2027, 2, 28), 12, date(2028, 2, 29)),
        (date(2026, 11, 23), 60, date(2031, 11, 30)),
        (date(2026, 11, 23), None, None),
    ],
)
def test_points_of_a_month_last_to_the_end_of_a_month(
    earned_on: date, months: int | None, last: date | None
) -> None:
    assert program(expires_after=months).last_day(earned_on) == last


@pytest.mark.parametrize(
    ("earned", "names"),
    [(0, ("青铜", "白银")), (99, ("青铜", "白银")), (100, ("白银", "黄金")), (900, ("黄金", None))],
)
def test_level_is_the_highest_reached(earned: int, names: tuple[str, str | None]) -> None:
    levels = [("青铜", 0), ("白银", 100), ("黄金", 900)]
    one = program(levels=[{"name": name, "from": least} for name, least in levels])
    level, following = one.level(earned), one.next_level(earned)
    assert (level and level.name, following and following.name) == names


def test_without_levels_there_is_none() -> None:
    assert (program().level(9), program().next_level(9)) == (None, None)


def test_first_program_by_name_that_includes_the_community_is_its_own(wealth: Community) -> None:
    others = program(points="a", applies_to={"labels": ["youth"]})
    second, third = program(points="b"), program(points="c")
    library = Library(points={"c": third, "b": second, "a": others})
    assert program_of(library, wealth) is second
    assert program_of(library, replace(wealth, labels=frozenset({"none"}))) is None


def test_budget_is_what_the_whole_list_costs() -> None:
    item = {"number": 1, "item": "伞", "kind": "gift", "points": 9, "stock": 3, "value": "2.50"}
    other = item | {"number": 2, "item": "纸", "stock": 10, "value": "0.99"}
    assert program(redeem=[item, other]).budget_fen == 3 * 250 + 10 * 99


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("王芳", "王＊＊"),
        ("A", "A＊＊"),
        ("", "群＊＊"),
        ("\u202egnp.exe", "g＊＊"),
        ("\u200b\u200b", "群＊＊"),
        ("*粗*", "＊＊＊"),
        ("=cmd()", "=＊＊"),
        ("👨‍👩‍👧一家", "👨＊＊"),
        ("长" * 4096, "长＊＊"),
    ],
)
def test_name_in_a_ranking_is_masked_and_harmless(name: str, seen: str) -> None:
    assert masked(name) == seen
