"""What shall be done: the values that the core returns and `bot.runtime.apply` turns into rows.

Every effect is plain JSON-able data (see `to_json` and `from_json`): an audit row can keep
effects as the undo of a command. Amounts are integer fen; instants are aware UTC.
"""

from dataclasses import dataclass
from datetime import datetime

from sop.calendar_effects import ConfirmStep as ConfirmStep
from sop.calendar_effects import Pause as Pause
from sop.calendar_effects import PostponeStep as PostponeStep
from sop.calendar_effects import RestoreStep as RestoreStep
from sop.calendar_effects import Resume as Resume
from sop.calendar_effects import RunStep as RunStep
from sop.calendar_effects import SkipStep as SkipStep
from sop.calendar_effects import Stamp as Stamp
from sop.calendar_effects import Unstamp as Unstamp
from sop.consent_effects import SayConsent as SayConsent
from sop.deck_effects import AmendDeck as AmendDeck
from sop.deck_effects import CloseDeck as CloseDeck
from sop.deck_effects import DecideDeck as DecideDeck
from sop.deck_effects import EnterDeck as EnterDeck
from sop.deck_effects import FreezeDeck as FreezeDeck
from sop.deck_effects import OpenDeck as OpenDeck
from sop.deck_effects import RefuseAmendment as RefuseAmendment
from sop.deck_effects import RemindDeck as RemindDeck
from sop.deck_effects import TakeCard as TakeCard
from sop.gathering_effects import CloseGathering as CloseGathering
from sop.gathering_effects import Json as Json
from sop.gathering_effects import KeepReply as KeepReply
from sop.gathering_effects import OpenGathering as OpenGathering
from sop.gathering_effects import TurnGathering as TurnGathering
from sop.payout_effects import ApprovePayout as ApprovePayout
from sop.payout_effects import ClaimCoupon as ClaimCoupon
from sop.payout_effects import HandOutPrize as HandOutPrize
from sop.payout_effects import ReissuePayout as ReissuePayout
from sop.payout_effects import RejectPayout as RejectPayout
from sop.points_effects import GivePoints as GivePoints
from sop.points_effects import HideFromRanking as HideFromRanking
from sop.points_effects import RedeemPoints as RedeemPoints
from sop.points_effects import SpendPoints as SpendPoints
from sop.prize_effects import BeginGame as BeginGame
from sop.prize_effects import FinishGame as FinishGame
from sop.prize_effects import KeepGame as KeepGame
from sop.prize_effects import Played as Played
from sop.prize_effects import Reward as Reward
from sop.question_effects import JudgeQuestion as JudgeQuestion
from sop.question_effects import UseQuestion as UseQuestion
from sop.referral_effects import AskInvitation as AskInvitation
from sop.referral_effects import BecomeContact as BecomeContact
from sop.referral_effects import CreditReferral as CreditReferral
from sop.referral_effects import DismissReferrals as DismissReferrals
from sop.referral_effects import EndContact as EndContact
from sop.referral_effects import HoldReferrals as HoldReferrals
from sop.referral_effects import KeepReferral as KeepReferral
from sop.referral_effects import RefuseReferral as RefuseReferral
from sop.referral_effects import ReleaseReferrals as ReleaseReferrals


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
    once: str | None = None
    """Names what is said: of several messages with one name each colleague gets the first."""


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
    | EnterDeck
    | FreezeDeck
    | RemindDeck
    | DecideDeck
    | AmendDeck
    | RefuseAmendment
    | OpenGathering
    | KeepReply
    | TurnGathering
    | CloseGathering
    | Tag
    | Untag
    | FollowUp
    | UseItem
    | UseQuestion
    | JudgeQuestion
    | GivePoints
    | SpendPoints
    | RedeemPoints
    | HideFromRanking
    | BecomeContact
    | EndContact
    | AskInvitation
    | KeepReferral
    | HoldReferrals
    | ReleaseReferrals
    | DismissReferrals
    | CreditReferral
    | RefuseReferral
    | ApprovePayout
    | RejectPayout
    | ReissuePayout
    | HandOutPrize
    | ClaimCoupon
    | SkipStep
    | PostponeStep
    | RestoreStep
    | ConfirmStep
    | RunStep
    | Pause
    | Resume
    | Stamp
    | Unstamp
    | SayConsent
    | Record
    | MarkUndone
)
