"""Draws and gifts that hang on buying, holding, opening, transferring or bringing people.

A condition is looked for within one sentence: the deed, then a link such as 即可, then the draw —
or the draw, then 仅限 or 需, then the deed. A deed that is denied (不需要购买) is none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sop.compliance import catalogue
from sop.compliance.context import honest
from sop.compliance.finding import Rule
from sop.compliance.fold import COLON, COMMA, QUOTE, context_origins, fold_context, sentences

_DRAW = (
    "(?:抽(?![空时屉查样象烟血水身油离])(?:大?奖|好礼|红包|一次)?|摇奖|摇号|大?转盘|刮奖|刮刮[乐卡]|"
    "盲盒|金蛋|开奖|中奖机会)"
)
_BUY = (
    "(?:购买|认购|申购|买入|买满|买够|买任|买一份|买基金|买理财|买保险|买产品|买即|持有|持仓|开户|开立|"
    "开卡|办卡|办理|转账|转入|转来|存入|存满|新增存款|存款(?=[满达超送就即可后])|汇款|充值|投保|签约|"
    "下单|入金|消费满|绑卡|资产[达满]|投资满|定投)"
)
_REFER = (
    "(?:拉(?:人|新|好友|满|[0-9一二两三四五])|邀请.{0,4}(?:好友|朋友|亲友|家人|人)|转发|集赞|"
    "分享(?:到|至|本|活动|海报|链接|给)|推荐.{0,2}(?:好友|朋友|亲友))"
)
_FIRM = (
    "(?:即可|就可|就能|就有|就送|便可|方可|方能|才能|才可|才有|即有|即送|即得|可获|均可|都可|都能|"
    "有机会)"
)
_LOOSE = f"(?:{_FIRM}|可|能|后|得|赢|获|享|参与|参加|来|即|就|换)"
_ONLY = "(?:仅限|只限|限|须|需要?|必须|前提|条件|资格|要求|先|对象)"
_ADVICE = "(?:请|谨慎|注意|前|小心|提醒|知识|技巧|诈骗|被骗|吗)"
_GIFT = "(?:赠|送(?![货达别给到])|返现|返利)"
_GIFT_THING = "(?:礼品|好礼|豪礼|红包|京东卡|话费|实物)"
_DENIED = re.compile(
    r"(?:(?:不需|不用|无需|无须|不必|不要|不以|是否|没有|不会|不得|禁止|严禁)[^,]{0,12}|[不未没勿非别][^,]{0,3})\Z"
)


@dataclass(frozen=True, slots=True)
class Tie:
    """A breach at [start, end) of the original text."""

    rule: Rule
    start: int
    end: int


def _conditions(deed: str, prize: str) -> list[re.Pattern[str]]:
    """The ways in which a prize is made to depend on a deed."""
    return [
        re.compile(pattern)
        for pattern in (
            f"(?P<deed>{deed})[^,]{{0,14}}?{_LOOSE}[^,]{{0,8}}?{prize}",
            f"(?P<deed>{deed})(?![^,]*{_ADVICE})[^,]{{0,12}},[^,]{{0,8}}?{_FIRM}[^,]{{0,8}}?{prize}",
            f"(?P<deed>{deed})[^,]{{0,10}}的(?:客户|朋友|会员|成员|人|您)[^,]{{0,12}}?{prize}",
            f"{prize}[^,]{{0,6}},?[^,]{{0,6}}?{_ONLY}[^,]{{0,4}},?[^,]{{0,10}}?(?P<deed>{deed})",
        )
    ]


_TIES: list[tuple[Rule, list[re.Pattern[str]]]] = [
    (catalogue.DRAW_PURCHASE, _conditions(_BUY, _DRAW)),
    (catalogue.DRAW_REFERRAL, _conditions(_REFER, _DRAW)),
    (
        catalogue.GIFT_PURCHASE,
        [
            re.compile(f"(?P<deed>{_BUY})[^,]{{0,10}}?{_GIFT}"),
            re.compile(f"(?P<deed>{_BUY})[^,]{{0,10}}?{_LOOSE}[^,]{{0,6}}?{_GIFT_THING}"),
        ],
    ),
]
# Only those who did it may draw, said the other way round: 未购买的客户不能抽奖.
_SHUT_OUT = re.compile(
    f"[未没不]有?(?P<deed>{_BUY})[^,]{{0,10}},?(?:就|则)?[不无][能法得可][^,]{{0,6}}{_DRAW}"
)
_PRIZE = re.compile(
    "抽|摇奖|摇号|转盘|刮奖|刮刮|盲盒|金蛋|开奖|中奖机会|赠|送|返现|返利|礼品|好礼|豪礼|红包|京东卡|"
    "话费|实物"
)
"""No sentence without one of these can be a tie."""


def ties(text: str) -> Iterator[Tie]:
    """Every tie in a text; of one rule at most one in a sentence."""
    folded = fold_context(text).replace(QUOTE, "").replace(COLON, COMMA)
    if not _PRIZE.search(folded):
        return
    where: list[int] = []
    for at, sentence in sentences(folded):
        for rule, start, end in _in_sentence(sentence):
            where = where or context_origins(text, without=QUOTE)
            span = (where[at + start], where[at + end - 1] + 1)
            if honest(text, [span]) == [False]:
                yield Tie(rule, *span)


def _in_sentence(sentence: str) -> Iterator[tuple[Rule, int, int]]:
    if not _PRIZE.search(sentence):
        return
    if match := _SHUT_OUT.search(sentence):
        yield catalogue.DRAW_PURCHASE, match.start(), match.end()
        return
    for rule, patterns in _TIES:
        matches = [match for one in patterns if (match := _undenied(one, sentence))]
        if first := min(matches, key=lambda match: match.span(), default=None):
            yield rule, first.start(), first.end()
            if rule is catalogue.DRAW_PURCHASE:
                return


def _undenied(pattern: re.Pattern[str], sentence: str) -> re.Match[str] | None:
    at = 0
    while match := pattern.search(sentence, at):
        if not _DENIED.search(sentence[: match.start("deed")]):
            return match
        at = max(match.start("deed"), match.start()) + 1
    return None
