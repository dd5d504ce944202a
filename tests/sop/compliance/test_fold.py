"""The form in which words are looked for, and the way back to the original characters."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop.compliance.fold import (
    context_origins,
    fold,
    fold_context,
    origins,
    sentences,
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("保 本", "保本"),
        ("Ｈｅｌｌｏ　世界", "hello世界"),
        ("零風險、內幕", "零风险\n内幕"),
        ("bǎo", "bao"),
        ("㊙️消息", "秘消息"),
        ("①②", "12"),
        ("一。二，三：四\n五", "一\n二\n三\n四\n五"),
        ("“一”（二）【三】", "一二三"),
        ("5.00 元", "500元"),
        ("", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_context_keeps_commas_colons_and_quotes() -> None:
    assert fold_context("骗子说：“保本、保息”，别信。真的") == '骗子说:"保本保息",别信\n真的'


@given(st.text(max_size=60))
def test_origins_lead_back(text: str) -> None:
    assert len(origins(text)) == len(fold(text))
    assert len(context_origins(text)) == len(fold_context(text))
    assert all(one in fold(text[at]) for one, at in zip(fold(text), origins(text), strict=True))


def test_sentences_are_cut_where_they_never_end() -> None:
    assert [(at, len(one)) for at, one in sentences("一\n" + "二" * 700)] == [
        (0, 1),
        (2, 300),
        (302, 300),
        (602, 100),
    ]


def test_simplified_text_loads_no_tables() -> None:
    script = (
        "import sys; from sop.compliance.rules import check_text;"
        "check_text('这款产品保本，零风险！😀', risk_notice=False, path=());"
        "print('opencc' in sys.modules, 'pypinyin' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "False False\n"
