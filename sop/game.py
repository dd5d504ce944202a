"""What a game is: rules as pure functions over a JSON state, one file per game in `sop/games`.

A game never sends and never pays. It returns a `Turn`; the engine stores the state after each
turn (so a restart goes on in mid-game), posts the texts, counts the players and gives rewards.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol

from pydantic import BaseModel

from sop.bank import Bank

State = dict[str, Any]
"""JSON-able. Instants inside are ISO strings in UTC."""


@dataclass(frozen=True, slots=True)
class Player:
    """Who speaks: a member's id and the name to show in the group."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Result:
    """How a round ended. `winners` are member ids, best first, ties already broken fairly."""

    reason: str
    winners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a bank was put to the group, so that it is not put again too soon."""

    bank: str
    question: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A question is over: how many members answered it, and who did rightly."""

    bank: str
    question: str
    answers: int
    solvers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class View:
    """What one member sees of a running round on the member page: plain text, no markdown."""

    lines: tuple[str, ...]
    choices: tuple[str, ...] = ()
    """Buttons; pressing one says exactly its text."""
    free_text: str = ""
    """Label of an input field; empty: none."""
    closes_at: datetime | None = None
    picture: str = ""
    """A small drawing that the page knows: `dice:3,5`, `eggs:6`; empty: none."""
    chosen: str = ""
    """The one of `choices` that the member has chosen so far; empty: none."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one move does."""

    state: State
    posts: tuple[str, ...] = ()
    """Texts for the whole group, in order (WeCom markdown)."""
    reply: str | None = None
    """Answer to the speaker alone (quoted in the group)."""
    next_at: datetime | None = None
    """When the game wants `tick` called; None once it is over."""
    played: tuple[str, ...] = ()
    """Members who took part by this very move."""
    over: Result | None = None
    asked: tuple[Asked, ...] = ()
    judged: tuple[Judged, ...] = ()


class MakeTurn(Protocol):
    """Makes a turn of a state."""

    def __call__(
        self,
        state: State,
        posts: tuple[str, ...] = (),
        reply: str | None = None,
        played: tuple[str, ...] = (),
    ) -> Turn:
        """Over, as `state["over"]` says (`{"reason", "winners"}`), or with an instant to wake."""


def turns(wake: Callable[[State], datetime]) -> MakeTurn:
    """How a game makes its turns whose states have `over`, and wake when `wake` says."""

    def turn(
        state: State,
        posts: tuple[str, ...] = (),
        reply: str | None = None,
        played: tuple[str, ...] = (),
    ) -> Turn:
        if state["over"]:
            over = Result(state["over"]["reason"], tuple(state["over"]["winners"]))
            return Turn(state, posts, reply, None, played, over)
        return Turn(state, posts, reply, wake(state), played)

    return turn


class Quiet:
    """Base of a game that goes on for days: a round of it runs beside other games, so it must
    hear only words that are plainly meant for it."""


class Decided(ABC):
    """Base of a game whose outcome only people know: 揭晓 with the outcome settles it."""

    @abstractmethod
    def decide(self, options: BaseModel, state: State, now: datetime, outcome: str) -> Turn:
        """The host tells the outcome, as typed. What cannot be meant is answered by `reply`."""


class Game(Protocol):
    """One game. A module in `sop/games` exports an instance as `GAME`."""

    name: ClassVar[str]
    """As written in YAML: `dice`."""
    title: ClassVar[str]
    """As said in chat: `掷骰子`."""
    Options: ClassVar[type[BaseModel]]
    """Strict, frozen pydantic model of the game's YAML options (besides name and rewards)."""

    def problems(self, options: BaseModel, banks: Mapping[str, Bank]) -> list[str]:
        """What is wrong with these options given the library, in Chinese; empty if nothing."""

    def announcement(self, options: BaseModel) -> str:
        """What the group reads ahead of the game: what, how long, how to play."""

    def host_script(self, options: BaseModel) -> str:
        """What the RM reads ahead of the game: how to steer it, and with which commands."""

    def start(
        self, options: BaseModel, banks: Mapping[str, Bank], seed: bytes, now: datetime
    ) -> Turn:
        """Opens a round. Everything that chance decides comes from `seed`."""

    def said(
        self, options: BaseModel, state: State, player: Player, text: str, now: datetime
    ) -> Turn | None:
        """A member wrote `text`; None when it is no move of this game."""

    def view(self, options: BaseModel, state: State, member: str, now: datetime) -> View:
        """The round as this member sees it on the member page."""

    def tick(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """The time asked for by `next_at` has come (or has passed, after a restart)."""

    def hint(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """The host asks for a hint (提示)."""

    def reveal(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """The host shows the answer and goes on (揭晓)."""

    def extend(self, options: BaseModel, state: State, now: datetime, seconds: int) -> Turn:
        """The host gives more time (延时)."""

    def end(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """The host ends the round now; those ahead win (结束)."""
