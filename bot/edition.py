"""Every file as it is now or, where it is broken, as it last was: the edition that runs.

A file that is broken by a save goes back to its last good version; a new one that is broken is
left out. A change that breaks another, unchanged file (a campaign renamed under its plan) is not
made either: nothing that ran is left out because of a save. What needs each other changes
together or not at all.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bot.sources import Contents, Sources
from sop.diagnostics import Problem
from sop.files import shown_path
from sop.library import Library
from sop.loader import Memo, load
from sop.workdays import OVERLAYS, Workdays, load_workdays

Texts = dict[Path, bytes]
T = TypeVar("T")
_Edited = tuple[Texts, T, list[Problem]]
"""The files that run, with what they say; what they make; what is wrong with the files now."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the files of a shelf say; equal when nothing changed."""

    library: Contents
    workdays: Contents


@dataclass(frozen=True, slots=True)
class Edition:
    """What runs, and what keeps the files from being it."""

    library: Library
    workdays: Workdays
    problems: tuple[Problem, ...]
    """Of the files as they are now: what `check` says of them."""
    kept: tuple[Path, ...]
    """Files of which an earlier version runs."""
    left_out: tuple[Path, ...]
    """Broken files that have no earlier version: nothing of them runs."""
    mark: str
    """Tells this edition from others, in every process and after a restart."""

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Problems because of which a file does not run as it is."""
        return tuple(one for one in self.problems if one.severity == "error")


class Shelf:
    """The files of one installation, and the edition that they make."""

    def __init__(
        self,
        library: Iterable[Path],
        workdays: Iterable[Path] = (),
        *,
        labels: Collection[str],
        communities: Collection[str],
    ) -> None:
        """Reads everything. `labels` and `communities` are the ones that plans may name;
        `workdays` come on top of the shipped calendars."""
        self._library = Sources(library)
        self._workdays = Sources([OVERLAYS, *workdays])
        self._labels, self._communities = labels, communities
        self._good: Texts = {}
        self._memo: Memo = {}
        self._days_seen: Contents | None = None
        self._days: _Edited[Workdays] = ({}, Workdays({}), [])
        self.seen = self.look()
        """What the edition was made from."""
        self.edition = self.read(self.seen)

    def look(self, *, afresh: bool = False) -> Seen:
        """What the files say now. Reads only what has changed, unless `afresh`."""
        return Seen(self._library.look(afresh=afresh), self._workdays.look(afresh=afresh))

    def read(self, seen: Seen) -> Edition:
        """Makes the edition of what was seen. Takes 0.2 s for 500 new steps."""
        running, library, problems = self._edit(seen.library)
        if seen.workdays != self._days_seen:
            self._days_seen, self._days = seen.workdays, self._edit_days(seen.workdays)
        days, workdays, more = self._days
        troubles = [*seen.library.troubles, *seen.workdays.troubles]
        problems = sorted([*problems, *more, *(_trouble(*one) for one in troubles)])
        now, then = {**seen.library.files, **seen.workdays.files}, {**running, **days}
        unseen = {path: any(one.is_relative_to(path) for one in then) for path, _ in troubles}
        kept = [path for path, text in then.items() if now.get(path) != text]
        kept += [path for path, known in unseen.items() if known]
        left_out = [path for path in now if path not in then]
        left_out += [path for path, known in unseen.items() if not known]
        mark = _mark(then, problems)
        self.seen = seen
        self.edition = Edition(
            library, workdays, tuple(problems), tuple(kept), tuple(left_out), mark
        )
        return self.edition

    def shown(self, file: str) -> str:
        """A file's name for people: from the folder in the configuration on."""
        for root in (*self._library.roots, *self._workdays.roots):
            around = f"{shown_path(root.parent)}/"
            if file.startswith(around):
                return file.removeprefix(around)
        return file

    def _edit(self, contents: Contents) -> _Edited[Library]:
        running = dict(contents.files)
        library, problems = self._load(running)
        found = problems
        while broken := _broken(running, problems):
            if not self._step_back(running, broken):
                break
            library, problems = self._load(running)
        self._good = {path: text for path, text in running.items() if path not in broken}
        known = {*running.items(), *contents.files.items()}
        names = {(shown_path(path), text) for path, text in known}
        self._memo = {key: one for key, one in self._memo.items() if key in names}
        return running, library, found

    def _step_back(self, running: Texts, broken: Collection[Path]) -> bool:
        """Changes what runs so that less of it is broken; False if there is no way.

        First each broken file goes back to its last good version, or out if it has none. What is
        broken then has not changed itself: something that it needs has, or is gone. So all that
        plans may need goes back.
        """
        good = self._good
        new = [path for path in broken if path not in good]
        back = {
            path: good[path] for path in broken if good.get(path, running[path]) != running[path]
        }
        if not new and not back:
            back = {
                path: text
                for path, text in good.items()
                if running.get(path) != text and not self._is_plan(path, text)
            }
        for path in new:
            del running[path]
        running |= back
        return bool(new or back)

    def _is_plan(self, path: Path, text: bytes) -> bool:
        _, file = self._memo[shown_path(path), text]
        return file is not None and file.kind == "plan"

    def _load(self, texts: Texts) -> tuple[Library, list[Problem]]:
        return load(
            texts,
            known_labels=self._labels,
            known_communities=self._communities,
            texts=texts,
            memo=self._memo,
        )

    def _edit_days(self, contents: Contents) -> _Edited[Workdays]:
        """Calendars need nothing of each other."""
        running, good = dict(contents.files), self._days[0]
        workdays, problems = load_workdays(running, texts=running)
        broken = _broken(running, problems)
        for path in broken:
            if path in good:
                running[path] = good[path]
            else:
                del running[path]
        if broken:
            workdays, _ = load_workdays(running, texts=running)
        return running, workdays, problems


def _broken(texts: Mapping[Path, bytes], problems: Iterable[Problem]) -> list[Path]:
    """The files with errors."""
    names = {one.file for one in problems if one.severity == "error"}
    return [path for path in texts if shown_path(path) in names]


def _trouble(path: Path, message: str) -> Problem:
    return Problem(shown_path(path), 1, 1, "error", "file", message)


def _mark(running: Mapping[Path, bytes], problems: Iterable[Problem]) -> str:
    digest = hashlib.sha256()
    for path, text in sorted(running.items()):
        digest.update(f"{shown_path(path)}\0{hashlib.sha256(text).hexdigest()}\n".encode())
    for one in sorted(problems):
        digest.update(f"{one.file}\0{one.code}\0{one.message}\n".encode())
    return digest.hexdigest()[:12]
