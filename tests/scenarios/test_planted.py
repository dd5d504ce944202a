"""1,000 planted personal values through every channel: none in logs, metrics, error pages or on the
terminal; none in the live files once their members are erased (reliability.md 2.7, P2 and P3)."""

import asyncio
import io
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import insert

from bot.acts import Act, HandleLetter
from bot.clock import MovableClock
from bot.demo import AGENT, AIBOT, CUSTOMER_GROUP
from bot.erasing import EraseMember, NoteExport
from bot.handin import hand_in, socket_beside
from bot.lead_acts import ImportLeads, SealedLead
from bot.logs import Discreet
from bot.vault import DataKey, Vault, about
from storage.scrubbing import found_in_files
from storage.tables import METADATA

MEMBERS = 200
"""Each with an id, a name, a phone number, an identity number and something said."""


def name(number: int) -> str:
    return f"魏铭{chr(0x4E00 + number)}澄"


def phone(number: int) -> str:
    return f"1380013{number:04}"


def identity(number: int) -> str:
    return f"11010519491231{number:04}"


def said(number: int) -> str:
    return f"我家住在滨江花园{number:03}室"


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that `serve` would log."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Discreet("%(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


LEADS = [f"1390013{number:04}" for number in range(100)]
"""Numbers that come sealed and stay so."""


def leads() -> ImportLeads:
    vault = Vault([DataKey("k", b"k" * 32)], MovableClock(seed=b"leads").entropy)
    return ImportLeads(
        by="zhaoyun",
        named="名单",
        channel="c",
        leads=[
            SealedLead(
                line=line,
                name="甲",
                phone=vault.seal(number, about("lead", "phone", "名单", line)),
                phone_hash=vault.blind(number),
                masked=f"{number[:3]}****{number[-4:]}",
                priority=1,
                staff="lijing",
                community="",
                variant="",
                benefit="",
                note="",
            )
            for line, number in enumerate(LEADS, start=2)
        ],
    )


class Planted:
    """The bank with its planted values, and everything that anybody outside was shown."""

    def __init__(self, stage: Any, url: str) -> None:
        self.stage, self.url = stage, url
        self.ids: list[str] = []
        self.shown: list[str] = []

    def marks(self) -> list[str]:
        numbers = range(MEMBERS)
        words = [*map(name, numbers), *map(phone, numbers), *map(identity, numbers)]
        return [*self.ids, *words, *map(said, numbers)]

    def leaked(self, text: str) -> list[str]:
        return [one for one in (*self.marks(), *LEADS) if one in text]

    async def by_callbacks(self) -> None:
        """They join and speak, colleagues ask about them."""
        actions = self.stage.sandbox.actions
        for number in range(MEMBERS):
            self.ids.append(actions.join(CUSTOMER_GROUP, name=name(number)).id)
        await self.stage.settle()
        await self.stage.advance("5s")  # their names are read
        for number, one in enumerate(self.ids):
            words = f"{said(number)}，电话 {phone(number)}，身份证 {identity(number)}"
            actions.say(one, CUSTOMER_GROUP, words, at_bot=True)
        await self.stage.settle()
        for number in range(0, MEMBERS, 25):
            await self.stage.ask("李静", f"查 {name(number)}")
            await self.stage.ask("王强", f"标签 {name(number)} {phone(number)}")
            await self.stage.ask("赵芸", f"查 {name(number)} {identity(number)}")

    async def by_pages(self) -> None:
        """Addresses and forms that hold what they should not, and forged callbacks."""
        limit = asyncio.Semaphore(10)

        async def asked(session: aiohttp.ClientSession, method: str, path: str, body: str) -> None:
            async with (
                limit,
                session.request(
                    method, self.stage.bot_url(path), data=body or None, allow_redirects=False
                ) as answer,
            ):
                self.shown.append(await answer.text())

        async with aiohttp.ClientSession() as session:
            await asyncio.gather(
                *(
                    asked(session, method, path, body)
                    for number, one in enumerate(self.ids)
                    for method, path, body in (
                        ("GET", f"/m/{name(number)}", ""),
                        ("GET", f"/m/data?next={phone(number)}&{one}={identity(number)}", ""),
                        ("POST", f"/m/data?who={one}", f"name={name(number)}&wish=erase"),
                        ("POST", f"/go/{one}", said(number)),
                        ("POST", f"/wecom/app/{AGENT}?nonce={phone(number)}", f"<xml>{one}</xml>"),
                        ("POST", f"/wecom/aibot/{AIBOT}", f'{{"encrypt": "{name(number)}"}}'),
                    )
                )
            )

    async def by_faults(self) -> None:
        """Events that nobody can handle."""
        broken = [
            {
                "dedup_key": f"broken/{number}",
                "order_key": f"chat/{one}",
                "kind": "Said",
                "event": {
                    "at": identity(number),
                    "sender": [one, name(number)],
                    "chat_id": None,
                    "text": {"said": said(number)},
                    "reply_to": phone(number),
                },
                "received_at": self.stage.show.clock.now(),
            }
            for number, one in enumerate(self.ids[:5])
        ]
        table = METADATA.tables["inbox"]
        database = self.stage.show.app.database
        await database.write(lambda tx: tx.execute(insert(table), broken) and None)
        await self.stage.settle()

    async def by_terminal(self) -> None:
        """Acts that the running service does or refuses."""
        for number, one in enumerate(self.ids[:20]):
            reason = f"{name(number)} {phone(number)}"
            await self.act(HandleLetter(verb="drop", number=10**9 + number, reason=reason))
            await self.act(NoteExport(by="wangqiang", member=one))
        await self.act(leads())

    async def act(self, act: Act) -> str:
        beside = socket_beside(self.url)
        assert beside is not None
        answer = await asyncio.to_thread(hand_in, beside, act)
        return answer.text

    async def erase(self) -> list[str]:
        return [
            await self.act(
                EraseMember(
                    by="wangqiang", member=one, reason="本人要求", pseudonym=f"qy-{number:024x}"
                )
            )
            for number, one in enumerate(self.ids)
        ]

    def in_files(self) -> tuple[bool, bool]:
        """Whether values of members, and numbers of leads, are in the live files."""
        path = Path(self.url.removeprefix("sqlite:///"))
        members, sealed = (
            found_in_files(path, [one.encode() for one in marks]) for marks in (self.marks(), LEADS)
        )
        return members, sealed


@pytest.fixture
async def planted(open_stage: Any, sqlite_url: str) -> Planted:
    return Planted(await open_stage(sqlite_url), sqlite_url)


async def test_planted_values_are_shown_nowhere_and_can_be_erased(
    planted: Planted, logged: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    await planted.by_callbacks()
    await planted.by_pages()
    await planted.by_faults()
    await planted.by_terminal()
    assert len(planted.marks()) == 1000
    async with aiohttp.ClientSession() as session:
        for path in ("/metrics", "/ready", "/live"):
            async with session.get(planted.stage.bot_url(path)) as answer:
                planted.shown.append(await answer.text())
    planted.shown.append(await planted.stage.outbox())
    printed = "".join(capfd.readouterr())
    log = logged.getvalue()
    assert "event failed" in log
    leaks = {where: planted.leaked(text) for where, text in (("log", log), ("out", printed))}
    leaks["pages"] = planted.leaked("\n".join(planted.shown))
    assert leaks == {"log": [], "out": [], "pages": []}
    assert planted.in_files() == (True, False)
    assert await planted.stage.rows("SELECT count(*) FROM lead") == [(100,)]

    answers = await planted.erase()
    last = "数据库文件里已经找不到这位成员的编号。"
    assert {answer.splitlines()[-1] for answer in answers} == {last}
    assert planted.leaked(logged.getvalue()) == []
    assert planted.in_files() == (False, False)
