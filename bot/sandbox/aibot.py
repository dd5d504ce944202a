"""The intelligent bot: hears what mentions it, by URL callback or long connection (reference C).

With a live long connection everything goes there; otherwise to the callback URL; without both
it is lost, and counted.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from bot.sandbox.aibot_answers import STREAM_LIFE, AibotAnswers, Exchange, StreamShown
from bot.sandbox.callbacks import CallbackEndpoint, Reply
from bot.sandbox.clockwork import SandboxClock
from bot.sandbox.envelopes import BadReply
from bot.sandbox.errors import ApiError, Json, ok
from bot.sandbox.fields import Fields
from bot.sandbox.gate import Call, Route
from bot.sandbox.ids import Ids
from bot.sandbox.seed import AibotSeed
from bot.sandbox.timeline import Message
from bot.sandbox.world import Group, Person

URL_LIFE = timedelta(hours=1)
T = TypeVar("T")


class Line(Protocol):
    """A subscribed long connection."""

    def push(self, cmd: str, req_id: str, body: Json) -> None:
        """Sends a callback frame."""


class Aibot:
    """Tells the bot what happened and takes its answers in URL mode."""

    def __init__(
        self,
        seed: AibotSeed,
        endpoint: CallbackEndpoint,
        answers: AibotAnswers,
        clock: SandboxClock,
        ids: Ids,
        poll_seconds: float,
    ) -> None:
        self.seed = seed
        self.endpoint = endpoint
        self.answers = answers
        self.line: Line | None = None
        self.base_url = ""
        self.exchanges: dict[str, Exchange] = {}
        """By req_id."""
        self.conversations: set[str] = set()
        """Chats in which somebody has spoken to the bot; it may push only into these."""
        self.unheard = 0
        self._by_code: dict[str, Exchange] = {}
        self._clock = clock
        self._ids = ids
        self._poll_seconds = poll_seconds

    def routes(self) -> list[Route]:
        path = "/cgi-bin/aibot/response"
        return [Route("POST", path, self._respond, token=False, sends=True)]

    def mention(self, person: Person, group: Group, message: Message) -> None:
        """Somebody mentions the bot in a group; the text keeps the `@name ` prefix."""
        self.conversations.add(group.id)
        quote = {"from": person.name, "text": message.text}
        exchange = self._open(person, group, is_event=False, quote=quote)
        body = {**self._head(exchange), "msgtype": "text", "text": {"content": message.text}}
        if message.quote:
            body["quote"] = {"msgtype": "text", "text": {"content": message.quote["text"]}}
        self._tell(exchange, "aibot_msg_callback", body, self._message_reply(exchange))

    def press(
        self,
        person: Person,
        group: Group,
        message: Message,
        key: str,
        selected: Mapping[str, list[str]],
    ) -> None:
        """Somebody presses a button of the bot's card; nested as the documents say (C.3)."""
        self.conversations.add(group.id)
        exchange = self._open(person, group, is_event=True, card=message)
        card = message.card or {}
        items = [
            {"question_key": question, "option_ids": {"option_id": options}}
            for question, options in selected.items()
        ]
        event = {
            "card_type": card.get("card_type", ""),
            "event_key": key,
            "task_id": card.get("task_id", ""),
            "selected_items": {"selected_item": items},
        }
        body = {
            **self._head(exchange),
            "create_time": int(self._clock.now().timestamp()),
            "msgtype": "event",
            "event": {"eventtype": "template_card_event", "template_card_event": event},
        }
        self._tell(exchange, "aibot_event_callback", body, self._card_reply(exchange))

    def _open(self, person: Person, group: Group, *, is_event: bool, **more: Any) -> Exchange:
        exchange = Exchange(
            req_id=self._ids.code("req_", 32),
            code=self._ids.code(length=48),
            chat=group.id,
            person=person.id,
            at=self._clock.now(),
            is_event=is_event,
            **more,
        )
        self.exchanges[exchange.req_id] = exchange
        self._by_code[exchange.code] = exchange
        return exchange

    def _head(self, exchange: Exchange) -> Json:
        return {
            "msgid": self._ids.code(length=32),
            "aibotid": self.seed.id,
            "chatid": exchange.chat,
            "chattype": "group",
            "from": {"userid": exchange.person},
        }

    def _tell(self, exchange: Exchange, cmd: str, body: Json, reply: Reply) -> None:
        if self.line is not None:
            self.line.push(cmd, exchange.req_id, body)
            return
        if not self.endpoint.configured:
            self.unheard += 1
            return
        # The page example of the long connection has no response_url (J.10), so only here.
        url = f"{self.base_url}/cgi-bin/aibot/response?response_code={exchange.code}"
        self.endpoint.deliver(_inner({**body, "response_url": url}), exchange.chat, reply)

    def _message_reply(self, exchange: Exchange) -> Reply:
        def show(plain: bytes) -> None:
            body = _reply_body(plain)
            kind = body.text("msgtype")
            if kind in {"stream", "stream_with_template_card"}:
                stream_id = body.object("stream").text("id")
                fresh = stream_id not in exchange.streams
                shown = _accepted(lambda: self.answers.stream(exchange, body))
                if fresh and not shown.finished:
                    self.endpoint.start(self._poll(exchange, stream_id, shown))
            elif kind == "template_card":
                _accepted(lambda: self.answers.say(exchange.chat, body, exchange.quote))
            else:
                raise BadReply(f"消息回调不能直接回复 {kind or '空类型'}")

        return show

    def _card_reply(self, exchange: Exchange) -> Reply:
        def show(plain: bytes) -> None:
            _accepted(lambda: self.answers.update_card(exchange, _reply_body(plain)))

        return show

    async def _poll(self, exchange: Exchange, stream_id: str, shown: StreamShown) -> None:
        """Asks for the rest of a stream until it is finished or six minutes are over."""
        polls = int(STREAM_LIFE.total_seconds() / self._poll_seconds)
        for _ in range(polls):
            await asyncio.sleep(self._poll_seconds)
            if shown.finished or self._clock.now() - shown.since >= STREAM_LIFE:
                return
            body = {**self._head(exchange), "msgtype": "stream", "stream": {"id": stream_id}}
            await self.endpoint.attempt(_inner(body), self._message_reply(exchange))
            if shown.finished:
                return

    def _respond(self, call: Call) -> Json:
        """The response_url: one hour, one use, plain JSON, no token (C.6)."""
        exchange = self._by_code.get(call.query.get("response_code", ""))
        # Which code WeCom answers for a used or late URL is not documented.
        if exchange is None or exchange.code_used:
            raise ApiError(60140, "invalid response_code")
        if self._clock.now() - exchange.at >= URL_LIFE:
            raise ApiError(60140, "response_code expired")
        self.answers.say(exchange.chat, call.json(), exchange.quote)
        exchange.code_used = True
        return ok()


def _inner(body: Json) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def _reply_body(plain: bytes) -> Fields:
    return _accepted(lambda: Fields.parse(plain))


def _accepted(work: Callable[[], T]) -> T:
    """A passive reply has nobody to answer an error to: it becomes a bad reply."""
    try:
        return work()
    except ApiError as error:
        raise BadReply(str(error)) from error
