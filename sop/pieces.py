"""A game in a customer group: nobody but the RM can post there, so the RM gets the whole course
of the round at its beginning, and each further piece at its minute, ready to be forwarded.

What the course will be, the game itself says: it is a pure state machine, so it is played to its
end with nobody in it. Answers make a real round faster, never different in kind.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import BaseModel

from sop.community import Community, DeliveryMode
from sop.effects import Effect, HandPiece, HandScript, Post
from sop.game import Game, Turn
from sop.member_page import way_in
from sop.ports import Facts, GameSession
from sop.wording import plain

MOMENT = timedelta(seconds=15)
"""What is over sooner than that nobody can forward in time."""
PACE = timedelta(seconds=25)
"""Nobody is handed pieces faster: what comes sooner goes with the next."""
SHORTEST = timedelta(minutes=1)
"""So long a piece is worth posting at least."""
LONGEST = timedelta(hours=2)
"""And at most; also the end of a round, after it."""
MOST_LINES = 20
LINE = 40
"""Characters of a piece that the course shows."""
WHERE = "成员网页来玩（群里发的消息我听不到）"
"""Below each piece: its own words ask for an answer, as they do where the bot hears the group."""
_CLOSING = "收尾：公布结果"
_TURNS = 500
"""No round turns so often by itself."""


def by_hand(community: Community) -> bool:
    """Whether the RM posts what the game says."""
    return community.mode is DeliveryMode.ASSIST


def handed(
    facts: Facts,
    community: Community,
    session: GameSession,
    turn: Turn,
    effects: Sequence[Effect],
    now: datetime,
) -> list[Effect]:
    """The effects of a turn, with what it says to the group as one piece for the RM."""
    texts = [one.text for one in effects if isinstance(one, Post)]
    others: list[Effect] = [one for one in effects if not isinstance(one, Post)]
    if not texts:
        return others
    link = "" if turn.over else way_in(facts, community, now, WHERE)
    return [*others, _piece(community, session.id, session.game, texts, link, turn, now)]


def opening(
    facts: Facts,
    community: Community,
    game: Game,
    options: BaseModel,
    turn: Turn,
    text: str,
    occurrence: str | None,
    now: datetime,
) -> list[Effect]:
    """The course for the RM, and the opening: a step's goes its usual way, as a group-send task or
    a script; that of a round which a host began is the first piece. What the game says with its
    opening, such as a first question, is a piece in any case."""
    script = HandScript(community.id, _script(facts, community, game, options, turn, now))
    more = list(turn.posts[1:])
    if occurrence is None:
        first = _piece(community, 0, game.name, [text, *more], "", turn, now)
        return [script, replace(first, keep=False)]
    if not more:
        return [script, Post(community.id, text)]
    link = way_in(facts, community, now, WHERE)
    question = _piece(community, 0, game.name, more, link, turn, now)
    return [script, Post(community.id, text), question]


def course(game: Game, options: BaseModel, turn: Turn, now: datetime) -> list[tuple[datetime, str]]:
    """When a round that begins now will say what, if nobody takes part; the opening left out."""
    found: list[tuple[datetime, str]] = []
    last = now if turn.posts[1:] else None
    for _ in range(_TURNS):
        if turn.next_at is None or turn.over is not None or len(found) == MOST_LINES:
            break
        at = max(turn.next_at, now)
        turn = game.tick(options, turn.state, at)
        if turn.over is not None:
            found.append((at, _CLOSING))
        elif turn.posts and not _over_in_a_moment(turn, at) and not too_soon(last, at):
            found.append((at, _in_a_line(turn.posts[-1])))
            last = at
    return found


def too_soon(last: datetime | None, now: datetime) -> bool:
    """Whether a piece comes too soon after the one that was handed over last."""
    return last is not None and now - last < PACE


def _piece(
    community: Community,
    session: int,
    game: str,
    texts: Sequence[str],
    link: str,
    turn: Turn,
    now: datetime,
) -> HandPiece:
    last = turn.over is not None
    until = now + LONGEST
    if not last and turn.next_at is not None:
        until = max(min(turn.next_at, until), now + SHORTEST)
    return HandPiece(
        community.id,
        session,
        game,
        "\n\n".join(texts),
        link,
        until,
        keep=_over_in_a_moment(turn, now),
        fresh=last or bool(turn.judged),
        last=last,
    )


def _over_in_a_moment(turn: Turn, now: datetime) -> bool:
    return turn.over is None and turn.next_at is not None and turn.next_at - now < MOMENT


def _script(
    facts: Facts,
    community: Community,
    game: Game,
    options: BaseModel,
    turn: Turn,
    now: datetime,
) -> str:
    lines = [f"🎮 **{game.title}**　{community.name}　主持稿"]
    if link := way_in(facts, community, now):
        lines.append(link)
    first = [(now, "开场白（请先发）"), *((now, _in_a_line(one)) for one in turn.posts[1:])]
    steps = [*first, *course(game, options, turn, now)]
    lines += ["", game.host_script(options), ""]
    lines += [f"{_clock(at, now, community)}　{text}" for at, text in steps]
    lines += [
        "",
        "> 时间按没有人抢先答对来算，有人答对会提前。",
        "> 每到一步，我把要说的话单独发给您：转发到群里后点“已发”，不发点“跳过”；"
        "过了时间的不再发来。",
    ]
    return "\n".join(lines)


def _clock(at: datetime, now: datetime, community: Community) -> str:
    local, today = at.astimezone(community.zone), now.astimezone(community.zone).date()
    day = "" if local.date() == today else f"{local.month} 月 {local.day} 日 "
    return f"{day}{local:%H:%M}"


def _in_a_line(text: str) -> str:
    line = "　".join(one for one in plain(text) if one)
    return line if len(line) <= LINE else f"{line[: LINE - 1]}…"
