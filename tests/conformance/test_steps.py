"""Every step kind, present and future: what a file in `sop/steps` must offer."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from sop.community import Community, DeliveryMode, Role, Staff
from sop.effects import CloseGathering, OpenGathering
from sop.game import Player
from sop.gathering import OPEN, Gathering, Hearing, Listening, Sitting
from sop.library import Library
from sop.listening import kind_of
from sop.loader import SHIPPED, load
from sop.plan import Plan, Step
from sop.ports import Facts, GatheringFacts, ReplyFacts
from sop.schedule import step_model
from sop.step import StepContext, StepKind
from sop.steps import step_kinds

KINDS = sorted(step_kinds())
COMMUNITY = Community(
    "wealth-01",
    "财富体验群",
    "wr01",
    "lijing",
    DeliveryMode.ROBOT,
    frozenset({"wealth"}),
    ZoneInfo("Asia/Shanghai"),
    heard_as="群运",
)


class People:
    """The part of Facts that scripts and announcements may need."""

    def staff(self, userid: str) -> Staff | None:
        return Staff(userid, "李静", frozenset({Role.RM}), frozenset({"wealth-01"}))

    def managers(self) -> list[Staff]:
        return [Staff("wangqiang", "王强", frozenset({Role.MANAGER}), frozenset())]


TELL = Plan.model_validate(
    {
        "plan": "reminders",
        "title": "提醒",
        "applies_to": {"labels": ["wealth"]},
        "week": {"monday": [{"id": "call", "at": "10:00", "tell": {"text": "请回访新成员。"}}]},
    }
)


MEMBERS = Plan.model_validate(
    {
        "plan": "members",
        "title": "成员",
        "applies_to": {"labels": ["wealth"]},
        "week": {
            "monday": [
                {"id": name, "at": "10:00", name: options}
                for name, options in {
                    "message": {"text": "{{ member }}，您好。", "to": {"segment": "sleeping"}},
                    "invite": {"text": "我是{{ owner }}。", "gives": ["每周小课堂"]},
                    "moment": {"text": "周末愉快。"},
                    "tag": {"name": "体验", "reason": "体验群成员"},
                    "follow_up": {"reason": "打个电话", "to": {"tags": ["沉睡预警"]}},
                    "thanks": {},
                }.items()
            ]
        },
    }
)


GATHERINGS = Plan.model_validate(
    {
        "plan": "gatherings",
        "title": "群友参与",
        "applies_to": {"labels": ["wealth"]},
        "week": {
            "monday": [
                {
                    "id": kind,
                    "at": "10:00",
                    "announce": "30m",
                    kind: {"text": "请参加。", **options},
                }
                for kind, options in {
                    "vote": {"subject": "听什么", "options": ["甲项", "乙项"], "open_for": "2h"},
                    "survey": {
                        "subject": "习惯",
                        "questions": [{"ask": "更关心？", "choices": ["保障", "稳健"]}],
                        "open_for": "2h",
                    },
                    "nps": {"open_for": "2h"},
                    "topic": {"subject": "第一笔投资", "submit": True, "open_for": "2h"},
                    "live": {"subject": "课", "starts": "20:00", "link": "https://x.cn"},
                    "checkin": {"open_for": "2h"},
                }.items()
            ]
        },
    }
)


@pytest.fixture(scope="module")
def library() -> Library:
    library, problems = load([SHIPPED])
    assert problems == []
    return replace(
        library,
        plans={
            **library.plans,
            TELL.plan: TELL,
            MEMBERS.plan: MEMBERS,
            GATHERINGS.plan: GATHERINGS,
        },
    )


def example(library: Library, kind: str) -> tuple[Plan, Step]:
    """The first step of the kind in the shipped library (or the reminder above)."""
    return next(
        (plan, step)
        for plan in library.plans.values()
        for step in plan.steps()
        if step.spec.kind == kind
    )


def context(library: Library, kind: str) -> StepContext:
    plan, step = example(library, kind)
    return StepContext(
        plan=plan,
        step=step,
        community=COMMUNITY,
        occurrence=f"{plan.plan}/{step.id}/2026-11-23/wealth-01",
        day=date(2026, 11, 23),
        due_at=datetime(2026, 11, 23, 1, 30, tzinfo=UTC),
        now=datetime(2026, 11, 23, 1, 15, tzinfo=UTC),
        seed=bytes(32),
        facts=cast(Facts, People()),
        library=library,
    )


def test_kinds_are_those_of_the_design() -> None:
    assert [
        *("checkin", "content", "draw", "follow_up", "game", "invite", "live", "message"),
        *("moment", "nps", "report", "survey", "tag", "tell", "thanks", "topic", "vote"),
    ] == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_kind_is_a_field_of_a_step_under_its_own_name(kind: str) -> None:
    assert issubclass(step_kinds()[kind], StepKind)
    assert step_kinds()[kind].kind == kind
    assert kind not in Step.model_fields
    assert step_model().model_fields[kind].annotation is step_kinds()[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_kind_describes_itself_and_every_option_in_chinese(kind: str) -> None:
    model = step_kinds()[kind]
    texts = [model.title, *(field.description or "" for field in model.model_fields.values())]
    assert [text for text in texts if not any("一" <= char <= "鿿" for char in text)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_kind_refuses_unknown_options(kind: str) -> None:
    # A game step's options are those of its game.
    named = {"name": "dice"} if kind == "game" else {}
    with pytest.raises(ValidationError) as caught:
        step_kinds()[kind].model_validate({**named, "no-such-option": 1})
    assert any("no-such-option" in one["loc"] for one in caught.value.errors())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [None, 1, "text", [], True])
def test_kind_refuses_what_is_no_mapping(kind: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        step_kinds()[kind].model_validate(value)


@pytest.mark.parametrize("kind", KINDS)
def test_kind_links_of_the_shipped_library_are_whole(library: Library, kind: str) -> None:
    _, step = example(library, kind)
    assert step.spec.problems(library) == []


@pytest.mark.parametrize("kind", KINDS)
def test_kind_script_tells_the_rm_something(library: Library, kind: str) -> None:
    asked = context(library, kind)
    script = asked.step.spec.script(asked)
    assert script == script.strip() != ""
    assert len(script.encode()) < 4096


@pytest.mark.parametrize("kind", KINDS)
def test_kind_announces_when_the_step_asks_for_it(library: Library, kind: str) -> None:
    asked = context(library, kind)
    announcement = asked.step.spec.announcement(asked)
    assert bool(announcement) >= (asked.step.announce is not None)
    assert len(announcement.encode()) < 4096


@pytest.mark.parametrize("kind", KINDS)
def test_kind_survives_a_trip_through_json_schema(kind: str) -> None:
    schema = json.loads(json.dumps(step_kinds()[kind].model_json_schema()))
    shapes = [schema] if "type" in schema else schema["oneOf"]
    assert [one["type"] for one in shapes] == ["object"] * len(shapes)


CALLS = [kind for kind in KINDS if issubclass(step_kinds()[kind], Gathering)]
LISTENING = [kind for kind in CALLS if issubclass(step_kinds()[kind], Listening)]
HOSTILE = [
    "", " ", "1", "0", "-1", "11", "AB", "😀", "\x00\u202e", "{{ 7 * 7 }}", "<@all>[x](http://x)",
    "１号", "好" * 500, "好" * 10_000, "取消", "null", "1" * 10_000,
]  # fmt: skip


class Nobody(People):
    """The part of Facts that a first reply asks."""

    def communities(self) -> list[Community]:
        return [COMMUNITY]

    def replies(self, gathering: int) -> list[ReplyFacts]:
        return []

    def reply_count(self, gathering: int) -> int:
        return 0

    def check_ins(self, community: str, day: date) -> list[tuple[str, str]]:
        return []

    def payable_on(self, drawn_on: date, working_days: int) -> date:
        return drawn_on


def sitting(library: Library, kind: str) -> tuple[Gathering, Sitting]:
    """The kind's example, opened and read again as after a restart."""
    asked = context(library, kind)
    (opened,) = [one for one in asked.step.spec.run(asked) if isinstance(one, OpenGathering)]
    gathering = GatheringFacts(
        1, opened.community, opened.kind, opened.occurrence, json.loads(json.dumps(opened.options)),
        opened.phase, opened.seed, opened.quiet_hours, asked.now, opened.next_at,
        opened.closes_at, None,
    )  # fmt: skip
    spec = kind_of(gathering)
    assert spec is not None
    return spec, Sitting(cast(Facts, Nobody()), COMMUNITY, gathering, asked.now)


@pytest.mark.parametrize("kind", CALLS)
def test_gathering_reads_back_the_options_that_it_was_opened_with(
    library: Library, kind: str
) -> None:
    spec, opened = sitting(library, kind)
    assert spec.model_dump(mode="json", by_alias=True) == opened.gathering.options


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("kind", LISTENING)
def test_gathering_answers_whatever_is_said(library: Library, kind: str, words: str) -> None:
    spec, opened = sitting(library, kind)
    assert isinstance(spec, Listening)
    answers = [
        spec.heard(Hearing(opened, Player("wm1", "<甲>"), keyword, words, None))
        for keyword in spec.keywords(OPEN)
    ]
    assert [one.reply for one in answers if not one.reply or len(one.reply) > 300] == []
    kept = [one.value for one in answers if one.value is not None]
    assert json.loads(json.dumps(kept)) == kept
    assert max((len(json.dumps(one, ensure_ascii=False)) for one in kept), default=0) < 1000


@pytest.mark.parametrize("kind", CALLS)
def test_gathering_of_nobody_closes(library: Library, kind: str) -> None:
    spec, opened = sitting(library, kind)
    closed = [one for one in spec.closing(opened) if isinstance(one, CloseGathering)]
    assert [one.gathering for one in closed] == [1]


def test_gatherings_listen_for_different_words() -> None:
    words = [
        word
        for kind in CALLS
        if (field := step_kinds()[kind].model_fields.get("keyword")) is not None
        for word in [field.default]
    ]
    assert sorted(set(words)) == sorted(words)
