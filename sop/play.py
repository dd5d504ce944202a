"""Playing a game in a community: from a plan or a host's command, through turns, to rewards.

The rules are the game's (`sop.games`); this module turns their `Turn` into effects, keeps the
promise of the rewards, and writes the closing list of winners.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from sop.campaign import Pool
from sop.community import Community
from sop.draws.amounts import amount_between
from sop.effects import (
    BeginGame,
    Count,
    Effect,
    FinishGame,
    Json,
    KeepGame,
    Played,
    Post,
    Reply,
    Reward,
    Tell,
)
from sop.game import Game, Player, Turn
from sop.games import all_games, is_quiet
from sop.library import Library
from sop.lottery import after_game
from sop.member_page import how, reachable, way_in
from sop.money import yuan
from sop.pieces import by_hand, handed, opening
from sop.ports import Facts, GameSession
from sop.questions import counted, for_community
from sop.wording import shown
from sop.workdays import UnknownYear

Verb = Literal["hint", "reveal", "extend", "end"]


_UNCHECKED = (
    "> （核对中）的还在核对是不是本行客户：核对通过就照常发放，没有通过的不发放，名次不顺延。"
)


class CannotPlay(Exception):
    """The host's wish cannot be met; the text says why and what to do, in Chinese."""


@dataclass(frozen=True, slots=True)
class RewardRule:
    """What the winners of a round get: up to `winners` of them, each between low and high."""

    winners: int
    low_fen: int
    high_fen: int
    pool: str

    def as_json(self) -> Json:
        """Kept with the session, so that a running game keeps its rules."""
        return {
            "winners": self.winners,
            "low_fen": self.low_fen,
            "high_fen": self.high_fen,
            "pool": self.pool,
        }


def begin(
    facts: Facts,
    library: Library,
    community: Community,
    game_name: str,
    options: BaseModel,
    rewards: RewardRule | None,
    *,
    now: datetime,
    seed: bytes,
    occurrence: str | None = None,
    started_by: str | None = None,
) -> list[Effect]:
    """Opens a round. Raises CannotPlay when one is running already."""
    other = in_the_way(facts, community, game_name)
    if other is not None:
        raise CannotPlay(f"“{community.name}”里还有一局没有结束，请先发“{ending(other)}”。")
    if not reachable(community):
        raise CannotPlay(
            f"“{community.name}”里机器人听不到成员说话，主持不了游戏；请按主持稿由您来带这一局。"
        )
    game = all_games()[game_name]
    options = _at_home(options, community)
    effects: list[Effect] = []
    promise = "本局没有现金奖励，重在参与。"
    if rewards is not None:
        why = _unpayable(facts, library.pools[rewards.pool], rewards, community, now)
        if why is not None:
            effects.append(Tell(community.owner, f"{why}\n本局“{game.title}”改为无奖游戏。"))
            rewards = None
        else:
            promise = _promise(rewards)
    banks = for_community(facts, library.banks, community.id, options, seed)
    turn = game.start(options, banks, seed, now)
    first, *more = turn.posts or ("",)
    text = f"{first}\n\n{promise}\n{_how(facts, community, now)}"
    begin_game = BeginGame(
        community.id,
        game_name,
        options.model_dump(mode="json"),
        turn.state,
        seed.hex(),
        turn.next_at,
        rewards.as_json() if rewards else None,
        occurrence,
        started_by,
    )
    effects += [begin_game, *counted(community.id, turn)]
    if by_hand(community):
        return [
            *effects,
            *opening(facts, community, game, options, turn, text, occurrence, now),
        ]
    posts = [text, *more] if community.heard_as else [text]
    return [*effects, *(Post(community.id, one) for one in posts)]


def said(
    facts: Facts,
    library: Library,
    community: Community,
    player: Player,
    text: str,
    now: datetime,
) -> list[Effect] | None:
    """A member's move in the first running game that takes it for one; None when none does."""
    return _heard(facts, library, community, facts.running_games(community.id), player, text, now)


def said_beside(
    facts: Facts,
    library: Library,
    community: Community,
    player: Player,
    text: str,
    now: datetime,
) -> list[Effect] | None:
    """The same for a word that is not only a game's: just the quiet games hear it."""
    quiet = [one for one in facts.running_games(community.id) if is_quiet(one.game)]
    return _heard(facts, library, community, quiet, player, text, now)


def _heard(
    facts: Facts,
    library: Library,
    community: Community,
    sessions: Sequence[GameSession],
    player: Player,
    text: str,
    now: datetime,
) -> list[Effect] | None:
    for session in sessions:
        game, options = rules(session)
        turn = game.said(options, session.state, player, text, now)
        if turn is not None:
            effects = effects_of(facts, library, community, session, turn, now)
            if player.id in turn.played:
                effects.append(Count(community.id, player.id, "answer"))
            return effects
    return None


def tick(
    facts: Facts, library: Library, community: Community, session: GameSession, now: datetime
) -> list[Effect]:
    """The game's own time has come."""
    game, options = rules(session)
    turn = game.tick(options, session.state, now)
    return effects_of(facts, library, community, session, turn, now)


def in_the_way(facts: Facts, community: Community, game: str) -> GameSession | None:
    """The running round that must end before this game can begin; None: it can."""
    for one in facts.running_games(community.id):
        if one.game == game or not (is_quiet(game) or is_quiet(one.game)):
            return one
    return None


def ending(session: GameSession) -> str:
    """What a host types to end this round."""
    return f"结束 {all_games()[session.game].title}" if is_quiet(session.game) else "结束"


def _how(facts: Facts, community: Community, now: datetime) -> str:
    """How to play in this community."""
    if community.heard_as:
        said = f"> 请 @{community.heard_as} 作答，我才听得到。"
    else:
        said = "> 这一局在网页上玩，群里发的消息我听不到。"
    return f"{said}\n{way_in(facts, community, now)}".strip()


def _at_home(options: BaseModel, community: Community) -> BaseModel:
    """A game that counts days does so in the community's zone, unless told otherwise."""
    if "zone" in type(options).model_fields and "zone" not in options.model_fields_set:
        return options.model_copy(update={"zone": community.zone})
    return options


def rules(session: GameSession) -> tuple[Game, BaseModel]:
    """The game of a round, and the options it was opened with."""
    game = all_games()[session.game]
    return game, game.Options.model_validate_json(json.dumps(session.options))


def effects_of(
    facts: Facts,
    library: Library,
    community: Community,
    session: GameSession,
    turn: Turn,
    now: datetime,
) -> list[Effect]:
    """What a game's turn does: its state kept or its round finished, its words, its rewards."""
    effects: list[Effect] = [Played(session.id, member) for member in turn.played]
    if turn.over is None:
        effects.append(KeepGame(session.id, session.version, turn.state, turn.next_at))
    else:
        winners = turn.over.winners
        effects.append(
            FinishGame(session.id, session.version, turn.state, turn.over.reason, winners)
        )
    effects.extend(counted(community.id, turn))
    posts = list(turn.posts)
    if posts and turn.over is not None and turn.over.winners:
        posts[-1] += after_game(facts, library, community, now)
    # Where nobody is heard and nobody forwards, the page shows how the round goes.
    if community.heard_as or by_hand(community) or turn.over is not None:
        effects.extend(Post(community.id, text) for text in posts)
    if turn.reply is not None:
        effects.append(Reply(turn.reply))
    if turn.over is not None:
        effects.extend(_rewards(facts, library, community, session, turn.over.winners, now))
    return handed(facts, community, session, turn, effects, now) if by_hand(community) else effects


def _turned_away(facts: Facts, member: str) -> bool:
    """Whether the bank says that somebody is no customer of its: they win nothing. Of whom it has
    said nothing yet the place is kept, and the money waits for its word."""
    return facts.onboarding.gate(member) == "no"


def _rewards(
    facts: Facts,
    library: Library,
    community: Community,
    session: GameSession,
    ranking: Sequence[str],
    now: datetime,
) -> list[Effect]:
    ranking = [one for one in ranking if not facts.is_staff(one) and not _turned_away(facts, one)]
    if session.rewards is None or not ranking:
        return []
    rule = RewardRule(**session.rewards)
    pool = library.pools.get(rule.pool)
    if pool is None:  # the library was changed while the round was running
        gone = f"本局奖励未发放：计划库里已没有奖池“{rule.pool}”。"
        return [Tell(community.owner, gone)]
    try:
        payable_on = facts.payable_on(now.astimezone(community.zone).date(), pool.payable_after)
    except UnknownYear as error:
        return [Tell(community.owner, f"本局奖励未发放：{error}")]
    seed = bytes.fromhex(session.seed)
    amounts = {
        member: amount_between(rule.low_fen, rule.high_fen, seed, f"reward/{member}")
        for member in ranking[: rule.winners]
    }
    # The round still runs, so what it may cost is not among what is left.
    left = facts.pool_left(pool.pool, pool.budget_fen) + rule.winners * rule.high_fen
    if left < sum(amounts.values()):  # the budget was cut while the round was running
        short = f"本局奖励未发放：奖池“{pool.title}”只剩 {yuan(left)} 元。"
        return [Tell(community.owner, short)]
    unchecked = {one for one in amounts if facts.onboarding.gate(one) == "waiting"}
    rewards = [
        Reward(
            pool=rule.pool,
            community=community.id,
            member=member,
            amount_fen=amount,
            prize=pool.prize,
            budget_fen=pool.budget_fen,
            payable_on=payable_on.isoformat(),
            key=f"game/{session.id}/{member}",
            awaits_gate=member in unchecked,
        )
        for member, amount in amounts.items()
    ]
    lines = _winners(facts, community, amounts, unchecked)
    closing = "\n".join(
        [
            f"**{all_games()[session.game].title}·中奖名单**",
            *lines,
            f"> {payable_on.month} 月 {payable_on.day} 日发放（{pool.payable_after} 个工作日后），"
            f"{how(community, '我的奖品')}可查。",
        ]
    )
    return [*rewards, Post(community.id, closing)]


def _winners(
    facts: Facts, community: Community, amounts: Mapping[str, int], unchecked: Collection[str]
) -> list[str]:
    """The winners with what each gets, and what that depends on."""
    lines = []
    for member, amount in amounts.items():
        known = facts.member(community.id, member)
        mark = "（核对中）" if member in unchecked else ""
        lines.append(f"🎁 {shown(known.name if known else '')}　{yuan(amount)} 元{mark}")
    return [*lines, _UNCHECKED] if unchecked else lines


def _unpayable(
    facts: Facts, pool: Pool, rule: RewardRule, community: Community, now: datetime
) -> str | None:
    """Why these rewards cannot be promised; None if they can."""
    left = facts.pool_left(pool.pool, pool.budget_fen)
    if left < rule.winners * rule.high_fen:
        return f"奖池“{pool.title}”只剩 {yuan(left)} 元，不够本局奖励。"
    try:
        facts.payable_on(now.astimezone(community.zone).date(), pool.payable_after)
    except UnknownYear as error:
        return str(error)
    return None


def _promise(rule: RewardRule) -> str:
    span = (
        f"{yuan(rule.low_fen)} 元"
        if rule.low_fen == rule.high_fen
        else f"{yuan(rule.low_fen)}～{yuan(rule.high_fen)} 元"
    )
    return f"🎁 前 {rule.winners} 名各得 {span}红包。"


def pools_of(session: GameSession) -> tuple[str, int] | None:
    """What a running round may still cost: (pool, fen)."""
    if session.rewards is None:
        return None
    rule = RewardRule(**session.rewards)
    return rule.pool, rule.winners * rule.high_fen
