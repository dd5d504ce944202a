"""access_token: one per application secret, two hours, sometimes taken back early (0.4)."""

from datetime import datetime, timedelta

from bot.sandbox.clockwork import SandboxClock
from bot.sandbox.errors import ApiError, Json, ok
from bot.sandbox.faults import Faults
from bot.sandbox.gate import Call, Route
from bot.sandbox.ids import Ids
from bot.sandbox.seed import Seed

LIFE = timedelta(seconds=7200)


class Tokens:
    """Issues and checks tokens.

    The same token is given again inside its life: widely assumed, not stated (reference J.5).
    """

    def __init__(self, seed: Seed, clock: SandboxClock, faults: Faults, ids: Ids) -> None:
        self._corp = seed.corp.id
        self._secret = seed.app.secret
        self._clock = clock
        self._faults = faults
        self._ids = ids
        self._current: tuple[str, datetime] | None = None
        self._expired: set[str] = set()
        self.issued = 0

    def routes(self) -> list[Route]:
        return [Route("GET", "/cgi-bin/gettoken", self._gettoken, token=False)]

    def revoke(self) -> None:
        """Takes the current token back before its time."""
        self._current = None

    def check(self, token: str) -> None:
        """Raises WeCom's error unless the token is good now."""
        if not token:
            raise ApiError(41001, "access_token missing")
        if self._faults.take("token_revoked"):
            self.revoke()
        self._retire()
        if self._current is not None and token == self._current[0]:
            return
        if token in self._expired and not self._faults.on("expired_as_40014"):
            raise ApiError(42001, "access_token expired")
        raise ApiError(40014, "invalid access_token")

    def _retire(self) -> None:
        if self._current is not None and self._clock.now() >= self._current[1]:
            self._expired.add(self._current[0])
            self._current = None

    def _gettoken(self, call: Call) -> Json:
        corp, secret = call.query.get("corpid", ""), call.query.get("corpsecret", "")
        if not corp:
            raise ApiError(41002, "corpid missing")
        if not secret:
            raise ApiError(41004, "corpsecret missing")
        if corp != self._corp:
            raise ApiError(40013, "invalid corpid")
        if secret != self._secret:
            raise ApiError(40001, "invalid credential")
        self._retire()
        now = self._clock.now()
        if self._current is None:
            self.issued += 1
            self._current = (self._ids.code(length=64), now + LIFE)
        token, until = self._current
        return ok(access_token=token, expires_in=int((until - now).total_seconds()))
