"""Callbacks as WeCom posts them when everything goes wrong: repeated, shuffled, all at once.

A repeated delivery is the same message encrypted and signed anew, as WeCom's own repetitions are.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection, text

from bot.app import App
from bot.clock import MovableClock
from bot.config import Aibot, CommunityEntry, Config, Listen, StaffEntry, Wecom
from bot.config import App as AppEntry
from bot.settings import Settings, settings
from bot.shelf import shipped
from bot.wecom.crypto import Crypto
from storage import people
from storage.database import open_database
from tests.benchmarks.load import Caller, Run
from tests.house import at

CORP, AGENT, BOT = "ww0123456789abcdef", "1000002", "aibLoad"
APP_TOKEN, APP_KEY = "apptoken0123456789", "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
BOT_TOKEN, BOT_KEY = "bottoken0123456789", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
APP_PATH, BOT_PATH = f"/wecom/app/{AGENT}", f"/wecom/aibot/{BOT}"
CONNECTIONS = 10
GROUPS, SPEAKERS = 50, 100
"""Groups, and members of each who speak: few enough messages from each that nobody floods."""
NOW = at("11-23 12:00")
CREATED = int(NOW.timestamp())
REPEATED = 0.3
"""Share of the deliveries that were delivered before."""


@dataclass(frozen=True, slots=True)
class Message:
    """What WeCom wants to tell, before it is encrypted."""

    path: str
    plain: bytes


def message(number: int) -> Message:
    """The message with this number: of ten, six are said to the bot, one each is a join, a leave,
    a new customer and a lost one."""
    group, what = number // 10 % GROUPS, number % 10
    chat = f"wr{group:03}"
    if what < 6:
        return Message(BOT_PATH, _said(number, chat))
    if what in (6, 7):
        detail, who = ("add_member", "wmNew") if what == 6 else ("del_member", "wmOld")
        fields = f"<ChatId>{chat}</ChatId><ChangeType>update</ChangeType>"
        fields += f"<UpdateDetail>{detail}</UpdateDetail>"
        fields += f"<MemChangeList><Item>{who}{number}</Item></MemChangeList>"
        return Message(APP_PATH, _event("change_external_chat", fields))
    change = "add_external_contact" if what == 8 else "del_external_contact"
    fields = f"<ChangeType>{change}</ChangeType><UserID>li</UserID>"
    fields += f"<ExternalUserID>wmCustomer{number}</ExternalUserID>"
    if what == 8:
        fields += f"<State>door</State><WelcomeCode>code{number}</WelcomeCode>"
    return Message(APP_PATH, _event("change_external_contact", fields))


def speaker(number: int) -> str:
    """Who says the message with this number."""
    return f"wm{number // 10 % GROUPS:03}x{number // (10 * GROUPS) % SPEAKERS:03}"


def checks_in(number: int) -> bool:
    """Whether the message with this number is a check-in."""
    return number % 10 == 0


def _said(number: int, chat: str) -> bytes:
    words = "签到" if checks_in(number) else f"第 {number} 句"
    told = {
        "msgid": f"m{number}",
        "aibotid": BOT,
        "chatid": chat,
        "chattype": "group",
        "from": {"userid": speaker(number)},
        "msgtype": "text",
        "text": {"content": f"@群运 {words}"},
        "response_url": f"http://127.0.0.1:1/cgi-bin/aibot/response?response_code=c{number}",
    }
    return json.dumps(told, ensure_ascii=False).encode()


def _event(kind: str, fields: str) -> bytes:
    head = f"<ToUserName>{CORP}</ToUserName><FromUserName>sys</FromUserName>"
    head += f"<CreateTime>{CREATED}</CreateTime><MsgType>event</MsgType><Event>{kind}</Event>"
    return f"<xml>{head}{fields}</xml>".encode()


def own_crypto(path: str) -> Crypto:
    """The key that belongs to a callback address."""
    if path == APP_PATH:
        return Crypto(APP_TOKEN, APP_KEY, CORP)
    return Crypto(BOT_TOKEN, BOT_KEY, "")


def enveloped(path: str, encrypted: str) -> bytes:
    """The body around a ciphertext."""
    if path == APP_PATH:
        return f"<xml><AgentID>{AGENT}</AgentID><Encrypt>{encrypted}</Encrypt></xml>".encode()
    return json.dumps({"encrypt": encrypted}).encode()


def signed(crypto: Crypto, encrypted: str, nonce: str, stamp: str = str(CREATED)) -> dict[str, str]:
    """The query of a delivery."""
    signature = crypto.sign(stamp, nonce, encrypted)
    return {"msg_signature": signature, "timestamp": stamp, "nonce": nonce}


def request(path: str, query: dict[str, str], body: bytes) -> bytes:
    """A whole HTTP request."""
    head = f"POST {path}?{urlencode(query)} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def shuffled(deliveries: int) -> list[int]:
    """Message numbers: every one at least once, three in ten deliveries a repetition."""
    chance = random.Random("storm")
    different = round(deliveries * (1 - REPEATED))
    numbers = [*range(different), *chance.choices(range(different), k=deliveries - different)]
    chance.shuffle(numbers)
    return numbers


def delivered(numbers: Sequence[int]) -> Iterator[bytes]:
    """The requests, each sealed for itself."""
    for turn, number in enumerate(numbers):
        one = message(number)
        crypto = own_crypto(one.path)
        encrypted = crypto.encrypt(one.plain)
        query = signed(crypto, encrypted, f"n{turn}")
        yield request(one.path, query, enveloped(one.path, encrypted))


async def post(port: int, requests: Iterator[bytes]) -> tuple[int, int]:
    """Posts over ten connections: (answers, of which not 200)."""
    run = Run(requests, 0, 0, CONNECTIONS)
    run.start()
    loop = asyncio.get_running_loop()
    opened: list[asyncio.Transport] = []
    for _ in range(CONNECTIONS):
        transport, caller = await loop.create_connection(partial(Caller, run), "127.0.0.1", port)
        opened.append(transport)
        caller.send()
    await run.done.wait()
    run.over = True
    for transport in opened:
        transport.close()
    return run.total, run.refused


def _settings(url: str) -> Settings:
    config = Config(
        company="示例银行",
        database=url,
        listen=Listen(),
        wecom=Wecom(
            corp_id=CORP,
            api="http://127.0.0.1:1",
            app=AppEntry(agent=int(AGENT)),
            aibot=Aibot(id=BOT, name="群运", mode="callback"),
        ),
        staff=[StaffEntry(id="li", name="李静", roles=["rm"])],
        communities=[
            CommunityEntry(
                id=f"c{number:03}",
                name=f"{number} 群",
                chat_id=f"wr{number:03}",
                owner="li",
                mode="assist",
                review=False,
            )
            for number in range(GROUPS)
        ],
    )
    secrets = {
        "QUNYUN_APP_SECRET": "secret",
        "QUNYUN_APP_TOKEN": APP_TOKEN,
        "QUNYUN_APP_AES_KEY": APP_KEY,
        "QUNYUN_AIBOT_TOKEN": BOT_TOKEN,
        "QUNYUN_AIBOT_AES_KEY": BOT_KEY,
    }
    return replace(settings(config, secrets, Path("/nowhere")), port=0)


@dataclass(frozen=True, slots=True)
class Service:
    """The bot, listening; its events are handled while callbacks come in, its letters kept."""

    app: App
    port: int

    async def handled(self) -> None:
        """Returns when no event waits."""
        while await self.app.dispatcher.step() or await self.app.inbox_waits():
            pass

    async def count(self, query: str) -> int:
        """The number that a query answers."""

        def work(tx: Connection) -> Any:
            return tx.execute(text(query)).scalar_one()

        return int(await self.app.database.read(work))


@asynccontextmanager
async def serving(url: str, leaving: Sequence[int] = ()) -> AsyncIterator[Service]:
    """With the members in place whom the messages with these numbers let leave."""
    library, workdays = shipped()
    clock = MovableClock(NOW, seed=b"load")
    app = App(_settings(url), library, workdays, await open_database(url), clock)
    await app.start()

    def known(tx: Connection) -> None:
        for number in leaving:
            group = f"c{number // 10 % GROUPS:03}"
            people.arrive(tx, group, f"wmOld{number}", "客户", "roster", NOW)

    await app.database.write(known)
    port = app.server.port
    assert port is not None
    working = asyncio.create_task(app.dispatcher.run())
    yield Service(app, port)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await app.close()
