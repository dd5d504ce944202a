"""Every effect survives the trip through JSON text."""

import json
from dataclasses import fields
from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop.effects import Button, Effect, PostponeStep, Record, RestoreStep, Tell
from sop.effects_json import NotAnEffect, from_json, to_json

KINDS = sorted(get_args(Effect), key=lambda kind: kind.__name__)
_texts = st.text(max_size=20)
_instants = st.datetimes(timezones=st.just(UTC))
_json = st.dictionaries(_texts, st.one_of(_texts, st.integers(), st.none(), st.lists(_texts)))


def _simple(kind: type) -> st.SearchStrategy[Effect]:
    """Effects of a kind, its fields drawn by their types; without effects inside."""
    values = {
        "str": _texts,
        "int": st.integers(),
        "bool": st.booleans(),
        "datetime": _instants,
        "Json": _json,
        "str | None": st.none() | _texts,
        "int | None": st.none() | st.integers(),
        "datetime | None": st.none() | _instants,
        "Json | None": st.none() | _json,
        "tuple[str, ...]": st.lists(_texts).map(tuple),
        "tuple[tuple[str, ...], ...]": st.lists(st.lists(_texts).map(tuple)).map(tuple),
        "tuple[Button, ...]": st.lists(st.builds(Button, _texts, _texts)).map(tuple),
    }
    return st.builds(
        kind, **{one.name: values[_name(one.type)] for one in fields(kind) if one.name != "undo"}
    )


def _name(hint: object) -> str:
    text = hint.__name__ if isinstance(hint, type) else str(hint)
    text = text.replace("datetime.datetime", "datetime").replace("sop.effects.", "")
    text = text.replace("typing.Any", "Any").replace("dict[str, Any]", "Json")
    return "Json" if text == "dict" else text


_effects = st.recursive(
    st.one_of([_simple(kind) for kind in KINDS]),
    lambda inner: st.builds(
        Record, _texts, _texts, _texts, _texts, st.lists(inner, max_size=3).map(tuple)
    ),
    max_leaves=4,
)


@given(_effects)
def test_json_round_trip(effect: Effect) -> None:
    assert from_json(json.loads(json.dumps(to_json(effect)))) == effect


def test_to_json_writes_utc_and_types() -> None:
    due = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
    undo = (RestoreStep("p/s/d/c"), PostponeStep("p/s/d/c", due, "li", "雨"))
    assert to_json(Record("li", "推迟", "p/s/d/c", "雨", undo)) == {
        "type": "Record",
        "actor": "li",
        "action": "推迟",
        "subject": "p/s/d/c",
        "detail": "雨",
        "undo": [
            {"type": "RestoreStep", "occurrence": "p/s/d/c"},
            {
                "type": "PostponeStep",
                "occurrence": "p/s/d/c",
                "due_at": "2026-11-24T11:30:00+00:00",
                "by": "li",
                "reason": "雨",
            },
        ],
    }


def test_to_json_writes_buttons() -> None:
    assert to_json(Tell("li", "话术", "标题", (Button("已发", "sent|x"),))) == {
        "type": "Tell",
        "staff": "li",
        "text": "话术",
        "title": "标题",
        "buttons": [{"text": "已发", "key": "sent|x"}],
        "not_before": None,
        "once": None,
    }


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "unknown effect None"),
        ({"type": "Explode"}, "unknown effect 'Explode'"),
        ({"type": "Button", "text": "a", "key": "b"}, "unknown effect 'Button'"),
        ({"type": "RestoreStep", "occurrence": "a", "who": "b"}, "RestoreStep has no who"),
        (
            {"type": "PostponeStep", "occurrence": "a", "due_at": "soon", "by": "", "reason": ""},
            "PostponeStep: Invalid isoformat string: 'soon'",
        ),
    ],
)
def test_from_json_refuses(data: dict[str, object], message: str) -> None:
    with pytest.raises(NotAnEffect) as caught:
        from_json(data)
    assert str(caught.value) == message
