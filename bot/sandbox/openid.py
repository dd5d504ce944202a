"""Who a customer is to WeChat Pay: `externalcontact/convert_to_openid` (reference G.4)."""

import hashlib

from bot.sandbox.errors import ApiError, Json, ok
from bot.sandbox.gate import Call, Route
from bot.sandbox.world import World


class Openids:
    """One openid for each customer of personal WeChat."""

    def __init__(self, corp: str, world: World) -> None:
        self._corp = corp
        self._world = world

    def routes(self) -> list[Route]:
        return [Route("POST", "/cgi-bin/externalcontact/convert_to_openid", self._convert)]

    def of(self, member: str) -> str:
        """The same for ever, and nothing that could be turned back."""
        return "o" + hashlib.sha256(f"{self._corp}/{member}".encode()).hexdigest()[:27]

    def known(self, openid: str) -> bool:
        """Whether there is such a customer."""
        return any(
            person.kind == "member" and self.of(person.id) == openid
            for person in self._world.people.values()
        )

    def _convert(self, call: Call) -> Json:
        member = call.json().text("external_userid")
        if member.startswith("wo"):  # a user of another company's WeCom
            raise ApiError(41056, "external userid is not wechat user")
        person = self._world.people.get(member)
        if person is None or person.kind != "member":
            raise ApiError(40096, "invalid external userid")
        return ok(openid=self.of(member))
