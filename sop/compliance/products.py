"""Products named without a risk notice: a mention is a warning, a recommendation an error."""

import re
from dataclasses import dataclass
from functools import cache

from sop.compliance.context import honest
from sop.compliance.fold import COMMA, context_origins, fold_context, sentences
from sop.compliance.words import any_of, words

_DENIED = re.compile(r"(?:不|勿|无需|无须|别|谨慎|是否|骗子)[^,]{0,6}\Z")
# 不需要购买任何…: the product is named only to say that it is not needed.
_NEEDLESS = re.compile("不需|不用|无需|无须|不必|不要求|不以|是否")
_ADVICE = re.compile(r"[^,]{0,12}(?:前|时|须知|谨慎|注意|要看|先|吗)")

_JOINED = re.compile("[^,]{0,12}")
_FOLLOWING = re.compile("[^,]{0,12}(?:,[^,]{0,4})?")


@dataclass(frozen=True, slots=True)
class Naming:
    """A product at [start, end) of the original text."""

    start: int
    end: int
    sold: bool
    """It is recommended, not just mentioned."""


@dataclass(frozen=True, slots=True)
class _Patterns:
    noun: re.Pattern[str]
    selling: re.Pattern[str]
    products: frozenset[str]
    named: frozenset[str]


def naming(text: str) -> Naming | None:
    """The worst naming of a product in a text: the first that is sold, else the first at all."""
    folded = fold_context(text)
    patterns = _patterns()
    if not patterns.noun.search(folded):
        return None
    mentioned: tuple[int, int] | None = None
    for at, sentence in sentences(folded):
        for match in patterns.noun.finditer(sentence):
            if match[0] not in patterns.products:
                continue
            place = at + match.start(), at + match.end()
            if _sold(sentence, *match.span()):
                span = _span(text, *place)
                if not honest(text, [span])[0]:
                    return Naming(*span, sold=True)
            elif mentioned is None and match[0] in patterns.named:
                clause = sentence[: match.start()].rsplit(COMMA, 1)[-1]
                mentioned = None if _NEEDLESS.search(clause) else place
    return Naming(*_span(text, *mentioned), sold=False) if mentioned else None


def _span(text: str, start: int, end: int) -> tuple[int, int]:
    where = context_origins(text)
    return where[start], where[end - 1] + 1


def _sold(sentence: str, start: int, end: int) -> bool:
    """Whether one is told to buy what is named at [start, end); 不要购买 and 购买前 are not."""
    return any(
        _near(sentence, match, start, end)
        and not _DENIED.search(sentence[: match.start()])
        and not _ADVICE.match(sentence, match.end())
        for match in _patterns().selling.finditer(sentence)
    )


def _near(sentence: str, selling: re.Match[str], start: int, end: int) -> bool:
    """推荐您一款基金, or 新基金上线，欢迎认购: one clause, or the next that begins with it."""
    if selling.end() <= start:
        return _JOINED.fullmatch(sentence, selling.end(), start) is not None
    return _FOLLOWING.fullmatch(sentence, end, selling.start()) is not None


@cache
def _patterns() -> _Patterns:
    listed = words().products
    products = frozenset((*listed.named, *listed.when_sold))
    return _Patterns(
        noun=re.compile(any_of((*products, *listed.not_when_sold))),
        selling=re.compile(any_of(listed.selling)),
        products=products,
        named=frozenset(listed.named),
    )
