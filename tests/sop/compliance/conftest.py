"""What the tests of compliance share."""

from collections.abc import Callable

import pytest

from sop.compliance.finding import Finding
from sop.compliance.rules import check_text


@pytest.fixture
def said() -> Callable[..., list[tuple[str, str, str]]]:
    """(rule, severity, the words themselves) of every finding in a text."""

    def _said(text: str, *, risk_notice: bool = True) -> list[tuple[str, str, str]]:
        findings: list[Finding] = check_text(text, risk_notice=risk_notice, path=("text",))
        return [(one.rule, one.severity, text[slice(*one.span or (0, 0))]) for one in findings]

    return _said
