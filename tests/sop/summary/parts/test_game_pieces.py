"""What RMs were handed of games, in the summary's part about the work."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from sop.summary.details import Details, RmWork
from sop.summary.figures import WeekFigures
from sop.summary.parts import all_parts
from sop.summary.period import Period

PARTS = {part.key: part for part in all_parts()}


def test_pieces_are_told_apart_from_what_was_due(now: WeekFigures) -> None:
    rm = RmWork("linyue", "林悦", pieces=7, pieces_sent=4, pieces_on_time=3, pieces_skipped=1)
    changed = replace(Details(), rms=(rm,))
    of = Period(now, now, (), ZoneInfo("Asia/Shanghai"), "全部社群", details=changed)
    found = {table.key: table for table in PARTS["work"].tables(of)}
    assert "rm_tasks" not in found
    (row,) = found["rm_pieces"].rows
    assert (row.cells, row.opens) == (("林悦", 7, 4, 0.5714, 3, 1, 2), "rm:linyue")
