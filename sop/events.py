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


@dataclass(frozen=True, slots=True)
class Left:
    """Members left a customer group, or were removed (`removed`)."""

    at: datetime
    chat_id: str
    members: tuple[str, ...]
    removed: bool = False


@dataclass(frozen=True, slots=True)
class RosterChanged:
    """Something else of a group changed (name, owner, notice, dismissal): read it again."""

    at: datetime
    chat_id: str
    what: str


@dataclass(frozen=True, slots=True)
class ContactAdded:
    """A customer and a staff member became contacts."""

    at: datetime
    staff: str
    member: str
    state: str
    welcome_code: str


@dataclass(frozen=True, slots=True)
class ContactRemoved:
    """The relation ended; `by_customer` tells who ended it."""

    at: datetime
    staff: str
    member: str
    by_customer: bool


@dataclass(frozen=True, slots=True)
class TagsEdited:
    """A staff member edited remark or tags of a customer by hand in WeCom."""

    at: datetime
    staff: str
    member: str


Event = Said | Pressed | Joined | Left | RosterChanged | ContactAdded | ContactRemoved | TagsEdited
