"""Questions that communities were asked, over both databases."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from storage import questions
from storage.database import Database
from storage.questions import Tally

At = Callable[[float], datetime]


async def test_question_is_counted_each_time_it_is_asked(database: Database, at: At) -> None:
    def work(tx: Connection) -> None:
        for minute, (community, question) in enumerate(
            (("a", "one"), ("a", "two"), ("a", "one"), ("b", "one"))
        ):
            questions.ask(tx, community, "basics", question, at(minute))
        questions.ask(tx, "a", "riddles", "one", at(9))

    await database.write(work)
    assert await database.read(lambda tx: questions.uses(tx, "a", "basics")) == {"one": 2, "two": 1}
    assert await database.read(lambda tx: questions.uses(tx, "b", "basics")) == {"one": 1}
    assert await database.read(lambda tx: questions.uses(tx, "c", "basics")) == {}


async def test_tallies_sum_over_communities(database: Database, at: At) -> None:
    def work(tx: Connection) -> None:
        for community, answers, right in (("a", 5, 4), ("b", 3, 0)):
            questions.ask(tx, community, "basics", "one", at(0))
            questions.judge(tx, community, "basics", "one", answers, right)
        questions.ask(tx, "a", "basics", "one", at(1))
        questions.judge(tx, "a", "basics", "one", 2, 2)
        questions.ask(tx, "a", "riddles", "rain", at(2))

    await database.write(work)
    one, rain = Tally("basics", "one", 3, 10, 6), Tally("riddles", "rain", 1, 0, 0)
    assert await database.read(questions.tallies) == [one, rain]
    assert await database.read(lambda tx: questions.tallies(tx, "riddles")) == [rain]
    assert await database.read(lambda tx: questions.tallies(tx, "none")) == []


async def test_judgement_of_a_question_never_asked_is_dropped(database: Database) -> None:
    await database.write(lambda tx: questions.judge(tx, "a", "basics", "one", 2, 1))
    assert await database.read(questions.tallies) == []


async def test_more_right_answers_than_answers_are_refused(database: Database, at: At) -> None:
    def work(tx: Connection) -> None:
        questions.ask(tx, "a", "basics", "one", at(0))
        questions.judge(tx, "a", "basics", "one", 1, 2)

    with pytest.raises(IntegrityError):
        await database.write(work)
