"""Hosting a round (主持): what a host's words do, and to which of several rounds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from sop.community import Community
from sop.diagnostics import closest
from sop.effects import Effect
from sop.game import Decided, Game
from sop.games import all_games, is_quiet
from sop.library import Library
from sop.play import CannotPlay, begin, effects_of, ending, rules
from sop.ports import Facts, GameSession
from sop.review import whom_to_ask
from sop.unplanned import may_say

Verb = Literal["hint", "reveal", "extend", "end"]


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
    """开局: a host starts a round without rewards. Raises CannotPlay with what to type, and where
    nobody has stamped the questions."""
    found, chosen = chosen_game(library, game, options)
    bank = library.banks.get(getattr(chosen, "bank", None) or "")
    if bank is not None and not may_say(facts, library, bank, community):
        raise CannotPlay(f"{bank.heading}还没有审核章，不能用来开局。\n{whom_to_ask(facts)}")
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


def chosen_game(library: Library, game: str, options: dict[str, str]) -> tuple[Game, BaseModel]:
    """The game that a host named, with its options as typed. Raises CannotPlay with what to
    type."""
    found = _game_called(game)
    try:
        chosen = found.Options.model_validate(_defaults(found, options, library), strict=False)
    except ValidationError as error:
        raise CannotPlay(_wrong_options(found, error)) from error
    problems = found.problems(chosen, library.banks)
    if problems:
        raise CannotPlay("\n".join(problems))
    return found, chosen


def host(
    facts: Facts,
    library: Library,
    community: Community,
    verb: Verb,
    now: datetime,
    seconds: int = 60,
    typed: str = "",
) -> list[Effect]:
    """提示, 揭晓, 延时, 结束; `typed` names one of several games, or is the outcome that 揭晓
    tells. Raises CannotPlay when no such round is running."""
    session, outcome = _meant(facts, community, verb, typed)
    game, options = rules(session)
    if outcome and isinstance(game, Decided):
        turn = game.decide(options, session.state, now, outcome)
    elif verb == "extend":
        turn = game.extend(options, session.state, now, seconds)
    else:
        act = {"hint": game.hint, "reveal": game.reveal, "end": game.end}[verb]
        turn = act(options, session.state, now)
    return effects_of(facts, library, community, session, turn, now)


def _meant(facts: Facts, community: Community, verb: Verb, typed: str) -> tuple[GameSession, str]:
    """Which round a host speaks of, and what else was typed.

    A round that goes on for days is ended by its name only: it would be a pity if 结束, typed a
    second after a quiz ended by itself, ended it.
    """
    running = facts.running_games(community.id)
    if not running:
        raise CannotPlay(f"“{community.name}”里现在没有进行中的游戏。")
    word, _, rest = typed.partition(" ")
    for one in running:
        if word.casefold() in (one.game, all_games()[one.game].title):
            running, typed = [one], rest.strip()
            break
    else:
        if verb == "end" and is_quiet(running[0].game):
            raise CannotPlay(f"正在进行的是多日游戏，要提前结束请发：{ending(running[0])}")
    if not typed:
        return running[0], ""
    for one in running:
        if verb == "reveal" and isinstance(all_games()[one.game], Decided):
            return one, typed
    raise CannotPlay(f"没有看懂“{typed}”。正在进行：{_titles(running)}。")


def _titles(sessions: Sequence[GameSession]) -> str:
    return "、".join(all_games()[one.game].title for one in sessions)


def _game_called(name: str) -> Game:
    games = all_games()
    by_title = {game.title: game for game in games.values()}
    if name in games:
        return games[name]
    if name in by_title:
        return by_title[name]
    near = closest(name, [*games, *by_title])
    hint = f"您是想玩“{near}”吗？" if near else ""
    known = "、".join(game.title for game in games.values())
    raise CannotPlay(f"没有叫“{name}”的游戏。{hint}可以玩：{known}。")


def _wrong_options(game: Game, error: ValidationError) -> str:
    """What is missing; if nothing is, what is wrong and what would be right."""
    fields, found = game.Options.model_fields, error.errors(include_url=False)
    missing = [str(one["loc"][0]) for one in found if one["type"] == "missing"]
    if missing:
        return f"“{game.title}”还要写：{_wanted(game, missing)}。"
    named = sorted({str(one["loc"][0]) for one in found if one["loc"]})
    unknown = [one for one in named if one not in fields]
    if unknown:
        return f"“{game.title}”没有选项 {'、'.join(unknown)}，可以写：{'、'.join(fields)}。"
    return f"“{game.title}”的选项写得不对，请写：{_wanted(game, named)}。"


def _wanted(game: Game, names: Sequence[str]) -> str:
    fields = game.Options.model_fields
    return "、".join(f"{one}=〔{fields[one].description}〕" for one in names)


def _defaults(game: Game, options: dict[str, str], library: Library) -> dict[str, Any]:
    """What the host typed, as the game's model wants it; a quiz takes the first bank."""
    typed: dict[str, Any] = {
        key: int(value) if value.isdecimal() else value for key, value in options.items()
    }
    bank = game.Options.model_fields.get("bank")
    if bank is not None and bank.is_required() and "bank" not in typed and library.banks:
        typed["bank"] = min(library.banks)
    return typed
