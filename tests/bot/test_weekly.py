"""Weeks become final, are sent, corrected once, and given out when asked for: on both databases."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from bot.http import NotSent
from bot.summaries import Summaries, scope_of
from bot.summary_settings import SummarySettings
from bot.weekly import Weekly
from sop.events import ReplyTo, Said
from storage import activity, summaries
from storage.activity import Action
from tests.house import FIRST, POOL, SECOND, House, at, library_of, opened

WEEK = date(2026, 11, 23)
SCOPES = {
    "all",
    "rm:li",
    "rm:chen",
    "label:all",
    "label:first",
    "label:guided",
    "community:first",
    "community:second",
    "community:guided",
}


@dataclass
class WeComMedia:
    """Where files are put before they are sent."""

    kept: list[tuple[str, str, bytes]] = field(default_factory=list)
    away: bool = False

    async def upload_media(self, filename: str, data: bytes, kind: str = "file") -> str:
        if self.away:
            raise NotSent("no connection")
        self.kept.append((kind, filename, data[:4]))
        return f"media-{len(self.kept)}"


@dataclass
class Bank:
    """The house with its weekly worker."""

    house: House
    media: WeComMedia
    worker: Weekly

    read: int = 0

    def again(self) -> Weekly:
        """As after a restart, or in another process."""
        return _worker(self.house, self.media)

    async def reaches(self, when: str) -> list[str]:
        """The clock jumps; everything is done; what is owed because of it."""
        await self.house.clock.advance_to(at(when))
        await self.house.work()
        await self.owed()
        while await self.worker.step():
            pass
        return await self.owed()

    async def owed(self) -> list[str]:
        """`whom: first line`, pictures and files by their kind."""
        rows = await self.house.rows("SELECT target, body FROM outbox ORDER BY id")
        new, self.read = rows[self.read :], len(rows)
        return [_shown(*row) for row in new]

    async def deed(self, who: str, when: str, community: str = FIRST) -> None:
        """Something that a member did; it may be told of late."""
        instant = at(when)
        deed = Action(community, who, "message", instant, (instant + timedelta(hours=8)).date())
        await self.house.database.write(lambda tx: activity.count(tx, [deed]))

    async def say(self, who: str, line: str) -> None:
        """A colleague writes to the bot, 1:1."""
        reply = ReplyTo("app_message", {"user": who})
        await self.house.hear(Said(self.house.clock.now(), who, None, line, reply))
        await self.house.work()

    async def final(self) -> set[str]:
        return await self.house.database.read(lambda tx: summaries.final_scopes(tx, WEEK))

    async def revisions(self, scope: str) -> list[int]:
        rows = await self.house.database.read(lambda tx: summaries.history(tx, WEEK, scope))
        return [one.revision for one in rows]


def _shown(target: Any, body: Any) -> str:
    to, what = (json.loads(one) if isinstance(one, str) else one for one in (target, body))
    whom = to.get("user") or to.get("community")
    if "media" in what:
        return f"{whom}: ［{what['media']['kind']} {what['media']['id']}］"
    if "card" in what:
        buttons = "".join(f"［{one['text']} {one['key']}］" for one in what["card"]["buttons"])
        return f"{whom}: {what['card']['title']}{buttons}"
    return f"{whom}: {what.get('markdown') or what['text']}"


def _worker(house: House, media: WeComMedia) -> Weekly:
    def due() -> Any:
        return house.due

    weeks = Summaries(house.database, due, house.clock)
    return Weekly(house.database, media, due, house.clock, weeks)


@pytest.fixture
async def bank(database_url: str) -> AsyncIterator[Bank]:
    """Monday 09:00 of week 48: two members in each of two groups."""
    async with opened(database_url, "11-23 09:00", library_of(POOL)) as house:
        settings = replace(house.settings, summary=SummarySettings(time(9)))
        house.settings, house.due = settings, replace(house.due, settings=settings)
        await house.join("wm1", "wm2")
        await house.join("wm3", "wm4", community=SECOND)
        media = WeComMedia()
        one = Bank(house, media, _worker(house, media))
        await one.deed("wm1", "11-24 10:00")
        await house.work()
        await one.owed()
        yield one


def titles(owed: list[str]) -> list[str]:
    """First lines."""
    return [line.split("\n")[0] for line in owed]


SENT = [
    "li: ## 李静的社群 · 周报",
    "li: 2026-W48 周报［下载 Excel summary|2026-W48|rm:li|xlsx］",
    "li: ［image media-1］",
    "chen: ## 陈明的社群 · 周报",
    "chen: 2026-W48 周报［下载 Excel summary|2026-W48|rm:chen|xlsx］",
    "chen: ［image media-2］",
    "wang: ## 全部社群 · 周报",
    "wang: 2026-W48 周报［下载 Excel summary|2026-W48|all|xlsx］",
    "wang: ［image media-3］",
]


async def test_week_is_sent_on_its_first_working_day_and_is_final_then(bank: Bank) -> None:
    assert await bank.reaches("11-30 08:59") == []
    assert await bank.final() == set()
    assert titles(await bank.reaches("11-30 09:00")) == SENT
    assert await bank.final() == SCOPES
    assert [kind for kind, _, _ in bank.media.kept] == ["image"] * 3
    assert {data for _, _, data in bank.media.kept} == {b"\x89PNG"}


async def test_week_is_sent_once_whatever_restarts(bank: Bank) -> None:
    await bank.reaches("11-30 09:00")
    other = bank.again()
    assert [await other.step() for _ in range(2)] == [0, 0]
    assert await bank.owed() == []
    bank.worker = other
    assert await bank.reaches("11-30 18:00") == []


async def test_two_processes_at_once(bank: Bank) -> None:
    await bank.house.clock.advance_to(at("11-30 09:00"))
    await bank.house.work()
    await bank.owed()
    await asyncio.gather(bank.worker.step(), bank.again().step())
    cards = [line for line in titles(await bank.owed()) if "##" in line]
    assert sorted(cards) == sorted(line for line in SENT if "##" in line)
    assert await bank.revisions("all") == [0]


async def test_week_is_final_on_tuesday_where_nothing_is_sent(bank: Bank) -> None:
    due = bank.house.due
    bank.house.due = replace(due, settings=replace(due.settings, summary=SummarySettings()))
    assert await bank.reaches("11-30 23:59") == []
    assert await bank.final() == set()
    assert await bank.worker.next_due() == at("12-01 00:00")
    assert await bank.reaches("12-01 00:00") == []
    assert await bank.final() == SCOPES


async def test_service_that_was_down_catches_up(bank: Bank) -> None:
    assert titles(await bank.reaches("12-02 20:00")) == SENT
    assert await bank.final() == SCOPES


async def test_summary_of_long_ago_is_not_sent_but_final(bank: Bank) -> None:
    assert await bank.reaches("12-04 20:00") == []
    assert await bank.final() == SCOPES


async def test_holiday_puts_it_off(bank: Bank) -> None:
    """1 January 2027 is a Friday; Monday 15 February is in the Spring Festival."""
    worker = bank.worker
    assert worker._sent_at(date(2026, 12, 21)) == at("12-28 09:00")
    spring = worker._sent_at(date(2026, 2, 9))
    assert spring is not None
    assert spring > datetime(2026, 2, 22, tzinfo=spring.tzinfo)


async def test_late_data_is_told_once(bank: Bank) -> None:
    await bank.reaches("11-30 09:00")
    await bank.deed("wm2", "11-26 10:00")
    assert await bank.reaches("11-30 18:00") == []
    owed = await bank.reaches("12-01 09:00")
    assert titles(owed) == [
        "li: 📌 **周报更正**　李静的社群，2026 年第 48 周（11 月 23 日至 11 月 29 日）",
        "wang: 📌 **周报更正**　全部社群，2026 年第 48 周（11 月 23 日至 11 月 29 日）",
    ]
    assert "定稿后又收到迟到的数据" in owed[0]
    assert "\n- 发言人数：1 → 2\n" in owed[0]
    assert await bank.revisions("all") == [0, 1]
    assert await bank.revisions("rm:li") == [0, 1]
    assert await bank.revisions("community:first") == [0, 1]
    assert await bank.revisions("rm:chen") == [0]
    assert await bank.revisions("community:second") == [0]
    assert await bank.reaches("12-02 09:00") == []
    bank.worker = bank.again()
    assert await bank.reaches("12-03 09:00") == []


async def test_late_data_after_two_weeks_changes_nothing(bank: Bank) -> None:
    await bank.reaches("11-30 09:00")
    await bank.deed("wm2", "11-26 10:00")
    await bank.house.clock.advance_to(at("12-14 09:00"))
    await bank.house.work()
    await bank.worker.step()
    assert await bank.revisions("all") == [0]


async def test_final_week_stays_as_it_was_told(bank: Bank) -> None:
    *_, sent, _, _ = await bank.reaches("11-30 09:00")
    await bank.deed("wm2", "11-26 10:00")
    await bank.say("wang", "周报 2026-W48")
    (asked,) = await bank.owed()
    assert asked == sent
    assert "还没有定稿" not in asked


async def test_week_that_runs_says_that_it_is_not_final(bank: Bank) -> None:
    card, *_ = await bank.house.say("li", "周报 本周", None)
    assert card.endswith("\n\n> 这一周还没有定稿，数字截至现在，以后还会变。")
    await bank.owed()
    await bank.worker.step()
    assert titles(await bank.owed()) == [
        "li: 2026-W48 周报［下载 Excel summary|2026-W48|community:first|xlsx］",
        "li: ［image media-1］",
    ]


async def test_excel_by_the_button(bank: Bank) -> None:
    await bank.house.press("wang", "summary|2026-W48|rm:li|xlsx")
    await bank.owed()
    await bank.worker.step()
    assert await bank.owed() == ["wang: ［file media-1］"]
    assert bank.media.kept == [("file", "周报 2026-W48 李静的社群.xlsx", b"PK\x03\x04")]


@pytest.mark.parametrize(
    ("who", "key", "said"),
    [
        ("li", "summary|2026-W48|all|xlsx", "您没有权限"),
        ("li", "summary|2026-W48|rm:chen|xlsx", "您没有权限"),
        ("wm1", "summary|2026-W48|all|xlsx", "您没有权限"),
        ("wang", "summary|2026-W48|rm:nobody|xlsx", "您没有权限"),
        ("wang", "summary|yesterday|all|xlsx", "按钮已失效"),
        ("wang", "summary|2026-W48|all|exe", "按钮已失效"),
        ("wang", "summary|", "您没有权限"),
    ],
)
async def test_button_that_is_not_this_persons(bank: Bank, who: str, key: str, said: str) -> None:
    assert await bank.house.press(who, key) == [f"卡片: {said}"]
    await bank.owed()
    await bank.worker.step()
    assert await bank.owed() == []


async def test_wecom_that_is_away_is_asked_again(bank: Bank) -> None:
    bank.media.away = True
    await bank.house.press("wang", "summary|2026-W48|all|xlsx")
    await bank.owed()
    assert await bank.worker.step() == 0
    bank.media.away = False
    assert await bank.worker.step() == 0
    assert await bank.reaches("11-23 09:02") == ["wang: ［file media-1］"]


async def test_summary_without_its_picture_is_sent_all_the_same(bank: Bank) -> None:
    bank.media.away = True
    assert titles(await bank.reaches("11-30 09:00")) == [
        line for line in SENT if "image" not in line
    ]


async def test_many_communities_are_not_worked_out_in_the_transaction(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.commands.report.MOST_AT_ONCE", 1)
    assert await bank.house.say("wang", "周报 本周", None) == ["wang: 正在统计，做好了就发给您。"]
    await bank.owed()
    await bank.worker.step()
    owed = await bank.owed()
    assert titles(owed) == [
        "wang: ## 全部社群 · 周报",
        "wang: 2026-W48 周报［下载 Excel summary|2026-W48|all|xlsx］",
        "wang: ［image media-1］",
    ]
    assert "还没有定稿" in owed[0]


async def test_wish_of_who_may_not_see_it_any_more(bank: Bank) -> None:
    await bank.house.press("li", "summary|2026-W48|rm:li|xlsx")
    due = bank.house.due
    staff = {**due.settings.staff, "li": replace(due.settings.staff["li"], roles=frozenset())}
    bank.house.due = replace(due, settings=replace(due.settings, staff=staff))
    await bank.owed()
    assert await bank.worker.step() == 1
    assert await bank.owed() == []
    assert scope_of(bank.house.settings, "rm:li") is not None


LATE = """\
［11-30 18:00］
［12-01 09:00］
li: 📌 **周报更正**　李静的社群，2026 年第 48 周（11 月 23 日至 11 月 29 日）
定稿后又收到迟到的数据，4 个数字变了：
- 日均活跃成员：0.43 → 0.57
- 黏性：21.4% → 28.6%
- 发言人数：1 → 2
- 人均消息：0.50 → 1.00
> 网页和 Excel 里已是新的数字。重看：周报 2026-W48
wang: 📌 **周报更正**　全部社群，2026 年第 48 周（11 月 23 日至 11 月 29 日）
定稿后又收到迟到的数据，3 个数字变了：
- 日均活跃成员：≥ 0.71 → ≥ 0.86
- 发言人数：1 → 2
- 人均消息：0.25 → 0.50
> 网页和 Excel 里已是新的数字。重看：周报 2026-W48
［12-01 18:00］
［12-02 09:00］
chen: 📌 **周报更正**　陈明的社群，2026 年第 48 周（11 月 23 日至 11 月 29 日）
定稿后又收到迟到的数据，3 个数字变了：
- 日均活跃成员：≥ 0.29 → ≥ 0.43
- 发言人数：0 → 1
- 人均消息：0.00 → 0.50
> 网页和 Excel 里已是新的数字。重看：周报 2026-W48
wang: 📌 **周报更正**　全部社群，2026 年第 48 周（11 月 23 日至 11 月 29 日）
定稿后又收到迟到的数据，3 个数字变了：
- 日均活跃成员：≥ 0.86 → ≥ 1.00
- 发言人数：2 → 3
- 人均消息：0.50 → 0.75
> 网页和 Excel 里已是新的数字。重看：周报 2026-W48
［12-03 09:00］
［12-04 09:00］"""


async def test_transcript_of_late_data(bank: Bank) -> None:
    """What is read in a week in which data comes late, twice: each change once, to whom it
    concerns; a restart between tells nobody again."""
    await bank.reaches("11-30 09:00")
    told: list[str] = []
    await bank.deed("wm2", "11-26 10:00")
    for when in ("11-30 18:00", "12-01 09:00", "12-01 18:00"):
        told += [f"［{when}］", *await bank.reaches(when)]
    bank.worker = bank.again()
    await bank.deed("wm3", "11-29 21:00", SECOND)
    for when in ("12-02 09:00", "12-03 09:00", "12-04 09:00"):
        told += [f"［{when}］", *await bank.reaches(when)]
    assert "\n".join(told) == LATE
