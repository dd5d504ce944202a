"""Rounds that are over, or wait to be decided: what the page says, and the file that proves it."""

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.letters import Origin
from bot.pages.shape import bare, clock, fine
from sop.draws.deck import PrizeCard
from sop.draws.verify import read, verify
from sop.rounds import decide
from sop.wording import until
from tests.bot.pages.conftest import WELCOME, Bank, bank_on

RAFFLE: dict[str, Any] = {
    **WELCOME,
    "campaign": "raffle",
    "title": "年终大奖",
    "keyword": "报名",
    "mode": "entrants",
    "public_value": "2026-11-26 双色球红球",
    "starts": "2026-11-23",
    "ends": "2026-11-23",
    "deck": [{"prize": "大红包", "amount": "8.88", "count": 1}],
}
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 10, tzinfo=SHANGHAI)


@pytest.fixture
async def raffle(sqlite_url: str) -> AsyncIterator[Bank]:
    async with bank_on(sqlite_url, RAFFLE) as one:
        yield one


async def _entered(raffle: Bank, who: str) -> Any:
    phone = await raffle.member(who)
    page = await phone.get("/m/draw/1")
    await phone.press(page, request=page.field("request"))
    return phone


async def _decided(raffle: Bank) -> None:
    house = raffle.house

    def run(tx: Any) -> None:
        facts = house.due.facts(tx)
        deck = facts.decks.get(1)
        effects = decide(facts, deck, "03 09 12", house.clock.now())
        house.due.runtime.apply(tx, effects, Origin("test", house.clock.now()))

    await house.database.write(run)


async def test_round_of_entrants_shows_no_odds_of_a_card(raffle) -> None:
    phone = await raffle.member("wm1")
    lines = (await phone.get("/m/draw/1")).lines
    assert lines[lines.index("奖品") :][:6] == [
        "奖品", "奖品", "份数", "大红包 8.88 元", "1",
        "中奖率＝份数÷报名人数；报名人数不超过 1 时，人人有奖。",
    ]  # fmt: skip


async def test_who_entered_is_told_to_wait_until_it_is_decided(raffle) -> None:
    phone = await _entered(raffle, "wm1")
    await raffle.house.jump("11-24 00:00")
    phone = await raffle.member("wm1")
    home = (await phone.get("/m/home")).lines
    start = home.index("等待开奖")
    assert home[start : start + 4] == [
        "等待开奖",
        "年终大奖",
        "您已报名，名单已经封存，等“2026-11-26 双色球红球”公布后开奖。",
        home[start + 3],
    ]
    waiting = (await phone.get("/m/draw/1")).lines
    assert "报名已经截止，名单已经封存。公开值公布后开奖，结果会发到群里。" in waiting
    assert (await phone.get("/m/evidence/1")).lines[0] == "这一期还没有结束"


async def test_winner_and_loser_are_told_and_can_check_it(raffle) -> None:
    await _entered(raffle, "wm1")
    await _entered(raffle, "wm2")
    await raffle.house.jump("11-24 00:00")
    await _decided(raffle)
    pages = {who: await (await raffle.member(who)).get("/m/draw/1") for who in ("wm1", "wm2")}
    won = "这一期已经结束，奖品在我的奖品里。"
    lost = "这一期已经开奖，公开值是 3 9 12，这次没有抽中您。谢谢参加，下次再来。"
    told = [line for page in pages.values() for line in page.lines if line in (won, lost)]
    assert sorted(told) == sorted([won, lost])
    assert all("核对这一期" in page.lines for page in pages.values())
    file = await (await raffle.member("wm1")).get("/m/evidence/1")
    assert file.headers["Content-Disposition"] == 'attachment; filename="evidence-1.json"'
    assert verify(read(file.html.encode())) == []
    assert "wm1" not in file.html
    assert json.loads(file.html)["campaign"] == "raffle"


async def test_evidence_of_another_community_is_not_here(raffle) -> None:
    await _entered(raffle, "wm2")
    await raffle.house.jump("11-24 00:00")
    await _decided(raffle)
    phone = await raffle.member("wm1")
    await raffle.house.write("UPDATE deck SET community = 'second'")
    assert (await phone.get("/m/evidence/1")).status == 404


@pytest.mark.parametrize(
    ("at", "shown", "ends"),
    [
        ((2026, 11, 23, 20, 30), "20:30", "20:30"),
        ((2026, 11, 24, 0, 0), "11 月 24 日 00:00", "24:00"),
        ((2026, 11, 25, 0, 0), "11 月 25 日 00:00", "明天 24:00"),
        ((2026, 11, 28, 20, 5), "11 月 28 日 20:05", "11 月 28 日 20:05"),
        ((2027, 1, 1, 0, 0), "1 月 1 日 00:00", "12 月 31 日 24:00"),
    ],
)
def test_midnight_ends_the_day_before(at, shown, ends) -> None:
    instant = datetime(*at, tzinfo=SHANGHAI)
    assert (clock(instant, SHANGHAI, NOW), until(instant, SHANGHAI, NOW)) == (shown, ends)


@pytest.mark.parametrize(
    ("card", "name"),
    [
        (PrizeCard("5.00 元红包", 500), "红包"),
        (PrizeCard("30 积分", 0, "points", 30), ""),
        (PrizeCard("积分礼包", 0, "points", 30), "积分礼包"),
    ],
)
def test_prize_below_its_amount_does_not_say_it_twice(card, name) -> None:
    assert bare(card) == name


def test_hash_in_a_line_is_set_small_and_the_rest_stays_text() -> None:
    line = fine("<b>凭证 c4ee47f7c64744fe</b>，1234")
    assert line == "&lt;b&gt;凭证 <code>c4ee47f7c64744fe</code>&lt;/b&gt;，1234"
