"""Evidence with anything in it otherwise is bad evidence, and never an exception."""

import json
from typing import Any

import pytest

from sop.draws.verify import read, report, verify
from tests import evidence_files
from tests.fuzz.conftest import Fuzz

FILES = {
    "instant": evidence_files.instant(),
    "entrants": evidence_files.entrants(),
    "undecided": evidence_files.undecided(),
    "abandoned": evidence_files.abandoned(),
}


@pytest.mark.parametrize("name", FILES)
def test_changed_evidence_is_found(fuzz: Fuzz, name: str) -> None:
    honest = FILES[name]
    assert verify(honest) == []
    for _ in fuzz.rounds(sharing=15):
        forged = fuzz.changed(honest)
        problems = verify(forged)
        assert problems, forged
        assert "证据有误" in report(forged, problems, "0" * 16)


def test_spoilt_file_is_no_evidence_of_anything_else(fuzz: Fuzz) -> None:
    """A file of other bytes is refused, or says the very same (blanks may be added)."""
    honest = FILES["instant"]
    data = json.dumps(honest, ensure_ascii=False, indent=1).encode()
    for _ in fuzz.rounds(sharing=15):
        try:
            value: Any = read(fuzz.spoilt(data))
        except ValueError:
            continue
        assert (verify(value) == []) == (value == honest)
