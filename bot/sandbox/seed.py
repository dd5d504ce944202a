"""What a sandbox starts with: corp, application, intelligent bot, people and groups.

The values are plain and frozen; `bot.sandbox.world.World` turns them into changing state.
"""

from dataclasses import dataclass, field
from typing import Literal

GroupKind = Literal["internal", "customer"]


@dataclass(frozen=True, slots=True)
class CorpSeed:
    """The company (企业)."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class AppSeed:
    """The self-built application (自建应用) and its callback triple (reference B.1)."""

    agent_id: int
    secret: str
    token: str
    aes_key: str
    """43 characters."""
    callback_url: str = ""
    """Empty: no callback is configured, so interactive cards are refused with 43012."""
    name: str = "群运助手"


@dataclass(frozen=True, slots=True)
class AibotSeed:
    """The intelligent bot (智能机器人); with a live long connection its URL is not used."""

    id: str
    secret: str
    token: str = ""
    aes_key: str = ""
    callback_url: str = ""
    """Empty: long connection only."""
    name: str = "群运"


@dataclass(frozen=True, slots=True)
class StaffSeed:
    """A colleague."""

    id: str
    name: str
    title: str = "客户经理"


@dataclass(frozen=True, slots=True)
class CustomerSeed:
    """A customer (external contact) and the staff who have added them."""

    id: str
    """`wm…`."""
    name: str
    contacts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RobotSeed:
    """A group robot (消息推送); whoever holds the key can post."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class GroupSeed:
    """One group chat."""

    id: str
    name: str
    owner: str
    kind: GroupKind = "customer"
    members: tuple[str, ...] = ()
    staff: tuple[str, ...] = ()
    """Staff beside the owner."""
    robots: tuple[RobotSeed, ...] = ()
    aibot: bool = False
    robots_in_customer_group: bool = False
    """A declared liberty of the sandbox: the real WeCom lets neither robot nor intelligent bot
    into a customer group (reference C.12). Without it such a seed is refused."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class TagGroupSeed:
    """Corp tags made by an administrator, which an application may use but not change."""

    name: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MerchantSeed:
    """The company's account at WeChat Pay."""

    id: str
    api_key: str = field(repr=False)
    """For `sign` of the old interfaces (v2)."""
    app_secret: str = field(repr=False)
    """The application's payment secret, for `workwx_sign`."""
    api_v3_key: str = field(repr=False)
    """32 characters: notifications are encrypted under it."""
    certificate: bytes
    """The merchant's own certificate, PEM."""
    platform_key: bytes = field(repr=False)
    """The private key under which WeChat Pay signs, PEM."""
    platform_serial: str
    """The name of that key: a serial number or `PUB_KEY_ID_…`."""


@dataclass(frozen=True, slots=True)
class Seed:
    """Everything at the start."""

    corp: CorpSeed
    app: AppSeed
    aibot: AibotSeed
    staff: tuple[StaffSeed, ...]
    customers: tuple[CustomerSeed, ...] = ()
    groups: tuple[GroupSeed, ...] = ()
    tag_groups: tuple[TagGroupSeed, ...] = ()
    payer_secret: str = field(default="", repr=False)
    """Shared secret of the marketing platform's signature; empty: every order is refused."""
    merchant: MerchantSeed | None = None
    """None: there is no WeChat Pay."""
