"""What channels have at WeCom follows their files, whatever WeCom answers."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.http import NoAnswer
from bot.ways import Ways
from bot.wecom.channel_ways import ChannelWays
from bot.wecom.errors import WecomError
from sop.library import Library
from tests.house import House, library_of, opened

CALL: Mapping[str, Any] = {
    "channel": "call",
    "title": "外呼",
    "applies_to": {"labels": ["first"]},
}
ROWS = "SELECT kind, status, config_id, qr_code, error FROM channel_way ORDER BY kind"


class WeCom:
    """Answers calls and remembers them; what is in `trouble` is raised first, one a call."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.trouble: list[Exception] = []
        self._made = 0

    async def call(self, method: str, path: str, json: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((path.removeprefix("externalcontact/"), json))
        if self.trouble:
            raise self.trouble.pop(0)
        verb = path.rpartition("/")[2]
        if verb.startswith("add_"):
            self._made += 1
            return {"config_id": f"c{self._made}"}
        way = {"qr_code": f"https://qr/{json.get('config_id')}"}
        return {"contact_way": way, "join_way": way}

    def paths(self) -> list[str]:
        """What was called since last asked."""
        found = [path for path, _ in self.calls]
        self.calls.clear()
        return found


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with opened(sqlite_url, "11-24 10:00", library_of(CALL)) as one:
        await one.owed()
        yield one


def worker(house: House, wecom: WeCom) -> Ways:
    calls = ChannelWays(wecom, 1000002)  # type: ignore[arg-type]
    return Ways(house.database, calls, lambda: house.due, house.clock)


def runs(house: House, library: Library) -> None:
    """Another edition of the library runs from here on."""
    house.due = replace(house.due, library=library)


MADE = [
    ("contact", "made", "c1", "https://qr/c1", ""),
    ("group", "made", "c2", "https://qr/c2", ""),
]


async def test_ways_are_made_once_and_changed_with_the_file(house: House) -> None:
    wecom = WeCom()
    ways = worker(house, wecom)
    assert [await ways.step(), await ways.step()] == [2, 0]
    assert wecom.paths() == [
        "add_contact_way",
        "get_contact_way",
        "groupchat/add_join_way",
        "groupchat/get_join_way",
    ]
    assert await house.rows(ROWS) == MADE
    runs(house, library_of({**CALL, "staff": ["li", "chen"]}))
    assert await ways.step() == 1
    ((path, body), _) = wecom.calls
    assert (path, body["user"], body["config_id"]) == ("update_contact_way", ["li", "chen"], "c1")
    assert await worker(house, wecom).step() == 0


async def test_way_deleted_by_hand_is_made_again(house: House) -> None:
    wecom = WeCom()
    ways = worker(house, wecom)
    await ways.step()
    runs(house, library_of({**CALL, "staff": ["chen"]}))
    wecom.trouble = [WecomError(41044)]
    assert await ways.step() == 1
    assert (await house.rows(ROWS))[0] == ("contact", "made", "c3", "https://qr/c3", "")


async def test_no_answer_is_asked_again_later(house: House) -> None:
    wecom = WeCom()
    wecom.trouble = [NoAnswer("没有答复"), WecomError(-1)]
    ways = worker(house, wecom)
    assert await ways.step() == 0
    assert [row[1] for row in await house.rows(ROWS)] == ["wanted", "wanted"]
    assert await ways.step() == 0
    await house.clock.advance(timedelta(minutes=1))
    assert await ways.step() == 2
    assert [row[1] for row in await house.rows(ROWS)] == ["made", "made"]


async def test_refusal_is_told_and_tried_the_next_day(house: House) -> None:
    wecom = WeCom()
    wecom.trouble = [WecomError(41054)]
    ways = worker(house, wecom)
    assert await ways.step() == 2
    why = "这位员工还没有激活企业微信：请员工登录后再试（企业微信错误码 41054）"
    assert (await house.rows(ROWS))[0] == ("contact", "failed", "", "", why)
    actions = await house.rows("SELECT action, subject, detail FROM audit")
    text = f"⚠️ 渠道“外呼”的联系我二维码开不出来：{why}。改好文件马上再试，不改明天再试。"
    assert actions == [("渠道", "call", text)]
    await house.clock.advance(timedelta(days=1))
    assert await ways.step() == 1
    assert (await house.rows(ROWS))[0][:2] == ("contact", "made")


async def test_way_of_a_removed_file_stops_and_comes_back_with_it(house: House) -> None:
    wecom = WeCom()
    ways = worker(house, wecom)
    await ways.step()
    wecom.paths()
    before = house.due.library
    runs(house, library_of())
    wecom.trouble = [WecomError(41044)]  # somebody was faster
    assert await ways.step() == 2
    assert wecom.paths() == ["del_contact_way", "groupchat/del_join_way"]
    stopped = [("contact", "stopped", "", "", ""), ("group", "stopped", "", "", "")]
    assert await house.rows(ROWS) == stopped
    runs(house, before)
    assert await ways.step() == 2
    assert [row[1:3] for row in await house.rows(ROWS)] == [("made", "c3"), ("made", "c4")]
