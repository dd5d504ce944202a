"""A week that is counted in a process of its own is the same week."""

import pickle
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.counting import Count, NotCounted
from bot.shelf import shipped
from bot.summaries import FEW, Scope, Summaries
from sop.summary.summary import Summary, summarise
from tests.house import House, opened

WEEK = date(2026, 11, 23)


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    library, _ = shipped()
    async with opened(database_url, "11-23 09:00", library) as house:
        await house.join("wm1", "wm2")
        await house.work()
        yield house


def counting(house: House, **more: object) -> Count:
    settings = house.settings
    count = Count(
        house.database.url,
        house.due.library,
        settings.staff,
        settings.communities,
        WEEK,
        settings.zone,
        "全部社群",
    )
    return replace(count, **more)  # type: ignore[arg-type]


async def here(house: House, count: Count) -> Summary:
    return summarise(await house.database.read(count.period))


async def test_week_counted_apart_is_the_week_counted_here(house: House) -> None:
    count = counting(house)
    found = await count.apart()
    assert found == await here(house, count)
    assert found.metric("members").value == 2


async def test_database_that_is_gone_is_said(house: House, tmp_path: Path) -> None:
    lost = tmp_path / "gone.db"
    with pytest.raises(NotCounted, match=r"gone\.db"):
        await counting(house, database=f"sqlite:///{lost}").apart()


async def test_library_arrives_as_it_was_sent() -> None:
    library, _ = shipped()
    assert pickle.loads(pickle.dumps(library)) == library


class Elsewhere:
    """Knows where the database is, and has nothing to read it with."""

    def __init__(self, house: House) -> None:
        self.url = house.database.url


class Lost:
    """Can be read here, and nobody else would find it."""

    def __init__(self, house: House, folder: Path) -> None:
        self.url = f"sqlite:///{folder}/gone.db"
        self.read = house.database.read


async def test_many_communities_are_counted_apart(house: House) -> None:
    (one, *_) = house.settings.communities
    many = (one, *(replace(one, id=f"{one.id}-{n}") for n in range(FEW)))
    weeks = Summaries(Elsewhere(house), lambda: house.due, house.clock)  # type: ignore[arg-type]
    scope = Scope("all", "全部社群", many)
    expected = await here(house, counting(house, communities=many))
    assert await weeks.counted(scope, WEEK) == expected


async def test_week_that_cannot_be_counted_apart_is_counted_here(
    house: House, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (one, *_) = house.settings.communities
    many = (one, *(replace(one, id=f"{one.id}-{n}") for n in range(FEW)))
    weeks = Summaries(Lost(house, tmp_path), lambda: house.due, house.clock)  # type: ignore[arg-type]
    expected = await here(house, counting(house, communities=many))
    assert await weeks.counted(Scope("all", "全部社群", many), WEEK) == expected
    assert [one.__dict__["action"] for one in caplog.records] == ["not_counted"]
