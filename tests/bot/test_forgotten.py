"""Who was erased is not read back from WeCom, until they do something themselves."""

from typing import Any

from bot.roster import Roster
from storage import erasing, people, relations
from storage.relations import Contact
from tests.house import FIRST, House

PRESENT = "SELECT member FROM membership WHERE community = 'first' AND left_at IS NULL ORDER BY 1"


async def forget(house: House) -> None:
    now, pseudonym = house.clock.now(), "qy-" + "0" * 24
    await house.database.write(
        lambda tx: erasing.erase(tx, "wm1", ["甲"], pseudonym, "wang", "本人要求", now)
    )


async def read_groups(house: House) -> list[tuple[Any, ...]]:
    await Roster(house.database, house.api, house.settings, house.clock).step()
    return await house.rows(PRESENT)


async def test_who_is_still_in_the_group_is_not_written_down_again(bureau: Any) -> None:
    house = bureau.house
    assert await read_groups(house) == [("wm1",), ("wm2",)]
    await forget(house)
    assert await read_groups(house) == [("wm2",)]
    assert await house.rows("SELECT name FROM member WHERE id = 'wm1'") == []
    assert await house.database.read(lambda tx: erasing.traces(tx, "wm1")) == {}


async def test_who_speaks_again_is_a_member_again(bureau: Any) -> None:
    house = bureau.house
    await read_groups(house)
    await forget(house)
    await house.say("wm1", "签到", FIRST)
    assert await read_groups(house) == [("wm1",), ("wm2",)]
    assert await house.database.read(lambda tx: people.name(tx, "wm1")) == "甲"


async def test_a_contact_is_not_written_down_again(bureau: Any) -> None:
    house = bureau.house
    now = house.clock.now()

    def read_contacts(tx: Any) -> set[str]:
        relations.reconcile(tx, "li", {"wm1": Contact(now), "wm2": Contact(now)}, now)
        return relations.contacts_of(tx, "li")

    assert await house.database.write(read_contacts) == {"wm1", "wm2"}
    await forget(house)
    assert await house.database.write(read_contacts) == {"wm2"}
