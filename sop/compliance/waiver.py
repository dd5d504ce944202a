"""A written exemption from a rule (豁免), kept in the file that needs it."""

from collections.abc import Sequence

from pydantic import Field

from sop.compliance import catalogue
from sop.compliance.finding import Finding, found
from sop.diagnostics import did_you_mean
from sop.model import Strict
from sop.source import Key


class Waiver(Strict):
    """One rule, and why it does not apply here."""

    rule: str = Field(min_length=1, description="豁免哪条规则，例如 promise.principal")
    reason: str = Field(min_length=10, max_length=200, description="理由，至少 10 个字")


def judge(
    findings: Sequence[Finding], waivers: Sequence[Waiver], path: Sequence[Key] = ()
) -> tuple[list[Finding], list[tuple[Finding, Waiver]], list[Waiver]]:
    """What remains, what a reason excuses (for the audit), and the waivers that excuse nothing.

    `path` is where the step or campaign stands that has the key `waive`. A waiver for an unknown
    rule, for one that no reason excuses, or for nothing is itself among what remains.
    """
    rules = catalogue.rules()
    reasons = {one.rule: one for one in reversed(waivers) if _may(one)}
    kept = [one for one in findings if one.rule not in reasons]
    waived = [(one, reasons[one.rule]) for one in findings if one.rule in reasons]
    used = [waiver for _, waiver in waived]
    unused = [one for one in waivers if not any(one is other for other in used)]
    for number, one in enumerate(waivers):
        if not any(one is other for other in unused):
            continue
        where = (*path, "waive", number, "rule")
        if one.rule not in rules:
            hint = did_you_mean(one.rule, rules) or catalogue.WAIVER.hint
            kept.append(found(catalogue.WAIVER, f"没有规则“{one.rule}”。", where, hint=hint))
        elif not _may(one):
            title = rules[one.rule].title
            message = f"“{one.rule}”（{title}）不能豁免。"
            hint = "请改正内容，并删掉这条豁免。"
            kept.append(found(catalogue.WAIVER, message, where, hint=hint))
        else:
            message = f"豁免“{one.rule}”没有用上。"
            hint = "内容已不再触犯这条规则，请删掉这条豁免。"
            kept.append(found(catalogue.WAIVER, message, where, severity="warning", hint=hint))
    return kept, waived, unused


def _may(waiver: Waiver) -> bool:
    """Whether a reason can excuse the rule at all."""
    rule = catalogue.rules().get(waiver.rule)
    return rule is not None and rule.waivable
