"""A file on its way into the library, and where the steps of a plan stand in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel

from sop.library import Waived
from sop.plan import Plan
from sop.schedule import Step
from sop.source import Document, Key
from sop.step import StepKind

GROUPS = ("week", "dates", "after_join")
Path = tuple[Key, ...]


@dataclass(slots=True)
class LoadedFile:
    """A file on its way into the library."""

    document: Document
    kind: str
    name: str
    broken: bool
    """Nothing of it may run; its name is still known to those who refer to it."""
    value: BaseModel | None = None
    waived: list[Waived] = field(default_factory=list)


def placed_steps(document: Document, plan: Plan) -> Iterator[tuple[Path, Step]]:
    """Every step of a plan with its path in the file."""
    return zip(step_paths(document), plan.steps(), strict=True)


def placed_specs(document: Document, plan: Plan) -> Iterator[tuple[Path, StepKind]]:
    """Everything that a plan's steps may do, variants and overrides included, with its path."""
    for path, step in placed_steps(document, plan):
        for below, spec in step.specs():
            yield (*path, *below), spec
    for community, own in plan.overrides.items():
        for step_id, change in own.steps.items():
            for below, spec in change.specs():
                yield ("overrides", community, "steps", step_id, *below), spec


def step_paths(document: Document) -> list[Path]:
    """Where the steps of a plan are, in the order in which `Plan.steps` lists them."""
    paths: list[Path] = []
    for group in GROUPS:
        days = document.node((group,))
        if days is None or not isinstance(days.value, dict):
            continue
        for day, steps in days.value.items():
            if isinstance(steps.value, list):
                paths += [(group, day, number) for number in range(len(steps.value))]
    return paths


def of_step(
    path: Path, step: Step, specs: Sequence[tuple[Path, StepKind]]
) -> Iterator[tuple[Path, StepKind]]:
    """What one step may do, in some communities too."""
    for where, spec in specs:
        if where[: len(path)] == path or (where[0] == "overrides" and where[3] == step.id):
            yield where, spec
