"""What files refer to in each other: names that must be there, and fit."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from sop.campaign import Campaign
from sop.condition_links import unmet
from sop.conditions import Conditions
from sop.follow_rule import FollowRule
from sop.library import Library
from sop.named_segments import misnamed, spelled_out
from sop.placed import LoadedFile, Path, of_step, placed_specs, placed_steps
from sop.plan import Plan
from sop.segment import Segment, TagRule
from sop.source import Document
from sop.spans import word_after
from sop.tracked import misfits


def check_references(
    files: Sequence[LoadedFile], library: Callable[[Iterable[LoadedFile]], Library]
) -> None:
    """Adds to each file's problems what it refers to and is not there, or does not fit."""
    _segments(files, library)
    _links(files, library(files))


def _segments(
    files: Sequence[LoadedFile], library: Callable[[Iterable[LoadedFile]], Library]
) -> None:
    """Before all links: what refers to a segment that refers to a broken one is broken, too."""
    sound = [one for one in files if one.kind == "segment" and one.value is not None]
    for file in sound:
        _conditions(file, library(files))
    while True:
        now, out = library(files), _broken(files)
        for file in sound:
            _named(file, now, out)
        broken = [one for one in sound if _has_errors(one)]
        for file in broken:
            file.value = None
        sound = [one for one in sound if one.value is not None]
        if not broken:
            return


def _broken(files: Sequence[LoadedFile]) -> dict[str, LoadedFile]:
    """Files of which nothing runs, by the name that others know them by."""
    return {one.name: one for one in files if one.value is None and one.kind != "plan"}


def _has_errors(file: LoadedFile) -> bool:
    return any(one.severity == "error" for one in file.document.problems)


def _conditions(file: LoadedFile, library: Library) -> None:
    """Games, steps, links and channels of which conditions speak."""
    path, who = _asked(file)
    for below, message, severity in () if who is None else unmet(who, library):
        at = file.document.place((*path, *below))
        file.document.problems.append(file.document.problem(at, "link", message, "", severity))


def _named(file: LoadedFile, library: Library, broken: Mapping[str, LoadedFile]) -> None:
    """The segment that conditions name."""
    path, who = _asked(file)
    for below, message in () if who is None else misnamed(who, library.segments):
        _told(file.document, (*path, *below), message, broken, "这里才能用它")


def _told(
    document: Document,
    where: Path,
    message: str,
    broken: Mapping[str, LoadedFile],
    then: str,
) -> None:
    """What is not there, or is there in a file with errors: `then` it can be used."""
    node = document.node(where)
    culprit = broken.get(str(node.value)) if node else None
    if culprit is not None:
        file = culprit.document.file
        message = f"“{culprit.name}”所在的文件 {file} 有错误，改好后{then}。"
    document.problems.append(document.problem(document.place(where), "link", message))


def _asked(file: LoadedFile) -> tuple[Path, Conditions | None]:
    match file.value:
        case Segment() | TagRule() | FollowRule() as value:
            return ("who",), value.who
        case Campaign() as campaign if campaign.who.segment is not None:
            return ("who",), campaign.who.asked
        case Campaign() as campaign:
            return ("who", "conditions"), campaign.who.conditions
    return (), None


def _wakes(file: LoadedFile, library: Library) -> None:
    """Who is to draw because they are silent is so no more after one word."""
    path, who = _asked(file)
    if who is not None and spelled_out(who, library.segments).silent_for is not None:
        at = file.document.place((*path, "segment" if who.segment else "silent_for"))
        text = "抽奖的那一刻才看 silent_for：成员先在群里说过一句话，就不能参加了。"
        hint = "想让他们醒来以后也能抽，请用标签规则（keep: true）打上标签，这里写 tags。"
        problem = file.document.problem(at, "silent", text, hint, "warning")
        file.document.problems.append(problem)


def _links(files: Sequence[LoadedFile], library: Library) -> None:
    """What plans and campaigns refer to must be there."""
    broken = _broken(files)
    for file in files:
        document = file.document
        if isinstance(file.value, Campaign):
            for where, message in file.value.problems(library):
                document.problems.append(document.problem(document.place(where), "link", message))
        if isinstance(file.value, FollowRule):
            for where, message in file.value.problems(library):
                document.problems.append(document.problem(document.place(where), "link", message))
        if isinstance(file.value, Campaign):
            _wakes(file, library)
        if isinstance(file.value, Campaign | TagRule | FollowRule):
            _conditions(file, library)
            _named(file, library, broken)
        if not isinstance(file.value, Plan):
            continue
        for path, spec in placed_specs(document, file.value):
            for below, message in spec.problems(library):
                _told(document, (*path, *below), message, broken, "这一步才能运行")
        specs = list(placed_specs(document, file.value))
        for path, step in placed_steps(document, file.value):
            own = list(of_step(path, step, specs))
            for one in misfits(path, step.links, own, library):
                at = document.place(one.path, on_key=one.on_key)
                at = word_after(document, at, one.word) or at
                problem = document.problem(at, "link", one.message, one.hint, one.severity)
                document.problems.append(problem)
