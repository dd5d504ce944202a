"""The summary as CSV: a line for each number, and no cell that a spreadsheet executes."""

import csv
import io

import pytest

from bot.summary_csv import HEAD, csv_of
from sop.summary.summary import Summary
from tests.summary_specimen import HOSTILE, specimen

Lines = list[list[str]]


def lines(summary: Summary | None = None) -> Lines:
    data = csv_of(summary or specimen())
    head, *found = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert tuple(head) == HEAD
    return found


def test_it_is_utf_8_with_a_mark() -> None:
    assert csv_of(specimen())[:3] == b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("成员数", [("本周", "1914", "人", "1,914"), ("上周", "1860", "人", "1,860")]),
        ("净增", [("本周", "54", "人", "54"), ("前四周平均", "34", "人", "34")]),
    ],
)
def test_metric(row: str, told: list[tuple[str, ...]]) -> None:
    found = [tuple(one[4:]) for one in lines() if one[2:4] == ["全部指标", row]]
    assert [one for one in found if one in told] == told


def test_share_is_a_number_with_its_parts() -> None:
    found = [one[4:] for one in lines() if one[2:4] == ["全部指标", "游戏参与率"]]
    assert found[:3] == [
        ["本周", "0.3086", "占比", "30.9%"],
        ["分子", "574", "次", "574"],
        ["分母", "1860", "次", "1,860"],
    ]


def test_every_line_is_as_wide_as_the_head_and_of_the_week() -> None:
    found = lines()
    assert {len(one) for one in found} == {len(HEAD)}
    assert {one[0] for one in found} == {"2026-W47"}


def test_every_cell_of_every_table_is_there() -> None:
    summary = specimen()
    wanted = 0
    for section in summary.sections:
        for table in section.tables:
            words = 0
            while words < len(table.columns) and table.columns[words].unit is None:
                words += 1
            wanted += len(table.rows) * (len(table.columns) - words)
    titles = {table.title for section in summary.sections for table in section.tables}
    assert sum(one[2] in titles for one in lines(summary)) == wanted


def test_nothing_begins_a_formula() -> None:
    words = [cell for line in lines(specimen(HOSTILE)) for cell in (*line[:5], *line[6:])]
    assert {cell[:1] for cell in words} & set("=+@\t\r＝＋－＠-") == set()
