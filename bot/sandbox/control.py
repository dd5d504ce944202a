"""The control interface `/sandbox/*`: people's hands, clock, faults, wire log; all JSON."""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from aiohttp import web

from bot.sandbox.actions import Actions
from bot.sandbox.clockwork import Clockwork
from bot.sandbox.contact_ways import ContactWays
from bot.sandbox.errors import ApiError, Json, Mistake
from bot.sandbox.faults import Faults
from bot.sandbox.fields import Fields
from bot.sandbox.gate_platform import GatePlatform
from bot.sandbox.join_ways import JoinWays
from bot.sandbox.stream import Stream
from bot.sandbox.timeline import Timeline
from bot.sandbox.wirelog import WireLog

Action = Callable[[Fields], Awaitable[Json]]

_SPAN = re.compile(r"([1-9]\d{0,5})(s|m|h|d|w)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Control:
    """Handlers of `/sandbox/*`."""

    def __init__(
        self,
        actions: Actions,
        clockwork: Clockwork,
        timeline: Timeline,
        faults: Faults,
        log: WireLog,
        stream: Stream,
        join_ways: JoinWays,
        contact_ways: ContactWays,
        gate_platform: GatePlatform,
        state: Callable[[], Awaitable[Json]],
    ) -> None:
        self._actions = actions
        self._clockwork = clockwork
        self._timeline = timeline
        self._faults = faults
        self._log = log
        self._stream = stream
        self._join_ways = join_ways
        self._contact_ways = contact_ways
        self._gate_platform = gate_platform
        self._state = state

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/sandbox/state", self._get_state)
        app.router.add_get("/sandbox/messages", self._get_messages)
        app.router.add_get("/sandbox/events", self._stream.serve)
        app.router.add_get("/sandbox/log", self._get_log)
        app.router.add_get("/sandbox/faults", self._get_faults)
        posts: dict[str, Action] = {
            "say": self._say,
            "press": self._press,
            "confirm": self._confirm,
            "join": self._join,
            "leave": self._leave,
            "add_contact": self._add_contact,
            "customer": self._customer,
            "remove_contact": self._remove_contact,
            "edit_tags": self._edit_tags,
            "clock": self._clock,
            "faults": self._set_faults,
        }
        for name, action in posts.items():
            app.router.add_post(f"/sandbox/{name}", _handler(action))

    async def _get_state(self, request: web.Request) -> web.Response:
        return web.json_response(await self._state())

    async def _get_messages(self, request: web.Request) -> web.Response:
        after = request.query.get("after", "0")
        if not after.isdecimal():
            return web.json_response({"error": "after 要填数字。"}, status=400)
        messages = self._timeline.of(request.query.get("chat", ""), int(after))
        return web.json_response([message.as_json() for message in messages])

    async def _get_log(self, request: web.Request) -> web.Response:
        limit = request.query.get("limit", "100")
        if not limit.isdecimal():
            return web.json_response({"error": "limit 要填数字。"}, status=400)
        return web.json_response(self._log.latest(int(limit)))

    async def _get_faults(self, request: web.Request) -> web.Response:
        return web.json_response(self._faults.describe())

    async def _say(self, body: Fields) -> Json:
        message = self._actions.say(
            body.text("as"),
            body.text("chat"),
            body.text("text"),
            at_bot=body.flag("at_bot"),
            quote=body.number("quote"),
        )
        return message.as_json()

    async def _press(self, body: Fields) -> Json:
        selected = {
            choice.text("question_key"): choice.texts("option_ids")
            for choice in body.objects("selected")
        }
        self._actions.press(body.text("as"), body.number("message"), body.text("key"), selected)
        return {}

    async def _confirm(self, body: Fields) -> Json:
        self._actions.confirm(body.text("as"), body.text("msgid"))
        return {}

    async def _join(self, body: Fields) -> Json:
        if "way" in body:
            who = {"name": body.text("name"), "member": body.text("member")}
            return self._join_ways.use(body.text("way"), **who)
        person = self._actions.join(
            body.text("chat"),
            name=body.text("name"),
            member=body.text("member"),
            contact=body.flag("contact"),
        )
        return {"member": person.id, "name": person.name}

    async def _leave(self, body: Fields) -> Json:
        self._actions.leave(body.text("chat"), body.text("member"))
        return {}

    async def _customer(self, body: Fields) -> Json:
        """What the bank says of a person from now on."""
        self._gate_platform.set(body.text("member"), body.text("is"))
        return {}

    async def _add_contact(self, body: Fields) -> Json:
        if "way" in body:
            who = {"name": body.text("name"), "member": body.text("member")}
            return self._contact_ways.use(body.text("way"), **who)
        self._actions.add_contact(body.text("staff"), body.text("member"), body.text("state"))
        return {}

    async def _remove_contact(self, body: Fields) -> Json:
        self._actions.remove_contact(body.text("staff"), body.text("member"))
        return {}

    async def _edit_tags(self, body: Fields) -> Json:
        self._actions.edit_tags(
            body.text("staff"), body.text("member"), body.texts("add"), body.texts("remove")
        )
        return {}

    async def _clock(self, body: Fields) -> Json:
        if "run" in body:
            self._clockwork.run(body.flag("run"))
        elif body.flag("next"):
            await self._clockwork.move_to_next()
        elif "to" in body:
            await self._clockwork.move(_instant(body.text("to")))
        elif "advance" in body:
            await self._clockwork.move_by(_span(body.values["advance"]))
        else:
            raise Mistake("要填 advance、to、next 或 run。")
        return await self._state()

    async def _set_faults(self, body: Fields) -> Json:
        for name, value in body.values.items():
            self._faults.set(name, value)
        return {knob["name"]: knob["value"] for knob in self._faults.describe()}


def _handler(action: Action) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return web.json_response(await action(Fields.parse(await request.read())))
        except Mistake as error:
            return web.json_response({"error": str(error)}, status=409)
        except ApiError as error:
            return web.json_response({"error": f"请求格式不对：{error.errmsg}"}, status=400)

    return handle


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise Mistake(f"看不懂时间 {text}，例如 2026-11-23T09:00:00+08:00。") from error
    if instant.tzinfo is None:
        raise Mistake("时间要带时区，例如 2026-11-23T09:00:00+08:00。")
    return instant.astimezone(UTC)


def _span(value: object) -> timedelta:
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 366 * 86400:
        return timedelta(seconds=value)
    match = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Mistake("时长要填秒数，或写成 90s、10m、2h、1d、1w。")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
