"""The page of the language shows every key in an example, explains it, and every example loads."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from sop.audience import AppliesTo
from sop.bank import Question
from sop.campaign import DeckCards, Rewards
from sop.channel import Benefit, Leads, Scripts
from sop.compliance.waiver import Waiver
from sop.conditions import AnsweredRight, Clicked, Played, Rfm, SurveyAnswer, Written
from sop.games import all_games
from sop.library import Library
from sop.loader import KINDS, SHIPPED, load
from sop.personal import PerPerson
from sop.plan import Overrides
from sop.points_program import Caps as DayCaps
from sop.points_program import Earn, Level, Streak
from sop.points_program import Item as Redeemed
from sop.referral_program import Burst
from sop.referral_program import Caps as InviterCaps
from sop.schedule import CatchUp, change_model, step_model
from sop.scripts import Item
from sop.segment import ActiveDays, Audience, Conditions, Did
from sop.source import parse
from sop.steps import step_kinds
from sop.steps.survey import Question as Asked
from sop.summary.metrics import units
from sop.tags import TagEntry
from sop.templates import SAMPLE
from sop.terms import Chances, CheckedIn, Condition, Who
from sop.tracked import TrackedLink

PAGE = Path(__file__).parents[1] / "docs" / "计划语言.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
PROSE = re.sub(r"^```.*?^```$", "", TEXT, flags=re.MULTILINE | re.DOTALL)
EXPLAINED = {
    word for span in re.findall(r"`([^`\n]+)`", PROSE) for word in re.findall(r"[\w.-]+", span)
}
WEEK = "week:\n  monday:\n"
A_STEP = '    - {id: any, at: "9:00", content: {text: 好}}\n'


def assembled(number: int, block: str) -> str:
    """A file around a piece of one: a plan's keys, steps, or what one step does."""
    root = parse(block.encode(), "block").root
    assert root is not None
    head = {
        "plan": f"plan: page-{number}\n",
        "title": f"title: 第 {number} 段\n",
        "applies_to": "applies_to: {labels: [spring]}\n",
    }
    if isinstance(root.value, list):
        return "".join(head.values()) + WEEK + indented(block, 4)
    assert isinstance(root.value, dict)
    first = next(iter(root.value))
    if first in step_kinds() and isinstance(root.value[first].value, dict):
        step = f'- id: any\n  at: "9:00"\n{indented(block, 2)}'
        return "".join(head.values()) + WEEK + indented(step, 4)
    if first in KINDS:
        return block
    missing = "".join(line for key, line in head.items() if key not in root.value)
    days = any(key in root.value for key in ("week", "dates", "after_join"))
    return missing + block + ("" if days else WEEK + A_STEP)


def indented(text: str, columns: int) -> str:
    return "".join(" " * columns + line for line in text.splitlines(keepends=True))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("page")
    for number, block in enumerate(BLOCKS):
        path = folder / f"{number:02}.yaml"
        path.write_text(assembled(number, block), encoding="utf-8")
    library, problems = load([folder])
    assert problems == []
    return library


def files(library: Library) -> dict[str, BaseModel]:
    """Every file's value by kind and name."""
    kinds = {
        "plan": library.plans, "campaign": library.campaigns, "pool": library.pools,
        "bank": library.banks, "script": library.scripts, "list": library.lists,
        "segment": library.segments, "tag": library.tag_rules, "tags": library.tag_groups,
        "points": library.points, "referral": library.referrals, "channel": library.channels,
        "follow": library.follow_rules,
    }  # fmt: skip
    return {f"{kind} {name}": one for kind, named in kinds.items() for name, one in named.items()}


def test_every_example_loads(page: Library) -> None:
    assert len(files(page)) == len(BLOCKS)


def test_no_example_takes_a_name_of_the_library(page: Library) -> None:
    shipped, _ = load([SHIPPED])
    assert sorted(files(page).keys() & files(shipped).keys()) == []


def models(value: Any) -> Iterator[BaseModel]:
    """Every model in a value."""
    if isinstance(value, BaseModel):
        yield value
        for key in value.model_fields_set:
            yield from models(getattr(value, key))
    elif isinstance(value, dict):
        for inner in value.values():
            yield from models(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from models(inner)


@pytest.fixture(scope="module")
def shown(page: Library) -> dict[type[BaseModel], set[str]]:
    """The keys that the examples write, by model."""
    found: dict[type[BaseModel], set[str]] = defaultdict(set)
    for one in models(files(page)):
        found[type(one)] |= one.model_fields_set
    return found


def fields_of(model: type[BaseModel]) -> set[str]:
    return set(model.model_fields) - {"options"}


MODELS: list[type[BaseModel]] = [
    *KINDS.values(), AppliesTo, Overrides, step_model(), CatchUp, Waiver, Rewards, Asked,
    Audience, Conditions, ActiveDays, Did, Played, AnsweredRight, SurveyAnswer, Clicked, Written,
    Rfm, TagEntry, Item, Question, DeckCards, Condition, CheckedIn, Who,
    Chances, Earn, DayCaps, Streak, Level, Redeemed, InviterCaps, Burst, TrackedLink, PerPerson,
    Leads, Scripts, Benefit,
    *step_kinds().values(), *(game.Options for game in all_games().values()),
]  # fmt: skip


def name(model: type[BaseModel]) -> str:
    return f"{model.__module__}.{model.__name__}"


@pytest.mark.parametrize("model", MODELS, ids=name)
def test_page_shows_every_key(
    model: type[BaseModel], shown: dict[type[BaseModel], set[str]]
) -> None:
    assert sorted(fields_of(model) - shown[model]) == []


def test_page_shows_every_change_for_one_community(
    shown: dict[type[BaseModel], set[str]],
) -> None:
    model = change_model()
    kinds = set(step_kinds())
    assert sorted(fields_of(model) - kinds - shown[model]) == []
    assert shown[model] & kinds == {"content"}


@pytest.mark.parametrize("model", MODELS, ids=name)
def test_page_explains_every_key(model: type[BaseModel]) -> None:
    keys = {field.alias or key for key, field in model.model_fields.items()} - {"options"}
    assert sorted(keys - EXPLAINED) == []


def choices(schema: Any) -> Iterator[str]:
    """Every word that a key may have as its value."""
    if isinstance(schema, dict):
        yield from (one for one in schema.get("enum", ()) if isinstance(one, str))
        yield from (choice for value in schema.values() for choice in choices(value))
    elif isinstance(schema, list):
        yield from (choice for value in schema for choice in choices(value))


@pytest.mark.parametrize("model", MODELS, ids=name)
def test_page_explains_every_choice(model: type[BaseModel]) -> None:
    words = {one for field in [model.model_json_schema()] for one in choices(field)}
    taken = {"bot", "community", "date", "member", "owner", "weekday"}
    assert sorted(words - taken - EXPLAINED) == []


@pytest.mark.parametrize(
    "names", [step_kinds, all_games, lambda: KINDS], ids=["steps", "games", "files"]
)
def test_page_names_every_one_of_a_kind(names: Any) -> None:
    assert sorted(set(names()) - EXPLAINED) == []


def test_page_names_every_variable() -> None:
    assert sorted(set(SAMPLE.values()) - {one.partition(".")[0] for one in EXPLAINED}) == []


def test_targets_on_the_page_are_metrics(page: Library) -> None:
    written = {key for plan in page.plans.values() for key in plan.targets}
    assert written == {"active_rate", "new", "cost_per_active"}
    assert written <= units().keys()


def test_contents_name_every_chapter_in_order() -> None:
    chapters = re.findall(r"^## (.+)$", PROSE, re.MULTILINE)
    assert re.findall(r"^- \[([^\]]+)\]", PROSE, re.MULTILINE) == chapters
