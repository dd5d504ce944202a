"""Playing a game in a community: from a plan or a host's command, through turns, to rewards.

The rules are the game's (`sop.games`); this module turns their `Turn` into effects, keeps the
promise of the rewards, and writes the closing list of winners.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from sop.campaign import Pool
from sop.community import Community
from sop.diagnostics import closest
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
from sop.games import all_games
from sop.library import Library
from sop.money import yuan
from sop.ports import Facts, GameSession
from sop.wording import shown
from sop.workdays import UnknownYear

Verb = Literal["hint", "reveal", "extend", "end"]


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
    if facts.running_game(community.id) is not None:
        raise CannotPlay(f"“{community.name}”里还有一局没有结束，请先发“结束”。")
    if not community.heard_as:
        raise CannotPlay(
            f"“{community.name}”里机器人听不到成员说话，主持不了游戏；请按主持稿由您来带这一局。"
        )
    game = all_games()[game_name]
    effects: list[Effect] = []
    promise = "本局没有现金奖励，重在参与。"
    if rewards is not None:
        why = _unpayable(facts, library.pools[rewards.pool], rewards, community, now)
        if why is not None:
            effects.append(Tell(community.owner, f"{why}\n本局“{game.title}”改为无奖游戏。"))
            rewards = None
        else:
            promise = _promise(rewards)
    turn = game.start(options, library.banks, seed, now)
    opening, *more = turn.posts or ("",)
    posts = (f"{opening}\n\n{promise}\n> 请 @{community.heard_as} 作答，我才听得到。", *more)
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
    return [*effects, begin_game, *(Post(community.id, text) for text in posts)]


def start_by_host(
    facts: Facts,
    library: Library,
    community: Community,
    game: str,
    options: dict[str, str],
    started_by: str,
    now: datetime,
    seed: bytes,
) -> list[Effect]:
    """开局: a host starts a round without rewards. Raises CannotPlay with what to type."""
    found = _game_called(game)
    try:
        chosen = found.Options.model_validate(_defaults(found, options, library), strict=False)
    except ValidationError as error:
        fields = "、".join(sorted({str(one["loc"][0]) for one in error.errors() if one["loc"]}))
        raise CannotPlay(f"“{found.title}”的选项写得不对：{fields}。") from error
    problems = found.problems(chosen, library.banks)
    if problems:
        raise CannotPlay("\n".join(problems))
    return begin(
        facts,
        library,
        community,
        found.name,
        chosen,
        None,
        now=now,
        seed=seed,
        started_by=started_by,
    )


def said(
    facts: Facts,
    library: Library,
    community: Community,
    player: Player,
    text: str,
    now: datetime,
) -> list[Effect] | None:
    """A member's move in the running game; None when there is none or the text is no move."""
    session = facts.running_game(community.id)
    if session is None:
        return None
    game, options = _rules(session)
    turn = game.said(options, session.state, player, text, now)
    if turn is None:
        return None
    effects = _turn(facts, library, community, session, turn, now)
    if player.id in turn.played:
        effects.append(Count(community.id, player.id, "answer"))
    return effects


def tick(
    facts: Facts, library: Library, community: Community, session: GameSession, now: datetime
) -> list[Effect]:
    """The game's own time has come."""
    game, options = _rules(session)
    turn = game.tick(options, session.state, now)
    return _turn(facts, library, community, session, turn, now)


def host(
    facts: Facts,
    library: Library,
    community: Community,
    verb: Verb,
    now: datetime,
    seconds: int = 60,
) -> list[Effect]:
    """提示, 揭晓, 延时, 结束. Raises CannotPlay when no round is running."""
    session = facts.running_game(community.id)
    if session is None:
        raise CannotPlay(f"“{community.name}”里现在没有进行中的游戏。")
    game, options = _rules(session)
    if verb == "extend":
        turn = game.extend(options, session.state, now, seconds)
    else:
        act = {"hint": game.hint, "reveal": game.reveal, "end": game.end}[verb]
        turn = act(options, session.state, now)
    return _turn(facts, library, community, session, turn, now)


def _game_called(name: str) -> Game:
    games = all_games()
    by_title = {game.title: game for game in games.values()}
    if name in games:
        return games[name]
    if name in by_title:
        return by_title[name]
    near = closest(name, [*games, *by_title])
    hint = f"您是想玩“{near}”吗？" if near else ""
    known = "、".join(f"{game.title}（{game.name}）" for game in games.values())
    raise CannotPlay(f"没有叫“{name}”的游戏。{hint}可以玩：{known}。")


def _defaults(game: Game, options: dict[str, str], library: Library) -> dict[str, Any]:
    """What the host typed, as the game's model wants it; a quiz takes the first bank."""
    typed: dict[str, Any] = {
        key: int(value) if value.isdecimal() else value for key, value in options.items()
    }
    if "bank" in game.Options.model_fields and "bank" not in typed and library.banks:
        typed["bank"] = min(library.banks)
    return typed


def _rules(session: GameSession) -> tuple[Game, BaseModel]:
    game = all_games()[session.game]
    return game, game.Options.model_validate_json(json.dumps(session.options))


def _turn(
    facts: Facts,
    library: Library,
    community: Community,
    session: GameSession,
    turn: Turn,
    now: datetime,
) -> list[Effect]:
    effects: list[Effect] = [Played(session.id, member) for member in turn.played]
    if turn.over is None:
        effects.append(KeepGame(session.id, session.version, turn.state, turn.next_at))
    else:
        winners = turn.over.winners
        effects.append(
            FinishGame(session.id, session.version, turn.state, turn.over.reason, winners)
        )
    effects.extend(Post(community.id, text) for text in turn.posts)
    if turn.reply is not None:
        effects.append(Reply(turn.reply))
    if turn.over is not None:
        effects.extend(_rewards(facts, library, community, session, turn.over.winners, now))
    return effects


def _rewards(
    facts: Facts,
    library: Library,
    community: Community,
    session: GameSession,
    ranking: Sequence[str],
    now: datetime,
) -> list[Effect]:
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
    game = all_games()[session.game]
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
    effects: list[Effect] = []
    lines = []
    for member, amount in amounts.items():
        effects.append(
            Reward(
                pool=rule.pool,
                community=community.id,
                member=member,
                amount_fen=amount,
                prize=pool.prize,
                budget_fen=pool.budget_fen,
                payable_on=payable_on.isoformat(),
                key=f"game/{session.id}/{member}",
            )
        )
        known = facts.member(community.id, member)
        lines.append(f"🎁 {shown(known.name if known else '')}　{yuan(amount)} 元")
    closing = "\n".join(
        [
            f"**{game.title}·中奖名单**",
            *lines,
            f"> {payable_on.month} 月 {payable_on.day} 日发放（{pool.payable_after} 个工作日后），"
            f"发“@{community.heard_as} 我的奖品”可查。",
        ]
    )
    return [*effects, Post(community.id, closing)]


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
