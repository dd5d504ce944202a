"""What shall be done: the values that the core returns and `bot.runtime.apply` turns into rows.

Every effect is plain JSON-able data (see `to_json` and `from_json`): an audit row can keep
effects as the undo of a command. Amounts are integer fen; instants are aware UTC.
"""

from dataclasses import dataclass
from datetime import datetime

from sop.gathering_effects import CloseGathering as CloseGathering
from sop.gathering_effects import Json as Json
from sop.gathering_effects import KeepReply as KeepReply
from sop.gathering_effects import OpenGathering as OpenGathering
from sop.gathering_effects import TurnGathering as TurnGathering


@dataclass(frozen=True, slots=True)
class Button:
    """A button of a card. `key` comes back in `events.Pressed.key` (≤ 1024 bytes)."""

    text: str
    key: str


@dataclass(frozen=True, slots=True)
class Post:
    """A message into a community, by its delivery mode. WeCom markdown, any length."""

    community: str
    text: str
    quiet_hours: str | None = None
    """`"21:30-08:30"` in the community's zone, judged when sending; None: send at any hour."""
    expires_at: datetime | None = None
    """After this instant the message is dropped, with the reason in the outbox."""
    occurrence: str | None = None
    """Identity of the occurrence, so that an RM's confirmation finds it."""
    once: str | None = None
    """Names what is said: of several posts with one name the first is sent."""


@dataclass(frozen=True, slots=True)
class Tell:
    """A 1:1 message to a staff member through the application; with buttons it is a card."""

    staff: str
    text: str
    title: str = ""
    """Card title; used only with buttons."""
    buttons: tuple[Button, ...] = ()
    not_before: datetime | None = None
    """Wait until then; None: at once."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """What the community's RM sends in person: nothing lets a bot write to a customer by itself.

    The RM reads the note, gets each text alone and ready to be forwarded, and a card that asks
    whether it was done.
    """

    community: str
    title: str
    note: str
    """What to do, and to whom; for the RM only."""
    texts: tuple[str, ...]
    occurrence: str
    members: tuple[str, ...] = ()
    """Who is written to privately: remembered, so that nobody is written to too often."""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer in the conversation that the handled event came from."""

    text: str


@dataclass(frozen=True, slots=True)
class SettleCard:
    """Replaces the pressed card's button by this text, for everybody who has the card."""

    text: str


@dataclass(frozen=True, slots=True)
class Count:
    """A counted action of a member (活跃行为); staff are dropped by the runtime."""

    community: str
    member: str
    kind: str
    """message, answer, checkin, draw, click, join, leave."""


@dataclass(frozen=True, slots=True)
class Arrive:
    """A member is present in a community from now on."""

    community: str
    member: str
    name: str = ""
    via: str = ""


@dataclass(frozen=True, slots=True)
class Depart:
    """A member is present no longer."""

    community: str
    member: str


@dataclass(frozen=True, slots=True)
class BeginGame:
    """A game session opens. The database refuses a second running one in the community."""

    community: str
    game: str
    options: Json
    state: Json
    seed: str
    """Hex; kept so that the round can be recomputed."""
    next_at: datetime | None
    rewards: Json | None
    occurrence: str | None
    started_by: str | None = None


@dataclass(frozen=True, slots=True)
class KeepGame:
    """The state after a turn, and when the game wants to be woken."""

    session: int
    version: int
    """The version that the turn was computed from; a different one in the row is a conflict."""
    state: Json
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Played:
    """A member took part in a game session (counted once per member and session)."""

    session: int
    member: str


@dataclass(frozen=True, slots=True)
class FinishGame:
    """A game session is over."""

    session: int
    version: int
    state: Json
    reason: str
    winners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reward:
    """A prize from a pool: award, ledger entry and payout in one transaction, never over budget."""

    pool: str
    community: str
    member: str
    amount_fen: int
    prize: str
    budget_fen: int
    """The pool's budget as its file says now."""
    payable_on: str
    """ISO date, counted in Chinese working days when won."""
    key: str
    """Unique for ever, e.g. `game/12/wm…`: a repeated effect awards once."""


@dataclass(frozen=True, slots=True)
class OpenDeck:
    """A deck is fixed and its commitment public from here on."""

    campaign: str
    round: str
    community: str | None
    """None: one deck shared by every community of the campaign."""
    cards: Json
    """`{"cards": [{"prize": "…", "amount_fen": 188}, …]}` in drawing order."""
    seed: str
    commitment: str
    rules_hash: str
    rules: Json
    """The campaign as published; `rules_hash` is over it."""
    budget_fen: int
    payable_after: int
    """Working days."""
    closes_at: datetime | None
    announce: str = ""


@dataclass(frozen=True, slots=True)
class TakeCard:
    """A member takes the card at `position`: award, ledger entry and payout together."""

    deck: int
    position: int
    community: str
    member: str
    prize: str
    amount_fen: int
    payable_on: str
    """ISO date, counted in Chinese working days when drawn, never silently changed later."""


@dataclass(frozen=True, slots=True)
class CloseDeck:
    """No more draws; the seed is revealed."""

    deck: int
    reason: str


@dataclass(frozen=True, slots=True)
class Tag:
    """Labels a member; `reason` says why, for ever."""

    member: str
    tag: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Untag:
    """Removes a label."""

    member: str
    tag: str
    by: str


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A task for an RM about one member."""

    community: str
    member: str
    staff: str
    reason: str
    due_at: datetime
    key: str


@dataclass(frozen=True, slots=True)
class UseItem:
    """An item of a content list has gone to a community, and will not go there again."""

    community: str
    list: str
    item: str
    occurrence: str


@dataclass(frozen=True, slots=True)
class SkipStep:
    """This occurrence shall not run (or, if it waits for an answer, is settled as skipped)."""

    occurrence: str
    due_at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class PostponeStep:
    """This occurrence runs at another time."""

    occurrence: str
    due_at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class RestoreStep:
    """Undo of SkipStep and PostponeStep: the plan's own time counts again."""

    occurrence: str


@dataclass(frozen=True, slots=True)
class ConfirmStep:
    """The RM says that the handed-over script was sent (assist mode)."""

    occurrence: str
    by: str


@dataclass(frozen=True, slots=True)
class RunStep:
    """Run this occurrence now (命令 发送, or 补发 after a catch-up question)."""

    occurrence: str
    by: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Planned steps of a community rest until resumed."""

    community: str
    by: str


@dataclass(frozen=True, slots=True)
class Resume:
    """Planned steps of a community run again."""

    community: str
    by: str


@dataclass(frozen=True, slots=True)
class Stamp:
    """A reviewer approves exactly this content of a step."""

    plan: str
    step: str
    hash: str
    sheet: str
    """What was read."""
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Unstamp:
    """Every stamp of a step ends."""

    plan: str
    step: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Record:
    """A line for the audit: who did what to what, and how to take it back."""

    actor: str
    action: str
    subject: str
    detail: str
    undo: tuple["Effect", ...] = ()


@dataclass(frozen=True, slots=True)
class MarkUndone:
    """An audit row has been taken back."""

    audit: int


Effect = (
    Post
    | Tell
    | HandOver
    | Reply
    | SettleCard
    | Count
    | Arrive
    | Depart
    | BeginGame
    | KeepGame
    | Played
    | FinishGame
    | Reward
    | OpenDeck
    | TakeCard
    | CloseDeck
    | OpenGathering
    | KeepReply
    | TurnGathering
    | CloseGathering
    | Tag
    | Untag
    | FollowUp
    | UseItem
    | SkipStep
    | PostponeStep
    | RestoreStep
    | ConfirmStep
    | RunStep
    | Pause
    | Resume
    | Stamp
    | Unstamp
    | Record
    | MarkUndone
)
