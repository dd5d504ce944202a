"""What `check` says of mistakes that people make, word for word.

A case is a file or a folder in `cases`; beside it stands what is printed. To write that anew, and
then read it: QUNYUN_REWRITE=1 pytest tests/sop/diagnostics
"""

import os
from pathlib import Path

import pytest

from bot.shelf import check_all

CASES = Path(__file__).parent / "cases"
NAMES = sorted(path.name for path in CASES.iterdir() if path.suffix not in (".txt", ".json"))


@pytest.fixture(autouse=True)
def _among_the_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CASES)


def expected(said: str, golden: str) -> str:
    """What the golden says; it is written first where one asks for that."""
    path = CASES / golden
    if os.environ.get("QUNYUN_REWRITE") and not os.environ.get("CI"):
        path.write_text(f"{said}\n", encoding="utf-8")
    return path.read_text(encoding="utf-8").removesuffix("\n")


@pytest.mark.parametrize("name", NAMES)
def test_check_says_of(name: str) -> None:
    code, said = check_all([Path(name)], "text")
    assert said == expected(said, f"{name.removesuffix('.yaml')}.txt")
    assert code == (1 if " error[" in said else 0)


@pytest.mark.parametrize("name", NAMES)
def test_check_finds_something_in(name: str) -> None:
    _, said = check_all([Path(name)], "text")
    assert "没有发现问题" not in said


def test_there_are_many() -> None:
    assert len(NAMES) >= 100
    goldens = {path.stem for path in CASES.glob("*.txt")}
    assert goldens == {name.removesuffix(".yaml") for name in NAMES}


@pytest.mark.parametrize(
    ("output", "golden"),
    [("github", "broken-beside-good.github.txt"), ("json", "broken-beside-good.json")],
)
def test_check_for_programs_says_of_a_folder(output: str, golden: str) -> None:
    said = check_all([Path("broken-beside-good")], output)[1]
    assert said == expected(said, f"../formats/{golden}")
