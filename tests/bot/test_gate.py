"""The gate asked over real HTTP: clear answers, everything that is none, and the rest after
failures."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from aiohttp import web

from bot.clock import MovableClock
from bot.gate import REST, TRIPS, Gate, Verdict
from bot.gate_settings import GateSettings
from bot.http import Http
from bot.sandbox.gate_platform import PATH, GatePlatform
from bot.sandbox.seed import AibotSeed, AppSeed, CorpSeed, CustomerSeed, Seed, StaffSeed
from bot.sandbox.server import Sandbox
from tests.house import at

SEED = Seed(
    corp=CorpSeed("ww1", "示例银行"),
    app=AppSeed(agent_id=1000002, secret="s", token="t", aes_key="k" * 43),
    aibot=AibotSeed(id="aib1", secret="b"),
    staff=(StaffSeed("li", "李静"),),
    customers=(CustomerSeed("wm1", "甲"), CustomerSeed("wm2", "乙")),
    payer_secret="gate-secret",
)


def gate_of(url: str, http: Http, clock: MovableClock, secret: str = "gate-secret") -> Gate:
    second = timedelta(seconds=1)
    return Gate(GateSettings(url, second, timedelta(hours=24), secret), http, clock)


@dataclass
class Bench:
    """The gate and the platform behind it."""

    gate: Gate
    platform: GatePlatform
    sandbox: Sandbox
    clock: MovableClock
    http: Http


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    clock = MovableClock(at("11-23 09:00"), seed=b"gate")
    sandbox = Sandbox(clock, SEED)
    await sandbox.start()
    http = Http([sandbox.url])
    gate = gate_of(f"{sandbox.url}/marketing", http, clock)
    yield Bench(gate, sandbox.gate_platform, sandbox, clock, http)
    await http.close()
    await sandbox.close()


async def test_platform_says_yes_no_or_nothing(bench: Bench) -> None:
    said = []
    for word in ("yes", "no", "unknown"):
        bench.platform.set("wm1", word)
        said.append(await bench.gate.ask("wm1"))
    assert said == [Verdict("yes"), Verdict("no"), Verdict("")]


async def test_wrong_secret_is_no_answer(bench: Bench) -> None:
    gate = gate_of(f"{bench.sandbox.url}/marketing", bench.http, bench.clock, "another")
    assert await gate.ask("wm1") == Verdict(
        "", "营销平台不认我们的签名，请核对 QUNYUN_GATE_SECRET 和服务器时间"
    )
    assert bench.platform.asked == []


async def test_silence_is_no_answer(bench: Bench) -> None:
    bench.sandbox.faults.set("gate_silent", 1)
    assert await bench.gate.ask("wm1") == Verdict("", "1 秒内没有答复")


async def test_failures_in_a_row_let_the_platform_rest(bench: Bench) -> None:
    bench.sandbox.faults.set("gate_down", True)
    down = Verdict("", "营销平台出错（HTTP 503）")
    resting = Verdict("", "客户核对连续失败，暂停片刻再试")
    said = [await bench.gate.ask("wm1") for _ in range(TRIPS + 2)]
    assert said == [down] * TRIPS + [resting] * 2
    await bench.clock.advance(REST)
    assert [await bench.gate.ask("wm1") for _ in range(2)] == [down, resting]
    bench.sandbox.faults.set("gate_down", False)
    await bench.clock.advance(REST)
    assert [await bench.gate.ask("wm1") for _ in range(2)] == [Verdict("yes")] * 2


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, "not json"),
        (200, "[]"),
        (200, '{"member": "wm2", "customer": true}'),
        (200, '{"customer": true}'),
        (200, '{"member": "wm1"}'),
        (200, '{"member": "wm1", "customer": 1}'),
        (200, '{"member": "wm1", "customer": "yes"}'),
        (302, ""),
        (404, '{"member": "wm1", "customer": true}'),
        (500, '{"member": "wm1", "customer": true}'),
    ],
)
async def test_whatever_is_not_clear_lets_nobody_in(status: int, body: str) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=body)

    app = web.Application()
    app.router.add_post(PATH, answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    http, clock = Http([url]), MovableClock(at("11-23 09:00"), seed=b"gate")
    said = await gate_of(f"{url}/marketing", http, clock).ask("wm1")
    await http.close()
    await runner.cleanup()
    assert (said.answer, bool(said.reason)) == ("", True)
