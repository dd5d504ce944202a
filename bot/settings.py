"""config.yaml + secrets from the environment → frozen settings."""

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import bot.payouts
from bot.config import CommunityEntry, Config, Payouts
from sop.community import Community, DeliveryMode, Role, Staff
from sop.diagnostics import Problem, closest
from sop.loader import load_model
from sop.source import read

if TYPE_CHECKING:
    from bot.merchant import Merchant
    from bot.payer import Payer

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


@dataclass(frozen=True, slots=True)
class PageSettings:
    """The member page: where members reach it, and how WeCom tells who they are."""

    public: str
    """`https://qunyun.bank.example`, without a slash at the end."""
    oauth: str
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
    page: PageSettings | None = None
    payout_app_secret: str = field(default="", repr=False)
    """The payment secret of the application, for the second signature of a red packet."""
    merchant: "Merchant | None" = None
    approve_above_fen: int = 0
    """Payouts up to this amount are approved by themselves; 0: every one by a person."""

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
        found = [at(where, text) for where, text in _wrongs(written)]
        problems += [one for one in found if (one.line, one.column) not in placed]
    return (None if problems else config), sorted(problems)


def _wrongs(written: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """What does not fit together, with its place, in a configuration that may be broken."""
    staff, communities = _entries(written, "staff"), _entries(written, "communities")
    wecom = written.get("wecom")
    known = {one.get("id") for one in staff}
    for number, one in enumerate(communities):
        owner = one.get("owner")
        if isinstance(owner, str) and owner not in known:
            near = closest(owner, [name for name in known if isinstance(name, str)])
            text = f"同事里没有 userid“{owner}”" + (f"，您是想写 {near} 吗？" if near else "")
            yield ("communities", number, "owner"), text
        if one.get("mode") == "aibot" and not (isinstance(wecom, dict) and wecom.get("aibot")):
            text = "发送方式是 aibot，wecom 里却没有配智能机器人（aibot）"
            yield ("communities", number, "mode"), text
    for group, key, entries in (
        ("staff", "id", staff),
        ("communities", "id", communities),
        ("communities", "chat_id", communities),
    ):
        ids = [one.get(key) for one in entries]
        for number, one_id in enumerate(ids):
            if isinstance(one_id, str) and one_id in ids[:number]:
                yield (group, number, key), f"编号“{one_id}”写了两次"
    yield from _wrong_payouts(written.get("payouts"))
    for group, key in (("listen", "public"), ("wecom", "oauth")):
        found = written.get(group)
        address = found.get(key) if isinstance(found, dict) else None
        if isinstance(address, str) and address and not _is_base(address):
            yield (group, key), "要写成 https://主机名，后面不带路径（只有本机地址可以用 http）"
    zone = written.get("zone", "Asia/Shanghai")
    try:
        ZoneInfo(str(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield ("zone",), f"没有叫“{zone}”的时区，例如 Asia/Shanghai"


def _is_base(address: str) -> bool:
    """Whether it is an https address of a host alone, or an http one of this machine."""
    try:
        url = urlsplit(address)
        host, _ = url.hostname, url.port
    except ValueError:
        return False
    alone = not (url.query or url.fragment or url.username) and url.path in ("", "/")
    local = url.scheme == "http" and host in ("127.0.0.1", "localhost", "::1")
    return bool(host) and alone and (url.scheme == "https" or local)


def _entries(written: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """The mappings of a list; an empty one for what is something else."""
    found = written.get(key)
    entries = found if isinstance(found, list) else []
    return [one if isinstance(one, dict) else {} for one in entries]


def _wrong_payouts(payouts: object) -> Iterator[tuple[tuple[str | int, ...], str]]:
    payer = payouts.get("payer", "manual") if isinstance(payouts, dict) else "manual"
    if not isinstance(payer, str):
        return
    if payer not in _payers():
        text = f"没有叫“{payer}”的发奖方式，可以写：{'、'.join(_payers())}"
        yield ("payouts", "payer"), text
    elif isinstance(payouts, dict):
        kind, merchant = payer_type(payer), payouts.get("merchant")
        account = merchant if isinstance(merchant, dict) else {}
        absent = [one for one in kind.merchant if not account.get(one)]
        if absent:
            yield ("payouts", "payer"), f"还要写 merchant（微信支付商户）的 {'、'.join(absent)}"
        elif kind.automatic and not kind.merchant and not payouts.get("url"):
            yield ("payouts", "payer"), "还要写 url：营销平台的地址"


def payer_type(name: str) -> "type[Payer]":
    """A payer by its name, its file's. Imported here, because that file imports this one."""
    found: type[Payer] = importlib.import_module(f"bot.payouts.{name}").PAYER
    return found


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
    payer_secrets = {name: secret(name) for name in payer_type(config.payouts.payer).secrets}
    page = _page(config, secret)
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
            _community(entry, zone, aibot.name if aibot else "", config)
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
    )


def settings_without_secrets(config: Config, base: Path) -> Settings:
    """For what neither speaks to WeCom nor pays: in place of each secret stands its name."""
    names = ("APP_SECRET", "APP_TOKEN", "AIBOT_TOKEN", "AIBOT_SECRET")
    invented = {f"QUNYUN_{name}": name for name in names}
    invented |= {PAGE_SECRET: PAGE_SECRET.ljust(SHORTEST_SECRET, "_")}
    invented |= {f"QUNYUN_{name}_AES_KEY": "A" * 43 for name in ("APP", "AIBOT")}
    invented |= {name: name for name in payer_type(config.payouts.payer).secrets}
    invented |= {robot_variable(one.id): robot_variable(one.id) for one in config.communities}
    # The files of a merchant account are secrets too.
    payouts = config.payouts.model_copy(update={"merchant": None})
    return settings(config.model_copy(update={"payouts": payouts}), invented, base)


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


def _community(entry: CommunityEntry, zone: ZoneInfo, bot_name: str, config: Config) -> Community:
    """In a customer group (assist) the bot hears nobody, and WeCom counts what it receives."""
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
    )


def robot_variable(community: str) -> str:
    """The environment variable that holds a community's webhook key."""
    return "QUNYUN_ROBOT_" + re.sub(r"[^A-Z0-9]", "_", community.upper())


def _page(config: Config, secret: Callable[[str], str]) -> PageSettings | None:
    if not config.listen.public:
        return None
    return PageSettings(
        config.listen.public.rstrip("/"), config.wecom.oauth.rstrip("/"), secret(PAGE_SECRET)
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
