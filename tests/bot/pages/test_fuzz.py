"""Whatever comes to the page: an answer below 500, nothing drawn, nothing taken.

`QUNYUN_FUZZ_SECONDS=30` lets each of them run for so long, as CI does.
"""

import os
import time
from datetime import timedelta
from random import Random
from urllib.parse import quote

import pytest
from yarl import URL

from bot.pages import member
from bot.pages.door import SESSION
from bot.pages.keys import Keys
from bot.pages.throttle import Rate

SECONDS = float(os.environ.get("QUNYUN_FUZZ_SECONDS", "1"))
PIECES = [
    "", "0", "1", "-1", "999999999999999999999", "a", "掷", "骰子", "签到", "抽奖", "投票 1", "…",
    "\u202e", "\u200b", "\x00", "\r\n", "%", "%00", "..", "/", "\\", "'", '"', "<script>",
    "{{7*7}}", "=cmd|'/c calc'!A1", "＠所有人", "🥚" * 50, "长" * 300, "\ud7ff", "null", "true",
    "[]", "WyJ4Il0",
]  # fmt: skip
FIELDS = (
    "key",
    "say",
    "request",
    "number",
    "order",
    "consent",
    "version",
    "next",
    "call",
    "ranking",
)
PATHS = ("game", "checkin", "points", "prizes", "data", "calls", "invite", "draw/1", "home")


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is sent away for coming too often, or nothing else would be tried."""
    endless = Rate(1_000_000, timedelta(seconds=1))
    monkeypatch.setattr(member, "ACTS", endless)
    monkeypatch.setattr(member, "KNOCKS", endless)


def scrambled(chance: Random, *seeds: str) -> str:
    """Pieces of what is expected and of what is not, torn and put together."""
    parts = chance.choices([*PIECES, *seeds], k=chance.randint(1, 4))
    return "".join(
        part[chance.randint(0, 3) :] if chance.random() < 0.3 else part for part in parts
    )


async def least_and_most(send) -> tuple[int, int]:
    """The smallest and the largest status of all that was sent in the given time."""
    chance = Random(20261123)
    end, statuses = time.monotonic() + SECONDS, set()
    while time.monotonic() < end:
        statuses.add(await send(chance))
    return min(statuses), max(statuses)


async def test_link_tokens(bank) -> None:
    phone, good = bank.phone(), bank.link().removeprefix("/m/")

    async def send(chance: Random) -> int:
        token = scrambled(chance, good, *good.split("."))
        path = f"/m/{quote(token, safe='')}"
        return (await phone.get(path, allow_redirects=False)).status

    low, high = await least_and_most(send)
    assert (low >= 300, high < 500) == (True, True)


async def test_answers_of_wecom(bank) -> None:
    phone = bank.phone()
    state = Keys("page-secret-of-at-least-32-characters").state("0" * 24, bank.house.clock.now())

    async def send(chance: Random) -> int:
        query = {"state": scrambled(chance, state), "code": scrambled(chance, "0" * 43)}
        where = URL("/m/auth").with_query(query)
        return (await phone.get(str(where), allow_redirects=False)).status

    assert await least_and_most(send) in {(400, 400), (400, 403)}


@pytest.mark.parametrize("agreed", [False, True])
async def test_forms_and_moves(bank, agreed) -> None:
    await bank.house.jump("11-23 19:30")
    phone = await bank.member("wm1") if agreed else bank.phone()
    if not agreed:
        await bank.opened(phone, "wm1")
    (session,) = [one.value for one in phone.session.cookie_jar if one.key == SESSION]
    key = Keys("page-secret-of-at-least-32-characters").form_key(session)

    async def send(chance: Random) -> int:
        fields = {name: scrambled(chance, key) for name in chance.sample(FIELDS, 4)}
        if chance.random() < 0.9:
            fields["key"] = key
        return (await phone.post(f"/m/{chance.choice(PATHS)}", fields)).status

    low, high = await least_and_most(send)
    assert (low >= 200, high < 500) == (True, True)
    assert await bank.house.rows("SELECT count(*) FROM draw") == [(0,)]


async def test_cookies(bank) -> None:
    good = Keys("page-secret-of-at-least-32-characters")
    phone = bank.phone()

    async def send(chance: Random) -> int:
        cookie = scrambled(chance, good.said("x", bank.house.clock.now()), "W10.x")
        plain = "".join(one for one in cookie if " " < one < "\x7f" and one not in ';,"\\')
        headers = {"Cookie": f"{SESSION}={plain}; qunyun_said={plain}; qunyun_door={plain}"}
        return (await phone.get("/m/home", headers=headers)).status

    assert await least_and_most(send) == (401, 401)
