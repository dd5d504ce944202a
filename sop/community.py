"""Communities, members and staff: who is who.

A *member* is a customer in a community. *Staff* are never members: they win nothing and count
in no ratio.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo


class DeliveryMode(StrEnum):
    """How a community gets its messages (发送方式)."""

    ROBOT = "robot"
    """The group's own webhook robot posts."""
    ASSIST = "assist"
    """The owner RM is handed the script and sends it; the only way into a customer group."""
    AIBOT = "aibot"
    """The intelligent bot pushes over its long connection."""


class Role(StrEnum):
    """What a staff member may do. Roles come from configuration only, never from a nickname."""

    RM = "rm"
    OPERATOR = "operator"
    REVIEWER = "reviewer"
    MANAGER = "manager"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Community:
    """One group chat that the bot serves (社群)."""

    id: str
    name: str
    chat_id: str
    """WeCom's id of the group: `wr…` for customer groups."""
    owner: str
    """userid of the owner RM."""
    mode: DeliveryMode
    labels: frozenset[str]
    zone: ZoneInfo
    heard_as: str = ""
    """The name by which members @ the bot here; empty where the bot cannot hear them, as in
    every customer group of the real WeCom (wecom-protocol.md C.12)."""
    page: bool = False
    """Members have the web page: games and draws go on where the bot hears nobody."""
    paused: bool = False
    review: bool = False
    """Only steps with a review stamp are carried out here."""
    monthly_ceiling: int | None = None
    """Group-send messages that a customer group may receive in a month; None: no ceiling."""
    tasks: bool = False
    """What an RM sends in person becomes a group-send task (企业群发) that the RM confirms; else
    the RM is handed the script."""
    archived: bool = False
    """What is said here comes from the message archive: counted, but never answered."""

    @property
    def heard(self) -> bool:
        """Whether it is known what members say here."""
        return bool(self.heard_as) or self.archived


@dataclass(frozen=True, slots=True)
class Staff:
    """A colleague known to configuration."""

    id: str
    name: str
    roles: frozenset[Role]
    communities: frozenset[str]
    """Ids of the communities this person looks after; managers and operators see all."""
    customer_ids: frozenset[str] = frozenset()
    """The person's own external_userids: as a customer too, a colleague wins nothing."""

    def may_see(self, community: str) -> bool:
        """An RM acts only on own communities; every other role on all."""
        return community in self.communities or bool(self.roles - {Role.RM})


@dataclass(frozen=True, slots=True)
class Member:
    """A customer in one community."""

    id: str
    """external_userid (`wm…`)."""
    name: str
    community: str
    joined_at: datetime
    left_at: datetime | None = None


def accounts(staff: Mapping[str, Staff]) -> frozenset[str]:
    """The ids of all colleagues, and their own accounts as customers: who is in no ratio."""
    return frozenset(staff).union(*(one.customer_ids for one in staff.values()))


def is_staff(staff: Mapping[str, Staff], person: str) -> bool:
    """Whether somebody is a colleague, or the customer account of one."""
    return person in staff or any(person in one.customer_ids for one in staff.values())
