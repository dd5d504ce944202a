"""A merchant with keys made for the tests, a sandbox that pays, and payers over loopback HTTP."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from bot.app import payer_types
from bot.clock import MovableClock
from bot.config import Config
from bot.http import Bounds, Http
from bot.payer import Failed, NeverSeen, Order, Paid, Payer
from bot.sandbox.callbacks import Timing
from bot.sandbox.purse import Purse
from bot.sandbox.seed import (
    AibotSeed,
    AppSeed,
    CorpSeed,
    CustomerSeed,
    MerchantSeed,
    Seed,
    StaffSeed,
)
from bot.sandbox.server import Sandbox
from bot.settings import Settings, settings
from tests.house import CONFIG, SECRETS, at

MERCHANT = "1900000109"
API_KEY = "merchant-api-key-of-32-characters"[:32]
APP_SECRET = "payment-app-secret"
PUBLIC_KEY_ID = "PUB_KEY_ID_0114232134912410000000000000"
ORDER = Order("QY20261123000000000000000001", "wm1", 188, "骰子红包")


@dataclass(frozen=True)
class Account:
    """The merchant's files, and what the other side knows of them."""

    folder: Path
    seed: MerchantSeed
    authority: trustme.CA

    def entry(self, **more: Any) -> dict[str, Any]:
        """`payouts.merchant` of config.yaml."""
        return {
            "id": MERCHANT,
            "certificate": "apiclient_cert.pem",
            "key": "apiclient_key.pem",
            "platform_key": "pub_key.pem",
            "platform_key_id": PUBLIC_KEY_ID,
            **more,
        }


def _pkcs8(private: bytes) -> bytes:
    """As WeChat Pay hands it out."""
    key = load_pem_private_key(private, None)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Account:
    folder = tmp_path_factory.mktemp("merchant")
    authority = trustme.CA(key_type=trustme.KeyType.RSA)
    own = authority.issue_cert("merchant", key_type=trustme.KeyType.RSA)
    platform = authority.issue_cert("platform", key_type=trustme.KeyType.RSA)
    certificate = own.cert_chain_pems[0].bytes()
    private = platform.private_key_pem.bytes()
    public = load_pem_private_key(private, None).public_key()
    (folder / "apiclient_cert.pem").write_bytes(certificate)
    (folder / "apiclient_key.pem").write_bytes(_pkcs8(own.private_key_pem.bytes()))
    (folder / "pub_key.pem").write_bytes(
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    (folder / "platform_cert.pem").write_bytes(platform.cert_chain_pems[0].bytes())
    (folder / "other_key.pem").write_bytes(private)
    elliptic = authority.issue_cert("elliptic", key_type=trustme.KeyType.ECDSA)
    (folder / "elliptic.pem").write_bytes(elliptic.private_key_pem.bytes())
    seed = MerchantSeed(MERCHANT, API_KEY, APP_SECRET, API_KEY, certificate, private, PUBLIC_KEY_ID)
    return Account(folder, seed, authority)


@pytest.fixture(scope="session")
def platform_serial(account: Account) -> str:
    """The serial number of the platform's certificate."""
    data = (account.folder / "platform_cert.pem").read_bytes()
    return f"{x509.load_pem_x509_certificate(data).serial_number:X}"


@dataclass
class Counter:
    """A sandbox that pays, and our side of the counter."""

    account: Account
    sandbox: Sandbox
    clock: MovableClock
    https: list[Http] = field(default_factory=list)

    def settings(self, payer: str, merchant: dict[str, Any] | None = None, **more: Any) -> Settings:
        base = self.sandbox.url
        payouts: dict[str, Any] = {"payer": payer, "url": base}
        if payer == "marketing_platform":
            payouts["url"] = f"{base}/marketing"
        elif payer != "manual":
            payouts["merchant"] = self.account.entry(**(merchant or {}))
        wecom = {**CONFIG["wecom"], "api": base}
        config = Config.model_validate({**CONFIG, "wecom": wecom, "payouts": payouts, **more})
        secret = "payer-secret" if payer == "marketing_platform" else API_KEY
        environ = {**SECRETS, "QUNYUN_PAYOUT_SECRET": secret}
        environ |= {"QUNYUN_PAYOUT_APP_SECRET": APP_SECRET, "QUNYUN_PAGE_SECRET": "p" * 32}
        return settings(config, environ, self.account.folder)

    def payer(self, name: str, chosen: Settings | None = None, **merchant: Any) -> Payer:
        chosen = chosen or self.settings(name, merchant)
        http = Http([self.sandbox.url, chosen.payout_url], Bounds(total=2.0))
        self.https.append(http)
        return payer_types()[name](chosen, http, self.clock)

    def purse(self, name: str) -> Purse:
        """What the other side has in its books."""
        purses = {
            "marketing_platform": self.sandbox.payer,
            "wecom_redpacket": self.sandbox.redpacket,
            "wechat_transfer": self.sandbox.transfer,
        }
        found = purses[name]
        assert found is not None
        return found

    async def follow(self, payer: Payer, order: Order) -> list[Any]:
        """Pays as `bot.paying` does: an unclear order is asked about, one never seen is sent
        again under its number. Every outcome that differs from the one before it, until the end
        or the second day."""
        outcomes: list[Any] = [await payer.pay(order)]
        sent = self.clock.now()
        while (age := self.clock.now() - sent) < timedelta(hours=26):
            if isinstance(outcomes[-1], Paid | Failed):
                break
            await self.clock.advance(timedelta(minutes=3 if age < timedelta(hours=1) else 20))
            outcome: Any = await payer.query(order.order_no)
            if isinstance(outcome, NeverSeen):
                outcome = await payer.pay(replace(order, first_sent=sent))
            if outcome != outcomes[-1]:
                outcomes.append(outcome)
        return outcomes


@pytest.fixture
async def counter(account: Account) -> AsyncIterator[Counter]:
    """Monday 09:00."""
    clock = MovableClock(at("11-23 09:00"), seed=b"counter")
    seed = Seed(
        corp=CorpSeed("ww1", "示例银行"),
        app=AppSeed(agent_id=1000002, secret="s", token="t", aes_key="k" * 43),
        aibot=AibotSeed(id="aib1", secret="b", token="t", aes_key="k" * 43),
        staff=(StaffSeed("li", "李静"),),
        customers=(CustomerSeed("wm1", "甲", ("li",)), CustomerSeed("wm2", "乙", ("li",))),
        payer_secret="payer-secret",
        merchant=account.seed,
    )
    sandbox = Sandbox(clock, seed, timing=Timing(retry_seconds=0.01))
    await sandbox.start()
    found = Counter(account, sandbox, clock)
    yield found
    for http in found.https:
        await http.close()
    await sandbox.close()


@pytest.fixture
async def plain_server() -> AsyncIterator[Callable[[str], Awaitable[str]]]:
    """Starts a server that answers every request with the same text; returns its address."""
    runners: list[web.AppRunner] = []

    async def start(text: str) -> str:
        async def answer(request: web.Request) -> web.Response:
            await request.read()
            return web.Response(text=text)

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    yield start
    for runner in runners:
        await runner.cleanup()
