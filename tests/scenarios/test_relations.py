"""Who is a customer: as callbacks tell it, in their order, however often."""

from sop.events import ContactAdded, ContactRemoved
from tests.house import opened


async def test_customer_is_who_was_added_and_not_removed(database_url: str) -> None:
    async with opened(database_url, "11-23 09:00") as house:
        now = house.clock.now()

        async def customers() -> list[bool]:
            await house.work()
            return [
                await house.database.read(lambda tx, m=m: house.due.facts(tx).is_customer(m))
                for m in ("wm1", "wm2")
            ]

        await house.hear(
            ContactAdded(now, "li", "wm1", "i123", "code"),
            ContactAdded(now, "chen", "wm1", "", "code"),
            ContactAdded(now, "li", "wm2", "", "code"),
        )
        seen = [await customers()]
        await house.hear(
            ContactRemoved(now, "li", "wm1", by_customer=True),
            ContactRemoved(now, "li", "wm2", by_customer=False),
            ContactRemoved(now, "li", "wm2", by_customer=False),
        )
        seen.append(await customers())
        await house.hear(ContactAdded(now, "li", "wm2", "", "code"))
        seen.append(await customers())
        assert seen == [[True, True], [True, False], [True, True]]
        assert await house.rows(
            "SELECT staff, member, state FROM relation WHERE ended_at IS NULL ORDER BY 1, 2"
        ) == [("chen", "wm1", ""), ("li", "wm2", "")]
