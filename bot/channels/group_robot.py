"""The group's own webhook robot: posts into one community (wecom-protocol.md A)."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from bot.channel import Connections, Letter, Limit, Outcome, Refused
from bot.wecom import content
from bot.wecom.outcome import outcome

_TEXT_LIMIT = 2048


class GroupRobot:
    """Target `{"community"}`; body `{"markdown"}` or `{"text"}`.

    The key is looked up when sending, so that a changed key counts for what is already owed. A
    double post is harmless beside a lost one: unknown outcomes are sent again.
    """

    name: ClassVar[str] = "group_robot"
    longest: ClassVar[int] = 4096
    resend_unknown: ClassVar[bool] = True
    urgent: ClassVar[bool] = False

    def __init__(self, connections: Connections) -> None:
        self._settings = connections.settings
        self._api = connections.api

    def split(self, body: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Text up to 2,048 bytes a part, markdown up to 4,096."""
        return content.split(body, _TEXT_LIMIT, self.longest)

    def limits(self, target: Mapping[str, str]) -> Sequence[Limit]:
        """20 in any 60 seconds per robot; two communities may share one."""
        key = self._settings.robot_key(target["community"])
        if key is None:
            return []
        mark = hashlib.sha256(key.encode()).hexdigest()[:16]
        return [Limit(f"robot:{mark}", 20, timedelta(seconds=60))]

    async def send(self, letter: Letter) -> Outcome:
        """Posts once."""
        community = letter.target["community"]
        key = self._settings.robot_key(community)
        if key is None:
            return Refused(f"社群“{community}”没有配置群机器人的 key")
        return await outcome(self._api.webhook_send(key, content.message(letter.body)))


CHANNEL = GroupRobot
