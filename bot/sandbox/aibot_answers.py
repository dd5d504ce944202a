"""What an intelligent bot may say, and how it appears in the chat (C.4–C.6, C.9)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.sandbox.cards import ALL_KINDS, check_card, summary
from bot.sandbox.clockwork import SandboxClock
from bot.sandbox.errors import ApiError, Json, too_long
from bot.sandbox.fields import Fields
from bot.sandbox.timeline import Message, MessageType, Sender, Timeline

CONTENT_LIMIT = 20480
STREAM_LIFE = timedelta(minutes=6)


@dataclass(slots=True)
class Exchange:
    """One callback to the bot, with everything that may still be said in answer to it."""

    req_id: str
    code: str
    """The response_code of its response_url."""
    chat: str
    person: str
    at: datetime
    is_event: bool
    quote: Json | None = None
    card: Message | None = None
    """The pressed card, of a card event."""
    code_used: bool = False
    answered: bool = False
    streams: dict[str, "StreamShown"] = field(default_factory=dict)


@dataclass(slots=True)
class StreamShown:
    """A stream and the message in which it appears."""

    message: Message
    since: datetime
    finished: bool = False


class AibotAnswers:
    """Checks and shows the bot's messages. Raises ApiError for what WeCom refuses."""

    def __init__(self, name: str, timeline: Timeline, clock: SandboxClock) -> None:
        self._timeline = timeline
        self._clock = clock
        self._task_ids: set[str] = set()
        self.sender = Sender("aibot", name, "aibot")
        self.sent = 0

    def say(self, chat: str, body: Fields, quote: Json | None = None) -> None:
        """A whole message: markdown or template_card."""
        kind = body.text("msgtype")
        if kind == "markdown":
            content = _checked(body.object("markdown").text("content"), "markdown.content")
            if not content:
                raise ApiError(44004, "empty content")
            self._post(chat, "markdown", content, quote)
        elif kind == "template_card":
            self._say_card(chat, body.object("template_card"), quote)
        else:
            raise ApiError(40008, "invalid message type")

    def stream(self, exchange: Exchange, body: Fields) -> StreamShown:
        """One more state of a stream: the whole text so far, not a delta."""
        part = body.object("stream")
        id, text = part.text("id"), _checked(part.text("content"), "stream.content")
        if not id:
            raise ApiError(40058, "stream.id missing")
        shown = exchange.streams.get(id)
        if shown is None:
            if exchange.answered:
                raise ApiError(846606, "duplicate reply")
            exchange.answered = True
            message = self._post(exchange.chat, "markdown", text, exchange.quote)
            shown = exchange.streams[id] = StreamShown(message, self._clock.now())
        elif shown.finished:
            raise ApiError(846606, "duplicate reply")
        elif self._clock.now() - shown.since >= STREAM_LIFE:
            raise ApiError(846608, "stream expired")
        else:
            shown.message.text = text
            self._timeline.changed(shown.message)
        shown.finished = part.flag("finish")
        if body.text("msgtype") == "stream_with_template_card" and "template_card" in body:
            self._say_card(exchange.chat, body.object("template_card"), exchange.quote)
        return shown

    def update_card(self, exchange: Exchange, body: Fields) -> None:
        """The answer to a card event: the pressed card becomes another with the same task_id."""
        message = exchange.card
        if message is None or body.text("response_type") != "update_template_card":
            raise ApiError(40058, "response_type invalid")
        if exchange.answered:
            raise ApiError(846606, "duplicate reply")
        card = check_card(body.object("template_card"), ALL_KINDS, 846625)
        if card.get("task_id") != (message.card or {}).get("task_id"):
            raise ApiError(846625, "template_card.task_id not match")
        exchange.answered = True
        message.card, message.text = card, summary(card)
        self._timeline.changed(message)

    def _say_card(self, chat: str, fields: Fields, quote: Json | None) -> None:
        card = check_card(fields, ALL_KINDS, 846625)
        task_id = card.get("task_id")
        if task_id is not None and task_id in self._task_ids:
            raise ApiError(846625, "template_card.task_id duplicated")
        if task_id is not None:
            self._task_ids.add(task_id)
        self._post(chat, "card", summary(card), quote, card)

    def _post(
        self,
        chat: str,
        type: MessageType,
        text: str,
        quote: Json | None,
        card: Json | None = None,
    ) -> Message:
        self.sent += 1
        return self._timeline.post(
            Message(
                chat=chat,
                at=self._clock.now(),
                sender=self.sender,
                type=type,
                text=text,
                card=card,
                quote=quote,
            )
        )


def _checked(content: str, where: str) -> str:
    if len(content.encode()) > CONTENT_LIMIT:
        raise too_long(where, CONTENT_LIMIT)
    return content
