"""The schema and the loader agree: on documents made from the schema, and on spoilt ones."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bot.cli_schema import texts
from bot.config import Config
from sop.compliance import catalogue
from sop.diagnostics import Problem
from sop.files import yaml_files
from sop.loader import KINDS, SHIPPED, load, load_model
from sop.source import read
from tests.examples import examples

SCHEMAS = {name.partition(".")[0]: json.loads(text) for name, text in texts().items()}
VALIDATORS = {kind: Draft202012Validator(one) for kind, one in SCHEMAS.items()}

LOADER_ONLY = {
    "choices": "two options of a prediction that are the same",
    "amount": "more than two decimals; a range from high to low",
    "budget": "a deck that costs more than its budget",
    "date": "30 February",
    "duplicate": "monday beside 周一; two options or keywords that sound alike",
    "duplicate-id": "a step's or item's id used twice",
    "duration": "more than 400 days; the bounds of one game",
    "empty": "a plan with days but no steps",
    "kind": "variants of which some go to the group; a step for the group in after_join",
    "law": "a prize above the legal cap",
    "link": "a name that no other file has",
    "template": "a variable that is not there",
    "time": "quiet hours that end when they begin",
    "unknown-community": "a warning: not in the configuration",
    "question": "a question that nobody can answer",
    "quiet-hours": "a warning: content is put off",
    "silent": "a warning: who is to draw because they are silent says one word",
    "value": "other rules over several keys, in words of their own",
    "zone": "a time zone that does not exist",
}
"""What a schema cannot say, by the code of the diagnostic. Beside these, the law's rules: they
judge the meaning of words. And one more: 5.0 is an integer to a schema, and a decimal to us."""

STRUCTURE = re.compile(
    r"(不能小于|必须大于|不能大于|必须小于) \S+。|(至少要有|最多) \d+ 个?[字项]。"
    r"|这里不能写“.*”，只能写 .*。",
    re.DOTALL,
)
"""How the loader words the rules that a schema has keywords for."""


NAME = SCHEMAS["pool"]["properties"]["pool"]["pattern"]
LETTERS = st.characters(exclude_categories=("C", "Z", "M"), include_characters=" ")


def from_schema(schema: dict[str, Any], kind: str) -> st.SearchStrategy[Any]:
    """Documents that are mostly valid: what keys have to do with each other is left to chance."""
    if "$ref" in schema:
        return st.deferred(lambda: named(schema["$ref"].rpartition("/")[2], kind))
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    types = schema.get("type")
    if types is None:
        choices = schema.get("anyOf") or schema["oneOf"]
        return st.one_of([from_schema(one, kind) for one in choices])
    if isinstance(types, list):
        return st.one_of([from_schema({**schema, "type": one}, kind) for one in types])
    return MAKERS[types](schema, kind)


@cache
def named(name: str, kind: str) -> st.SearchStrategy[Any]:
    return from_schema(SCHEMAS[kind]["$defs"][name], kind)


@cache
def written(pattern: str) -> st.SearchStrategy[str]:
    if pattern == NAME:
        return st.sampled_from(["a", "tue-dice", "周三_1.b", "-a", "沉睡"])
    bare = pattern.removeprefix("^").removesuffix("$")
    if bare.startswith(r"\s*(?=.*[1-9])"):  # hardly ever met by chance
        bare = "([1-9][0-9]?d)?[1-9][0-9]?[hm]"
    return st.from_regex(bare, fullmatch=True, alphabet=LETTERS)


def strings(schema: dict[str, Any], kind: str) -> st.SearchStrategy[Any]:
    low, high = schema.get("minLength", 0), schema.get("maxLength", 100)
    if "pattern" in schema:
        return written(schema["pattern"]).filter(lambda one: low <= len(one) <= high)
    made = st.text(LETTERS, min_size=low, max_size=min(high, low + 6))
    return st.sampled_from(schema["examples"]) if "examples" in schema else made


def numbers(schema: dict[str, Any], kind: str) -> st.SearchStrategy[Any]:
    low, high = int(schema.get("minimum", -99)), int(schema.get("maximum", 99))
    return st.integers(low, high) | st.integers(low * 100, high * 100).map(
        lambda one: one // 100 if one % 100 == 0 else one / 100
    )


def integers(schema: dict[str, Any], kind: str) -> st.SearchStrategy[Any]:
    return st.integers(schema["minimum"], schema["maximum"])


def arrays(schema: dict[str, Any], kind: str) -> st.SearchStrategy[Any]:
    low = schema.get("minItems", 1)
    high = min(schema.get("maxItems", 99), low + 2)
    return st.lists(from_schema(schema["items"], kind), min_size=low, max_size=high)


def objects(schema: dict[str, Any], kind: str) -> st.SearchStrategy[Any]:
    if "properties" not in schema or "patternProperties" in schema:
        (pattern,) = schema.get("patternProperties", {".": None})
        value = schema.get("patternProperties", {}).get(pattern) or schema["additionalProperties"]
        low = schema.get("minProperties", 1)
        inner = from_schema(value, kind)
        return st.dictionaries(written(pattern), inner, min_size=low, max_size=low)
    values = {key: from_schema(one, kind) for key, one in schema["properties"].items()}
    groups = [schema[key] for key in ("oneOf", "anyOf") if key in schema]
    grouped = {key for group in groups for one in group for key in one.get("required", ())}
    free = sorted(set(values) - grouped) or ["-"]

    @st.composite
    def made(draw: st.DrawFn) -> dict[str, Any]:
        chosen = [draw(st.sampled_from(group)) for group in groups]
        wanted = {key for one in chosen for key in one.get("required", ())}
        some = draw(st.lists(st.sampled_from(free), max_size=2))
        here = {*schema.get("required", ()), *wanted, *some}
        return {
            key: draw(value.filter(lambda one: one is not None) if key in wanted else value)
            for key, value in values.items()
            if key in here
        }

    return made()


MAKERS: dict[str, Any] = {
    "string": strings,
    "number": numbers,
    "integer": integers,
    "boolean": lambda schema, kind: st.booleans(),
    "null": lambda schema, kind: st.none(),
    "array": arrays,
    "object": objects,
}

ODD = (None, True, False, 0, -1, 3, 2.5, "", "词", "19:30", "30m", "5.00", [], {}, ["词"], {"a": 1})


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """(container, key) of every value in a document."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from places(value[key])


@cache
def keys_of(kind: str) -> list[str]:
    """Every key that this kind of file may have somewhere."""
    schemas = [holder[key] for holder, key in places(SCHEMAS[kind]) if key == "properties"]
    return sorted({key for one in schemas for key in one})


@st.composite
def spoilt(draw: st.DrawFn, kind: str, document: Any) -> Any:
    """A document with one thing in it changed."""
    copied = json.loads(json.dumps(document))
    holder, key = draw(st.sampled_from(list(places(copied))))
    how = draw(st.sampled_from(["drop", "rename", "replace", "add", "twice"]))
    if how == "replace":
        holder[key] = draw(st.sampled_from(ODD))
    elif how == "drop":
        del holder[key]
    elif isinstance(holder, list):
        holder.append(holder[key])
    elif how == "rename":
        holder[draw(st.sampled_from([f"{key}x", key.upper(), *keys_of(kind)]))] = holder.pop(key)
    else:
        holder[draw(st.sampled_from(keys_of(kind)))] = holder[key]
    assume(isinstance(copied, dict) and (kind == "config" or kind in copied))
    return copied


def problems_of(kind: str, document: Any, folder: Path) -> list[Problem]:
    """What the loader says. JSON is YAML."""
    path = folder / "one.yaml"
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    if kind == "config":
        return load_model(path, Config)[1]
    return load([path])[1]


def is_structural(one: Problem) -> bool:
    if one.code == "value":
        return STRUCTURE.fullmatch(one.message) is not None
    return one.code not in LOADER_ONLY and one.code not in catalogue.rules()


def disagreement(kind: str, document: Any, folder: Path) -> list[str]:
    """What the loader says of the structure of a valid document; what the schema says of one
    without a problem."""
    wrong = [one.message[:300] for one in VALIDATORS[kind].iter_errors(document)]
    problems = problems_of(kind, document, folder)
    if not wrong:
        return [one.message for one in problems if is_structural(one)]
    return [] if any(one.severity == "error" for one in problems) else wrong


# Shrinking a whole plan takes minutes; what is wrong is one place, and the assertion names it.
COMMON: Any = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "phases": [Phase.generate],
    "report_multiple_bugs": False,
}
EACH = [*KINDS, "config"]


@pytest.mark.parametrize("kind", EACH)
def test_loader_reads_what_the_schema_allows(kind: str, tmp_path: Path) -> None:
    @settings(max_examples=examples(*(50, 150) if kind == "plan" else (30, 60)), **COMMON)
    @given(from_schema(SCHEMAS[kind], kind))
    def judge(document: Any) -> None:
        assume(VALIDATORS[kind].is_valid(document))
        assert disagreement(kind, document, tmp_path) == []

    judge()
    assert VALIDATORS[kind].is_valid({}) is False


@pytest.mark.parametrize("kind", EACH)
def test_loader_and_schema_refuse_the_same_spoilt_documents(kind: str, tmp_path: Path) -> None:
    made = from_schema(SCHEMAS[kind], kind)

    @settings(max_examples=examples(*(50, 150) if kind == "plan" else (40, 100)), **COMMON)
    @given(st.data())
    def judge(data: st.DataObject) -> None:
        assert disagreement(kind, data.draw(spoilt(kind, data.draw(made))), tmp_path) == []

    judge()
    assert problems_of(kind, {}, tmp_path) != []


def plain(path: Path) -> Any:
    root = read(path).root
    assert root is not None
    return root.plain()


SMALL = [path for path in yaml_files([SHIPPED]) if path.stat().st_size < 12_000]


@given(st.data())
@settings(max_examples=examples(60, 150), **COMMON)
def test_loader_and_schema_refuse_the_same_spoilt_library(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from(SMALL))
    document = plain(path)
    kind = next(one for one in document if one in KINDS)
    found = disagreement(kind, data.draw(spoilt(kind, document)), tmp_path_factory.getbasetemp())
    assert found == []


STEP = {"id": "a", "at": "9:00"}
TEXT = {"text": "好"}


def plan_of(*, week: Any = None, **more: Any) -> dict[str, Any]:
    """A plan with one step, or with other days."""
    days = {"周一": [{**STEP, "content": TEXT}]} if week is None else week
    return {"plan": "p", "title": "计划", "applies_to": {"labels": ["a"]}, "week": days, **more}


def step(**more: Any) -> dict[str, Any]:
    return plan_of(week={"周一": [{**STEP, **more}]})


def change(**more: Any) -> dict[str, Any]:
    return plan_of(overrides={"wealth-01": {"steps": {"a": more}}})


def joined(day: str) -> dict[str, Any]:
    return plan_of(after_join={day: [{"id": "b", "at": "9:00", "message": TEXT}]})


@pytest.mark.parametrize(
    ("document", "valid"),
    [
        (plan_of(), True),
        (plan_of(applies_to={}), False),
        (plan_of(applies_to={"labels": [], "communities": ["wealth-01"]}), True),
        (plan_of(week={"MONDAY": [{**STEP, "content": TEXT}]}), True),
        (plan_of(week={"礼拜天": [{**STEP, "content": TEXT}]}), False),
        (plan_of(week={"1": [{**STEP, "content": TEXT}]}), False),
        (plan_of(targets={"active_rate": "40%", "新增": 10}), True),
        (plan_of(targets={"active_rate": 40}), False),
        (plan_of(variables={"Hotline": "见公告"}), False),
        (plan_of(variables={"owner": "见公告"}), False),
        (step(), False),
        (step(content=TEXT, vote=TEXT), False),
        (step(content={}), False),
        (step(content={"text": "好", "list": "a"}), False),
        (step(content=TEXT, variants={}), False),
        (step(variants={"a": {"content": TEXT}}), False),
        (step(variants={"a": {"content": TEXT}, "b": {"content": TEXT}}), True),
        (step(game={"name": "dice", "rolls": 2}), True),
        (step(game={"name": "dice", "seconds": 20}), False),
        (step(game={"name": "chess"}), False),
        (change(skip=True), True),
        (change(skip=True, title="早安"), False),
        (change(), False),
        (change(at=None), False),
        (change(title=None), True),
        (joined("0"), True),
        (joined("第 3 天"), True),
        (joined("day365"), True),
        (joined("366"), False),
        (joined("３"), False),
    ],
)
def test_rules_over_keys_are_read_alike(document: Any, valid: bool, tmp_path: Path) -> None:
    assert VALIDATORS["plan"].is_valid(document) is valid
    assert (problems_of("plan", document, tmp_path) == []) is valid


@pytest.mark.parametrize(
    ("at", "valid"),
    [
        ("9:30", True), ("09:30", True), (" 9:30 ", True), ("24:00", False), ("9:3", False),
        ("晚上7点半", False), ("１９:30", False), (19, False), (None, False),
    ],
)  # fmt: skip
def test_times_are_read_alike(at: object, valid: bool, tmp_path: Path) -> None:
    document = step(at=at, content=TEXT)
    assert VALIDATORS["plan"].is_valid(document) is valid
    assert (problems_of("plan", document, tmp_path) == []) is valid
