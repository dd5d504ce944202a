"""练习: hosting a game before nobody. The round is real, the members are invented, and nothing of
it is posted, counted, paid or kept.

The round has a clock of its own that moves only when the host says something: so one can think for
as long as one likes, and every word is answered by what would have happened in the seconds after.
"""

import json
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel

from bot.rehearsal.chance import Chance
from bot.rehearsal.tactic import Prompt, prompt
from sop.effects import Effect, EndPractice, KeepPractice
from sop.game import Decided, Game, Player, Turn
from sop.games import all_games
from storage.games import SessionRow
from storage.practices import PracticeRow

MEMBERS = ("陈晨", "阿华", "林琳", "老周", "晓雯", "大伟")
"""Who plays: their names are their ids."""
AFTERWARDS = timedelta(seconds=15)
"""How far the clock goes on after each word of the host."""
LONGEST_WAIT = timedelta(minutes=5)
"""How far it goes at most when the host waits for what comes next."""
FORGOTTEN = timedelta(hours=2)
"""A round in which nothing was said for so long is over: 结束 means the real game again."""
Word = Literal["hint", "reveal", "extend", "end", "wait"]
_ANSWERS, _KNOWS = 85, 60
"""Percent of the members who say something to a prompt, and of those who are right."""
_SOONEST, _LATEST = 2_000, 13_000
"""Milliseconds until they do."""
_MOST_EVENTS = 200
_NOTHING_YET = "-"


class Round:
    """A practice round as it goes on."""

    def __init__(self, game: Game, options: BaseModel, row: PracticeRow) -> None:
        self._game = game
        self._options = options
        self._row = row
        self._state = row.state
        self._clock = row.clock_at
        self._next_at = row.next_at
        self._prompt, self._prompt_at = row.prompt, row.prompt_at
        self.over = False
        self._lines: list[str] = []

    def host(self, word: Word, seconds: int, outcome: str) -> None:
        """The host's word, and what the members make of it."""
        game, options, state, now = self._game, self._options, self._state, self._clock
        if word == "wait":
            until = (self._next_at or now) + AFTERWARDS
            self._go_on(min(until, now + LONGEST_WAIT))
            return
        if word == "reveal" and outcome and isinstance(game, Decided):
            self._take(game.decide(options, state, now, outcome))
        elif word == "extend":
            self._take(game.extend(options, state, now, seconds))
        else:
            act = {"hint": game.hint, "reveal": game.reveal, "end": game.end}[word]
            self._take(act(options, state, now))
        self._go_on(self._clock + AFTERWARDS)

    def begin(self, turn: Turn) -> None:
        """The round is open."""
        self._take(turn)
        self._go_on(self._clock + AFTERWARDS)

    def heard(self) -> str:
        """What the group would have read since the host's last word."""
        return "\n".join(self._lines).replace("\n\n\n", "\n\n").strip("\n")

    def effect(self) -> Effect:
        """What is kept of it."""
        row = self._row
        if self.over:
            return EndPractice(row.staff)
        return KeepPractice(
            row.staff,
            row.game,
            row.options,
            self._state,
            row.seed,
            row.began_at,
            self._clock,
            self._next_at,
            self._prompt,
            self._prompt_at,
        )

    def _take(self, turn: Turn) -> None:
        self._state, self._next_at = turn.state, turn.next_at
        self._lines += [f"\n{post}\n" for post in turn.posts]
        if turn.reply is not None:
            self._lines.append(f"> {turn.reply}")
        self.over = turn.over is not None

    def _go_on(self, until: datetime) -> None:
        """Members answer, and the game acts, until an instant of the round's clock."""
        for _ in range(_MOST_EVENTS):
            if self.over:
                return
            said = self._next_words(until)
            acts = self._next_at is not None and self._next_at <= until
            if acts and self._next_at is not None and (said is None or self._next_at <= said[0]):
                self._clock = max(self._clock, self._next_at)
                self._take(self._game.tick(self._options, self._state, self._clock))
            elif said is not None:
                self._clock, member, text = said
                self._hear(member, text)
            else:
                break
        self._clock = max(self._clock, until)

    def _hear(self, member: str, text: str) -> None:
        self._lines.append(f"💬 {member}：{text}")
        player = Player(member, member)
        turn = self._game.said(self._options, self._state, player, text, self._clock)
        if turn is not None:
            self._take(turn)

    def _next_words(self, until: datetime) -> tuple[datetime, str, str] | None:
        """(When, who, what) is said next to what is asked now; each member speaks once."""
        asked = prompt(self._as_session())
        if asked is None:
            return None
        if asked.key != self._prompt:
            self._prompt, self._prompt_at = asked.key, self._clock
        said = [self._words(member, asked) for member in MEMBERS]
        ahead = [one for one in said if one is not None and self._clock < one[0] <= until]
        return min(ahead, default=None)

    def _words(self, member: str, asked: Prompt) -> tuple[datetime, str, str] | None:
        chance = Chance(bytes.fromhex(self._row.seed), member)
        if not chance.percent(f"{asked.key}/answers", _ANSWERS):
            return None
        knows = not asked.wrong or chance.percent(f"{asked.key}/knows", _KNOWS)
        text = chance.pick(f"{asked.key}/words", asked.right if knows else asked.wrong)
        after = timedelta(milliseconds=chance.between(f"{asked.key}/after", _SOONEST, _LATEST))
        return self._prompt_at + after, member, text

    def _as_session(self) -> SessionRow:
        """As members know it who know it all (`bot.rehearsal.tactic`)."""
        row = self._row
        return SessionRow(
            id=0,
            community="",
            game=row.game,
            options=row.options,
            rewards=None,
            state=self._state,
            version=0,
            seed=row.seed,
            status="running",
            next_at=self._next_at,
            occurrence=None,
            started_by=row.staff,
            beside=None,
            started_at=row.began_at,
            finished_at=None,
            reason="",
            winners=[],
        )


def new_round(staff: str, game: Game, options: BaseModel, seed: bytes, now: datetime) -> Round:
    """A round before its first word."""
    row = PracticeRow(
        staff=staff,
        game=game.name,
        options=options.model_dump(mode="json"),
        state={},
        seed=seed.hex(),
        began_at=now,
        clock_at=now,
        next_at=None,
        prompt=_NOTHING_YET,
        prompt_at=now,
        kept_at=now,
    )
    return Round(game, options, row)


def kept_round(row: PracticeRow) -> Round:
    """A round that goes on."""
    game = all_games()[row.game]
    return Round(game, game.Options.model_validate_json(json.dumps(row.options)), row)
