"""One member's intent and that of all members are the same rules, written twice."""

from datetime import timedelta

from bot.facts_links import SqlLinkFacts, intent_span
from sop.intent import intent
from storage import links
from storage.database import Database
from tests.storage.conftest import NOW
from tests.storage.test_links import people_of_intent

HOURS = range(0, 33 * 24, 6)


async def test_intent_of_each_is_that_of_all(database: Database) -> None:
    """At every sixth hour of a month."""
    at = lambda minutes: NOW + timedelta(minutes=minutes)  # noqa: E731
    await database.write(lambda tx: people_of_intent(tx, at))

    def differing(tx) -> list[object]:
        found = []
        for hours in HOURS:
            now = NOW + timedelta(hours=hours)
            facts = SqlLinkFacts(tx, None)
            each = {one: intent(facts, "c1", one, now) for one in "abcdefgh"}
            single = {one: meant.level for one, meant in each.items() if meant}
            every = {
                one: level
                for level in ("high", "medium", "low")
                for one in tx.execute(links.intent("c1", level, intent_span(now))).scalars()
            }
            if single != every:
                found.append((hours, single, every))
        return found

    assert await database.read(differing) == []
