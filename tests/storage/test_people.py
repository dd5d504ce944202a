"""Communities, members, labels, follow-ups and the audit, over both databases."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from storage import audit, follow_ups, people, tags
from storage.audit import AuditRow
from storage.database import Database
from storage.follow_ups import FollowUpRow
from storage.people import CommunityRow, MembershipRow
from storage.tags import TagRow

At = Callable[[float], datetime]


def community(id: str, name: str, labels: list[str] | None = None) -> CommunityRow:
    return CommunityRow(id, name, f"wr-{id}", "lin", "robot", labels or ["wealth"], "Asia/Shanghai")


async def arrive(database: Database, community: str, member: str, name: str, at: datetime) -> bool:
    return await database.write(lambda tx: people.arrive(tx, community, member, name, "qr", at))


async def test_configuration_decides_which_communities_there_are(
    database: Database, at: At
) -> None:
    first = [community("c1", "一群"), community("c2", "二群")]
    second = [community("c2", "二群（新）", ["vip", "wealth"]), community("c3", "三群")]
    await database.write(lambda tx: people.sync_communities(tx, first, at(0)))
    assert await database.read(people.communities) == first
    await database.write(lambda tx: people.sync_communities(tx, second, at(1)))
    assert await database.read(people.communities) == second


async def test_pause_outlives_a_new_configuration(database: Database, at: At) -> None:
    rows = [community("c1", "一群"), community("c2", "二群")]
    await database.write(lambda tx: people.sync_communities(tx, rows, at(0)))
    assert await database.write(lambda tx: people.pause(tx, "c1")) is True
    assert await database.write(lambda tx: people.pause(tx, "c1")) is False
    await database.write(lambda tx: people.sync_communities(tx, rows, at(1)))
    assert await database.read(people.paused) == {"c1"}
    assert await database.write(lambda tx: people.resume(tx, "c1")) is True
    assert await database.write(lambda tx: people.resume(tx, "c1")) is False
    assert await database.read(people.paused) == set()


async def test_return_is_a_new_stay(database: Database, at: At) -> None:
    assert await arrive(database, "c1", "wm1", "小周", at(0)) is True
    assert await arrive(database, "c1", "wm1", "", at(1)) is False
    assert await database.write(lambda tx: people.depart(tx, "c1", "wm1", at(5))) is True
    assert await database.write(lambda tx: people.depart(tx, "c1", "wm1", at(6))) is False
    gone = MembershipRow("wm1", "小周", "c1", at(0), at(5), "qr")
    assert await database.read(lambda tx: people.membership(tx, "c1", "wm1")) == gone
    assert await arrive(database, "c1", "wm1", "周周", at(9)) is True
    back = MembershipRow("wm1", "周周", "c1", at(9), None, "qr")
    assert await database.read(lambda tx: people.membership(tx, "c1", "wm1")) == back
    assert await database.read(lambda tx: people.present(tx, "c1")) == [back]


async def test_leave_that_arrives_before_its_join_ends_the_stay_at_its_start(
    database: Database, at: At
) -> None:
    await arrive(database, "c1", "wm1", "小周", at(5))
    await database.write(lambda tx: people.depart(tx, "c1", "wm1", at(3)))
    stay = MembershipRow("wm1", "小周", "c1", at(5), at(5), "qr")
    assert await database.read(lambda tx: people.membership(tx, "c1", "wm1")) == stay


async def test_unknown_member_has_no_membership(database: Database, at: At) -> None:
    assert await database.read(lambda tx: people.membership(tx, "c1", "wm1")) is None
    assert await database.write(lambda tx: people.depart(tx, "c1", "wm1", at(0))) is False


async def test_find_takes_the_name_literally(database: Database, at: At) -> None:
    names = {"wm1": "100%王", "wm2": "100王", "wm3": "王_大", "wm4": "王大", "wm5": "李"}
    for member, name in names.items():
        await arrive(database, "c1", member, name, at(0))
    await arrive(database, "c2", "wm6", "王六", at(0))
    await database.write(lambda tx: people.depart(tx, "c1", "wm4", at(1)))

    async def found(name: str, limit: int = 10) -> set[str]:
        rows = await database.read(lambda tx: people.find(tx, ["c1"], name, limit))
        return {row.name for row in rows}

    assert await found("0%") == {"100%王"}
    assert await found("_") == {"王_大"}
    assert await found("王") == {"100%王", "100王", "王_大"}
    assert len(await found("王", 2)) == 2
    assert await found("赵") == set()


async def test_presence_is_counted_by_community(database: Database, at: At) -> None:
    await arrive(database, "c1", "wm1", "小周", at(0))
    await arrive(database, "c2", "wm1", "小周", at(0))
    await arrive(database, "c1", "wm2", "小吴", at(0))
    await database.write(lambda tx: people.depart(tx, "c1", "wm2", at(1)))
    assert await database.read(lambda tx: people.count_present(tx, "c1")) == 1


async def test_rename_shows_everywhere(database: Database, at: At) -> None:
    await arrive(database, "c1", "wm1", "小周", at(0))
    await database.write(lambda tx: people.rename(tx, "wm1", "周总"))
    (row,) = await database.read(lambda tx: people.present(tx, "c1"))
    assert row.name == "周总"


async def test_tag_is_worn_once_with_its_reason(database: Database, at: At) -> None:
    assert await database.write(lambda tx: tags.add(tx, "wm1", "高意向", "lin", "问了存款", at(0)))
    assert not await database.write(lambda tx: tags.add(tx, "wm1", "高意向", "wang", "又问", at(1)))
    await database.write(lambda tx: tags.add(tx, "wm1", "爱答题", "lin", "五题全对", at(2)))
    assert await database.read(lambda tx: tags.of(tx, "wm1")) == [
        TagRow("高意向", "问了存款", "lin", at(0), "staff", None),
        TagRow("爱答题", "五题全对", "lin", at(2), "staff", None),
    ]
    assert await database.write(lambda tx: tags.remove(tx, "wm1", "高意向", "lin", at(3))) is True
    assert await database.write(lambda tx: tags.remove(tx, "wm1", "高意向", "lin", at(4))) is False
    assert await database.write(lambda tx: tags.add(tx, "wm1", "高意向", "wang", "再来", at(5)))
    assert await database.read(lambda tx: tags.of(tx, "wm1")) == [
        TagRow("爱答题", "五题全对", "lin", at(2), "staff", None),
        TagRow("高意向", "再来", "wang", at(5), "staff", None),
    ]


async def test_follow_up_is_made_once_and_done_once(database: Database, at: At) -> None:
    async def add(key: str, due: datetime) -> bool:
        return await database.write(
            lambda tx: follow_ups.add(
                tx,
                key=key,
                community="c1",
                member="wm1",
                staff="lin",
                reason="沉默 14 天",
                due_at=due,
                now=at(0),
            )
        )

    assert [await add("k1", at(60)), await add("k1", at(9)), await add("k2", at(30))] == [
        True,
        False,
        True,
    ]
    later = FollowUpRow(
        id=1,
        key="k1",
        community="c1",
        member="wm1",
        staff="lin",
        reason="沉默 14 天",
        due_at=at(60),
        created_at=at(0),
        done_at=None,
        done_by=None,
        planned_for=at(60),
        priority=2,
        script="",
        source="step",
        status="open",
        result="",
        remind_at=None,
        handed_from=None,
        escalated_at=None,
    )
    rows = await database.read(lambda tx: follow_ups.open_for(tx, "lin"))
    assert [row.key for row in rows] == ["k2", "k1"]
    end = partial(follow_ups.end, key="k2", status="done", by="lin", result="约好了")
    assert await database.write(partial(end, now=at(5))) is True
    assert await database.write(partial(end, now=at(6))) is False
    assert await database.read(lambda tx: follow_ups.open_for(tx, "lin")) == [later]


async def test_last_undoable_deed_is_the_actors_own(database: Database, at: At) -> None:
    undo = [{"type": "RestoreStep", "occurrence": "weekly/mon-brief/2026-11-23/c1"}]

    async def append(actor: str, action: str, effects: list[dict[str, str]]) -> int:
        return await database.write(
            lambda tx: audit.append(
                tx,
                actor=actor,
                action=action,
                subject="c1",
                detail="详情",
                undo=effects,
                now=at(0),
            )
        )

    assert await database.read(lambda tx: audit.last_undoable(tx, "lin")) is None
    await append("lin", "跳过", undo)
    second = await append("lin", "推迟", undo)
    await append("lin", "今日", [])
    await append("wang", "跳过", undo)
    row = AuditRow(second, at(0), "lin", "推迟", "c1", "详情", undo, None)
    assert await database.read(lambda tx: audit.last_undoable(tx, "lin")) == row
    assert await database.write(lambda tx: audit.mark_undone(tx, second, at(1))) is True
    assert await database.write(lambda tx: audit.mark_undone(tx, second, at(2))) is False
    before = await database.read(lambda tx: audit.last_undoable(tx, "lin"))
    assert before is not None
    assert before.action == "跳过"
    listed = await database.read(lambda tx: audit.listing(tx, "lin", 2))
    assert [(one.action, one.undone_at) for one in listed] == [("今日", None), ("推迟", at(1))]
    assert len(await database.read(audit.listing)) == 4
