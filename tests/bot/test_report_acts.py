"""`report --send`: colleagues wait for a week; the service makes it."""

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from bot.acts import perform, read_act
from bot.report_acts import SendSummary
from storage import summaries
from storage.database import Database

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
MONDAY = date(2026, 11, 16)
WISH = SendSummary(week=MONDAY, scope="label:wealth", to=["wang", "zhou"], names="王强、周慧")
DONE = "已交办：运行中的服务会在几秒内把 2026-W47 的周报发给 王强、周慧"


async def test_each_colleague_waits_for_the_week_once(database: Database) -> None:
    """Typed twice before the service has sent it, it is sent once."""
    told = [await perform(database, WISH, NOON) for _ in range(2)]
    asked = await database.read(lambda tx: summaries.asked(tx, 10))
    assert told == [DONE, DONE]
    assert [(one.staff, one.week, one.scope, one.form, one.at) for one in asked] == [
        ("wang", MONDAY, "label:wealth", "card", NOON),
        ("zhou", MONDAY, "label:wealth", "card", NOON),
    ]


def test_wish_is_handed_over_as_one_line() -> None:
    line = WISH.model_dump_json().encode()
    assert (read_act(line), b"\n" in line) == (WISH, False)


def test_wish_for_no_week_is_refused() -> None:
    with pytest.raises(ValidationError):
        read_act(b'{"act":"send_summary","week":"W47","scope":"all","to":[],"names":""}')
