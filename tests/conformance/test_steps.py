"""Every step kind, present and future: what a file in `sop/steps` must offer."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from sop.community import Community, DeliveryMode, Role, Staff
from sop.library import Library
from sop.loader import SHIPPED, load
from sop.plan import Plan, Step, step_model
from sop.ports import Facts
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


@pytest.fixture(scope="module")
def library() -> Library:
    library, problems = load([SHIPPED])
    assert problems == []
    return replace(library, plans={**library.plans, TELL.plan: TELL})


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
    assert KINDS == ["content", "draw", "game", "report", "tell"]


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
    with pytest.raises(ValidationError) as caught:
        step_kinds()[kind].model_validate({"no-such-option": 1})
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
    schema = step_kinds()[kind].model_json_schema()
    assert json.loads(json.dumps(schema))["type"] == "object"
