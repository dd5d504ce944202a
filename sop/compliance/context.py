"""Honest sentences: the word is denied, asked about, warned of, or exposed.

Four rules, words in `words.yaml`. Denied: a negator stands before the word with nothing but
linking words between (“不得承诺保本”). Asked: the same with 可以 … 吗. Warned of: a warning stands
before it in the same clause (“谨防‘稳赚不赔’”), or introduces the quotation. Exposed: a verdict
follows in the same clause, or in the same sentence where the word is quoted or its clause is a
condition (“凡是承诺保本的，都是骗局”).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from sop.compliance.fold import CLOSING, COLON, COMMA, OPENING, QUOTE, STOP, fold_context
from sop.compliance.words import any_of, words

_BEFORE, _AFTER = 80, 60
"""Characters looked at on either side."""
_NEAR = 18
"""Folded characters within which a warning must stand before the word."""
_REACH = 30
"""Folded characters within which a verdict must stand after the word."""
_IN_QUOTES = 16


@dataclass(frozen=True, slots=True)
class _Patterns:
    denied: re.Pattern[str]
    links: re.Pattern[str]
    asker: re.Pattern[str]
    asked: re.Pattern[str]
    warned: re.Pattern[str]
    exposed: re.Pattern[str]
    opener: re.Pattern[str]


def honest(text: str, spans: Sequence[tuple[int, int]]) -> list[bool]:
    """For each span of the original text, in order: whether its sentence makes it honest.

    What follows an honest word with only links between shares its excuse: 不承诺保本保收益.
    """
    verdicts: list[bool] = []
    excused_to: int | None = None
    for start, end in spans:
        chained = excused_to is not None and _linked(text[excused_to:start])
        excused = chained or _honest(text, start, end)
        verdicts.append(excused)
        excused_to = end if excused else None
    return verdicts


def _linked(between: str) -> bool:
    return bool(_patterns().links.fullmatch(fold_context(between).replace(QUOTE, "")))


def _honest(text: str, start: int, end: int) -> bool:
    patterns = _patterns()
    before = fold_context(text[max(0, start - _BEFORE) : start]).replace(QUOTE, "")
    rest = fold_context(text[end : end + _AFTER]).replace(QUOTE, "")
    rest = rest.split(STOP, 1)[0][:_REACH]
    quoted = _quoted(text, start, end)
    sentence = before.rsplit(STOP, 1)[-1]
    clause = re.split(f"[{COMMA}{COLON}]", sentence)[-1]
    if patterns.denied.search(clause):
        return True
    if patterns.asker.search(clause) and patterns.asked.match(rest):
        return True
    introduction = _introduction(text[:start], sentence) if quoted else clause
    if patterns.warned.search(introduction[-_NEAR:]):
        return True
    if not (quoted or patterns.opener.search(clause)):
        rest = rest.split(COMMA, 1)[0]
    return bool(patterns.exposed.search(rest))


def _introduction(before: str, sentence: str) -> str:
    """What introduces a quotation: up to a comma, or all of it where someone's words are told."""
    opening = max(before.rfind(one) for one in OPENING + '"')
    said = before[:opening].endswith(words().context.quoted_by)
    return sentence if said else sentence.rsplit(COMMA, 1)[-1]


def _quoted(text: str, start: int, end: int) -> bool:
    """Between quotation marks that open shortly before and close shortly after."""
    before, after = text[max(0, start - _IN_QUOTES) : start], text[end : end + _IN_QUOTES]
    opened = max(before.rfind(one) for one in OPENING) > max(before.rfind(one) for one in CLOSING)
    closed = any(one in after for one in CLOSING)
    line = text.rfind("\n", 0, start) + 1
    return (opened and closed) or (text.count('"', line, start) % 2 == 1 and '"' in after)


@cache
def _patterns() -> _Patterns:
    said = words().context
    links = f"(?>{any_of(said.links)})*+"
    not_denied = "".join(f"(?<!{one})" for one in said.denied_by)
    not_negators = "".join(f"(?<!{one})" for one in said.not_negators)
    at_end = rf"(?:{any_of(said.verdicts_at_end)})(?=的?(?:{COMMA}|\Z))"
    return _Patterns(
        denied=re.compile(rf"(?:{any_of(said.negators)}){not_negators}{links}\Z"),
        links=re.compile(links),
        asker=re.compile(rf"(?:{any_of(said.askers)}){links}\Z"),
        asked=re.compile(any_of(said.asked)),
        warned=re.compile(f"{not_denied}(?:{any_of(said.warnings)})"),
        exposed=re.compile(f"{not_denied}(?:{any_of(said.verdicts)}|{at_end})"),
        opener=re.compile(any_of(said.openers)),
    )
