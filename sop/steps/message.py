"""message: a private message to chosen members, handed to their RM (私信)."""

from typing import ClassVar

from sop.personal import Personal


class Message(Personal):
    """The RM reads the names, forwards the text to each of them, and says when it is done."""

    kind: ClassVar[str] = "message"
    title: ClassVar[str] = "私信"


STEP = Message
