"""A member's browser, which does what people do when a page does not come: tries again.

A form that was sent and not answered is sent again as it is, with the same hidden key.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import aiohttp
from yarl import URL

T = TypeVar("T")

AGAIN = 0.1
"""Real seconds between tries."""
TOO_OFTEN, REST = 429, 5.0
"""Told to rest a while, a person does."""
_FIELD = re.compile(r'name="([a-z]+)" value="([^"]*)"')
_FORM = re.compile(r'<form method="post" action="([^"]+)">(.*?)</form>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a page, with the values that its fields and buttons have."""

    action: str
    fields: tuple[tuple[str, str], ...]


class Phone:
    """One browser with its cookies."""

    def __init__(self, url: str, link: Callable[[], str], member: str) -> None:
        """`link` makes a link of the member's group."""
        self._url = url
        self._link = link
        self._member = member
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=aiohttp.ClientTimeout(total=10)
        )

    async def close(self) -> None:
        """Puts it away."""
        await self._session.close()

    async def enter(self) -> None:
        """Opens the link, is recognised, and agrees to the terms."""
        while await self._steadily(self._knock) != "/m/home":
            await asyncio.sleep(AGAIN)
        for form in await self.forms("/m/data"):
            if ("consent", "yes") in form.fields:
                await self.press(form, consent="yes")

    async def _knock(self) -> str:
        """Where the way in ends; a code is good once, so the whole way is walked again."""
        async with self._session.get(URL(self._link(), encoded=True), allow_redirects=False) as one:
            if one.status != 302:
                return ""
            where = URL(one.headers["Location"]).update_query({"as": self._member})
        async with self._session.get(where) as answer:
            await answer.read()
            return answer.url.path if answer.status == 200 else ""

    async def forms(self, path: str) -> list[Form]:
        """The forms of a page."""

        async def get() -> tuple[int, str]:
            async with self._session.get(self._url + path) as answer:
                known = answer.status in (200, TOO_OFTEN) or answer.status >= 500
                assert known, (path, answer.status)
                return answer.status, await answer.text()

        while (got := await self._steadily(get))[0] != 200:
            await asyncio.sleep(AGAIN if got[0] != TOO_OFTEN else REST)
        html = got[1]
        return [Form(action, tuple(_FIELD.findall(inner))) for action, inner in _FORM.findall(html)]

    async def press(self, form: Form, **button: str) -> None:
        """Sends a form until it is answered."""
        hidden = {name: value for name, value in form.fields if name not in button}

        async def post() -> int:
            where, fields = self._url + form.action, hidden | button
            async with self._session.post(where, data=fields, allow_redirects=False) as answer:
                await answer.read()
                return answer.status

        while (status := await self._steadily(post)) == TOO_OFTEN or status >= 500:
            await asyncio.sleep(AGAIN if status != TOO_OFTEN else REST)
        assert status == 303, (form.action, status)

    async def _steadily(self, do: Callable[[], Awaitable[T]]) -> T:
        while True:
            try:
                return await do()
            except (aiohttp.ClientError, OSError, TimeoutError):
                await asyncio.sleep(AGAIN)
