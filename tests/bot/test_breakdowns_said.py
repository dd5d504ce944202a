"""What the running bot keeps of variants, and what the summary makes of it and of other work."""

from dataclasses import replace
from datetime import date
from typing import Any

from bot.week import period
from sop.summary.details import (
    Details,
    NpsFigures,
    PlanFigures,
    RmWork,
)
from sop.variants import assigned
from storage import follow_ups, people
from tests.house import FIRST, GUIDED, SECOND, ZONE, House, at, content, library_of, opened

MONDAY = date(2026, 11, 23)
TIP = {"long": {"content": {"text": "长的小知识"}}, "brief": {"content": {"text": "短的"}}}
LETTER = {"warm": {"message": {"text": "好久不见"}}, "plain": {"message": {"text": "您好"}}}
TRIED = {
    "plan": "tried",
    "title": "试一试",
    "applies_to": {"labels": ["all"]},
    "week": {
        "tuesday": [
            {"id": "tip", "title": "小知识", "at": "09:00", "variants": TIP},
            content("plain", "10:00"),
            {"id": "letter", "title": "问候", "at": "11:00", "variants": LETTER},
        ]
    },
}
QUIET = {
    "follow": "quiet",
    "applies_to": {"labels": ["all"]},
    "who": {"silent_for": "30d"},
    "reason": "一个月没有说话",
}


async def details(house: House) -> Details:
    def read(tx: Any) -> Details:
        given = (house.library, house.settings.staff, house.settings.communities)
        return period(tx, *given, MONDAY, ZONE, "全部社群").details

    return await house.database.read(read)


async def variants_kept(house: House) -> list[tuple[Any, ...]]:
    return await house.rows(
        "SELECT step, community, variant FROM occurrence WHERE phase = 'run' AND status = 'done'"
        " ORDER BY step, community"
    )


async def test_occurrence_keeps_the_variant_that_was_posted(database_url: str) -> None:
    async with opened(database_url, "11-24 08:00", library_of(TRIED)) as house:
        await house.until("11-24 09:30")
        chosen = {one: assigned("tried/tip", one, list(TIP)) for one in (FIRST, GUIDED, SECOND)}
        assert await variants_kept(house) == [("tip", one, chosen[one]) for one in sorted(chosen)]


async def test_step_run_by_hand_keeps_its_variant_too(database_url: str) -> None:
    async with opened(database_url, "11-24 08:00", library_of(TRIED)) as house:
        await house.say("li", "跳过 tip 太忙", FIRST)
        await house.until("11-24 09:30")
        await house.say("li", "发送 tip", FIRST)
        kept = {community: variant for _, community, variant in await variants_kept(house)}
        assert kept[FIRST] == assigned("tried/tip", FIRST, list(TIP))


async def test_private_message_keeps_the_members_variant(database_url: str) -> None:
    async with opened(database_url, "11-24 08:00", library_of(TRIED)) as house:
        names = [f"wm{number}" for number in range(8)]
        await house.database.write(
            lambda tx: [people.arrive(tx, FIRST, one, one, "", at("11-01 09:00")) for one in names]
        )
        await house.until("11-24 11:30")
        kept = await house.rows("SELECT member, variant FROM private_message ORDER BY member")
        assert kept == [(one, assigned("tried/letter", one, list(LETTER))) for one in names]
        # The step as such has none: it is carried out in all of them.
        assert await house.rows(
            "SELECT DISTINCT variant FROM occurrence WHERE step IN ('letter', 'plain')"
        ) == [("",)]


async def test_variants_are_compared_where_the_bot_hears(database_url: str) -> None:
    async with opened(database_url, "11-24 08:00", library_of(TRIED)) as house:
        mute = [replace(one, heard_as="") for one in house.settings.communities]
        await house.database.write(
            lambda tx: people.arrive(tx, FIRST, "wm1", "一", "", at("11-01 09:00"))
        )
        await house.until("11-24 09:30")
        variant = assigned("tried/tip", FIRST, list(TIP))
        own = [one for one in (await details(house)).variants if one.variant == variant]
        assert [(one.title, one.reached, one.acted) for one in own] == [("小知识", 1, 0)]
        house.settings = replace(house.settings, communities=mute)
        assert (await details(house)).variants == ()


async def test_details_have_the_names_that_people_know(database_url: str) -> None:
    def work(tx: Any) -> None:
        people.arrive(tx, FIRST, "wm1", "一", "", at("11-01 09:00"))
        for key, source in (
            ("rule/quiet/first/wm1/2026-11-24", "rule"),
            ("rule/gone/first/wm1/2026-11-24", "rule"),
            ("tried/letter/2026-11-24/first/wm1", "step"),
            ("tried/gone/2026-11-24/first/wm1", "step"),
            ("gathering/3/wm1", "step"),
            ("command/li/wm1/x", "command"),
            ("silence/7", "silence"),
        ):
            follow_ups.add(
                tx, key=key, community=FIRST, member="wm1", staff="li", reason="原因",
                due_at=at("11-26 18:00"), now=at("11-24 09:00"), source=source,
            )  # fmt: skip

    async with opened(database_url, "11-24 08:00", library_of(TRIED, QUIET)) as house:
        await house.database.write(work)
        await house.until("11-24 10:30")
        found = await details(house)

    assert [(one.reason, one.title) for one in found.outcomes] == [
        ("command", "同事手工交办"),
        ("gathering", "推荐度和问卷的回访"),
        ("rule/gone", "gone"),
        ("rule/quiet", "一个月没有说话"),
        ("silence", "加了好友没有入群"),
        ("tried/gone", "gone"),
        ("tried/letter", "问候"),
    ]
    assert found.plans == (PlanFigures("tried", "试一试", 6, 6, 6, 0, 2),)
    assert found.rms == (
        # Two steps handed out by hand, none confirmed yet.
        RmWork("chen", "陈明", due=2, reminded=2),
        RmWork("li", "李静", follow_ups_due=7, follow_ups_overdue=7),
    )
    assert found.nps == NpsFigures()
    assert found.rounds == ()
    assert found.recalls == ()
