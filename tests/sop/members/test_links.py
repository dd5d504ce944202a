"""Private messages with tracked links: one for each member; and the cap over all plans."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sop.effects import MakeLink
from sop.engine import run_now, script
from sop.step import NothingToDo, StepContext

Made = Callable[..., StepContext]
Refused = Callable[[str], str]
DUE = datetime(2026, 11, 23, 2, tzinfo=UTC)
NAMES = {"wm1": "安安", "wm2": "Bob"}
OCCURRENCE = "p/s/2026-11-23/wealth-01"
URL = "https://bank.example/guide"
STEP = "message: {{text: '看看 {{{{ links.guide }}}}'{more}}}\n      links: {{guide: {link}}}"
SHORT = STEP.format(more="", link=URL)
SURE = STEP.format(more="", link=f"{{url: '{URL}', intent: high}}")


def test_each_member_has_a_link_of_their_own(made: Made, circle: Any) -> None:
    one, two, handed = made(SURE, circle(NAMES)).step.spec.run(made(SURE, circle(NAMES)))
    assert [one, two] == [
        MakeLink("guide-wm2", URL, "wealth-01", "wm2", OCCURRENCE, "guide", "high"),
        MakeLink("guide-wm1", URL, "wealth-01", "wm1", OCCURRENCE, "guide", "high"),
    ]
    assert handed.texts == (
        "看看 https://q.example/go/guide-wm2",
        "看看 https://q.example/go/guide-wm1",
    )
    assert handed.as_task is False
    assert "下面每人一条，顺序和名单相同" in handed.note


def test_engine_makes_no_link_for_the_community_beside_those(made: Made, circle: Any) -> None:
    verdict = run_now(made(SHORT, circle(NAMES)))
    found = [one.member for one in verdict.effects if isinstance(one, MakeLink)]
    assert found == ["wm2", "wm1"]


def test_untracked_links_are_plain_and_one_text_does(made: Made, circle: Any) -> None:
    context = made(SHORT, circle(NAMES, tracks=False))
    (handed,) = context.step.spec.run(context)
    assert handed.texts == (f"看看 {URL}",)
    assert handed.as_task is True
    assert "话术在下面" in handed.note


def test_a_colleague_reads_the_plain_address_ahead(made: Made, circle: Any) -> None:
    read = script(made(SHORT, circle(NAMES)))
    assert read == f"到点把名单交给您（全体成员），话术是：\n\n看看 {URL}"


def test_a_post_gives_the_community_one_link(made: Made, circle: Any) -> None:
    step = f"content: {{text: '看看 {{{{ links.items }}}}'}}\n      links: {{items: '{URL}'}}"
    made_one, post = run_now(made(step, circle(NAMES))).effects
    assert made_one == MakeLink("items-", URL, "wealth-01", None, OCCURRENCE, "items")
    assert post.text == "看看 https://q.example/go/items-"


@pytest.mark.parametrize("more", ["", ", at_most: 20"])
def test_message_with_links_is_handed_over_in_small_numbers(
    made: Made, circle: Any, more: str
) -> None:
    names = {f"wm{number:02}": f"成员{number:02}" for number in range(30)}
    context = made(STEP.format(more=more, link=URL), circle(names))
    *links, handed = context.step.spec.run(context)
    assert (len(links), len(handed.texts), len(handed.members)) == (20, 20, 20)


def test_message_with_links_is_not_for_crowds(refused: Refused) -> None:
    assert "话术里用了链接，每人单独一条，一次最多 20 人。" in refused(
        STEP.format(more=", at_most: 21", link=URL)
    )


def test_script_with_links_is_not_for_crowds(made: Made, circle: Any) -> None:
    context = made("message: {script: hello, at_most: 30}", circle(NAMES))
    hello = context.library.scripts["hello"]
    linked = hello.model_copy(update={"text": "看看 {{ links.guide }}"})
    library = replace(context.library, scripts={"hello": linked})
    assert context.step.spec.problems(library) == [
        (("at_most",), "话术里用了链接，每人单独一条，一次最多 20 人。请改小 at_most，或去掉链接。")
    ]


@pytest.mark.parametrize(
    ("limit", "since", "members"),
    [
        # Whole days are local days: seven of them end with today, which began at 16:00 UTC.
        ("{times: 2, per: 7d}", datetime(2026, 11, 16, 16, tzinfo=UTC), ("wm3", "wm1")),
        ("{times: 1, per: 7d}", datetime(2026, 11, 16, 16, tzinfo=UTC), ("wm3",)),
        ("{per: 2h}", DUE - timedelta(hours=2), ("wm3",)),
        ("{times: 3, per: 30d}", datetime(2026, 10, 24, 16, tzinfo=UTC), ("wm3", "wm1", "wm2")),
    ],
)
def test_nobody_is_written_to_too_often_over_all_plans(
    made: Made, circle: Any, limit: str, since: datetime, members: tuple[str, ...]
) -> None:
    facts = circle(
        {"wm1": "甲", "wm2": "乙", "wm3": "丙"},
        times={"wm1": 1, "wm2": 2},
        times_since=since,
        written={"wm1": DUE - timedelta(days=9), "wm2": DUE - timedelta(days=8)},
    )
    context = made(f"message: {{text: 您好, max_per_person: {limit}}}", facts)
    (handed,) = context.step.spec.run(context)
    assert handed.members == members


def test_who_had_enough_is_told_apart_from_nobody(made: Made, circle: Any) -> None:
    facts = circle({"wm1": "甲"}, times={"wm1": 1}, times_since=DUE - timedelta(hours=2))
    context = made("message: {text: 您好, max_per_person: {per: 2h}}", facts)
    with pytest.raises(NothingToDo, match=r"^符合条件的成员最近都收过私信$"):
        context.step.spec.run(context)
