"""What shall be done: the values that the core returns and `bot.runtime.apply` turns into rows.

Every effect is plain JSON-able data (see `to_json` and `from_json`): an audit row can keep
effects as the undo of a command. Amounts are integer fen; instants are aware UTC.
"""

from dataclasses import dataclass
from datetime import datetime

from sop.assist_effects import AssistAgain as AssistAgain
from sop.assist_effects import AssistByHand as AssistByHand
from sop.assist_effects import AssistCapped as AssistCapped
from sop.assist_effects import AssistEscalated as AssistEscalated
from sop.assist_effects import AssistExpired as AssistExpired
from sop.assist_effects import AssistOpened as AssistOpened
from sop.assist_effects import AssistReminded as AssistReminded
from sop.assist_effects import AssistSent as AssistSent
from sop.assist_effects import AssistWithdrawn as AssistWithdrawn
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
from sop.export_effects import SendFile as SendFile
from sop.follow_up_effects import EndFollowUp as EndFollowUp
from sop.follow_up_effects import EscalateFollowUps as EscalateFollowUps
from sop.follow_up_effects import FollowUp as FollowUp
from sop.follow_up_effects import HandFollowUp as HandFollowUp
from sop.follow_up_effects import PutOffFollowUp as PutOffFollowUp
from sop.follow_up_effects import ReopenFollowUp as ReopenFollowUp
from sop.gathering_effects import CloseGathering as CloseGathering
from sop.gathering_effects import Json as Json
from sop.gathering_effects import KeepReply as KeepReply
from sop.gathering_effects import OpenGathering as OpenGathering
from sop.gathering_effects import TurnGathering as TurnGathering
from sop.link_effects import MakeLink as MakeLink
from sop.link_effects import OpenLink as OpenLink
from sop.onboarding_effects import GreetCustomer as GreetCustomer
from sop.onboarding_effects import HearKeyword as HearKeyword
from sop.onboarding_effects import InviteCustomer as InviteCustomer
from sop.onboarding_effects import MeetCustomer as MeetCustomer
from sop.onboarding_effects import NudgeCustomer as NudgeCustomer
from sop.onboarding_effects import PartCustomer as PartCustomer
from sop.onboarding_effects import SettleLead as SettleLead
from sop.onboarding_effects import ToldOfCustomer as ToldOfCustomer
from sop.payout_effects import ApprovePayout as ApprovePayout
from sop.payout_effects import ClaimCoupon as ClaimCoupon
from sop.payout_effects import HandOutPrize as HandOutPrize
from sop.payout_effects import ReissuePayout as ReissuePayout
from sop.payout_effects import RejectPayout as RejectPayout
from sop.piece_effects import HandPiece as HandPiece
from sop.piece_effects import HandScript as HandScript
from sop.piece_effects import SettlePiece as SettlePiece
from sop.points_effects import GivePoints as GivePoints
from sop.points_effects import HideFromRanking as HideFromRanking
from sop.points_effects import RedeemPoints as RedeemPoints
from sop.points_effects import SpendPoints as SpendPoints
from sop.practice_effects import EndPractice as EndPractice
from sop.practice_effects import KeepPractice as KeepPractice
from sop.privacy_effects import AskErasure as AskErasure
from sop.privacy_effects import Notice as Notice
from sop.privacy_effects import OptIn as OptIn
from sop.privacy_effects import OptOut as OptOut
from sop.privacy_effects import TakeBackErasure as TakeBackErasure
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
from sop.standing_effects import AnswerRight as AnswerRight
from sop.standing_effects import KeepStanding as KeepStanding
from sop.summary_effects import AskSummary as AskSummary
from sop.summary_effects import SendMedia as SendMedia
from sop.tag_effects import SetRemark as SetRemark


@dataclass(frozen=True, slots=True)
class Button:
    """A button of a card. `key` comes back in `events.Pressed.key` (≤ 1024 bytes)."""

    text: str
    key: str
    url: str = ""
    """Opens this page instead; then nothing comes back."""


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
    as_task: bool = False
    """The first text goes to all members alike: WeCom's group-send takes it where it can."""
    expires_at: datetime | None = None
    variant: str = ""
    """Which of a step's variants these members get; empty where there is one text."""


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
    at: datetime | None = None
    """When it happened; None: now."""


@dataclass(frozen=True, slots=True)
class Arrive:
    """A member is present in a community from now on."""

    community: str
    member: str
    name: str = ""
    via: str = ""
    at: datetime | None = None
    """When they came; None: now."""


@dataclass(frozen=True, slots=True)
class Depart:
    """A member is present no longer."""

    community: str
    member: str
    at: datetime | None = None
    """When they left; None: now."""


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
    | SendFile
    | KeepPractice
    | EndPractice
    | Count
    | Arrive
    | Depart
    | BeginGame
    | KeepGame
    | Played
    | FinishGame
    | HandScript
    | HandPiece
    | SettlePiece
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
    | SetRemark
    | KeepStanding
    | AnswerRight
    | FollowUp
    | EndFollowUp
    | ReopenFollowUp
    | HandFollowUp
    | PutOffFollowUp
    | EscalateFollowUps
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
    | AssistOpened
    | AssistByHand
    | AssistReminded
    | AssistSent
    | AssistCapped
    | AssistExpired
    | AssistWithdrawn
    | AssistAgain
    | AssistEscalated
    | OptOut
    | OptIn
    | Notice
    | AskErasure
    | TakeBackErasure
    | MakeLink
    | OpenLink
    | GreetCustomer
    | HearKeyword
    | InviteCustomer
    | MeetCustomer
    | NudgeCustomer
    | PartCustomer
    | SettleLead
    | ToldOfCustomer
    | AskSummary
    | SendMedia
    | Record
    | MarkUndone
)
