"""Predictions that a bank must not let its customers make: on markets, and on lotteries."""

import re
from functools import cache

from sop.compliance.catalogue import PREDICTION_MARKET
from sop.compliance.fold import fold, origins
from sop.compliance.words import Term, any_of, words


def market_problem(text: str) -> str | None:
    """Why a question or one of its choices cannot be predicted on, with the law; None: it can."""
    folded = fold(text)
    pattern, terms = _looked_for()
    for match in pattern.finditer(folded):
        start, end = match.span()
        term = terms[match[0]]
        after = folded.endswith(term.unless_after, 0, start)
        if not (after or folded.startswith(term.unless_before, end)):
            where = origins(text)
            said = text[where[start] : where[end - 1] + 1]
            rule = PREDICTION_MARKET
            return f"“{said}”：{rule.title}。{rule.hint}（依据：{rule.source}）"
    return None


@cache
def _looked_for() -> tuple[re.Pattern[str], dict[str, Term]]:
    terms = {form: one for one in words().markets for form in (one.term, *one.variants)}
    return re.compile(any_of(terms)), terms
