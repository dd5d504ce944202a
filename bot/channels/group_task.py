"""Creates a group-send task (企业群发) that a colleague confirms (wecom-protocol.md D.9).

A task made twice would ask twice, and the group might read it twice. So what became of an unknown
answer is found out first, by `bot.assisting`, before another task is made.
"""

from typing import ClassVar

from bot.channel import Connections, Letter, Outcome, Single
from bot.wecom.group_send import TEXT_BYTES, GroupSend
from bot.wecom.outcome import outcome


class GroupTask(Single):
    """Target `{"user", "community", "chat_id"}`; body `{"text"}`, with `{"members"}` for private
    messages to customers. The receipt is the task's msgid.

    It is not split, for each part would be a task to confirm: what is longer is not given to it.
    What a group receives in a month is judged when the step is due.
    """

    name: ClassVar[str] = "group_task"
    longest: ClassVar[int] = TEXT_BYTES
    resend_unknown: ClassVar[bool] = False

    def __init__(self, connections: Connections) -> None:
        self._send = GroupSend(connections.api)

    async def send(self, letter: Letter) -> Outcome:
        """Creates the task once."""
        owner, text = letter.target["user"], str(letter.body["text"])
        members = letter.body.get("members")
        if members:
            return await outcome(self._send.to_customers(owner, members, text))
        return await outcome(self._send.to_group(owner, letter.target["chat_id"], text))


CHANNEL = GroupTask
