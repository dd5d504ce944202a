"""config.yaml + secrets from the environment → frozen settings."""

import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import bot.payouts
from bot.config import CommunityEntry, Config
from sop.community import Community, DeliveryMode, Role, Staff
from sop.diagnostics import Problem
from sop.loader import load_model


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

    def robot_key(self, community: str) -> str | None:
        """The webhook key of a community's group robot; None when not configured."""
        return self.robot_keys.get(community)


AES_KEY = re.compile(r"[A-Za-z0-9]{43}")
"""An EncodingAESKey (wecom-protocol.md B.1)."""


class Missing(Exception):
    """Secrets that must be in the environment and are not, or cannot be secrets; the text lists
    them all, without a value."""


def read_config(path: Path) -> tuple[Config | None, list[Problem]]:
    """Reads and checks config.yaml: every problem with file, line and column."""
    config, problems, at = load_model(path, Config)
    if config is None:
        return None, problems
    known = {entry.id for entry in config.staff}
    for number, community in enumerate(config.communities):
        if community.owner not in known:
            problems.append(
                at(("communities", number, "owner"), f"同事里没有 userid“{community.owner}”")
            )
        if community.mode == "aibot" and config.wecom.aibot is None:
            text = "发送方式是 aibot，wecom 里却没有配智能机器人（aibot）"
            problems.append(at(("communities", number, "mode"), text))
    for group, key, ids in (
        ("staff", "id", [entry.id for entry in config.staff]),
        ("communities", "id", [entry.id for entry in config.communities]),
        ("communities", "chat_id", [entry.chat_id for entry in config.communities]),
    ):
        for number, one in enumerate(ids):
            if one in ids[:number]:
                problems.append(at((group, number, key), f"编号“{one}”写了两次"))
    payouts = config.payouts
    if payouts.payer not in _payers():
        known_payers = "、".join(_payers())
        problems.append(
            at(("payouts", "payer"), f"没有叫“{payouts.payer}”的发奖方式，可以写：{known_payers}")
        )
    elif payouts.payer != "manual" and not payouts.url:
        problems.append(at(("payouts", "payer"), "还要写 url：营销平台的地址"))
    try:
        ZoneInfo(config.zone)
    except (ZoneInfoNotFoundError, ValueError):
        problems.append(at(("zone",), f"没有叫“{config.zone}”的时区，例如 Asia/Shanghai"))
    return (None if problems else config), problems


def _payers() -> list[str]:
    """Names of the payers: each is a file of `bot.payouts`."""
    return sorted(one.name for one in pkgutil.iter_modules(bot.payouts.__path__))


def settings(config: Config, environ: Mapping[str, str], base: Path) -> Settings:
    """Joins configuration and secrets. Raises Missing with every name that is absent."""
    missing: list[str] = []

    def secret(name: str) -> str:
        value = environ.get(name, "")
        if not value:
            missing.append(name)
        return value

    app = AppSettings(
        config.wecom.app.agent,
        secret("QUNYUN_APP_SECRET"),
        secret("QUNYUN_APP_TOKEN"),
        secret("QUNYUN_APP_AES_KEY"),
    )
    robot_keys = {
        entry.id: secret(robot_variable(entry.id))
        for entry in config.communities
        if entry.mode == "robot"
    }
    aibot = _aibot(config, secret)
    payout_secret = secret("QUNYUN_PAYOUT_SECRET") if config.payouts.payer != "manual" else ""
    _refuse(missing, environ)
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
            _community(entry, zone, aibot.name if aibot else "") for entry in config.communities
        ),
        payer=config.payouts.payer,
        payout_url=config.payouts.url.rstrip("/"),
        payout_secret=payout_secret,
        robot_keys=robot_keys,
    )


def _refuse(missing: list[str], environ: Mapping[str, str]) -> None:
    wrong = [
        name
        for name in ("QUNYUN_APP_AES_KEY", "QUNYUN_AIBOT_AES_KEY")
        if environ.get(name) and not AES_KEY.fullmatch(environ[name])
    ]
    if wrong:
        raise Missing(f"{'、'.join(wrong)} 必须正好是 43 个字母或数字，请从管理后台重新复制。")
    if missing:
        names = "\n".join(f"  {name}" for name in missing)
        raise Missing(f"缺少这些环境变量：\n{names}\n把它们写进 0600 权限的环境文件后再启动。")


def _community(entry: CommunityEntry, zone: ZoneInfo, bot_name: str) -> Community:
    """In a customer group (assist) the bot hears nobody."""
    return Community(
        entry.id,
        entry.name,
        entry.chat_id,
        entry.owner,
        DeliveryMode(entry.mode),
        frozenset(entry.labels),
        zone,
        heard_as="" if entry.mode == "assist" else bot_name,
    )


def robot_variable(community: str) -> str:
    """The environment variable that holds a community's webhook key."""
    return "QUNYUN_ROBOT_" + re.sub(r"[^A-Z0-9]", "_", community.upper())


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
        )
        for entry in config.staff
    }


def _database(url: str, base: Path) -> str:
    """A relative SQLite path is relative to the configuration file."""
    prefix = "sqlite:///"
    if url.startswith(prefix) and not url.startswith(prefix + "/"):
        return prefix + str((base / url.removeprefix(prefix)).resolve())
    return url
