"""Libraries on disk: broken files are left out and told, a starter never overwrites."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from bot.shelf import check_all, library_of, shipped, write_starter
from tests.house import settings_of

GOOD = """
plan: mine
title: 我的计划
applies_to: {labels: [all]}
week:
  monday:
    - {id: hello, at: "09:00", content: {text: 早上好}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.yaml").write_text(GOOD, encoding="utf-8")
    return tmp_path


def test_shipped_library_is_whole() -> None:
    library, workdays = shipped()
    assert {"customer-weekly", "manager-weekly", "wealth-weekly"} <= set(library.plans)
    assert {"friday-festival", "join-hook"} <= set(library.campaigns)
    assert 2026 in workdays.years


def test_configured_library_replaces_the_shipped_one(folder: Path) -> None:
    chosen = replace(settings_of("http://127.0.0.1:1"), library=(folder,))
    library, _ = library_of(chosen)
    assert sorted(library.plans) == ["mine"]


def test_broken_file_is_left_out_and_told(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    broken = folder / "broken.yaml"
    broken.write_text(GOOD.replace("mine", "other").replace("09:00", "25:00"), encoding="utf-8")
    chosen = replace(settings_of("http://127.0.0.1:1"), library=(folder,))
    library, _ = library_of(chosen)
    assert sorted(library.plans) == ["mine"]
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith(f"{broken}:7:23: error[")


def test_starter_is_good_and_is_never_written_over(tmp_path: Path) -> None:
    written = write_starter(tmp_path)
    assert (tmp_path / "config.yaml") in written
    assert check_all([tmp_path], "text")[0] == 0
    (tmp_path / "config.yaml").write_text("company: 我的银行\n", encoding="utf-8")
    assert write_starter(tmp_path) == []
    assert (tmp_path / "config.yaml").read_text(encoding="utf-8") == "company: 我的银行\n"


def test_check_tells_of_configuration_and_library_together(folder: Path) -> None:
    (folder / "config.yaml").write_text("company: 示例银行\n", encoding="utf-8")
    code, text = check_all([folder], "text")
    assert code == 1
    assert f"{folder}/config.yaml:1:1: error[" in text
