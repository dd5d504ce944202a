"""Files and folders as disks have them: links, pipes, missing rights, odd names."""

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from sop.diagnostics import render, to_github, to_json
from sop.files import shown_path, yaml_files
from sop.loader import load
from sop.source import read

Write = Callable[[Mapping[str, str]], Path]

SMALL = "pool: games\ntitle: 奖池\nbudget: 100.00\n"


def told(*paths: Path) -> list[tuple[str, str]]:
    return [(one.file, one.message) for one in load(paths)[1]]


def test_link_into_itself_is_a_problem(write: Write) -> None:
    folder = write({"good.yaml": SMALL})
    (folder / "loop.yaml").symlink_to("loop.yaml")
    assert told(folder) == [("loop.yaml", "符号链接绕成了圈，找不到真正的文件。")]
    assert list(load([folder])[0].pools) == ["games"]


def test_link_to_nothing_is_a_problem(write: Write) -> None:
    folder = write({"good.yaml": SMALL})
    (folder / "gone.yaml").symlink_to("absent.yaml")
    assert told(folder) == [("gone.yaml", "符号链接指向的文件不存在。")]


def test_folders_that_lead_into_each_other_are_entered_once(write: Write) -> None:
    folder = write({"a/good.yaml": SMALL})
    (folder / "a" / "up").symlink_to("..", target_is_directory=True)
    (folder / "b").symlink_to("a", target_is_directory=True)
    assert yaml_files([folder]) == [Path("a/good.yaml")]
    assert told(folder) == []


def test_same_file_by_several_names_is_loaded_once(write: Write) -> None:
    folder = write({"good.yaml": SMALL})
    (folder / "again.yaml").symlink_to("good.yaml")
    (folder / "hard.yaml").hardlink_to(folder / "good.yaml")
    assert yaml_files([folder, folder / "good.yaml"]) == [Path("again.yaml")]
    assert told(folder, folder / "good.yaml") == []


def test_mounted_configuration_is_loaded_once(write: Write) -> None:
    folder = write({"..2026_11_22/good.yaml": SMALL})
    (folder / "..data").symlink_to("..2026_11_22", target_is_directory=True)
    (folder / "good.yaml").symlink_to("..data/good.yaml")
    assert yaml_files([folder]) == [Path("good.yaml")]
    assert list(load([folder])[0].pools) == ["games"]


def test_copies_that_editors_keep_are_left_alone(write: Write) -> None:
    folder = write({"good.yaml": SMALL, ".good.yaml.swp": "", "._good.yaml": "", "a.yaml~": ""})
    (folder / ".#good.yaml").symlink_to("user@host.1234")
    assert yaml_files([folder]) == [Path("good.yaml")]


def test_suffix_in_capitals_counts(write: Write) -> None:
    assert yaml_files([write({"A.YAML": SMALL, "b.Yml": SMALL})]) == [Path("A.YAML"), Path("b.Yml")]


def test_pipe_is_never_waited_for(write: Write) -> None:
    folder = write({"good.yaml": SMALL})
    os.mkfifo(folder / "pipe.yaml")
    assert told(folder) == [("pipe.yaml", "这不是普通文件（是管道、设备或套接字）。")]


def test_devices_and_sockets_are_no_files(write: Write) -> None:
    folder = write({"good.yaml": SMALL})
    (folder / "endless.yaml").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("s.yaml")
        assert told(folder) == [
            ("endless.yaml", "这不是普通文件（是管道、设备或套接字）。"),
            ("s.yaml", "这不是普通文件（是管道、设备或套接字）。"),
        ]


def test_folder_named_like_a_file_is_walked(write: Write) -> None:
    assert yaml_files([write({"dir.yaml/good.yaml": SMALL})]) == [Path("dir.yaml/good.yaml")]


def test_file_that_vanishes_after_listing_is_a_problem(write: Write) -> None:
    folder = write({"good.yaml": SMALL, "gone.yaml": SMALL})
    files = yaml_files([folder])
    (folder / "gone.yaml").unlink()
    assert told(*files) == [("gone.yaml", "没有这个文件。")]


def test_folder_that_vanishes_is_a_problem(write: Write) -> None:
    folder = write({"sub/good.yaml": SMALL}) / "sub"
    (folder / "good.yaml").unlink()
    folder.rmdir()
    assert told(folder) == [("sub", "没有这个文件。")]


@pytest.fixture
def without_rights() -> Iterator[None]:
    """Root reads everything, so the test becomes somebody else for a while."""
    if os.geteuid() == 0:
        os.seteuid(65534)
        yield
        os.seteuid(0)
    else:
        yield


def test_file_and_folder_without_the_right_to_read_are_problems(
    write: Write, request: pytest.FixtureRequest
) -> None:
    folder = write({"good.yaml": SMALL, "mine.yaml": SMALL, "closed/a.yaml": SMALL})
    for one in (folder.resolve(), *list(folder.resolve().parents)[:3]):
        one.chmod(one.stat().st_mode | 0o055)
    (folder / "mine.yaml").chmod(0)
    (folder / "closed").chmod(0)
    request.getfixturevalue("without_rights")
    found = told(folder)
    assert found == [
        ("closed", "文件夹打不开。"),
        ("mine.yaml", "没有权限读这个文件。"),
    ]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"a\nb.yaml", "a\\nb.yaml"),
        (b"a\x1b[31mb.yaml", "a\\x1b[31mb.yaml"),
        (b"\xff\xfe.yaml", "\\udcff\\udcfe.yaml"),
        ("计划 一.yaml".encode(), "计划 一.yaml"),
    ],
)
def test_odd_file_name_is_shown_without_harm(write: Write, name: bytes, shown: str) -> None:
    folder = write({})
    path = Path(os.fsdecode(name))
    path.write_text("pln: 1\n")
    _, problems = load([folder])
    assert [one.file for one in problems] == [shown] == [shown_path(path)]
    for text in (render(problems), to_json(1, problems), to_github(problems)):
        assert shown.split("\\")[0] in text.encode().decode()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a\0b.yaml", "文件名里有不能用的字符。"),
        ("x" * 300 + ".yaml", "文件名太长。"),
        ("good.yaml/sub.yaml", "路径中间有一段不是文件夹。"),
    ],
)
def test_impossible_path_is_a_problem(write: Write, name: str, message: str) -> None:
    write({"good.yaml": SMALL})
    (one,) = read(Path(name)).problems
    assert (one.line, one.column, one.code, one.message) == (1, 1, "file", message)
