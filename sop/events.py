"""What happened: inbound events, already authenticated and free of wire formats.

`bot.wecom` turns callbacks, long-connection frames and archive records into these values; they
are kept as JSON in the inbox until the dispatcher has handled them. `at` is aware UTC.
"""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """Where an answer to this event goes: a channel name and that channel's target."""

    channel: str
    target: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody wrote to the bot: 1:1 with the application (`chat_id` None) or in a group."""

    at: datetime
    sender: str
    chat_id: str | None
    text: str
    """Without the leading @mention of the bot."""
    reply_to: ReplyTo
    overheard: bool = False
    """Read from the message archive: it was not said to the bot, which cannot answer there."""


@dataclass(frozen=True, slots=True)
class Wrote:
    """A customer wrote something short to a colleague, as the message archive has it."""

    at: datetime
    member: str
    staff: str
    text: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """A staff member pressed a button of a card."""

    at: datetime
    sender: str
    task_id: str
    key: str
    reply_to: ReplyTo
    """Channel `card_update` with the one-time response code."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Members joined a customer group."""

    at: datetime
    chat_id: str
    members: tuple[str, ...]
    """Empty when an old callback names nobody: the roster must be compared instead."""
    scene: int | None = None
    before: str = ""
    """WeCom's version of the member list before (LastMemVer); empty where it tells none."""
    version: str = ""
    """And after (CurMemVer)."""


@dataclass(frozen=True, slots=True)
class Left:
    """Members left a customer group, or were removed (`removed`)."""

    at: datetime
    chat_id: str
    members: tuple[str, ...]
    removed: bool = False
    before: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class RosterChanged:
    """Something else of a group changed: read it again."""

    at: datetime
    chat_id: str
    what: str
    """create, change_name, change_owner, change_notice, dismiss, or what WeCom may add."""


@dataclass(frozen=True, slots=True)
class ContactAdded:
    """A customer and a staff member became contacts."""

    at: datetime
    staff: str
    member: str
    state: str
    welcome_code: str
    half: bool = False
    """The customer has added the colleague, who has not added them back yet."""


@dataclass(frozen=True, slots=True)
class ContactRemoved:
    """The relation ended; `by_customer` tells who ended it."""

    at: datetime
    staff: str
    member: str
    by_customer: bool
    passed_on: bool = False
    """The customer was passed on to another colleague."""


@dataclass(frozen=True, slots=True)
class TransferFailed:
    """A customer could not be passed on to a colleague."""

    at: datetime
    staff: str
    member: str
    reason: str
    """customer_refused, customer_limit_exceed, or what WeCom may add."""


@dataclass(frozen=True, slots=True)
class ArchiveAgreed:
    """A customer agreed that messages with colleagues are archived."""

    at: datetime
    staff: str
    member: str


@dataclass(frozen=True, slots=True)
class TagsEdited:
    """A staff member edited remark or tags of a customer by hand in WeCom."""

    at: datetime
    staff: str
    member: str


Event = (
    Said
    | Wrote
    | Pressed
    | Joined
    | Left
    | RosterChanged
    | ContactAdded
    | ContactRemoved
    | TransferFailed
    | ArchiveAgreed
    | TagsEdited
)
