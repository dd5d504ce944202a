"""The shipped recall plan on both databases: who is written to, what they do, and what comes of
it. Every number here is counted by hand."""

from dataclasses import replace
from datetime import date, timedelta

from bot.due import Due
from bot.letters import Origin
from bot.runtime import Runtime
from bot.settings import PageSettings
from sop.audience import AppliesTo
from sop.effects import Count, OpenLink, OptOut, Tag
from sop.loader import SHIPPED, load
from storage import activity, contacts, links, people
from storage.links import Funnel
from tests.house import GUIDED, at, opened

WHO = {
    "wm1": "点开的甲",
    "wm2": "来聊的乙",
    "wm3": "没动静的丙",
    "wm4": "后来点的丁",
    "wm5": "勿扰的戊",
    "wm6": "退出统计的己",
    "wm7": "这月收过两条的庚",
    "wm8": "常来的辛",
    "wm9": "从没来过的壬",
}
PUBLIC = "https://q.bank.example"


def recall_library():
    """The shipped plan, for the customers' group; no nightly rules."""
    library, problems = load([SHIPPED])
    assert problems == []
    plan = library.plans["recall"]
    mine = plan.model_copy(update={"applies_to": AppliesTo(labels=["guided"])})
    return replace(
        library, plans={"recall": mine}, tag_rules={}, campaigns={}, points={}, referrals={}
    )


def history(tx) -> None:
    """Everybody came in September; all but the last took part on four days of October, and wm8
    last week again."""
    for who, name in WHO.items():
        people.arrive(tx, GUIDED, who, name, "", at("09-01 10:00"))
    days = [(who, f"10-{day:02}") for who in list(WHO)[:-1] for day in (5, 6, 7, 8)]
    days += [("wm8", f"11-{day}") for day in (17, 18)]
    activity.count(
        tx,
        [
            activity.Action(
                GUIDED, who, "message", at(f"{day} 12:00"), date.fromisoformat(f"2026-{day}")
            )
            for who, day in days
        ],
    )
    contacts.add(tx, ["wm7"], "other/a/2026-11-02/guided", at("11-02 10:00"))
    contacts.add(tx, ["wm7"], "other/b/2026-11-05/guided", at("11-05 10:00"))


async def do(house, *effects) -> None:
    now = house.clock.now()
    origin = Origin(f"test/{now.isoformat()}", now)
    await house.database.write(lambda tx: house.due.runtime.apply(tx, effects, origin))


async def clicked(house, member) -> None:
    """The member opens the link that they were sent last."""
    query = f"SELECT token FROM link WHERE member = '{member}' ORDER BY made_at DESC LIMIT 1"
    ((token,),) = await house.rows(query)
    await do(house, OpenLink(token, GUIDED, member))


async def written(house, step) -> list[str]:
    rows = await house.rows(
        f"SELECT member FROM private_message WHERE occurrence LIKE 'recall/{step}/%' ORDER BY 1"
    )
    return [member for (member,) in rows]


async def worn(house) -> list[str]:
    rows = await house.rows(
        "SELECT member FROM tag WHERE tag = '唤醒两次' AND removed_at IS NULL ORDER BY 1"
    )
    return [member for (member,) in rows]


async def funnel(house, step) -> Funnel:
    span = (at("11-23 00:00"), at("12-14 00:00"), timedelta(days=14))
    return await house.database.read(lambda tx: links.funnel(tx, f"recall/{step}", [GUIDED], *span))


async def test_recall_in_two_touches(database_url: str) -> None:
    async with opened(database_url, "11-23 08:00", recall_library()) as house:
        page = PageSettings(PUBLIC, "https://open.example", "page-secret-of-at-least-32-characters")
        house.settings = replace(house.settings, page=page)
        runtime = Runtime(house.settings, house.due.runtime._channels, house.library)
        house.due = Due(house.settings, house.library, house.workdays, runtime)
        await house.database.write(history)
        await do(house, Tag("wm5", "勿扰", "chen", "不想收"), OptOut("wm6"))

        # Tuesday: the sleeping ones, without those who do not want it or had enough.
        await house.until("11-24 15:00")
        assert await written(house, "tue-first") == ["wm1", "wm2", "wm3", "wm4"]
        addresses = [
            line for letter in await house.owed() for line in letter.splitlines() if PUBLIC in line
        ]
        assert len(set(addresses)) == 4
        assert {len(one.rpartition("/go/")[2]) for one in addresses} == {22}

        await clicked(house, "wm1")
        await do(house, Count(GUIDED, "wm2", "message"))

        # Wednesday: who opened it is to be called.
        await house.until("11-25 15:00")
        assert await house.rows("SELECT member FROM follow_up ORDER BY 1") == [("wm1",)]

        # Friday: the second touch, for those who did nothing.
        await house.until("11-27 21:00")
        assert await written(house, "fri-second") == ["wm3", "wm4"]
        await house.until("11-28 10:00")
        await clicked(house, "wm4")

        # Monday: who did not move at all is left alone.
        await house.until("11-30 15:00")
        assert await worn(house) == ["wm3"]
        await house.until("12-05 00:00")
        assert await written(house, "tue-first") == ["wm1", "wm2", "wm3", "wm4"]
        assert await written(house, "fri-second") == ["wm3", "wm4"]

        assert await funnel(house, "tue-first") == Funnel(written=4, clicked=1, back=1)
        assert await funnel(house, "fri-second") == Funnel(written=2, clicked=1, back=0)

        # And who comes back may be woken again another time.
        await do(house, Count(GUIDED, "wm3", "answer"))
        await house.until("12-07 15:00")
        assert await worn(house) == []
