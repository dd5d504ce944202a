"""The gate (客户核对): is somebody the bank's customer? The bank's marketing platform says.

    POST {url}/customers/check   {member}  →  {member, customer: true | false | null}

Requests are signed as those of the paying platform (bot/payouts/marketing_platform.py): lower-case
hex HMAC-SHA-256 under the shared secret of method, path, timestamp and nonce, a line feed after
each, and the body. Whatever is not a clear yes or no is no answer: nobody is let in by it, and
nobody refused.
"""

import asyncio
import hashlib
import hmac
import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from bot.clock import Clock
from bot.gate_settings import GateSettings
from bot.http import Answer, Http, NoAnswer, NotSent

log = logging.getLogger(__name__)

TRIPS = 5
"""So many failures in a row, and the platform is left alone for a while."""
REST = timedelta(seconds=30)
_TROUBLE = {
    401: "营销平台不认我们的签名，请核对 QUNYUN_GATE_SECRET 和服务器时间",
    403: "营销平台不许我们调用，请核对权限和出口 IP",
    404: "营销平台没有这个接口，请核对 gate 的 url",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of somebody."""

    answer: Literal["yes", "no", ""]
    """Empty: it has not said."""
    reason: str = ""
    """Why it has not."""


class Gate:
    """Asks the platform, within the configured time; after failures in a row it rests."""

    def __init__(self, chosen: GateSettings, http: Http, clock: Clock) -> None:
        self._chosen = chosen
        self._http = http
        self._clock = clock
        self._failures = 0
        self._rests_until: datetime | None = None

    async def ask(self, member: str) -> Verdict:
        """Never raises for what the platform or the network does."""
        now = self._clock.now()
        if self._failures >= TRIPS:
            if self._rests_until is not None and now < self._rests_until:
                return Verdict("", "客户核对连续失败，暂停片刻再试")
            self._rests_until = now + REST  # one goes ahead and tries
        try:
            verdict = _read(await self._send(member), member)
        except (NotSent, NoAnswer) as error:
            return self._failed(str(error))
        except TimeoutError:
            return self._failed(f"{self._chosen.timeout.total_seconds():g} 秒内没有答复")
        if not verdict.answer and verdict.reason:
            return self._failed(verdict.reason)
        self._failures = 0
        return verdict

    def _failed(self, reason: str) -> Verdict:
        self._failures += 1
        self._rests_until = self._clock.now() + REST
        log.warning("gate: %s", reason, extra={"action": "gate_failed"})
        return Verdict("", reason)

    async def _send(self, member: str) -> Answer:
        url = f"{self._chosen.url}/customers/check"
        body = json.dumps({"member": member}).encode()
        timestamp = str(int(self._clock.now().timestamp()))
        nonce = self._clock.entropy(16).hex()
        signed = f"POST\n{urlsplit(url).path}\n{timestamp}\n{nonce}\n".encode() + body
        key = self._chosen.secret.encode()
        headers = {
            "Content-Type": "application/json",
            "X-Timestamp": timestamp,
            "X-Nonce": nonce,
            "X-Signature": hmac.new(key, signed, hashlib.sha256).hexdigest(),
        }
        async with asyncio.timeout(self._chosen.timeout.total_seconds()):
            return await self._http.request("POST", url, content=body, headers=headers)


def _read(answer: Answer, member: str) -> Verdict:
    """A clear answer about this very person, or none. That the platform does not know yet either
    (`null`) is no failure of its."""
    try:
        said = answer.json()
    except ValueError:
        said = None
    if answer.status != 200:
        usual = f"营销平台出错（HTTP {answer.status}）"
        return Verdict("", _TROUBLE.get(answer.status, usual))
    if not isinstance(said, dict) or said.get("member") != member or "customer" not in said:
        return Verdict("", "营销平台的答复看不懂")
    customer = said["customer"]
    if customer is None:
        return Verdict("")
    if not isinstance(customer, bool):
        return Verdict("", "营销平台的答复看不懂")
    return Verdict("yes" if customer else "no")
