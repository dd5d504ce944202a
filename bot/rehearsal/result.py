"""What a rehearsal found, as values; `as_json` is the shape of `rehearse --json`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Shown:
    """A message with where it comes from."""

    at: datetime
    community: str
    to: str
    mode: str
    plan: str
    step: str
    kind: str
    text: str
    who: str
    phase: str
    """announce, remind or run of a step; else empty."""
    channel: str
    buttons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Talk:
    """Something that a member said to the bot, with the bot's first answer. Not in the JSON."""

    at: datetime
    community: str
    name: str
    text: str
    answer: str


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a game. Amounts in fen."""

    community: str
    game: str
    step: str
    started_at: datetime
    ended_at: datetime | None
    players: int
    winners: tuple[str, ...]
    reward_fen: int
    title: str
    members: int
    """Members there when it began."""
    answers: int
    """Moves that were made, right or wrong."""


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many of those there took part in a game or a draw."""

    at: datetime
    community: str
    title: str
    people: int
    members: int
    by_temperament: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class DrawShown:
    """One card that a member took."""

    at: datetime
    campaign: str
    member: str
    prize: str
    amount_fen: int
    payable_on: date


@dataclass(frozen=True, slots=True)
class Purse:
    """A campaign's or pool's money, in fen."""

    budget_fen: int
    committed_fen: int
    settled_fen: int
    returned_fen: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What many seeds would cost, in fen."""

    seeds: int
    p50: int
    p95: int
    max: int
    """The dearest of the seeds."""
    ceiling: int
    """It cannot cost more: every card drawn, every reward at its highest."""
    here: int
    """What this very rehearsal cost."""
    costs: tuple[int, ...]
    """Every seed's, in ascending order."""


@dataclass(frozen=True, slots=True)
class Kind:
    """All members of one temperament together."""

    name: str
    title: str
    about: str
    members: int
    spoke: int
    words: int
    played: int
    drew: int
    won_fen: int


@dataclass(frozen=True, slots=True)
class Workday:
    """What one RM had to do on one day."""

    day: date
    rm: str
    name: str
    handed: int
    """Scripts to be forwarded by hand."""
    reminders: int
    others: int
    """Reports, questions and notes."""
    hosting: int
    """Minutes of games and draws in the RM's groups, whose company is wished for but optional."""
    minutes: int
    """Estimated minutes of the first three."""


@dataclass(frozen=True, slots=True)
class Peak:
    """The most that was ever sent under a limit."""

    whom: str
    channel: str
    seconds: int
    limit: int
    peak: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Received:
    """How much a community was given to read."""

    community: str
    mode: str
    posts: int
    a_month: int
    """As many in 30 days at this pace."""
    ceiling: int | None
    """What WeCom lets a customer group receive in a month; None: no ceiling."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that took effect, or a problem."""

    at: datetime | None
    code: str
    community: str
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """People on their way from joining to having their prize. Amounts in fen."""

    name: str
    title: str
    joined: int
    played: int
    drew: int
    claimed: int
    """Have at least one prize."""
    committed_fen: int
    """Of everything that they won, without what returned to its budget."""
    paid_fen: int
    committed_each_fen: int
    """For each who joined, rounded half up."""
    paid_each_fen: int


@dataclass(frozen=True, slots=True)
class Funnel:
    """A flow of people who joined, all together and by channel."""

    days: int
    """Within so many of them they joined."""
    groups: int
    """Communities that they joined."""
    group_limit: int
    """People that one of them can hold."""
    largest: int
    """People in the fullest of them at the end, its owner included."""
    whole: Passage
    channels: list[Passage]
    to_look_at: int
    """Payouts that are flagged: a person looks at each of them before it is paid."""
    to_look_at_fen: int


@dataclass(frozen=True, slots=True)
class Result:
    """One rehearsal."""

    start: date
    days: int
    members: int
    seed: int
    zone: ZoneInfo
    communities: Mapping[str, str]
    """Names by id, without the copies that a flow of people needs: what is told of single
    communities is told of these, and every sum is over all."""
    host: str
    messages: Sequence[Shown]
    talks: Sequence[Talk]
    games: Sequence[Round]
    turnouts: Sequence[Turnout]
    """Games and decks in order of their beginning."""
    draws: Sequence[DrawShown]
    money: Mapping[str, Purse]
    titles: Mapping[str, str]
    """Titles of campaigns and pools by their key in `money`."""
    forecast: Forecast
    summary: Mapping[str, Any]
    problems: Sequence[Finding]
    kinds: Sequence[Kind]
    workload: Sequence[Workday]
    peaks: Sequence[Peak]
    received: Sequence[Received]
    rules: Sequence[Finding]
    funnel: Funnel | None
    """None where no flow of people was asked for."""

    def as_json(self) -> dict[str, Any]:
        """Plain data in a fixed order; instants in the rehearsal's zone."""
        costs = self.forecast
        plain: dict[str, Any] = {
            "start": self.start,
            "days": self.days,
            "members": self.members,
            "seed": self.seed,
            "messages": self.messages,
            "games": self.games,
            "draws": self.draws,
            "money": self.money,
            "forecast": {
                "cost_fen": {"p50": costs.p50, "p95": costs.p95, "max": costs.max},
                "ceiling_fen": costs.ceiling,
                "rehearsed_fen": costs.here,
                "seeds": costs.seeds,
            },
            "summary": self.summary,
            "problems": self.problems,
            "participation": {"temperaments": self.kinds, "turnouts": self.turnouts},
            "workload": {"rm_temperament": self.host, "days": self.workload},
            "quota": {"peaks": self.peaks, "received": self.received},
            "rules": self.rules,
            "funnel": self.funnel,
        }
        found: dict[str, Any] = _plain(plain, self.zone)
        return found


def _plain(value: Any, zone: ZoneInfo) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name), zone) for one in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(one, zone) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one, zone) for one in value]
    return value
