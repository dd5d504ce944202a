"""验奖: a closed round is checked as any stranger would check it."""

from bot.command import Command, Request, Scope, Topic, Usage
from bot.evidence import evidence_of
from bot.typed import plain
from sop.community import Role
from sop.draws.verify import CHECKS, verify
from sop.effects import Effect, Record, Reply
from storage import decks
from storage.deck_values import DeckRow

_ALL = frozenset({Role.OPERATOR, Role.MANAGER, Role.ADMIN})
_MOST_NAMED = 8
_MOST_CARDS = 20_000
"""Larger decks take seconds, and a chat command must not hold up the members."""


def _verify(request: Request) -> list[Effect]:
    if not request.args:
        raise Usage("请写活动的名字，或奖池编号。")
    row = _deck(request, " ".join(request.args))
    by = request.sender.id
    if row.closed_at is None:
        text = f"{_name(request, row)}还没有结束，种子要到结束时才公布。"
    elif not row.log_length:
        text = f"{_name(request, row)}是旧版本开的，没有可以验证的日志。"
    elif row.size > _MOST_CARDS:
        text = f"{_name(request, row)}牌太多，请在终端里验证：{_terminal(row)}"
    else:
        text = _outcome(request, row)
    return [Reply(text), Record(by, "验奖", str(row.id), "")]


def _outcome(request: Request, row: DeckRow) -> str:
    problems = verify(evidence_of(request.tx, row))
    if problems:
        told = [f"❌ {CHECKS[check]}：{text}" for check, text in problems[:5]]
        return "\n".join([f"**{_name(request, row)}·验证不通过**", *told, "请立即告诉管理员。"])
    seed = decks.seed(request.tx, row.id)
    decided = [f"> 公开值 {row.value}（{row.public_value}）"] if row.value else []
    return "\n".join(
        [
            f"**{_name(request, row)}·验证通过**",
            f"✅ {len(CHECKS)} 项检查全部通过，抽出 {row.taken}/{row.size} 张，张张对得上。",
            f"> 种子 `{seed}`",
            f"> 承诺值 `{row.commitment}`",
            f"> 日志末尾 `{row.head}`",
            *decided,
            f"> 给群友的证据文件：{_terminal(row)}",
        ]
    )


def _terminal(row: DeckRow) -> str:
    return f"qunyun campaign evidence {row.id} --out evidence.json"


def _deck(request: Request, typed: str) -> DeckRow:
    """The deck of this number, or the newest closed one of this campaign, else its newest.
    Raises Usage."""
    seen = [row for row in decks.listing(request.tx) if _may_see(request, row)]
    titles = {row.campaign: _known_as(request, row.campaign) for row in seen}
    word = plain(typed)
    if word.isdecimal():
        found = [row for row in seen if str(row.id) == word]
    else:
        found = [row for row in seen if word in (plain(row.campaign), plain(titles[row.campaign]))]
    if not found:
        if not seen:
            raise Usage("您的社群还没有开过抽奖，没有可以验证的。")
        if word.isdecimal():
            known = "、".join(f"{row.id}（{titles[row.campaign]}）" for row in seen[:_MOST_NAMED])
            raise Usage(f"没有 {word} 号奖池。最近的有：{known}。")
        names = "、".join(list(titles.values())[:_MOST_NAMED])
        raise Usage(f"没有叫“{typed}”的抽奖。开过的有：{names}。")
    return next((row for row in found if row.closed_at is not None), found[0])


def _may_see(request: Request, row: DeckRow) -> bool:
    if request.sender.roles & _ALL or row.community is None:
        return True
    return row.community in request.sender.communities


def _known_as(request: Request, campaign: str) -> str:
    known = request.library.campaigns.get(campaign)
    return campaign if known is None else known.title


def _name(request: Request, row: DeckRow) -> str:
    title = decks.rules(request.tx, row.id)["title"]
    day = "" if row.round == "standing" else f" {row.round}"
    return f"{title}{day}（{row.id} 号）"


COMMANDS = [
    Command(
        name="验奖",
        aliases=("verify",),
        roles=_ALL | {Role.RM},
        scope=Scope.NONE,
        usage="验奖 活动名或奖池编号",
        example="验奖 周五节抽奖",
        summary="重算一期已结束的抽奖",
        handle=_verify,
        topic=Topic.DRAWS,
    )
]
