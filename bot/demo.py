"""`qunyun demo`: a local WeCom with a chat page, the bot, and a clock that can be moved.

Everything between the two crosses real HTTP with WeCom's signatures and encryption; they share
nothing but the clock. The demo writes only into its own folder.
"""

import asyncio
import socket
import webbrowser
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.app import App
from bot.clock import MovableClock, Participant, SystemClock
from bot.config import (
    Aibot,
    CommunityEntry,
    Config,
    Listen,
    Payouts,
    RoleName,
    StaffEntry,
    Wecom,
)
from bot.config import App as AppEntry
from bot.edition import Shelf
from bot.gate_settings import GATE_SECRET
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
from bot.settings import PAGE_SECRET, robot_variable, settings
from bot.vault import DATA_KEYS
from sop.library import Library
from sop.sheet import file_sheet
from sop.unplanned import speaking
from sop.workdays import UnknownYear, Workdays
from storage import reviews
from storage.database import open_database

ZONE = ZoneInfo("Asia/Shanghai")
HOST = "127.0.0.1"
KNOWN_MONDAY = date(2026, 11, 23)
"""Shown where the working days of the coming weeks are not published yet."""
SHOWN_WORKING_DAYS = 15
"""From the first Monday to the day on which the second week's prizes are paid."""

CORP = "wwdemo0123456789"
AGENT = 1000002
AIBOT = "aibdemo"
CUSTOMER_GROUP = "wrDemoWealthGroup01"
ASSIST_GROUP = "wrDemoWealthGroup02"
ROBOT_KEY = "5b2f6f0e-0000-4000-8000-demo00000001"

REVIEWER = "sunyan"
STAFF: tuple[tuple[str, str, RoleName, str], ...] = (
    ("lijing", "李静", "rm", "客户经理"),
    ("zhaoyun", "赵芸", "operator", "运营"),
    (REVIEWER, "孙岩", "reviewer", "合规审核"),
    ("wangqiang", "王强", "manager", "主管"),
)
CUSTOMERS = (
    ("wmDemo001", "陈晓雯"),
    ("wmDemo002", "老周"),
    ("wmDemo003", "林一诺"),
    ("wmDemo004", "吴建国"),
    ("wmDemo005", "小满"),
    ("wmDemo006", "Grace"),
    ("wmDemo007", "许多多"),
    ("wmDemo008", "孙阿姨"),
)


def start_instant(today: datetime, workdays: Workdays) -> datetime:
    """09:10 in Shanghai, five minutes before the week's first reminder, on the next Monday (today,
    if it is one) that begins a week without holidays; where the coming working days are not
    published yet, in a week of 2026."""
    local = today.astimezone(ZONE)
    monday = local.date() + timedelta(days=-local.weekday() % 7)
    try:
        while not _ordinary(monday, workdays):
            monday += timedelta(days=7)
        workdays.add(monday, SHOWN_WORKING_DAYS)
    except UnknownYear:
        monday = KNOWN_MONDAY
    return datetime(monday.year, monday.month, monday.day, 9, 10, tzinfo=ZONE).astimezone(UTC)


def _ordinary(monday: date, workdays: Workdays) -> bool:
    """Monday to Friday are the next five working days."""
    return workdays.add(monday - timedelta(days=1), 5) == monday + timedelta(days=4)


class Demo:
    """The sandbox, the bot and their clock, wired over loopback HTTP."""

    def __init__(
        self,
        clock: MovableClock,
        library: Library,
        workdays: Workdays,
        database_url: str,
        shelf: Shelf | None = None,
    ) -> None:
        """With `shelf` the library follows its files."""
        self.clock = clock
        self._shelf = shelf
        self._library = library
        self._workdays = workdays
        self._database_url = database_url
        self._secrets = {name: clock.entropy(16).hex() for name in ("app", "token", "aibot", "pay")}
        self._aes_key = clock.entropy(32).hex()[:43]
        self._secrets["page"] = clock.entropy(32).hex()
        self._public = ""
        seed = _seed(self._secrets, self._aes_key)
        self.sandbox = Sandbox(clock, seed, salt=clock.entropy(4).hex())

    async def start(self, port: int = 0) -> str:
        """Starts both servers; the bot takes the port after the sandbox's. Returns the address
        of the chat page. Run `self.app.run()` for the bot's loops."""
        async with self.clock.standing():  # nobody moves it before the bot keeps its calendar
            taken = await self.sandbox.start(port, HOST)
            await self.start_bot(port + 1 if port else 0)
            self.clock.join(Participant(self._next_due, self.settle))
        return f"http://{HOST}:{taken}/"

    async def start_bot(self, port: int = 0) -> None:
        """Starts a bot on the database; the one before, if any, has been closed."""
        port = port or _free_port()
        self._public = f"http://{HOST}:{port}"
        chosen = settings(
            self.config(self.sandbox.url), _environment(self._secrets, self._aes_key), Path()
        )
        database = await open_database(self._database_url)
        await database.write(self._stamp)
        self.app = App(
            replace(chosen, port=port),
            self._library,
            self._workdays,
            database,
            self.clock,
            tick_seconds=1.0,
            shelf=self._shelf,
        )
        await self.app.start()
        callbacks = f"http://{HOST}:{self.app.server.port}/wecom"
        self.sandbox.app_endpoint.url = f"{callbacks}/app/{AGENT}"
        self.sandbox.aibot_endpoint.url = f"{callbacks}/aibot/{AIBOT}"

    def _stamp(self, tx: Connection) -> None:
        """What speaks besides the plans was read before this Monday; the steps are for whoever
        tries the demo."""
        for file in speaking(self._library):
            sheet = file_sheet(file, self._library)
            reviews.stamp(
                tx,
                plan=sheet.plan,
                step=sheet.step,
                hash=sheet.hash,
                sheet=sheet.text,
                by=REVIEWER,
                note="演示前已经审过",
                now=self.clock.now(),
            )

    def config(self, base: str) -> Config:
        """The bot's configuration; `base` is the address of the sandbox."""
        return _config(base, self._database_url, self._public)

    async def _next_due(self) -> datetime | None:
        return await self.app.next_due()

    async def settle(self) -> None:
        """Lets both sides finish everything that is due at this instant."""
        await self.sandbox.settle()
        await self.app.settle()
        await self.sandbox.settle()
        if await self.app.inbox_waits():
            await self.settle()

    async def close(self) -> None:
        """Ends the sandbox; the bot closes when its `run` ends."""
        await self.sandbox.close()


def own_library(folder: Path) -> Shelf:
    """A folder of one's own to try in the demo; it is read again whenever a file is saved."""
    communities = _config("", "", "").communities
    return Shelf(
        [folder],
        labels={label for one in communities for label in one.labels},
        communities={one.id for one in communities},
    )


async def demo(
    *,
    library: Library,
    workdays: Workdays,
    port: int,
    folder: Path,
    headless: bool,
    shelf: Shelf | None = None,
) -> None:
    """Serves until cancelled. Prints the address of the chat page when it is ready."""
    _start_anew(folder)
    clock = MovableClock(start_instant(SystemClock().now(), workdays), running=True)
    show = Demo(clock, library, workdays, f"sqlite:///{folder}/demo.db", shelf)
    address = await show.start(port)
    loops = asyncio.create_task(show.app.run(), name="bot")
    try:
        print(f"群运演示已启动：{address}\n按 Ctrl-C 结束。数据在 {folder}", flush=True)
        if not headless:
            webbrowser.open(address)
        await loops
    finally:
        loops.cancel()
        await asyncio.gather(loops, return_exceptions=True)
        await show.close()


def _free_port() -> int:
    """The member page's address is in the configuration, so the port is chosen before it is
    taken."""
    with socket.socket() as one:
        one.bind((HOST, 0))
        port: int = one.getsockname()[1]
    return port


def _start_anew(folder: Path) -> None:
    """The sandbox forgets its chats when it ends, so the bot forgets with it."""
    for old in folder.glob("demo.db*"):
        old.unlink()


def _seed(secrets: dict[str, str], aes_key: str) -> Seed:
    everyone = tuple(one for one, _ in CUSTOMERS)
    return Seed(
        corp=CorpSeed(CORP, "示例银行"),
        app=AppSeed(AGENT, secrets["app"], secrets["token"], aes_key),
        aibot=AibotSeed(AIBOT, secrets["aibot"], secrets["token"], aes_key),
        staff=tuple(StaffSeed(one, name, title) for one, name, _, title in STAFF),
        customers=tuple(CustomerSeed(one, name, ("lijing",)) for one, name in CUSTOMERS),
        groups=(
            GroupSeed(
                CUSTOMER_GROUP,
                "财富体验群",
                "lijing",
                members=everyone[:6],
                staff=("zhaoyun",),
                robots=(RobotSeed(ROBOT_KEY, "群运小助手"),),
                aibot=True,
                robots_in_customer_group=True,
                note="沙箱特例：真实的企业微信不允许机器人进客户群，这里放开以便演示。",
            ),
            GroupSeed(
                ASSIST_GROUP,
                "财富客户群",
                "lijing",
                members=everyone[4:],
                note="客户群：机器人不能发言，由客户经理在“企业群发”里确认发送。",
            ),
        ),
        payer_secret=secrets["pay"],
    )


def _config(base: str, database_url: str, public: str) -> Config:
    return Config(
        company="示例银行",
        database=database_url,
        listen=Listen(host=HOST, public=public),
        wecom=Wecom(
            corp_id=CORP,
            api=base,
            oauth=base,
            login=base,
            app=AppEntry(agent=AGENT),
            aibot=Aibot(id=AIBOT, name="群运", mode="callback"),
        ),
        staff=[StaffEntry(id=one, name=name, roles=[role]) for one, name, role, _ in STAFF],
        communities=[
            CommunityEntry(
                id="wealth-01",
                name="财富体验群",
                chat_id=CUSTOMER_GROUP,
                owner="lijing",
                mode="robot",
                labels=["wealth"],
                review=False,
            ),
            CommunityEntry(
                id="wealth-02",
                name="财富客户群",
                chat_id=ASSIST_GROUP,
                owner="lijing",
                mode="assist",
                labels=["customer", "online"],
            ),
        ],
        payouts=Payouts(payer="marketing_platform", url=f"{base}/marketing"),
        summary=time(9),
        preview=time(16),
    )


def _environment(secrets: dict[str, str], aes_key: str) -> dict[str, str]:
    return {
        "QUNYUN_APP_SECRET": secrets["app"],
        "QUNYUN_APP_TOKEN": secrets["token"],
        "QUNYUN_APP_AES_KEY": aes_key,
        "QUNYUN_AIBOT_TOKEN": secrets["token"],
        "QUNYUN_AIBOT_AES_KEY": aes_key,
        "QUNYUN_AIBOT_SECRET": secrets["aibot"],
        "QUNYUN_PAYOUT_SECRET": secrets["pay"],
        GATE_SECRET: secrets["pay"],
        PAGE_SECRET: secrets["page"],
        DATA_KEYS: f"demo:{secrets['page']}",
        robot_variable("wealth-01"): ROBOT_KEY,
    }
