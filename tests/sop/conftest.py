"""What tests of the plan language share: files written on the spot, communities, a calendar."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from zoneinfo import ZoneInfo

import pytest

from sop.community import Community, DeliveryMode
from sop.loader import load
from sop.plan import Plan
from sop.workdays import Workdays, published

WEALTH = Community(
    "wealth-01",
    "财富体验群",
    "wrGroup01",
    "lijing",
    DeliveryMode.ROBOT,
    frozenset({"wealth", "shanghai"}),
    ZoneInfo("Asia/Shanghai"),
)


@pytest.fixture
def wealth() -> Community:
    return WEALTH


@pytest.fixture
def communities() -> list[Community]:
    """Two that a wealth plan is for, one that it is not for."""
    return [
        replace(WEALTH, id="wealth-02", name="财富客户群"),
        WEALTH,
        replace(WEALTH, id="youth-01", name="青年群", labels=frozenset({"youth"})),
    ]


@pytest.fixture(scope="session")
def workdays() -> Workdays:
    return Workdays(published())


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, str]], Path]:
    """Writes files into a folder of its own, which becomes the working directory."""
    monkeypatch.chdir(tmp_path)

    def _write(files: Mapping[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return Path(".")

    return _write


@pytest.fixture
def plan(write: Callable[[Mapping[str, str]], Path]) -> Callable[[str], Plan]:
    """Reads one plan that must be without any problem."""

    def _plan(text: str) -> Plan:
        library, problems = load([write({"plan.yaml": text})])
        assert problems == []
        (one,) = library.plans.values()
        return one

    return _plan
