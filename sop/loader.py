"""Files → a library, with every problem of every file.

A file is known by its first key (`plan:`, `campaign:`, `bank:` …). A broken file is left out and
reported; all others load. Links between files are checked last, so that a plan which needs a
broken campaign is left out too, and says why.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from sop.bank import Bank
from sop.campaign import Campaign, Pool
from sop.channel import Channel
from sop.complaints import Complaint, complaints
from sop.crosscheck import CHINESE, cross_check, warnings
from sop.diagnostics import Problem, did_you_mean
from sop.discovery import Misregistered
from sop.files import shown_path, yaml_files
from sop.follow_rule import FollowRule
from sop.library import Library
from sop.named_segments import in_full
from sop.placed import LoadedFile
from sop.plan import Plan
from sop.points_program import PointsProgram
from sop.referral_program import ReferralProgram
from sop.scripts import ContentList, Script
from sop.segment import Segment, TagRule
from sop.source import Document, Key, Position, parse, read
from sop.spans import line_of, word_after
from sop.spoken import Spoken
from sop.tags import TagGroup
from sop.templates import OWN

SHIPPED = Path(__file__).parent / "library"
"""The library that comes with the program."""

KINDS: dict[str, type[BaseModel]] = {
    "plan": Plan,
    "campaign": Campaign,
    "pool": Pool,
    "bank": Bank,
    "script": Script,
    "list": ContentList,
    "segment": Segment,
    "tag": TagRule,
    "points": PointsProgram,
    "referral": ReferralProgram,
    "channel": Channel,
    "tags": TagGroup,
    "follow": FollowRule,
}

for _key, _model in KINDS.items():  # nothing comes in past the reviewer by being forgotten
    _own = _model.kind == _key if issubclass(_model, Spoken) else hasattr(_model, "unspoken")
    if not _own:
        raise Misregistered(f"{_key}: 缺少审核章的约定（sop.spoken）")

Memo = dict[tuple[str, bytes], tuple[Document, LoadedFile | None]]
"""Files judged alone, by shown path and content: an unchanged file is not read again, and its
value stays the same object."""

M = TypeVar("M", bound=BaseModel)
At = Callable[[Sequence[Key], str], Problem]
"""Makes a problem at a path of the file: (path, message in Chinese)."""


def load_model(
    path: Path, model: type[M], text: bytes | None = None
) -> tuple[M | None, list[Problem], At]:
    """One file as one model; the value is None when anything is wrong with it. `text` stands for
    what is on the disk."""
    document = read(path) if text is None else parse(text, shown_path(path))

    def at(where: Sequence[Key], message: str) -> Problem:
        return document.problem(document.place(where), "value", message)

    value = _validated(document, model)
    return (None if document.problems else value), document.problems, at


def load(
    paths: Iterable[Path],
    *,
    known_labels: Collection[str] | None = None,
    known_communities: Collection[str] | None = None,
    texts: Mapping[Path, bytes] | None = None,
    memo: Memo | None = None,
) -> tuple[Library, list[Problem]]:
    """Reads files and folders.

    With `known_labels` and `known_communities` (those of the configuration) a plan or campaign
    for a label or community that does not exist gets a warning. `texts` stand for what is on the
    disk (a last good version); with `memo` those that are in it are not read again. Problems come
    sorted.
    """
    files: list[LoadedFile] = []
    problems: list[Problem] = []
    for path in yaml_files(paths):
        known = None if texts is None else texts.get(path)
        document, file = _judged(path, known, {} if memo is None else memo)
        if file is None:
            problems += document.problems
            continue
        files.append(file)
    cross_check(files, _library)
    for file in files:
        if any(one.severity == "error" for one in file.document.problems):
            file.value = None
        warnings(file, known_labels, known_communities)
        problems += file.document.problems
    return _library(files), sorted(problems)


def _judged(path: Path, known: bytes | None, memo: Memo) -> tuple[Document, LoadedFile | None]:
    """A file judged alone. What is judged together with others may be added to its problems:
    the memo keeps its own."""
    if known is None:
        return _judge(read(path))
    key = shown_path(path), known
    if key not in memo:
        memo[key] = _judge(parse(known, key[0]))
    document, file = memo[key]
    document = replace(document, problems=[*document.problems])
    return document, file and replace(file, document=document)


def _judge(document: Document) -> tuple[Document, LoadedFile | None]:
    file = _identify(document)
    if file is not None:
        value = _validated(document, KINDS[file.kind])
        file.value = None if file.broken else value
    return document, file


def _identify(document: Document) -> LoadedFile | None:
    """Which kind of file it is; the first key says so."""
    if document.root is None:
        return None
    data = document.root.value
    kinds = "、".join(f"{key}:（{CHINESE[key]}）" for key in KINDS)
    if not isinstance(data, dict):
        at = document.place(())
        text = f"最外层应为一组“键: 值”，第一行写其中之一：{kinds}。"
        document.problems.append(document.problem(at, "kind", text))
        return None
    kind = next((key for key in data if key in KINDS), None)
    if kind is not None:
        return LoadedFile(document, kind, str(data[kind].value), bool(document.problems))
    first = next(iter(data), "")
    text = f"认不出这是什么文件：第一行是“{first}”。"
    named = next((kind for kind, chinese in CHINESE.items() if chinese == first), None)
    hint = f"请写 {named}。" if named else did_you_mean(first, KINDS)
    document.problems.append(
        document.problem(document.place((first,), on_key=True), "kind", text, hint)
    )
    return None


def _validated(document: Document, model: type[M]) -> M | None:
    if document.root is None:
        return None
    data = document.root.plain()
    own = data.get("variables") if isinstance(data, dict) else None
    try:
        return model.model_validate(data, context={OWN: list(own) if isinstance(own, dict) else []})
    except ValidationError as error:
        for complaint in complaints(error, model):
            at = _place(document, complaint)
            document.problems.append(
                document.problem(at, complaint.code, complaint.message, complaint.hint)
            )
        return None


def _place(document: Document, complaint: Complaint) -> Position:
    node = document.node(complaint.path)
    if node is None or not complaint.line:
        return document.place(complaint.path, on_key=complaint.on_key)
    if node.literal:
        at = line_of(document, node, complaint.line)
        return word_after(document, at, complaint.word) or at
    return word_after(document, node.at, complaint.word) or node.at


def _library(files: Iterable[LoadedFile]) -> Library:
    """Everything that loaded; of two files with one name, none (both are reported)."""
    files = list(files)
    values = [one.value for one in files if one.value is not None]
    segments = {one.segment: one for one in values if isinstance(one, Segment)}
    return Library(
        plans={one.plan: one for one in values if isinstance(one, Plan)},
        campaigns={
            one.campaign: one.spelled_out(segments) for one in values if isinstance(one, Campaign)
        },
        pools={one.pool: one for one in values if isinstance(one, Pool)},
        banks={one.bank: one for one in values if isinstance(one, Bank)},
        scripts={one.script: one for one in values if isinstance(one, Script)},
        lists={one.name: one for one in values if isinstance(one, ContentList)},
        segments={name: in_full(one, segments) for name, one in segments.items()},
        tag_rules={one.tag: in_full(one, segments) for one in values if isinstance(one, TagRule)},
        points={one.points: one for one in values if isinstance(one, PointsProgram)},
        referrals={one.referral: one for one in values if isinstance(one, ReferralProgram)},
        channels={one.channel: one for one in values if isinstance(one, Channel)},
        tag_groups={one.tags: one for one in values if isinstance(one, TagGroup)},
        follow_rules={
            one.follow: in_full(one, segments) for one in values if isinstance(one, FollowRule)
        },
        waived=tuple(waived for one in files if one.value is not None for waived in one.waived),
    )
