"""The word list and its sounds: complete, current, every term found."""

import pytest
from pypinyin import lazy_pinyin

from sop.compliance.catalogue import rules
from sop.compliance.finding import Finding
from sop.compliance.fold import fold
from sop.compliance.match import hits
from sop.compliance.rules import check_text
from sop.compliance.words import Group, Term, syllables, words

TERMS = list(words().terms())
FORMS = [(group, form) for group, term in TERMS for form in (term.term, *term.variants)]


def gb2312() -> list[str]:
    """Every Chinese character of the standard, in its order."""
    codes = (bytes([row, cell]) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    return [char for code in codes if (char := code.decode("gb2312", errors="ignore"))]


def test_sounds_are_those_of_pypinyin() -> None:
    wanted = {lazy_pinyin(char)[0] for _, term in TERMS if term.sounds for char in term.term}
    expected = {char: one for char in gb2312() if (one := lazy_pinyin(char)[0]) in wanted}
    assert syllables() == expected


def test_list_is_as_large_as_it_says() -> None:
    assert (len(words().rules), len(TERMS), len(FORMS)) == (13, 87, 306)


def test_terms_stand_once() -> None:
    forms = [form for _, form in FORMS]
    assert sorted({one for one in forms if forms.count(one) > 1}) == []


def test_forms_are_written_as_they_are_looked_for() -> None:
    assert [form for _, form in FORMS if fold(form) != form] == []


def test_rules_have_a_source_and_a_hint() -> None:
    assert [one.id for one in rules().values() if not (one.source and one.hint)] == []


def test_rules_that_nobody_can_waive() -> None:
    assert [one.id for one in rules().values() if not one.waivable] == [
        "draw.purchase",
        "prize.amount",
        "prize.cap",
        "prediction.market",
        "waiver",
    ]


@pytest.mark.parametrize(
    ("group", "form"), FORMS, ids=[f"{group.rule}-{form}" for group, form in FORMS]
)
def test_each_form_is_found_alone(group: Group, form: str) -> None:
    assert check_text(form, risk_notice=True, path=("text",))[:1] == [
        Finding(
            rule=group.rule,
            severity=group.severity,
            message=f"“{form}”属于{group.title}。",
            hint=group.hint,
            source=group.source,
            span=(0, len(form)),
            path=("text",),
        )
    ]


@pytest.mark.parametrize(
    ("group", "term"),
    [(group, term) for group, term in TERMS if term.sounds],
    ids=[term.term for _, term in TERMS if term.sounds],
)
def test_sounding_terms_are_found_in_pinyin(group: Group, term: Term) -> None:
    letters = "".join(lazy_pinyin(term.term))
    assert [(one.group.rule, one.start, one.end) for one in hits(fold(letters))] == [
        (group.rule, 0, len(letters))
    ]
