"""What does not fit together in config.yaml, each with its place."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import bot.payouts
from bot.gate_settings import wrong_gate
from sop.diagnostics import closest

if TYPE_CHECKING:
    from bot.payer import Payer


def misfits(written: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
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
    for group, key in (("listen", "public"), ("wecom", "oauth"), ("wecom", "login")):
        found = written.get(group)
        address = found.get(key) if isinstance(found, dict) else None
        if isinstance(address, str) and address and not _is_base(address):
            yield (group, key), "要写成 https://主机名，后面不带路径（只有本机地址可以用 http）"
    yield from _wrong_proxies(written.get("listen"))
    yield from wrong_gate(written.get("gate"))
    zone = written.get("zone", "Asia/Shanghai")
    try:
        ZoneInfo(str(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield ("zone",), f"没有叫“{zone}”的时区，例如 Asia/Shanghai"


def _wrong_proxies(listen: object) -> Iterator[tuple[tuple[str | int, ...], str]]:
    found = listen.get("trusted_proxies") if isinstance(listen, dict) else None
    for number, one in enumerate(found if isinstance(found, list) else []):
        try:
            wide = isinstance(one, str) and ip_network(one).prefixlen == 0
        except ValueError:
            text = f"“{one}”不是地址或网段，例如 10.1.2.3 或 10.0.0.0/8"
            yield ("listen", "trusted_proxies", number), text
        else:
            if wide:
                text = f"“{one}”是所有地址，谁都能冒充别人；请只写反向代理的地址"
                yield ("listen", "trusted_proxies", number), text


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
