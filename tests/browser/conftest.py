"""A real Chromium, and the chat page of a real sandbox in it."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright
from pytest_asyncio import is_async_test

from bot.clock import MovableClock
from bot.demo import Demo
from bot.sandbox.callbacks import Timing
from bot.sandbox.seed import (
    AibotSeed,
    AppSeed,
    CorpSeed,
    CustomerSeed,
    GroupSeed,
    RobotSeed,
    Seed,
    StaffSeed,
)
from bot.sandbox.server import Sandbox
from tests.house import shipped_library

CHROMIUM = Path("/usr/bin/chromium")
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
AES = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script>'
WATCH_CSP = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP ${event.violatedDirective} ${event.blockedURI}`));
"""

in_the_browsers_loop = pytest_asyncio.fixture(loop_scope="session")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium. Missing: a skip on a laptop, a failure where CI is set."""
    if not CHROMIUM.exists():
        reason = f"{CHROMIUM} is missing"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return str(CHROMIUM)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They share a browser, and with it the loop that it lives in."""
    for item in items:
        if item.path.parent.name == "browser" and is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def started_browser(chromium: str) -> AsyncIterator[Browser]:
    """Chromium without a window: starting it takes longer than most tests."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium, args=ARGS)
        yield opened
        await opened.close()


@in_the_browsers_loop
async def browser(started_browser: Browser) -> AsyncIterator[Browser]:
    """Chromium with nothing open and nothing remembered."""
    yield started_browser
    for context in started_browser.contexts:
        await context.close()


@in_the_browsers_loop
async def sandbox() -> AsyncIterator[Sandbox]:
    """Two groups, one of them with a hostile name, on Monday 2026-11-23 09:00 in China."""
    seed = Seed(
        corp=CorpSeed("ww5823bf96d3bd56c7", "示例银行"),
        app=AppSeed(1000002, "app-secret", "QDG6eK", AES, callback_url="http://127.0.0.1:9/"),
        aibot=AibotSeed("aib1", "bot-secret"),
        staff=(StaffSeed("zhouwen", "周文"), StaffSeed("chenmin", "陈敏", "主管")),
        customers=(
            CustomerSeed("wm01", "李建国"),
            CustomerSeed("wm02", "王芳"),
            CustomerSeed("wm03", HOSTILE),
        ),
        groups=(
            GroupSeed(
                "wrOne",
                "财富一群",
                "zhouwen",
                members=("wm01", "wm02"),
                robots=(RobotSeed("693a91f6-7c2f-4bc4-97a0-0ec2f1c3d5a1", "群运"),),
                aibot=True,
                robots_in_customer_group=True,
            ),
            GroupSeed("wrTwo", HOSTILE, "chenmin", members=("wm03",)),
        ),
    )
    clock = MovableClock(datetime(2026, 11, 23, 1, 0, tzinfo=UTC))
    quick = Timing(verify_seconds=2.0, answer_seconds=2.0, retry_seconds=0.01, poll_seconds=0.1)
    local = Sandbox(clock, seed, timing=quick)
    await local.start()
    yield local
    await local.close()


@dataclass
class Visitor:
    """Somebody with the chat page open; `troubles` is what the browser complained of."""

    page: Page
    troubles: list[str] = field(default_factory=list)

    async def texts(self, selector: str) -> list[str]:
        """The visible text of every match, in order."""
        return [text.strip() for text in await self.page.locator(selector).all_inner_texts()]

    async def appears(self, selector: str, text: str) -> None:
        """Waits until an element with exactly this text is there."""
        found = self.page.locator(selector).get_by_text(text, exact=True)
        await found.first.wait_for(timeout=5000)


@asynccontextmanager
async def visiting(browser: Browser, url: str) -> AsyncIterator[Visitor]:
    """The page at desk width. Whatever the browser complains of fails the test."""
    page = await browser.new_page(viewport={"width": 1440, "height": 900})
    one = Visitor(page)
    await page.add_init_script(WATCH_CSP)
    page.on("console", lambda said: one.troubles.extend([said.text] * (said.type == "error")))
    page.on("pageerror", lambda error: one.troubles.append(str(error)))
    page.on("dialog", lambda dialog: one.troubles.append(dialog.message))
    await page.goto(url)
    await page.wait_for_selector("body.ready")
    yield one
    assert one.troubles == []


@in_the_browsers_loop
async def visitor(browser: Browser, sandbox: Sandbox) -> AsyncIterator[Visitor]:
    """Somebody before a bare sandbox."""
    async with visiting(browser, sandbox.url) as one:
        yield one


class InstantClock(MovableClock):
    """Its entropy is a function of the virtual instant: the loops draw at a pace of their own."""

    def entropy(self, size: int) -> bytes:
        """Up to 64 bytes, the same at the same instant."""
        return hashlib.sha512(self.now().isoformat().encode()).digest()[:size]


@in_the_browsers_loop
async def newcomer(browser: Browser, sqlite_url: str) -> AsyncIterator[Visitor]:
    """Somebody before the demo as shipped, on Monday 2026-11-23 09:10 in China.

    The clock stands still until it is moved: every run is the same.
    """
    monday = datetime(2026, 11, 23, 1, 10, tzinfo=UTC)
    show = Demo(InstantClock(monday), *shipped_library(), sqlite_url)
    address = await show.start()
    await show.settle()  # what is said at the start is there before anybody looks
    loops = asyncio.create_task(show.app.run(), name="bot")
    try:
        async with visiting(browser, address) as one:
            yield one
    finally:
        loops.cancel()
        await asyncio.gather(loops, return_exceptions=True)
        await show.close()


@dataclass
class App:
    """The self-built application, calling the sandbox as the bot would."""

    session: aiohttp.ClientSession
    url: str
    token: str

    async def post(self, path: str, body: dict[str, object]) -> dict[str, object]:
        """Calls an interface of WeCom."""
        address = f"{self.url}/cgi-bin/{path}?access_token={self.token}"
        async with self.session.post(address, json=body) as response:
            answer: dict[str, object] = await response.json()
            return answer


@in_the_browsers_loop
async def app(sandbox: Sandbox) -> AsyncIterator[App]:
    """The application with a fresh token."""
    query = {"corpid": "ww5823bf96d3bd56c7", "corpsecret": "app-secret"}
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{sandbox.url}/cgi-bin/gettoken", params=query) as response:
            token = (await response.json())["access_token"]
        yield App(session, sandbox.url, token)
