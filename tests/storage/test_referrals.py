"""Relations, invitations and referrals over both databases."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from storage import people, referrals, relations
from storage.database import Database
from storage.referrals import InviterRow

At = Callable[[float], datetime]
DAY = date(2026, 11, 23)


async def test_customer_is_whom_any_colleague_has_as_a_contact(database: Database, at: At) -> None:
    async def is_customer() -> bool:
        return await database.read(lambda tx: relations.is_customer(tx, "wm1"))

    seen = [await is_customer()]
    await database.write(lambda tx: relations.begin(tx, "li", "wm1", "code", at(0)))
    await database.write(lambda tx: relations.begin(tx, "chen", "wm1", "", at(1)))
    await database.write(lambda tx: relations.begin(tx, "li", "wm1", "", at(9)))
    seen.append(await is_customer())
    ended = [
        await database.write(lambda tx, who=who: relations.end(tx, who, "wm1", at(10)))
        for who in ("li", "li", "wang")
    ]
    seen.append(await is_customer())
    await database.write(lambda tx: relations.end(tx, "chen", "wm1", at(11)))
    seen.append(await is_customer())
    await database.write(lambda tx: relations.begin(tx, "li", "wm1", "", at(12)))
    seen.append(await is_customer())
    assert seen == [False, True, True, False, True]
    assert ended == [True, False, False]


async def test_contacts_become_what_wecom_says(database: Database, at: At) -> None:
    async def reconcile(minutes: int, *members: str) -> tuple[int, int]:
        found = {one: relations.Contact(at(-1)) for one in members}
        done = await database.write(lambda tx: relations.reconcile(tx, "li", found, at(minutes)))
        return len(done.began), len(done.ended)

    changes = [await reconcile(0, "wm1", "wm2"), await reconcile(1, "wm2", "wm3")]
    changes += [await reconcile(2, "wm2", "wm3"), await reconcile(3)]
    assert changes == [(2, 0), (1, 1), (0, 0), (0, 2)]
    assert await database.read(lambda tx: relations.contacts_of(tx, "li")) == set()


async def test_invitation_is_asked_for_answered_and_kept(database: Database, at: At) -> None:
    reply = {"channel": "aibot_reply", "target": {"url": "u"}, "order_key": "wr"}

    async def due(minutes: float) -> list[str]:
        rows = await database.read(lambda tx: referrals.wanted(tx, at(minutes), 9))
        return [one.code for one in rows]

    await database.write(lambda tx: referrals.want(tx, "i1", "a", "wm1", None, at(0)))
    await database.write(lambda tx: referrals.want(tx, "i1", "a", "wm1", reply, at(1)))
    assert [await due(0), await due(1)] == [[], ["i1"]]
    await database.write(lambda tx: referrals.put_off(tx, "i1", "没有答复", at(5)))
    assert [await due(4), await due(5)] == [[], ["i1"]]
    assert await database.read(referrals.next_wanted) == at(5)
    before = await database.write(lambda tx: referrals.ready(tx, "i1", "cfg", "http://qr"))
    assert before is not None
    assert (before.status, before.reply_to, before.attempts) == ("wanted", reply, 1)
    assert await database.write(lambda tx: referrals.ready(tx, "i1", "other", "x")) is None
    await database.write(lambda tx: referrals.want(tx, "i1", "a", "wm1", reply, at(9)))
    kept = await database.read(lambda tx: referrals.invitation(tx, "a", "wm1"))
    assert kept is not None
    assert (kept.status, kept.config_id, kept.qr_code, kept.reply_to) == (
        "ready",
        "cfg",
        "http://qr",
        None,
    )
    assert await database.read(lambda tx: referrals.invitation_of(tx, "i1")) == kept
    assert await database.read(referrals.next_wanted) is None


async def test_failed_invitation_is_asked_for_again(database: Database, at: At) -> None:
    await database.write(lambda tx: referrals.want(tx, "i1", "a", "wm1", None, at(0)))
    await database.write(lambda tx: referrals.failed(tx, "i1", "没有权限"))
    assert await database.read(lambda tx: referrals.wanted(tx, at(9), 9)) == []
    await database.write(lambda tx: referrals.want(tx, "i1", "a", "wm1", None, at(10)))
    assert len(await database.read(lambda tx: referrals.wanted(tx, at(10), 9))) == 1


def keep(tx: Connection, at: At, invited: str, minutes: float = 0, **more: Any) -> bool:
    row: dict[str, Any] = {"community": "a", "inviter": "wm1", "status": "waiting", "reason": ""}
    row |= {"invited": invited, "code": "i1", "day": DAY, "joined_at": at(minutes)}
    return referrals.keep(tx, **(row | more))


async def test_everybody_is_brought_once(database: Database, at: At) -> None:
    wrote = [
        await database.write(lambda tx, by=by: keep(tx, at, "wm2", inviter=by))
        for by in ("wm1", "wm1", "wm3")
    ]
    assert wrote == [True, False, False]
    assert await database.read(lambda tx: referrals.recorded(tx, "a")) == {"wm2"}
    (row,) = await database.read(lambda tx: referrals.of_invited(tx, "wm2"))
    assert (row.inviter, row.invited, row.status) == ("wm1", "wm2", "waiting")


async def test_referral_is_settled_once_and_only_while_it_waits(database: Database, at: At) -> None:
    def came(tx: Connection) -> list[int]:
        for number in range(5):
            keep(tx, at, f"new{number}", number)
        keep(tx, at, "late", 99)
        return [one.id for one in referrals.waiting(tx, "a", at(4))]

    ids = await database.write(came)
    assert len(ids) == 5

    def settle(tx: Connection) -> list[object]:
        first, second, *_ = ids
        return [
            referrals.settle(tx, first, "credited", "", at(100)),
            referrals.settle(tx, first, "credited", "", at(100)),
            referrals.settle(tx, second, "refused", "退群", at(100)),
            referrals.hold(tx, "a", "wm1", at(2), "太多"),
            referrals.hold(tx, "a", "wm1", at(0), "太多"),
            referrals.settle(tx, ids[2], "credited", "", at(100)),
        ]

    assert await database.write(settle) == [True, False, True, 4, 0, False]
    assert await database.read(lambda tx: referrals.credited(tx, "wm1", at(0))) == 1
    assert await database.read(lambda tx: referrals.credited(tx, "wm1", at(1))) == 0
    assert await database.read(lambda tx: referrals.inviters(tx, "a", 5)) == [
        InviterRow("wm1", came=5, waiting=0, held=4, credited=1)
    ]

    def decide(tx: Connection, status: str) -> int:
        return referrals.decide(tx, "a", "wm1", status, "看过了", at(200))

    assert await database.write(lambda tx: decide(tx, "waiting")) == 4
    assert await database.write(lambda tx: decide(tx, "refused")) == 0


async def test_who_is_or_was_in_any_community_is_not_new(database: Database, at: At) -> None:
    async def elsewhere(*communities: str) -> list[bool]:
        return [
            await database.read(lambda tx, c=c: referrals.been_elsewhere(tx, "wm1", c))
            for c in communities
        ]

    await database.write(lambda tx: people.arrive(tx, "a", "wm1", "", "", at(0)))
    seen = [await elsewhere("a", "b")]
    await database.write(lambda tx: people.depart(tx, "a", "wm1", at(1)))
    await database.write(lambda tx: people.arrive(tx, "a", "wm1", "", "", at(2)))
    seen.append(await elsewhere("a", "b"))
    assert seen == [[False, True], [True, True]]
