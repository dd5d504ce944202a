"""config.yaml + secrets from the environment → frozen settings."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.archive_settings import ARCHIVE_SECRET, ArchiveSettings, archive_settings
from bot.config import CommunityEntry, Config, Payouts
from bot.digest_settings import DigestSettings, digest_settings
from bot.gate_settings import GATE_SECRET, GateSettings, gate_settings
from bot.misfits import misfits
from bot.misfits import payer_type as payer_type
from bot.summary_settings import SummarySettings
from bot.vault import DATA_KEYS, DataKey, KeysUnusable, read_keys
from sop.community import Community, DeliveryMode, Role, Staff
from sop.diagnostics import Problem
from sop.loader import load_model
from sop.source import read

if TYPE_CHECKING:
    from bot.merchant import Merchant

WECHAT_PAY = "https://api.mch.weixin.qq.com"


@dataclass(frozen=True, slots=True)
class AppSettings:
    """The self-built application with its secrets."""

    agent_id: int
    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AibotSettings:
    """The intelligent bot with its secrets."""

    bot_id: str
    name: str
    mode: str
    url: str
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    secret: str = field(repr=False)


LOOPBACK = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
"""This machine."""


@dataclass(frozen=True, slots=True)
class PageSettings:
    """The member page: where members reach it, and how WeCom tells who they are."""

    public: str
    """`https://qunyun.bank.example`, without a slash at the end."""
    oauth: str
    secret: str = field(repr=False)
    proxies: tuple[IPv4Network | IPv6Network, ...] = LOOPBACK
    """Whose word about the address before them is believed (X-Forwarded-For)."""
    login: str = "https://login.work.weixin.qq.com"
    """Where colleagues sign in with a QR code in a browser that is not WeCom's."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the running bot knows of its surroundings."""

    company: str
    zone: ZoneInfo
    database: str
    library: tuple[Path, ...]
    workdays: tuple[Path, ...]
    host: str
    port: int
    corp_id: str
    api: str
    app: AppSettings
    aibot: AibotSettings | None
    staff: Mapping[str, Staff]
    communities: tuple[Community, ...]
    payer: str
    payout_url: str
    payout_secret: str = field(repr=False)
    robot_keys: Mapping[str, str] = field(repr=False)
    page: PageSettings | None = None
    payout_app_secret: str = field(default="", repr=False)
    """The payment secret of the application, for the second signature of a red packet."""
    merchant: "Merchant | None" = None
    approve_above_fen: int = 0
    """Payouts up to this amount are approved by themselves; 0: every one by a person."""
    data_keys: tuple[DataKey, ...] = field(default=(), repr=False)
    """Keys of the sealed fields, the first one seals; without any nothing is sealed or opened."""

    gate: GateSettings | None = None
    """Who is the bank's customer is asked there; None: nobody asks."""
    archive: ArchiveSettings | None = None
    """The message archive; None: what is said in customer groups is not known."""
    digest: DigestSettings | None = None
    """When RMs read what their day holds; None: they are not told."""
    preview: time | None = None
    """When operators read what the next week holds, on a week's last working day; None: never."""
    summary: SummarySettings = field(default_factory=SummarySettings)
    """When the weekly summary is sent."""

    def robot_key(self, community: str) -> str | None:
        """The webhook key of a community's group robot; None when not configured."""
        return self.robot_keys.get(community)


AES_KEY = re.compile(r"[A-Za-z0-9]{43}")
"""An EncodingAESKey (wecom-protocol.md B.1)."""
PAGE_SECRET = "QUNYUN_PAGE_SECRET"  # noqa: S105 - the name of a variable
SHORTEST_SECRET = 32
"""Characters of the key that signs links, sessions and forms of the member page."""


class Missing(Exception):
    """Secrets that must be in the environment and are not, or cannot be secrets; the text lists
    them all, without a value."""


def read_config(path: Path) -> tuple[Config | None, list[Problem]]:
    """Reads and checks config.yaml: every problem with file, line and column, however broken the
    rest is."""
    config, problems, at = load_model(path, Config)
    document = read(path)
    written = None if document.root is None else document.root.plain()
    if isinstance(written, dict):
        placed = {(one.line, one.column) for one in problems}
        found = [at(where, text) for where, text in misfits(written)]
        problems += [one for one in found if (one.line, one.column) not in placed]
    return (None if problems else config), sorted(problems)


def settings(config: Config, environ: Mapping[str, str], base: Path) -> Settings:
    """Joins configuration and secrets. Raises Missing with every name that is absent."""
    missing: list[str] = []

    def secret(name: str) -> str:
        value = environ.get(name, "")
        if not value:
            missing.append(name)
        return value

    app = _app(config, secret)
    robot_keys = {
        entry.id: secret(robot_variable(entry.id))
        for entry in config.communities
        if entry.mode == "robot"
    }
    aibot = _aibot(config, secret)
    payer_secrets = {name: secret(name) for name in payer_type(config.payouts.payer).secrets}
    page = _page(config, secret)
    gate = gate_settings(config.gate, secret)
    archive = archive_settings(config.wecom.archive, secret, base)
    archived = archive is not None and archive.present
    _refuse(missing, environ)
    merchant = _merchant(config.payouts, base)
    zone = ZoneInfo(config.zone)
    return Settings(
        company=config.company,
        zone=zone,
        database=_database(config.database, base),
        library=tuple(base / one for one in config.library),
        workdays=tuple(base / one for one in config.workdays),
        host=config.listen.host,
        port=config.listen.port,
        corp_id=config.wecom.corp_id,
        api=config.wecom.api.rstrip("/"),
        app=app,
        aibot=aibot,
        staff=_staff(config),
        communities=tuple(
            _community(entry, zone, aibot.name if aibot else "", config, archived)
            for entry in config.communities
        ),
        payer=config.payouts.payer,
        payout_url=_payout_url(config.payouts),
        payout_secret=payer_secrets.get("QUNYUN_PAYOUT_SECRET", ""),
        robot_keys=robot_keys,
        page=page,
        payout_app_secret=payer_secrets.get("QUNYUN_PAYOUT_APP_SECRET", ""),
        merchant=merchant,
        approve_above_fen=config.payouts.approve_above_fen,
        data_keys=_data_keys(environ),
        gate=gate,
        archive=archive,
        digest=digest_settings(config),
        preview=config.preview,
        summary=SummarySettings(config.summary),
    )


def _app(config: Config, secret: Callable[[str], str]) -> AppSettings:
    return AppSettings(
        config.wecom.app.agent,
        secret("QUNYUN_APP_SECRET"),
        secret("QUNYUN_APP_TOKEN"),
        secret("QUNYUN_APP_AES_KEY"),
    )


def settings_without_secrets(config: Config, base: Path) -> Settings:
    """For what neither speaks to WeCom nor pays: in place of each secret stands its name."""
    names = ("APP_SECRET", "APP_TOKEN", "AIBOT_TOKEN", "AIBOT_SECRET")
    invented = {f"QUNYUN_{name}": name for name in names}
    invented |= {PAGE_SECRET: PAGE_SECRET.ljust(SHORTEST_SECRET, "_")}
    invented |= {f"QUNYUN_{name}_AES_KEY": "A" * 43 for name in ("APP", "AIBOT")}
    invented |= {name: name for name in payer_type(config.payouts.payer).secrets}
    invented |= {DATA_KEYS: f"none:{'0' * 64}", GATE_SECRET: GATE_SECRET}
    invented[ARCHIVE_SECRET] = ARCHIVE_SECRET
    invented |= {robot_variable(one.id): robot_variable(one.id) for one in config.communities}
    # The files of a merchant account are secrets too.
    payouts = config.payouts.model_copy(update={"merchant": None})
    return settings(config.model_copy(update={"payouts": payouts}), invented, base)


def _data_keys(environ: Mapping[str, str]) -> tuple[DataKey, ...]:
    try:
        return read_keys(environ)
    except KeysUnusable as error:
        raise Missing(str(error)) from error


def _merchant(payouts: Payouts, base: Path) -> "Merchant | None":
    if payouts.merchant is None:
        return None
    from bot.merchant import Unusable, read_merchant  # loads `cryptography`

    try:
        return read_merchant(payouts.merchant, base)
    except Unusable as error:
        raise Missing(f"微信支付商户的文件不能用：{error}。") from error


def _payout_url(payouts: Payouts) -> str:
    """The payer's address; WeChat Pay's own where only an account there is named."""
    usual = WECHAT_PAY if payouts.merchant is not None else ""
    return payouts.url.rstrip("/") or usual


def _refuse(missing: list[str], environ: Mapping[str, str]) -> None:
    wrong = [
        name
        for name in ("QUNYUN_APP_AES_KEY", "QUNYUN_AIBOT_AES_KEY")
        if environ.get(name) and not AES_KEY.fullmatch(environ[name])
    ]
    if wrong:
        raise Missing(f"{'、'.join(wrong)} 必须正好是 43 个字母或数字，请从管理后台重新复制。")
    if PAGE_SECRET not in missing and 0 < len(environ.get(PAGE_SECRET, "")) < SHORTEST_SECRET:
        raise Missing(f"{PAGE_SECRET} 至少要 {SHORTEST_SECRET} 个字符，例如 openssl rand -hex 32。")
    if missing:
        names = "\n".join(f"  {name}" for name in missing)
        raise Missing(f"缺少这些环境变量：\n{names}\n把它们写进 0600 权限的环境文件后再启动。")


def _community(
    entry: CommunityEntry, zone: ZoneInfo, bot_name: str, config: Config, archived: bool
) -> Community:
    """In a customer group (assist) the bot hears nobody but by the archive, and WeCom counts what
    it receives."""
    ceiling = config.wecom.group_monthly_ceiling
    return Community(
        entry.id,
        entry.name,
        entry.chat_id,
        entry.owner,
        DeliveryMode(entry.mode),
        frozenset(entry.labels),
        zone,
        heard_as="" if entry.mode == "assist" else bot_name,
        page=bool(config.listen.public),
        review=entry.review,
        monthly_ceiling=ceiling if entry.mode == "assist" else None,
        tasks=config.wecom.group_tasks,
        archived=archived and entry.mode == "assist",
    )


def robot_variable(community: str) -> str:
    """The environment variable that holds a community's webhook key."""
    return "QUNYUN_ROBOT_" + re.sub(r"[^A-Z0-9]", "_", community.upper())


def _page(config: Config, secret: Callable[[str], str]) -> PageSettings | None:
    if not config.listen.public:
        return None
    listen = config.listen
    return PageSettings(
        listen.public.rstrip("/"),
        config.wecom.oauth.rstrip("/"),
        secret(PAGE_SECRET),
        (*LOOPBACK, *(ip_network(one) for one in listen.trusted_proxies)),
        config.wecom.login.rstrip("/"),
    )


def _aibot(config: Config, secret: Callable[[str], str]) -> AibotSettings | None:
    entry = config.wecom.aibot
    if entry is None:
        return None
    callback = entry.mode == "callback"
    return AibotSettings(
        entry.id,
        entry.name,
        entry.mode,
        entry.url,
        secret("QUNYUN_AIBOT_TOKEN") if callback else "",
        secret("QUNYUN_AIBOT_AES_KEY") if callback else "",
        "" if callback else secret("QUNYUN_AIBOT_SECRET"),
    )


def _staff(config: Config) -> dict[str, Staff]:
    owned: dict[str, set[str]] = {}
    for community in config.communities:
        owned.setdefault(community.owner, set()).add(community.id)
    return {
        entry.id: Staff(
            entry.id,
            entry.name,
            frozenset(Role(role) for role in entry.roles),
            frozenset(owned.get(entry.id, ())),
            frozenset(entry.customer_ids),
        )
        for entry in config.staff
    }


def _database(url: str, base: Path) -> str:
    """A relative SQLite path is relative to the configuration file."""
    prefix = "sqlite:///"
    if url.startswith(prefix) and not url.startswith(prefix + "/"):
        return prefix + str((base / url.removeprefix(prefix)).resolve())
    return url
