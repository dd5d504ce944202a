"""Customer groups, read side (reference D.4)."""

from bot.sandbox.clockwork import SandboxClock
from bot.sandbox.errors import ApiError, Json, ok
from bot.sandbox.faults import Faults
from bot.sandbox.gate import Call, Route
from bot.sandbox.world import Group, Membership, World


class Groups:
    """`groupchat/list` and `groupchat/get`."""

    def __init__(self, world: World, clock: SandboxClock, faults: Faults) -> None:
        self._world = world
        self._clock = clock
        self._faults = faults

    def routes(self) -> list[Route]:
        prefix = "/cgi-bin/externalcontact/groupchat/"
        return [
            Route("POST", prefix + "list", self._list),
            Route("POST", prefix + "get", self._get),
        ]

    def _list(self, call: Call) -> Json:
        body = call.json()
        limit = body.number("limit")
        if not 1 <= limit <= 1000:
            raise ApiError(40058, "limit out of range")
        owners = {owner.casefold() for owner in body.object("owner_filter").texts("userid_list")}
        if len(owners) > 100:
            raise ApiError(40058, "owner_filter.userid_list out of limit")
        cursor = body.text("cursor")
        if cursor and not cursor.isdecimal():
            raise ApiError(50100, "invalid cursor")
        start = int(cursor or "0")
        groups = [
            group
            for group in self._world.groups.values()
            if group.kind == "customer"
            and not group.dismissed
            and (not owners or group.owner.casefold() in owners)
        ]
        page = groups[start : start + limit]
        more = start + limit < len(groups)
        return ok(
            group_chat_list=[{"chat_id": one.id, "status": one.status} for one in page],
            next_cursor=str(start + limit) if more else "",
        )

    def _get(self, call: Call) -> Json:
        body = call.json()
        group = self._world.groups.get(body.text("chat_id"))
        if group is None:
            raise ApiError(40050, "chatid not exist")
        if group.kind != "customer":
            raise ApiError(90501, "chatid is not external group chat")
        if group.dismissed:
            raise ApiError(49008, "group has been dismissed")
        people, version = group.readable(
            self._clock.now(), stale=self._faults.on("stale_group_reads")
        )
        named = body.number("need_name") == 1
        return ok(
            group_chat={
                "chat_id": group.id,
                "name": group.name,
                "owner": group.owner,
                "create_time": int(group.created_at.timestamp()),
                "notice": group.note,
                "member_list": [_member(group, one, named) for one in people.values()],
                "admin_list": [],
                "member_version": version,
            }
        )


def _member(group: Group, membership: Membership, named: bool) -> Json:
    person = membership.person
    row: Json = {
        "userid": person.id,
        "type": 1 if person.kind == "staff" else 2,
        "join_time": int(membership.joined_at.timestamp()),
        "join_scene": membership.scene,
        "group_nickname": "",
    }
    if named:
        row["name"] = person.name
    if membership.state:
        row["state"] = membership.state
    if membership.scene == 1:
        row["invitor"] = {"userid": group.owner}
    return row
