"""Files → a library, with every problem of every file.

A file is known by its first key (`plan:`, `campaign:`, `pool:`, `bank:`). A broken file is left
out and reported; all others load. Links between files are checked last, so that a plan which
needs a broken campaign is left out too, and says why.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from sop.bank import Bank
from sop.campaign import Campaign, Pool
from sop.complaints import Complaint, complaints
from sop.diagnostics import Problem, did_you_mean
from sop.library import Library
from sop.plan import Plan
from sop.source import Document, Key, Position, read
from sop.times import is_quiet, parse_time

SHIPPED = Path(__file__).parent / "library"
"""The library that comes with the program."""

KINDS: dict[str, type[BaseModel]] = {"plan": Plan, "campaign": Campaign, "pool": Pool, "bank": Bank}
_CHINESE = {"plan": "计划", "campaign": "活动", "pool": "奖池", "bank": "题库"}

M = TypeVar("M", bound=BaseModel)
At = Callable[[Sequence[Key], str], Problem]
"""Makes a problem at a path of the file: (path, message in Chinese)."""


def load_model(path: Path, model: type[M]) -> tuple[M | None, list[Problem], At]:
    """One file as one model; the value is None when anything is wrong with it."""
    document = read(path)

    def at(where: Sequence[Key], message: str) -> Problem:
        return document.problem(document.place(where), "value", message)

    value = _validated(document, model)
    return (None if document.problems else value), document.problems, at


def yaml_files(paths: Iterable[Path]) -> list[Path]:
    """The files themselves, and every .yaml or .yml below the folders, sorted, each once."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = (one for one in path.rglob("*") if one.suffix in (".yaml", ".yml"))
            found.update(dict.fromkeys(sorted(inside)))
        else:
            found[path] = None
    return list(found)


@dataclass(slots=True)
class _File:
    """A file on its way into the library."""

    document: Document
    kind: str
    name: str
    broken: bool
    """Nothing of it may run; its name is still known to those who refer to it."""
    value: BaseModel | None = None


def load(
    paths: Iterable[Path], *, known_labels: Collection[str] | None = None
) -> tuple[Library, list[Problem]]:
    """Reads files and folders.

    With `known_labels` (those of the configured communities) a plan or campaign for a label
    that no community has gets a warning. Problems come sorted.
    """
    files: list[_File] = []
    problems: list[Problem] = []
    for path in yaml_files(paths):
        document = read(path)
        file = _identify(document)
        if file is None:
            problems += document.problems
            continue
        files.append(file)
        value = _validated(document, KINDS[file.kind])
        file.value = None if file.broken else value
    _names_once(files)
    _links(files, _library(files))
    for file in files:
        if file.document.problems:
            file.value = None
        _warnings(file, known_labels)
        problems += file.document.problems
    return _library(files), sorted(problems)


def _identify(document: Document) -> _File | None:
    """Which kind of file it is; the first key says so."""
    if document.root is None:
        return None
    data = document.root.value
    if not isinstance(data, dict):
        at = document.place(())
        text = "最外层应为一组“键: 值”，第一行写 plan:、campaign:、pool: 或 bank:。"
        document.problems.append(document.problem(at, "kind", text))
        return None
    for kind in KINDS:
        if kind in data:
            return _File(document, kind, str(data[kind].value), broken=bool(document.problems))
    first = next(iter(data), "")
    text = f"认不出这是什么文件：第一行是“{first}”。"
    hint = did_you_mean(first, KINDS)
    document.problems.append(
        document.problem(document.place((first,), on_key=True), "kind", text, hint)
    )
    return None


def _validated(document: Document, model: type[M]) -> M | None:
    if document.root is None:
        return None
    try:
        return model.model_validate(document.root.plain())
    except ValidationError as error:
        for complaint in complaints(error, model):
            at = _place(document, complaint)
            document.problems.append(
                document.problem(at, complaint.code, complaint.message, complaint.hint)
            )
        return None


def _place(document: Document, complaint: Complaint) -> Position:
    node = document.node(complaint.path)
    if complaint.line and node is not None and node.literal:
        line = node.at.line + complaint.line
        text = document.lines[line - 1] if line <= len(document.lines) else ""
        indent = len(text) - len(text.lstrip(" "))
        return Position(line, indent + 1, max(len(text.strip()), 1))
    return document.place(complaint.path, on_key=complaint.on_key)


def _library(files: Iterable[_File]) -> Library:
    """Everything that loaded; of two files with one name, none (both are reported)."""
    values = [one.value for one in files if one.value is not None]
    return Library(
        plans={one.plan: one for one in values if isinstance(one, Plan)},
        campaigns={one.campaign: one for one in values if isinstance(one, Campaign)},
        pools={one.pool: one for one in values if isinstance(one, Pool)},
        banks={one.bank: one for one in values if isinstance(one, Bank)},
    )


def _names_once(files: Sequence[_File]) -> None:
    """A name used by two files, and step ids used twice in one: both places are named."""
    first: dict[tuple[str, str], _File] = {}
    for file in files:
        twin = first.setdefault((file.kind, file.name), file)
        if twin is not file:
            for one, other in ((twin, file), (file, twin)):
                at = one.document.place((one.kind,))
                line = other.document.place((other.kind,)).line
                text = f"{_CHINESE[one.kind]}名“{one.name}”也用在 {other.document.file}:{line}。"
                hint = "每个名称只能用一次，请改其中一个。"
                one.document.problems.append(one.document.problem(at, "duplicate-name", text, hint))
                one.value = None
        if file.kind == "plan":
            _step_ids_once(file.document)


def _step_ids_once(document: Document) -> None:
    first: dict[str, Position] = {}
    for path in _step_paths(document):
        node = document.node((*path, "id"))
        if node is None or not isinstance(node.value, str):
            continue
        if node.value in first:
            text = f"步骤编号“{node.value}”已用在第 {first[node.value].line} 行。"
            hint = "同一计划里每一步的 id 都不能相同。"
            document.problems.append(document.problem(node.at, "duplicate-id", text, hint))
        else:
            first[node.value] = node.at


def _step_paths(document: Document) -> list[tuple[Key, ...]]:
    """Where the steps of a plan are, in the order in which `Plan.steps` lists them."""
    paths: list[tuple[Key, ...]] = []
    for group in ("week", "dates"):
        days = document.node((group,))
        if days is None or not isinstance(days.value, dict):
            continue
        for day, steps in days.value.items():
            if isinstance(steps.value, list):
                paths += [(group, day, number) for number in range(len(steps.value))]
    return paths


def _links(files: Sequence[_File], library: Library) -> None:
    """What plans refer to must be there."""
    broken = {one.name: one for one in files if one.value is None and one.kind != "plan"}
    for file in files:
        if not isinstance(file.value, Plan):
            continue
        document = file.document
        for path, step in zip(_step_paths(document), file.value.steps(), strict=True):
            for below, message in step.spec.problems(library):
                where = (*path, step.spec.kind, *below)
                node = document.node(where)
                culprit = broken.get(str(node.value)) if node else None
                if culprit is not None:
                    message = (
                        f"“{culprit.name}”所在的文件 {culprit.document.file} 有错误，"
                        "改好后这一步才能运行。"
                    )
                document.problems.append(document.problem(document.place(where), "link", message))


def _warnings(file: _File, known_labels: Collection[str] | None) -> None:
    """What will run but is hardly meant."""
    document, value = file.document, file.value
    if isinstance(value, Plan | Campaign) and known_labels is not None:
        for number, label in enumerate(value.applies_to.labels):
            if label not in known_labels:
                at = document.place(("applies_to", "labels", number))
                text = f"没有任何社群带有标签“{label}”，不会发给任何人。"
                hint = did_you_mean(label, known_labels)
                document.problems.append(
                    document.problem(at, "unknown-label", text, hint, "warning")
                )
    if isinstance(value, Plan) and value.quiet_hours:
        for path, step in zip(_step_paths(document), value.steps(), strict=True):
            if step.spec.kind == "content" and is_quiet(value.quiet_hours, step.at):
                end = parse_time(value.quiet_hours.split("-")[1])
                at = document.place((*path, "at"))
                text = f"{step.at:%H:%M} 在静默时段 {value.quiet_hours} 内。"
                hint = f"内容会推迟到 {end:%H:%M}；若那时执行窗口已过，就不发送。"
                document.problems.append(document.problem(at, "quiet-hours", text, hint, "warning"))
