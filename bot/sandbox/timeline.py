"""Every message that anyone sees, in the order in which it appeared."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.sandbox.errors import Json

SenderKind = Literal["member", "staff", "robot", "app", "aibot", "system"]
MessageType = Literal["text", "markdown", "card", "image", "news", "file", "system"]


@dataclass(frozen=True, slots=True)
class Sender:
    """Who a message is from."""

    id: str
    name: str
    kind: SenderKind

    def as_json(self) -> Json:
        return {"id": self.id, "name": self.name, "kind": self.kind}


SYSTEM = Sender("system", "系统", "system")


@dataclass(slots=True, kw_only=True)
class Message:
    """One bubble in one chat."""

    n: int = 0
    """Rising over all chats; 0 until posted."""
    msgid: str = ""
    chat: str
    at: datetime
    sender: Sender
    type: MessageType
    text: str
    card: Json | None = None
    """The card as WeCom was given it; `pressed` and `replaced` are added by the sandbox."""
    quote: Json | None = None
    image: str = ""
    """A `data:` address."""
    agent: bool = field(default=False)
    """Sent by the application, so pressing its card calls the application back."""

    def as_json(self) -> Json:
        """The message as `/sandbox/messages` and the live stream give it."""
        body: Json = {
            "n": self.n,
            "chat": self.chat,
            "at": self.at.isoformat(),
            "from": self.sender.as_json(),
            "type": self.type,
            "text": self.text,
            "bytes": len(self.text.encode()),
        }
        for name, value in (("card", self.card), ("quote", self.quote), ("image", self.image)):
            if value:
                body[name] = value
        return body


class Timeline:
    """The messages of all chats."""

    def __init__(self, publish: Callable[[str, Json], None]) -> None:
        self._publish = publish
        self._all: list[Message] = []
        self._by_chat: dict[str, list[Message]] = {}

    def post(self, message: Message) -> Message:
        """Appends a message and shows it to open pages."""
        self._all.append(message)
        message.n = len(self._all)
        self._by_chat.setdefault(message.chat, []).append(message)
        self._publish("message", message.as_json())
        return message

    def changed(self, message: Message) -> None:
        """Shows a message anew after its text or card was altered."""
        self._publish("card", message.as_json())

    def get(self, n: int) -> Message | None:
        """The message with that number."""
        return self._all[n - 1] if 0 < n <= len(self._all) else None

    def by_msgid(self, msgid: str) -> list[Message]:
        """All copies of one sent message."""
        return [message for message in self._all if message.msgid == msgid]

    def of(self, chat: str, after: int = 0) -> list[Message]:
        """A chat's messages numbered higher than `after`."""
        return [message for message in self._by_chat.get(chat, []) if message.n > after]

    def all(self) -> list[Message]:
        """Every message in order."""
        return list(self._all)
