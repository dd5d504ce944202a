"""Which files a library is made of, and reading them without ever waiting or trusting them.

A folder may hold symbolic links that loop or dangle, pipes, devices, names that no terminal can
show, and may vanish while it is walked: each is left to `read_bytes`, which says what is wrong.
"""

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

_Identity = tuple[int, int]


class Unreadable(Exception):
    """A file that gives no bytes; the message says why, in Chinese, as a sentence."""


def yaml_files(paths: Iterable[Path]) -> list[Path]:
    """The files themselves, and every .yaml or .yml below the folders, sorted, each once.

    Links to folders are followed, but no folder is entered twice; names that begin with a dot are
    left out (copies that editors and Kubernetes keep). A folder that cannot be listed stands for
    itself.
    """
    found: dict[_Identity | Path, Path] = {}
    for path in paths:
        inside = sorted(_below(path, set())) if path.is_dir() else [path]
        for one in inside:
            found.setdefault(_identity(one) or one, one)
    return list(found.values())


def _below(folder: Path, entered: set[_Identity | None]) -> Iterator[Path]:
    identity = _identity(folder)
    if identity in entered:
        return
    entered.add(identity)
    try:
        with os.scandir(folder) as entries:
            names = [
                (one.is_symlink(), one.name, _is_dir(one))
                for one in entries
                if not one.name.startswith(".")
            ]
    except OSError:
        yield folder
        return
    for _, name, is_dir in sorted(names):  # a folder itself before a link to it
        if is_dir:
            yield from _below(folder / name, entered)
        elif name.lower().endswith((".yaml", ".yml")):
            yield folder / name


def _is_dir(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link into itself
        return False


def _identity(path: Path) -> _Identity | None:
    """Device and inode of what the path leads to; None when it leads nowhere."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino


def shown_path(path: Path) -> str:
    """The path as text that every terminal and encoding can take: odd characters are escaped."""
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape", "surrogatepass").decode()
        for one in str(path)
    )


_REASONS = {
    errno.ENOENT: "没有这个文件。",
    errno.EACCES: "没有权限读这个文件。",
    errno.EPERM: "没有权限读这个文件。",
    errno.ELOOP: "符号链接绕成了圈，找不到真正的文件。",
    errno.ENOTDIR: "路径中间有一段不是文件夹。",
    errno.ENAMETOOLONG: "文件名太长。",
    errno.EISDIR: "这是文件夹，不是文件。",
}


def read_bytes(path: Path, most: int) -> bytes:
    """At most `most` bytes of a regular file; never waits for a pipe or device.

    Raises Unreadable.
    """
    try:
        # Asked before opening too: opening a device can already do something.
        _regular(path, path.stat().st_mode)
        with open(path, "rb", opener=_without_waiting) as file:
            _regular(path, os.fstat(file.fileno()).st_mode)
            return file.read(most)
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, "文件打不开。")
        if error.errno == errno.ENOENT and path.is_symlink():
            reason = "符号链接指向的文件不存在。"
        raise Unreadable(reason) from error
    except ValueError as error:  # a NUL in the name
        raise Unreadable("文件名里有不能用的字符。") from error


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _regular(path: Path, mode: int) -> None:
    if stat.S_ISDIR(mode):
        try:
            os.listdir(path)
        except OSError as error:
            raise Unreadable("文件夹打不开。") from error
        raise Unreadable("这是文件夹，不是文件。")
    if not stat.S_ISREG(mode):
        raise Unreadable("这不是普通文件（是管道、设备或套接字）。")
