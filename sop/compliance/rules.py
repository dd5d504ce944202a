"""Judges texts and campaigns. Pure; the words are in `words.yaml`, each rule with its source."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sop.campaign import Campaign
from sop.compliance import catalogue
from sop.compliance.context import honest
from sop.compliance.finding import Finding, found
from sop.compliance.fold import fold, origins
from sop.compliance.match import hits
from sop.compliance.notice import asks_for_friends, missing_items, prize_findings
from sop.compliance.products import naming
from sop.compliance.ties import ties
from sop.source import Key

_SHORT = 2
"""Characters of a word whose sound alone is too little for an error."""

_MOST = 50
"""Words of the list reported of one text; after these nobody needs another."""


def check_text(text: str, *, risk_notice: bool, path: Sequence[Key]) -> list[Finding]:
    """What a text that people read must not say.

    `path` is where the text stands in its file; spans count characters of `text`. With
    `risk_notice` the risk notice is appended to it, so that products may be named.
    """
    findings = [*_words(text, path), *_ties(text, path)]
    if not risk_notice:
        findings += _product(text, path)
    return findings


def check_campaign(campaign: Campaign) -> list[Finding]:
    """What a campaign must not promise or demand, and what its notice must contain."""
    findings: list[Finding] = []
    for path, text in _texts(campaign):
        findings += _words(text, path)
        findings += _ties(text, path)
        findings += (
            replace(one, hint="活动公告里不要推荐产品，请删去。")
            for one in _product(text, path)
            if one.severity == "error"
        )
    return [
        *findings,
        *asks_for_friends(campaign),
        *missing_items(campaign),
        *prize_findings(campaign),
    ]


def _texts(campaign: Campaign) -> Iterator[tuple[tuple[Key, ...], str]]:
    yield ("title",), campaign.title
    yield ("keyword",), campaign.keyword
    yield ("opening",), campaign.opening
    for number, rule in enumerate(campaign.rules):
        yield ("rules", number), rule
    for number, cards in enumerate(campaign.deck):
        yield ("deck", number, "prize"), cards.prize
        yield ("deck", number, "redeem"), cards.redeem


def _words(text: str, path: Sequence[Key]) -> Iterator[Finding]:
    listed = hits(fold(text))[:_MOST]
    if not listed:
        return
    where = origins(text)
    spans = [(where[one.start], where[one.end - 1] + 1) for one in listed]
    for hit, span, excused in zip(listed, spans, honest(text, spans), strict=True):
        if excused:
            continue
        rule = catalogue.rules()[hit.group.rule]
        said = _quoted(text, span)
        if not hit.sounded:
            yield found(rule, f"“{said}”属于{rule.title}。", path, span)
            continue
        weak = len(hit.term.term) == _SHORT
        message = f"“{said}”读音同“{hit.term.term}”，属于{rule.title}。"
        yield found(rule, message, path, span, severity="warning" if weak else None)


def _ties(text: str, path: Sequence[Key]) -> Iterator[Finding]:
    for tie in ties(text):
        span = (tie.start, tie.end)
        yield found(tie.rule, f"“{_quoted(text, span)}”：{tie.rule.title}。", path, span)


def _product(text: str, path: Sequence[Key]) -> Iterator[Finding]:
    named = naming(text)
    if named is None:
        return
    span = (named.start, named.end)
    said = _quoted(text, span)
    if named.sold:
        message = f"推荐“{said}”，却没有风险提示。"
        yield found(catalogue.PRODUCT_NOTICE, message, path, span, severity="error")
    else:
        yield found(catalogue.PRODUCT_NOTICE, f"点到“{said}”，却没有风险提示。", path, span)


def _quoted(text: str, span: tuple[int, int]) -> str:
    """The words as written, visible and on one line."""
    return "".join(one if one.isprintable() else "·" for one in text[slice(*span)])
