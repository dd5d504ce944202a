"""What the files of a library say now, found by looking at them every half second.

Looking is slower to notice than being told (watchfiles, inotify), but it is right everywhere: the
kernel tells nothing of what another machine writes to a network file system, a watch ends with
the folder that a checkout, an unmount or a new ConfigMap replaces (there every file is a symbolic
link through `..data`, which is swapped), and an editor that writes a copy and renames it changes
another inode than the one that was watched. A look at 500 files costs a few milliseconds in a
thread.

A file is read again when its device, inode, size or times differ, and at each of the next looks:
a second write of the same size within one tick of a coarse file system's clock is seen too.

What cannot be seen is not taken for deleted. A folder that cannot be listed, is gone, or has
suddenly nothing in it (unmounted) keeps what it last had, and so does a file that cannot be read.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sop.files import Unreadable, read_bytes, yaml_files
from sop.source import MAX_BYTES

READ_AGAIN = 5
"""Looks after a change at which a file is read although nothing shows that it changed again:
two and a half seconds, the coarsest clock of a file system being two."""

_EMPTIED = "文件夹里一个文件也没有了，先沿用之前读到的内容；如果确实要全部停用，请重启服务。"
_Stamp = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Contents:
    """What the files say; equal when nothing changed."""

    files: Mapping[Path, bytes] = field(default_factory=dict)
    """In the order of the folders. At most one byte more than a file may have."""
    troubles: tuple[tuple[Path, str], ...] = ()
    """Files and folders that cannot be seen, and why, in Chinese."""


@dataclass(slots=True)
class _Read:
    """A file as it was last read."""

    stamp: _Stamp
    data: bytes
    looks: int = 0
    """How often it was found with this stamp."""


class Sources:
    """The YAML files below some folders, and what each last said."""

    def __init__(self, roots: Iterable[Path]) -> None:
        self.roots = tuple(roots)
        self._read: dict[Path, _Read] = {}

    def look(self, *, afresh: bool = False) -> Contents:
        """Reads what has changed; `afresh`: everything. Never raises for what it finds."""
        found: dict[Path, _Read] = {}
        troubles: list[tuple[Path, str]] = []
        for path in yaml_files(self.roots):
            try:
                found[path] = self._one(path, afresh)
            except Unreadable as error:
                troubles.append((path, str(error)))
        seen = {path for path, _ in troubles}
        for root in self.roots:
            if root not in seen and _any_below(self._read, root) and not _any_below(found, root):
                found.pop(root, None)  # a file where the folder was
                troubles.append((root, _EMPTIED))
        if troubles:
            found = self._with_unseen(found, [path for path, _ in troubles])
        self._read = found
        return Contents({path: one.data for path, one in found.items()}, tuple(troubles))

    def _one(self, path: Path, afresh: bool) -> _Read:
        """Raises Unreadable."""
        before = self._read.get(path)
        stamp = _stamp(path)
        if before is None or before.stamp != stamp:
            looks = 0
        elif before.looks < READ_AGAIN:
            looks = before.looks + 1
        elif afresh:
            looks = before.looks
        else:
            return before
        data = read_bytes(path, MAX_BYTES + 1)
        if before is not None and before.data == data:
            data = before.data  # the same object: comparing two looks is quick
        return _Read(stamp, data, looks)

    def _with_unseen(self, found: dict[Path, _Read], unseen: list[Path]) -> dict[Path, _Read]:
        kept = {
            path: one
            for path, one in self._read.items()
            if path not in found and any(path.is_relative_to(place) for place in unseen)
        }
        everything = found | kept
        return {path: everything[path] for path in sorted(everything, key=self._rank)}

    def _rank(self, path: Path) -> tuple[int, Path]:
        """As `yaml_files` orders them: folder by folder, later calendars win over earlier."""
        roots = enumerate(self.roots)
        return next((n for n, root in roots if path.is_relative_to(root)), -1), path


def _any_below(paths: Iterable[Path], root: Path) -> bool:
    return any(root in path.parents for path in paths)


def _stamp(path: Path) -> _Stamp:
    """What tells a file from the one that was there before; of a link, its target's. Reading says
    what is wrong with a file that has none."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return (0, 0, 0, 0, 0)
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
