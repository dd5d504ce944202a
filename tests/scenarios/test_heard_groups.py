"""A customer group over the sandbox, the whole application running: what callbacks and the message
archive tell, and what the week's summary then knows."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import text

from bot.app import App
from bot.clock import MovableClock, Participant
from bot.config import Config
from bot.http import Http
from bot.sandbox.seed import AibotSeed, AppSeed, CorpSeed, CustomerSeed, GroupSeed, Seed, StaffSeed
from bot.sandbox.server import Sandbox
from bot.settings import settings
from bot.wecom.api import WecomApi
from bot.week import week_figures
from sop.community import Community
from sop.library import Library
from sop.summary import summarise
from sop.summary.period import Period
from sop.workdays import Workdays, published
from storage.database import open_database
from tests.archive_double import ArchiveDouble
from tests.house import SECRETS, at

CHAT, QUIET = "wrHeard", "wrQuiet"
MONDAY = date(2026, 11, 23)
SEED = Seed(
    corp=CorpSeed("ww1", "示例银行"),
    app=AppSeed(1000002, "s", "t", "k" * 43),
    aibot=AibotSeed("aib1", "s"),
    staff=(StaffSeed("li", "李静"), StaffSeed("wang", "王强", "主管")),
    customers=tuple(CustomerSeed(f"wm{n}", name, ("li",)) for n, name in enumerate("甲乙丙丁", 1)),
    groups=(
        GroupSeed(CHAT, "有存档的群", "li", members=("wm1", "wm2", "wm3")),
        GroupSeed(QUIET, "没存档的群", "li", members=("wm3", "wm4")),
    ),
)
CONFIG = {
    "company": "示例银行",
    "staff": [
        {"id": "li", "name": "李静", "roles": ["rm"]},
        {"id": "wang", "name": "王强", "roles": ["manager"]},
    ],
    "communities": [
        {"id": id, "name": name, "chat_id": chat, "owner": "li", "mode": "assist", "review": False}
        for id, name, chat in (("heard", "有存档的群", CHAT), ("quiet", "没存档的群", QUIET))
    ],
}


@dataclass
class Town:
    sandbox: Sandbox
    app: App
    clock: MovableClock
    places: tuple[Community, ...]

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        return await self.app.database.read(
            lambda tx: [tuple(row) for row in tx.execute(text(query))]
        )

    async def settle(self) -> None:
        while True:
            await self.sandbox.settle()
            await self.app.settle()
            if not await self.app.inbox_waits():
                return


@pytest.fixture
async def town(database_url: str) -> AsyncIterator[Town]:
    clock = MovableClock(at("11-23 09:00"), seed=b"heard")
    sandbox = Sandbox(clock, SEED)
    await sandbox.start()
    key = generate_private_key(65537, 2048)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    sandbox.archive.install_key(1, public)
    wecom = {"corp_id": "ww1", "api": sandbox.url, "app": {"agent": 1000002}}
    chosen = settings(Config.model_validate({**CONFIG, "wecom": wecom}), SECRETS, Path())
    places = tuple(replace(one, archived=one.id == "heard") for one in chosen.communities)
    chosen = replace(chosen, communities=places, database=database_url)
    http = Http([sandbox.url])
    messages = ArchiveDouble(WecomApi(http, sandbox.url, "ww1", 1000002, "s", clock), {1: key})
    years = Workdays(dict.fromkeys((2026, 2027), published()[2026]))
    database = await open_database(database_url)
    app = App(chosen, Library(), years, database, clock, messages=messages)
    await app.introduce()
    await app.server.start()
    sandbox.app_endpoint.url = f"http://127.0.0.1:{app.server.port}/wecom/app/1000002"
    one = Town(sandbox, app, clock, places)
    clock.join(Participant(app.next_due, one.settle))
    await one.settle()
    yield one
    await app.close()
    await http.close()
    await sandbox.close()


async def test_week_of_a_heard_and_of_an_unheard_group(town: Town) -> None:
    """Both groups talk; only one has an archive, and in it only those who agreed are counted."""
    sandbox, clock = town.sandbox, town.clock
    for member in ("wm1", "wm2"):
        sandbox.archive.consent("li", member)
    for who, chat, words in (
        ("wm1", CHAT, "早上好"),
        ("wm1", CHAT, "今天有活动吗"),
        ("wm2", CHAT, "有的"),
        ("wm3", CHAT, "我没有同意存档"),
        ("li", CHAT, "欢迎大家"),
        ("wm4", QUIET, "有人吗"),
    ):
        sandbox.actions.say(who, chat, words)
        await clock.advance(timedelta(minutes=1))
    sandbox.faults.set("callback_drop", 1)
    sandbox.actions.join(CHAT, member="wm4")
    await clock.advance(timedelta(days=1))
    sandbox.group_actions.pass_on(QUIET, "li")
    sandbox.actions.leave(CHAT, "wm3")
    await clock.advance(timedelta(minutes=1))

    heard = await town.rows(
        "SELECT community, member, n FROM daily WHERE kind = 'message' ORDER BY 1, 2"
    )
    assert heard == [("heard", "wm1", 2), ("heard", "wm2", 1)]
    present = await town.rows(
        "SELECT community, member FROM membership WHERE left_at IS NULL ORDER BY 1, 2"
    )
    assert present == [
        ("heard", "wm1"),
        ("heard", "wm2"),
        ("heard", "wm4"),
        ("quiet", "wm3"),
        ("quiet", "wm4"),
    ]
    assert await town.rows("SELECT kind, subject, member FROM repair") == [("join", CHAT, "wm4")]

    places = town.places
    figures = await town.app.database.read(
        lambda tx: week_figures(tx, Library(), {}, places, MONDAY, places[0].zone)
    )
    summary = summarise(Period(figures, figures, tuple(places), places[0].zone, "全部"))
    found = {one.key: (one.value, one.at_least, one.unknown) for one in summary.metrics}
    assert {key: found[key] for key in ("members", "wau", "speakers", "messages_per_member")} == {
        "members": (4, False, ""),
        "wau": (2, True, ""),
        "speakers": (2, False, ""),
        "messages_per_member": (1.0, False, ""),
    }
    assert found["stickiness"] == (None, False, "1 个群没有会话存档")
