"""What runs when files change: the new version where it holds, the last good one where not."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from bot.edition import Edition, Shelf

PLAN = """\
plan: weekly
title: 每周
applies_to: {labels: [all]}
week:
  friday:
    - {id: hello, at: "09:00", content: {text: 早上好}}
    - {id: bye, at: "20:00", content: {script: greeting}}
"""
SCRIPT = """\
script: greeting
title: 问候
text: 大家好，周末愉快。
"""
OTHER = PLAN.replace("weekly", "other").split("    - {id: bye")[0]
YEAR = """\
calendar: cn-2031
year: 2031
source: 本行通知
entered: 2030-11-20
off:
  - {name: 元旦, from: 2031-01-01, to: 2031-01-01}
"""
BROKEN = "09:00", "25:00"

Save = Callable[[str, str], Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A library of a plan and the script that it needs."""
    path = tmp_path / "library"
    path.mkdir()
    (path / "weekly.yaml").write_text(PLAN, encoding="utf-8")
    (path / "greeting.yaml").write_text(SCRIPT, encoding="utf-8")
    return path


@pytest.fixture
def save(folder: Path) -> Save:
    """Writes a file as an editor does: a copy, renamed."""

    def write(name: str, text: str) -> Path:
        copy = folder / f".{name}.tmp"
        copy.write_text(text, encoding="utf-8")
        return copy.rename(folder / name)

    return write


@pytest.fixture
def shelf(folder: Path) -> Shelf:
    return shelf_of(folder)


def shelf_of(folder: Path, *calendars: Path) -> Shelf:
    return Shelf([folder], calendars, labels={"all"}, communities={"first"})


def read(shelf: Shelf) -> Edition:
    return shelf.read(shelf.look())


def hello(edition: Edition, plan: str = "weekly") -> str:
    step = edition.library.plans[plan].step("hello")
    assert step is not None
    return f"{step.at:%H:%M}"


def told(shelf: Shelf) -> list[str]:
    return [f"{shelf.shown(one.file)}:{one.line} {one.code}" for one in shelf.edition.problems]


def names(paths: tuple[Path, ...]) -> list[str]:
    return [path.name for path in paths]


def test_good_library_runs_as_it_is_written(shelf: Shelf) -> None:
    edition = shelf.edition
    assert sorted(edition.library.plans) == ["weekly"]
    assert sorted(edition.library.scripts) == ["greeting"]
    assert (edition.problems, edition.kept, edition.left_out) == ((), (), ())


def test_saved_file_runs_and_what_was_not_touched_stays_the_same_object(
    shelf: Shelf, save: Save
) -> None:
    before = shelf.edition
    save("weekly.yaml", PLAN.replace("09:00", "09:30"))
    after = read(shelf)
    assert hello(after) == "09:30"
    assert after.library.scripts["greeting"] is before.library.scripts["greeting"]
    assert after.workdays is before.workdays
    assert after.mark != before.mark


def test_broken_save_keeps_the_last_good_version(shelf: Shelf, save: Save) -> None:
    save("weekly.yaml", PLAN.replace("09:00", "09:30"))
    read(shelf)
    save("weekly.yaml", PLAN.replace(*BROKEN))
    edition = read(shelf)
    assert hello(edition) == "09:30"
    assert told(shelf) == ["library/weekly.yaml:6 time"]
    assert (names(edition.kept), edition.left_out) == (["weekly.yaml"], ())
    save("weekly.yaml", PLAN.replace("09:00", "10:00"))
    edition = read(shelf)
    assert hello(edition) == "10:00"
    assert (edition.problems, edition.kept) == ((), ())


def test_file_broken_at_start_is_left_out(folder: Path, save: Save) -> None:
    save("other.yaml", OTHER.replace(*BROKEN))
    shelf = shelf_of(folder)
    assert sorted(shelf.edition.library.plans) == ["weekly"]
    assert names(shelf.edition.left_out) == ["other.yaml"]
    assert shelf.edition.kept == ()
    save("other.yaml", OTHER)
    assert hello(read(shelf), "other") == "09:00"


def test_new_plan_that_needs_a_broken_script_waits_for_it(shelf: Shelf, save: Save) -> None:
    save("weekly.yaml", PLAN.replace("09:00", "09:30"))
    save("greeting.yaml", SCRIPT.replace("title", "titel"))
    edition = read(shelf)
    assert hello(edition) == "09:00"
    assert edition.library.scripts["greeting"].title == "问候"
    assert told(shelf) == ["library/greeting.yaml:2 unknown-key", "library/weekly.yaml:7 link"]
    assert sorted(names(edition.kept)) == ["greeting.yaml", "weekly.yaml"]


@pytest.mark.parametrize("change", ["renamed", "deleted"])
def test_script_that_a_plan_still_needs_stays(
    shelf: Shelf, save: Save, folder: Path, change: str
) -> None:
    if change == "renamed":
        save("greeting.yaml", SCRIPT.replace("greeting", "hi"))
    else:
        (folder / "greeting.yaml").unlink()
    save("other.yaml", OTHER)
    edition = read(shelf)
    assert sorted(edition.library.plans) == ["other", "weekly"]
    assert sorted(edition.library.scripts) == ["greeting"]
    assert told(shelf) == ["library/weekly.yaml:7 link"]
    assert names(edition.kept) == ["greeting.yaml"]
    save("weekly.yaml", OTHER.replace("other", "weekly"))
    edition = read(shelf)
    assert sorted(edition.library.scripts) == (["hi"] if change == "renamed" else [])
    assert (edition.problems, edition.kept) == ((), ())


def test_copy_under_the_same_name_does_not_stop_the_first(shelf: Shelf, save: Save) -> None:
    save("copy.yaml", PLAN.replace("09:00", "11:00"))
    edition = read(shelf)
    assert hello(edition) == "09:00"
    assert told(shelf) == [
        "library/copy.yaml:1 duplicate-name",
        "library/weekly.yaml:1 duplicate-name",
    ]
    assert (edition.kept, names(edition.left_out)) == ((), ["copy.yaml"])


def test_deleted_plan_stops(shelf: Shelf, folder: Path) -> None:
    (folder / "weekly.yaml").unlink()
    edition = read(shelf)
    assert (dict(edition.library.plans), edition.problems, edition.kept) == ({}, (), ())


def test_moved_file_goes_on(shelf: Shelf, folder: Path) -> None:
    (folder / "plans").mkdir()
    (folder / "weekly.yaml").rename(folder / "plans" / "weekly.yml")
    edition = read(shelf)
    assert (hello(edition), edition.problems, edition.kept) == ("09:00", (), ())


@pytest.mark.parametrize("how", ["gone", "empty", "a file", "a loop"])
def test_vanished_folder_keeps_everything(shelf: Shelf, folder: Path, how: str) -> None:
    folder.rename(folder.with_name("elsewhere"))
    if how == "empty":
        folder.mkdir()
    elif how == "a file":
        folder.write_text("", encoding="utf-8")
    elif how == "a loop":
        folder.symlink_to(folder)
    edition = read(shelf)
    assert hello(edition) == "09:00"
    assert told(shelf) == ["library:1 file"]
    assert edition.kept[-1] == folder
    assert edition.left_out == ()
    if how != "gone":
        shutil.rmtree(folder) if how == "empty" else folder.unlink()
    folder.with_name("elsewhere").rename(folder)
    edition = read(shelf)
    assert (edition.problems, edition.kept, edition.left_out) == ((), (), ())


def test_file_that_cannot_be_read_keeps_what_it_said(shelf: Shelf, folder: Path) -> None:
    (folder / "weekly.yaml").unlink()
    (folder / "weekly.yaml").symlink_to(folder / "nowhere")
    edition = read(shelf)
    assert hello(edition) == "09:00"
    assert [one.message for one in edition.problems] == ["符号链接指向的文件不存在。"]
    assert names(edition.kept) == ["weekly.yaml"]


def test_configmap_is_taken_up_when_its_link_is_swapped(tmp_path: Path) -> None:
    """As Kubernetes lays one out: every file a link through `..data`, which is replaced."""
    folder = tmp_path / "library"
    for version, text in (("..v1", PLAN), ("..v2", PLAN.replace("09:00", "09:30"))):
        (folder / version).mkdir(parents=True)
        (folder / version / "weekly.yaml").write_text(text, encoding="utf-8")
        (folder / version / "greeting.yaml").write_text(SCRIPT, encoding="utf-8")
    (folder / "..data").symlink_to("..v1")
    for name in ("weekly.yaml", "greeting.yaml"):
        (folder / name).symlink_to(f"..data/{name}")
    shelf = shelf_of(folder)
    assert hello(shelf.edition) == "09:00"
    (folder / "..next").symlink_to("..v2")
    (folder / "..next").rename(folder / "..data")
    shutil.rmtree(folder / "..v1")
    edition = read(shelf)
    assert (hello(edition), edition.problems) == ("09:30", ())


def test_file_rewritten_with_the_same_words_changes_nothing(shelf: Shelf, save: Save) -> None:
    seen = shelf.look()
    save("weekly.yaml", PLAN)
    os.utime(save("greeting.yaml", SCRIPT), (0, 0))
    assert shelf.look() == seen


def test_broken_calendar_keeps_the_last_good_one(folder: Path, tmp_path: Path) -> None:
    calendar = tmp_path / "cn-2031.yaml"
    calendar.write_text(YEAR, encoding="utf-8")
    shelf = shelf_of(folder, calendar)
    good = shelf.edition.workdays
    assert good.years[-1] == 2031
    calendar.write_text(YEAR.replace("2031-01-01}", "2032-01-01}"), encoding="utf-8")
    edition = read(shelf)
    assert edition.workdays.years == good.years
    assert [one.message for one in edition.problems] == ["放假的起止日期不对。"]
    assert names(edition.kept) == ["cn-2031.yaml"]


def test_random_edits_never_stop_what_runs(shelf: Shelf, save: Save) -> None:
    """300 saves, most of them broken: the plans that ran still run, in a version that was good."""
    chance = Random(20261122)
    texts = {"weekly.yaml": PLAN, "greeting.yaml": SCRIPT, "other.yaml": OTHER}
    save("other.yaml", OTHER)
    read(shelf)
    good, bad = 0, 0
    for number in range(300):
        name = chance.choice(sorted(texts))
        text = texts[name]
        if chance.random() < 0.7:
            at = chance.randrange(len(text))
            text = (
                text[:at] + chance.choice(["", ":", "\t", "{", "\x00", "x", "\n"]) + text[at + 1 :]
            )
        else:
            text = text.replace("09:00", f"09:{number % 60:02d}")
        save(name, text)
        edition = read(shelf)
        # A plan may be renamed by an edit; it is never lost by one.
        assert (len(edition.library.plans), len(edition.library.scripts)) == (2, 1)
        good, bad = (good + 1, bad) if not edition.errors else (good, bad + 1)
    assert good > 20
    assert bad > 50
