"""验奖: what proves the member's own draws, and where it can be checked."""

from collections.abc import Sequence

from sop.deck_ports import DrawFacts, OpenDeckFacts
from sop.effects import Effect, Reply
from sop.member_page import way_in
from sop.notice import prize_text
from sop.ports import Facts
from sop.rounds import published
from sop.word import Asking, Word

MOST_ROUNDS = 3
NOTHING = "您还没有抽过奖。抽奖后在这里能看到您的凭证，结束后可以验证。"


def own_draws(asking: Asking) -> Sequence[Effect]:
    """The member's codes and receipts (both are a 凭证) of their latest rounds."""
    facts = asking.facts
    decks = facts.decks.joined_by(asking.member, MOST_ROUNDS)
    if not decks:
        return [Reply(NOTHING)]
    lines = ["**我的凭证**"]
    for deck in decks:
        lines += _round(facts, deck, asking.member)
    lines.append("> 这些凭证都会记在证据文件里，结束后请向客户经理要这个文件。")
    way = way_in(facts, asking.community, asking.now, "活动页")
    if way:
        lines += ["> 在活动页的“验证抽奖”里选它，就能自己核对。", way]
    return [Reply("\n".join(lines))]


def _round(facts: Facts, deck: OpenDeckFacts, member: str) -> list[str]:
    title = published(facts, deck).title
    day = "" if deck.round == "standing" else f"（{deck.round}）"
    draws = facts.decks.draws(deck.id, member)
    code = draws[0].code if draws else facts.decks.entrant_code(deck.id, member)
    lines = [f"**{title}**{day}　{_state(deck, draws)}", f"凭证 `{code}`"]
    return lines + [
        f"第 {one.position + 1}/{deck.size} 张　{prize_text(one.card)}　本次凭证 `{one.receipt}`"
        for one in draws
    ]


def _state(deck: OpenDeckFacts, draws: Sequence[DrawFacts]) -> str:
    if deck.closed_at is not None:
        return "已结束，种子已公布" if draws else "已结束，这一期没有抽中"
    if deck.mode == "instant":
        return "进行中，结束时公布种子"
    return "已报名，等开奖" if deck.frozen_at is None else "名单已封存，等开奖"


WORD = Word(
    name="验奖",
    handle=own_draws,
    aliases=("我的凭证",),
    helps=lambda one: bool(one.facts.decks.joined_by(one.member, 1)),
    called="我的凭证",
)
