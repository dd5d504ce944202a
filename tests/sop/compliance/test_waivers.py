"""Written exemptions: used, unused, unknown, impossible."""

import pytest
from pydantic import ValidationError

from sop.compliance.finding import Finding
from sop.compliance.rules import check_text
from sop.compliance.waiver import Waiver, judge

REASON = "总行合规部 2026-11-20 书面同意"
PATH = ("week", "monday", 0)


def waiver(rule: str, reason: str = REASON) -> Waiver:
    return Waiver(rule=rule, reason=reason)


def findings(text: str) -> list[Finding]:
    return check_text(text, risk_notice=True, path=(*PATH, "content", "text"))


def test_without_waivers_everything_is_kept() -> None:
    assert judge(findings("保本"), []) == (findings("保本"), [], [])


def test_waiver_excuses_its_rule_only() -> None:
    one = waiver("promise.principal")
    principal, returns = findings("保本又稳赚")
    assert judge([principal, returns], [one], PATH) == ([returns], [(principal, one)], [])


def test_waiver_excuses_each_finding_of_its_rule() -> None:
    one = waiver("promise.principal")
    first, second = findings("保本。真的保本")
    assert judge([first, second], [one], PATH) == ([], [(first, one), (second, one)], [])


@pytest.mark.parametrize(
    ("rule", "text", "severity", "message", "hint"),
    [
        (
            "promise.principal",
            "早上好",
            "warning",
            "豁免“promise.principal”没有用上。",
            "内容已不再触犯这条规则，请删掉这条豁免。",
        ),
        (
            "promise.principle",
            "早上好",
            "error",
            "没有规则“promise.principle”。",
            "您是想写 promise.principal 吗？",
        ),
        ("乱写", "早上好", "error", "没有规则“乱写”。", "请核对 waive 里的 rule。"),
        (
            "prize.cap",
            "早上好",
            "error",
            "“prize.cap”（最高奖超过五万元）不能豁免。",
            "请改正内容，并删掉这条豁免。",
        ),
    ],
)
def test_waiver_that_excuses_nothing_is_a_finding(
    rule: str, text: str, severity: str, message: str, hint: str
) -> None:
    one = waiver(rule)
    kept, waived, unused = judge(findings(text), [one], PATH)
    assert (waived, unused) == ([], [one])
    assert kept == [
        Finding(
            rule="waiver",
            severity=severity,  # type: ignore[arg-type]
            message=message,
            hint=hint,
            source="合规豁免须对应一条具体的规则，理由留痕备查",
            span=None,
            path=(*PATH, "waive", 0, "rule"),
        )
    ]


def test_law_cannot_be_waived() -> None:
    one = waiver("draw.purchase")
    [tied] = findings("购买即可抽奖")
    kept, waived, unused = judge([tied], [one], PATH)
    assert ([entry.rule for entry in kept], waived, unused) == (
        ["draw.purchase", "waiver"],
        [],
        [one],
    )


def test_second_waiver_of_a_rule_is_unused() -> None:
    first, second = waiver("promise.principal"), waiver("promise.principal", "另一个也够长的理由。")
    kept, waived, unused = judge(findings("保本"), [first, second], PATH)
    assert [(entry.rule, entry.path) for entry in kept] == [("waiver", (*PATH, "waive", 1, "rule"))]
    assert waived == [(findings("保本")[0], first)]
    assert unused == [second]


def test_reason_must_be_a_reason() -> None:
    with pytest.raises(ValidationError, match="at least 10 characters"):
        waiver("promise.principal", "没问题")
