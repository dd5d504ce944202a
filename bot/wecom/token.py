"""The access token: cached, fetched once for everybody, renewed once after a failure.

One token per application secret; calling gettoken often gets intercepted, and many wrong
secrets from one address lock it out for an hour (wecom-protocol.md 0.4).
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.wecom.errors import Kind, WecomError

MARGIN = timedelta(minutes=5)
"""A token this close to its end is replaced before it is used."""
_REST_AFTER_REFUSAL = timedelta(seconds=60)

Fetch = Callable[[], Awaitable[tuple[str, timedelta]]]


class TokenSource:
    """Hands out one application's token. `fetch` calls gettoken: the token and its life."""

    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._token = ""
        self._good_until: datetime | None = None
        self._flight: asyncio.Task[str] | None = None
        self._refusal: tuple[WecomError, datetime] | None = None

    async def get(self) -> str:
        """A token that is good for a while. Raises what the fetch raises.

        A refusal (wrong secret) is repeated from memory for a minute.
        """
        if self._good_until is not None and self._clock.now() < self._good_until:
            return self._token
        if self._refusal is not None:
            error, until = self._refusal
            if self._clock.now() < until:
                raise WecomError(error.errcode, error.errmsg, error.verdict)
        return await self._shared_fetch()

    async def renew(self, failed: str) -> str:
        """A token other than the one that just failed.

        A late failure of an older token does not discard the newer one.
        """
        if failed == self._token:
            self._good_until = None
        return await self.get()

    async def _shared_fetch(self) -> str:
        if self._flight is None:
            self._flight = asyncio.create_task(self._fetch_once(), name="gettoken")
            self._flight.add_done_callback(self._landed)
        # Shielded: one caller that gives up must not take the token from all others.
        return await asyncio.shield(self._flight)

    async def _fetch_once(self) -> str:
        try:
            token, life = await self._fetch()
        except WecomError as error:
            if error.verdict.kind is not Kind.RETRY:
                self._refusal = (error, self._clock.now() + _REST_AFTER_REFUSAL)
            raise
        self._refusal = None
        self._token = token
        self._good_until = self._clock.now() + max(life - MARGIN, life / 2)
        return token

    def _landed(self, flight: asyncio.Task[str]) -> None:
        self._flight = None
        if not flight.cancelled():
            flight.exception()  # seen: with every caller gone nobody else would look
