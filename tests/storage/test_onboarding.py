"""Arrivals, the funnel, first words and the gate over both databases."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from storage import games, onboarding, outbox, people, relations, welcomes
from storage.database import Database
from storage.onboarding import FunnelRow
from storage.outbox import NewLetter
from storage.tables.play import Entrant
from storage.types import table
from storage.welcomes import CheckRow, WelcomeRow
from tests import deck_house

At = Callable[[float], datetime]
DAY = 24 * 60


def meet(tx: Connection, member: str, at: datetime, **more: Any) -> int | None:
    given = {"staff": "li", "channel": "call", "gate": "none", "gate_at": None, **more}
    return onboarding.meet(tx, member=member, at=at, **given)


async def test_adding_again_is_one_arrival_until_they_part(database: Database, at: At) -> None:
    def work(tx: Connection) -> list[bool]:
        new = [meet(tx, "wm1", at(0)), meet(tx, "wm1", at(1)), meet(tx, "wm1", at(2), staff="chen")]
        onboarding.part(tx, "wm1", "li", at(3))
        new += [meet(tx, "wm1", at(4), channel="menu")]
        return [one is not None for one in new]

    assert await database.write(work) == [True, False, True, True]
    row = await database.read(lambda tx: onboarding.open_arrival(tx, "wm1", "li"))
    assert row is not None
    assert (row.channel, row.at) == ("menu", at(4))


async def test_arrival_told_after_the_parting_is_over_at_once(database: Database, at: At) -> None:
    def work(tx: Connection) -> None:
        relations.begin(tx, "li", "wm1", "call", at(0))
        relations.end(tx, "li", "wm1", at(5))
        meet(tx, "wm1", at(0))

    await database.write(work)
    assert await database.read(lambda tx: onboarding.open_arrival(tx, "wm1", "li")) is None


async def test_joining_is_seen_wherever_it_comes_from(database: Database, at: At) -> None:
    def work(tx: Connection) -> list[tuple[datetime | None, str]]:
        people.arrive(tx, "one", "wm1", "甲", "", at(0))
        meet(tx, "wm1", at(1))  # here already
        meet(tx, "wm2", at(1))
        people.arrive(tx, "two", "wm2", "乙", "", at(7))
        people.arrive(tx, "one", "wm2", "乙", "", at(8))
        meet(tx, "wm3", at(1))
        rows = [onboarding.open_arrival(tx, one, "li") for one in ("wm1", "wm2", "wm3")]
        return [(one.joined_at, one.community) for one in rows if one]

    assert await database.write(work) == [(at(1), "one"), (at(7), "two"), (None, "")]


async def test_gate_changes_whom_it_speaks_of_and_they_are_told_again(
    database: Database, at: At
) -> None:
    def work(tx: Connection) -> list[list[tuple[str, str]]]:
        meet(tx, "wm1", at(0), gate="waiting")
        meet(tx, "wm1", at(0), gate="waiting", staff="chen")
        meet(tx, "wm2", at(0))
        before = onboarding.untold(tx, 9)
        for one in before:
            onboarding.told(tx, one.id, at(1))
        verdicts = [("wm1", "no"), ("wm1", "no"), ("wm2", "no"), ("wm1", "yes")]
        changed = [onboarding.judge(tx, *one, at(2)) for one in verdicts]
        untold = onboarding.untold(tx, 9)
        return [[(one.member, one.gate) for one in rows] for rows in (before, *changed, untold)]

    assert await database.write(work) == [
        [("wm2", "none")],
        [("wm1", "no"), ("wm1", "no")],
        [],
        [],
        [("wm1", "yes"), ("wm1", "yes")],
        [("wm1", "yes"), ("wm1", "yes")],
    ]


async def test_channel_is_that_of_the_latest_arrival_else_of_the_relation(
    database: Database, at: At
) -> None:
    def work(tx: Connection) -> list[str]:
        meet(tx, "wm1", at(0))
        meet(tx, "wm1", at(1), staff="chen", channel="menu")
        meet(tx, "wm1", at(2), staff="wang", channel="")
        relations.begin(tx, "li", "wm2", "old", at(0))
        return [onboarding.channel_of(tx, one) for one in ("wm1", "wm2", "wm3")]

    assert await database.write(work) == ["menu", "old", ""]


async def test_silent_are_those_who_may_come_and_do_not(database: Database, at: At) -> None:
    def work(tx: Connection) -> list[str]:
        for member, gate in (("a", "none"), ("b", "yes"), ("c", "no"), ("d", "waiting")):
            meet(tx, member, at(0), gate=gate)
        meet(tx, "late", at(10))
        meet(tx, "other", at(0), channel="menu")
        meet(tx, "joined", at(0))
        people.arrive(tx, "one", "joined", "", "", at(1))
        meet(tx, "nudged", at(0))
        onboarding.nudged(tx, "nudged", "li", at(1))
        return [one.member for one in onboarding.silent(tx, "call", ["li"], at(9))]

    assert await database.write(work) == ["a", "b"]


async def test_contacts_are_found_by_a_part_of_the_name_newest_first(
    database: Database, at: At
) -> None:
    def work(tx: Connection) -> list[list[tuple[str, str]]]:
        for number, (member, name) in enumerate((("wm1", "王芳"), ("wm2", "王_"), ("wm3", "李四"))):
            meet(tx, member, at(number))
            onboarding.name(tx, member, name, at(number))
        asked = ("王", "_", "wm3", "无")
        found = [onboarding.called(tx, ["li"], one, 9) for one in asked]
        return [[(row.member, name) for row, name in rows] for rows in found]

    assert await database.write(work) == [
        [("wm2", "王_"), ("wm1", "王芳")],
        [("wm2", "王_")],
        [("wm3", "李四")],
        [],
    ]


async def test_funnel_counts_persons_of_each_step(database: Database, at: At) -> None:
    """Ten by calls, two by the menu; numbers worked out by hand."""

    def work(tx: Connection) -> None:
        gates = {"m8": "no", "m9": "waiting"}
        for number in range(10):
            member = f"m{number}"
            meet(tx, member, at(number), gate=gates.get(member, "yes"))
            if number < 7:
                onboarding.welcomed(tx, member, "li", at(number + 1))
            if number < 6:
                onboarding.invited(tx, member, "li", at(30))
            if number < 5:
                people.arrive(tx, "one", member, member, "", at(60))
        meet(tx, "m0", at(1), staff="chen")  # one person, two colleagues
        people.depart(tx, "one", "m0", at(60 + 3 * DAY))
        people.depart(tx, "one", "m1", at(60 + 8 * DAY))
        meet(tx, "n0", at(0), channel="menu")
        meet(tx, "n1", at(20 * DAY), channel="menu")
        people.arrive(tx, "one", "n1", "", "", at(20 * DAY + 1))
        session = games.begin(
            tx,
            community="one",
            game="dice",
            options={},
            rewards=None,
            state={},
            seed="00",
            next_at=None,
            occurrence=None,
            started_by=None,
            now=at(0),
        )
        for member, minute in (("m0", 61), ("m1", 70), ("m2", 1), ("m7", 70)):
            games.played(tx, session, member, at(minute))
        deck = deck_house.open_deck(tx, at(0), [("红包", 100)])
        entrant = {"deck": deck, "community": "one", "member": "m1", "code": "c", "at": at(90)}
        tx.execute(insert(table(Entrant)).values(entrant))

    await database.write(work)
    rows = await database.read(lambda tx: onboarding.funnel(tx, at(0), at(21 * DAY)))
    assert rows == [
        FunnelRow("call", 10, 8, 1, 7, 6, 5, 2, 1, stayed=4, ripe=5),
        FunnelRow("menu", 2, 2, 0, 0, 0, 1, 0, 0, stayed=0, ripe=0),
    ]
    early = await database.read(lambda tx: onboarding.funnel(tx, at(0), at(45)))
    assert early == [
        FunnelRow("call", 10, 8, 1, 7, 6, 0, 0, 0),
        FunnelRow("menu", 1, 1, 0, 0, 0, 0, 0, 0),
    ]


def welcome(code: str, at: datetime) -> WelcomeRow:
    return WelcomeRow(code, f"wm-{code}", "li", "call", at)


async def test_welcome_is_wanted_once_and_ends_with_its_letter(database: Database, at: At) -> None:
    def letter(code: str) -> NewLetter:
        key = welcomes.letter_key(code)
        return NewLetter(key, "welcome", {"code": code}, {"text": "好"}, key, at(0), at(0))

    def work(tx: Connection) -> list[Any]:
        welcomes.want(tx, [welcome("a", at(1)), welcome("b", at(0))])
        welcomes.want(tx, [welcome("a", at(5))])
        seen: list[Any] = [[one.code for one in welcomes.waiting(tx, 9)]]
        outbox.add(tx, [letter("a"), letter("b")])
        for code in "ab":
            welcomes.settle(tx, code, "owed")
        seen.append(welcomes.delivered(tx))
        for row in outbox.claim(tx, at(1), at(2), 9):
            if row.target["code"] == "a":
                outbox.sent(tx, row.id, "r", at(2))
        seen.append([(one[0].code, *one[1:]) for one in welcomes.delivered(tx)])
        welcomes.settle(tx, "a", "sent", sent_at=at(2))
        seen += [welcomes.sent_at(tx, "wm-a", "li"), welcomes.sent_at(tx, "wm-b", "li")]
        seen.append(welcomes.purge(tx, at(1)))
        return seen

    assert await database.write(work) == [
        ["b", "a"], [], [("a", "sent", "", "r", at(2))], at(2), None, 1
    ]  # fmt: skip


async def test_welcome_goes_before_everything_that_waited_longer(
    database: Database, at: At
) -> None:
    def claimed(tx: Connection) -> list[str]:
        return [one.dedup_key for one in outbox.claim(tx, at(0), at(9), 3, ["welcome"])]

    def work(tx: Connection) -> list[list[str]]:
        letters = [
            NewLetter(f"k{n}", "app_message", {"user": "li"}, {}, f"lane{n}", at(0), at(0))
            for n in range(5)
        ]
        letters += [
            NewLetter(f"w{n}", "welcome", {"code": "c"}, {}, f"w{n}", at(n), at(0))
            for n in range(2)
        ]
        outbox.add(tx, letters)
        return [claimed(tx) for _ in range(3)]

    assert await database.write(work) == [["w0", "k0", "k1"], ["k2", "k3", "k4"], []]


async def test_gate_is_asked_again_until_it_has_answered(database: Database, at: At) -> None:
    def work(tx: Connection) -> list[Any]:
        welcomes.ask(tx, "wm1", at(5))
        welcomes.ask(tx, "wm1", at(3))
        welcomes.ask(tx, "wm1", at(9))
        seen: list[Any] = [welcomes.next_ask(tx), len(welcomes.to_ask(tx, at(2), 9))]
        welcomes.unanswered(tx, "wm1", "连不上", at(4))
        seen.append(welcomes.to_ask(tx, at(4), 9))
        welcomes.answered(tx, "wm1", "no", at(4), at(9))
        welcomes.unanswered(tx, "wm1", "连不上", at(20))
        seen.append(welcomes.check_of(tx, "wm1"))
        return seen

    assert await database.write(work) == [
        at(3),
        0,
        [CheckRow("wm1", "", None, at(4), 1, "连不上")],
        CheckRow("wm1", "no", at(4), at(20), 3, "连不上"),
    ]


@pytest.mark.parametrize(("minutes", "verdict"), [(59, "yes"), (60, "")])
def test_answer_counts_as_long_as_it_is_kept(minutes: int, verdict: str, at: At) -> None:
    row = CheckRow("wm1", "yes", at(0), None, 1, "")
    assert row.settled(at(minutes), timedelta(hours=1)) == verdict


async def test_newcomers_are_asked_about_once(database: Database, at: At) -> None:
    def work(tx: Connection) -> list[Any]:
        people.arrive(tx, "one", "wm1", "", "", at(0))
        people.arrive(tx, "two", "wm1", "", "", at(0))
        people.arrive(tx, "one", "wm2", "", "", at(0))
        people.depart(tx, "one", "wm2", at(1))
        welcomes.answered(tx, "wm3", "yes", at(0), None)
        people.arrive(tx, "one", "wm3", "", "", at(2))
        first = welcomes.ask_newcomers(tx, 0, at(3))
        asked = [one.member for one in welcomes.to_ask(tx, at(3), 9)]
        people.arrive(tx, "one", "wm4", "", "", at(4))
        second = welcomes.ask_newcomers(tx, first, at(5))
        return [asked, second > first, [one.member for one in welcomes.to_ask(tx, at(5), 9)]]

    assert await database.write(work) == [["wm1"], True, ["wm1", "wm4"]]
