"""A flow of people: how many groups it needs, who comes when, and a platform that pays at once."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.http import NotAllowed
from bot.rehearsal.casting import NotRehearsable, cast
from bot.rehearsal.flow import Flow, everybody, with_room
from bot.rehearsal.people import Span
from bot.rehearsal.platform import Platform
from bot.settings import Settings

START = date(2026, 11, 23)
SPAN = Span(datetime(2026, 11, 22, 16, tzinfo=UTC), 14)
ZONE = ZoneInfo("Asia/Shanghai")
BASE = "http://127.0.0.1:9"
NOON = datetime(2026, 12, 7, 4, tzinfo=UTC)


@pytest.fixture
def samples() -> Settings:
    """One group that the bot hears, one that it does not."""
    return cast(None, None)[0]


@pytest.mark.parametrize(
    ("people", "members", "groups"),
    [(499, 0, 1), (500, 0, 2), (998, 0, 2), (999, 0, 3), (20_000, 0, 41), (499, 2, 2)],
)
def test_groups_are_as_many_as_the_limit_asks_for(
    samples: Settings, people: int, members: int, groups: int
) -> None:
    chosen, copies = with_room(samples, members, Flow(people, START, 14))
    heard = [one for one in chosen.communities if one.heard_as]
    assert (len(heard), len(copies)) == (groups, groups - 1)


def test_copy_is_served_by_the_same_people_in_the_same_way(samples: Settings) -> None:
    chosen, copies = with_room(samples, 0, Flow(500, START, 14))
    original, copy = chosen.communities[0], chosen.communities[-1]
    assert copies == {"wealth-01-02"}
    assert copy == replace(
        original, id="wealth-01-02", name="财富体验群2群", chat_id="wrRehearsal01-02"
    )
    assert len({chosen.robot_key(one.id) for one in (original, copy)} - {None}) == 2
    assert copy.id in chosen.staff["lijing"].communities


def test_nothing_is_copied_without_a_flow(samples: Settings) -> None:
    assert with_room(samples, 200, None) == (samples, frozenset())


def test_flow_into_groups_that_nobody_hears_is_refused(samples: Settings) -> None:
    deaf = replace(samples, communities=samples.communities[1:])
    with pytest.raises(NotRehearsable, match="没有一个社群是机器人听得到成员的"):
        with_room(deaf, 0, Flow(10, START, 14))


def test_everybody_of_a_flow_comes_within_its_days(samples: Settings) -> None:
    flow = Flow(1000, START, 14)
    chosen, _ = with_room(samples, 0, flow)
    people = everybody(b"seed", chosen.communities, 0, SPAN, flow)
    days = Counter((one.joins_at - SPAN.start).days for one in people)
    branch = {one.joins_at.astimezone(ZONE).weekday() for one in people if one.channel == "branch"}
    assert Counter(one.channel for one in people) == {
        "official-account": 503,
        "mobile-bank": 281,
        "branch": 216,
    }
    assert Counter(one.community for one in people) == {
        "wealth-01": 334,
        "wealth-01-02": 333,
        "wealth-01-03": 333,
    }
    assert branch == {0, 1, 2, 3, 4}
    assert sorted(days) == list(range(14))
    assert days[0] == max(days.values())
    again = everybody(b"seed", chosen.communities, 0, SPAN, flow)
    assert [one.joins_at for one in people] == [one.joins_at for one in again]


def test_accounts_of_one_person_share_name_group_and_moment(samples: Settings) -> None:
    flow = Flow(400, START, 14)
    people = everybody(b"seed", samples.communities, 0, SPAN, flow)
    many = [one for one in people if one.temperament.name == "many-accounts"]
    assert [len({one.name for one in many[start : start + 4]}) for start in (0, 4, 8, 12)] == [
        1
    ] * 4
    assert many[3].joins_at - many[0].joins_at == timedelta(seconds=21)
    assert len({one.name for one in people}) == len(people) - len(many) + len(many) // 4


@pytest.fixture
def platform() -> Platform:
    """At noon of a Monday."""
    return Platform(BASE, lambda: NOON, ZONE)


def asked(platform: Platform, method: str, path: str, body: bytes | None = None) -> object:
    async def ask() -> object:
        answer = await platform.request(method, f"{BASE}{path}", content=body)
        await platform.close()
        return answer.status, answer.json()

    return asyncio.run(ask())


PAID = {
    "order_no": "A1",
    "status": "paid",
    "amount_fen": 500,
    "paid_at": "2026-12-07T04:00:00+00:00",
    "receipt": "R00000001",
}


def test_platform_pays_an_order_once(platform: Platform) -> None:
    body = b'{"order_no": "A1", "member": "wm", "amount_fen": 500, "remark": ""}'
    assert asked(platform, "POST", "/payouts", body) == (200, PAID)
    assert asked(platform, "POST", "/payouts", body) == (200, PAID)
    assert asked(platform, "GET", "/payouts/A1") == (200, PAID)
    assert asked(platform, "GET", "/payouts/A2") == (404, {"error": "not_found"})
    statement = {"payouts": [PAID], "next": ""}
    assert asked(platform, "GET", "/payouts?day=2026-12-07&after=") == (200, statement)
    empty = {"payouts": [], "next": ""}
    assert asked(platform, "GET", "/payouts?day=2026-12-08&after=") == (200, empty)


def test_platform_refuses_every_other_call(platform: Platform) -> None:
    with pytest.raises(NotAllowed):
        asked(platform, "GET", "/cgi-bin/gettoken")
