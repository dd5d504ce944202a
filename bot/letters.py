"""Owed messages: from the core's Post, Tell, Reply and SettleCard to rows of the outbox.

Keys derive from what is being handled, so that the same event or occurrence handled twice owes
each message once. A lane (order key) keeps the order of one conversation.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.channel import Channel
from bot.wecom.content import plain_text
from sop import effects as does
from sop.community import Community, DeliveryMode
from sop.events import ReplyTo
from storage import outbox

_SENT = "都发完了，请点“已发”；不发，请点“跳过”。"


@dataclass(frozen=True, slots=True)
class Origin:
    """What is being handled: the root of message keys, and where an answer goes."""

    key: str
    now: datetime
    reply_to: ReplyTo | None = None
    order_key: str = ""
    """Order of the conversation that the event came from."""


class Letters:
    """The messages that one transaction owes."""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        communities: Mapping[str, Community],
        origin: Origin,
    ) -> None:
        self._channels = channels
        self._communities = communities
        self._origin = origin
        self.owed: list[outbox.NewLetter] = []

    def post(self, effect: does.Post) -> None:
        """Into a community, by its delivery mode."""
        community = self._communities[effect.community]
        body: dict[str, Any] = {"markdown": effect.text}
        if community.mode is DeliveryMode.ROBOT:
            channel, target = "group_robot", {"community": community.id}
        elif community.mode is DeliveryMode.AIBOT:
            channel, target = "aibot_push", {"chat_id": community.chat_id}
        else:
            channel, target = "assist", {"user": community.owner, "community": community.id}
            body |= {"title": community.name, "occurrence": effect.occurrence or ""}
        assisted = community.mode is DeliveryMode.ASSIST
        lane = f"app:{community.owner}" if assisted else community.chat_id
        if effect.quiet_hours is not None:
            lane += "/quiet"  # what rests until morning must not hold up answers
        self._owe(
            channel,
            target,
            body,
            lane,
            quiet_hours=effect.quiet_hours,
            zone=community.zone.key,
            expires_at=effect.expires_at,
            occurrence=effect.occurrence,
            once=effect.once,
        )

    def tell(self, effect: does.Tell) -> None:
        """1:1 to a colleague."""
        body: dict[str, Any] = {"markdown": effect.text}
        if effect.buttons:
            body = {
                "card": {
                    "title": effect.title,
                    "text": effect.text,
                    "task_id": self._task_id(),
                    "buttons": [{"text": one.text, "key": one.key} for one in effect.buttons],
                }
            }
        lane = f"app:{effect.staff}"
        if effect.not_before is not None:
            lane += "/later"  # a letter that waits must not hold up the conversation
        self._owe(
            "app_message",
            {"user": effect.staff},
            body,
            lane,
            not_before=effect.not_before,
            once=None if effect.once is None else f"{effect.once}/{effect.staff}",
        )

    def hand_over(self, effect: does.HandOver) -> None:
        """To the RM of a community, who sends it: what to do, the texts alone, and a question."""
        owner = self._communities[effect.community].owner
        card = {
            "title": effect.title,
            "text": _SENT,
            "task_id": self._task_id(),
            "buttons": [
                {"text": "已发", "key": f"sent|{effect.occurrence}"},
                {"text": "跳过", "key": f"drop|{effect.occurrence}"},
            ],
        }
        # A customer's WeChat renders no markdown.
        texts = [{"text": plain_text(one)} for one in effect.texts]
        bodies: list[dict[str, Any]] = [{"markdown": effect.note}, *texts, {"card": card}]
        for body in bodies:
            self._owe(
                "app_message",
                {"user": owner},
                body,
                f"app:{owner}",
                expires_at=effect.expires_at,
                occurrence=effect.occurrence,
            )

    def reply(self, effect: does.Reply) -> None:
        """Where the event came from, if it came from a conversation."""
        to = self._origin.reply_to
        if to is None:
            return
        body = {"markdown": effect.text}
        self._owe(to.channel, to.target, body, order_key=self._origin.order_key)

    def settle_card(self, effect: does.SettleCard) -> None:
        """The pressed card."""
        to = self._origin.reply_to
        if to is not None and to.channel == "card_update":
            self._owe(to.channel, to.target, {"text": effect.text}, self._origin.order_key)

    def _owe(
        self,
        channel: str,
        target: Mapping[str, str],
        body: Mapping[str, Any],
        order_key: str,
        *,
        not_before: datetime | None = None,
        once: str | None = None,
        **more: Any,
    ) -> None:
        for number, part in enumerate(self._channels[channel].split(body)):
            self.owed.append(
                outbox.NewLetter(
                    dedup_key=self._key() if once is None else f"{once}#{number}",
                    channel=channel,
                    target=dict(target),
                    body=dict(part),
                    order_key=order_key,
                    not_before=not_before or self._origin.now,
                    created_at=self._origin.now,
                    **more,
                )
            )

    def _task_id(self) -> str:
        """Unique for each card."""
        return hashlib.sha256(self._key().encode()).hexdigest()[:32]

    def _key(self) -> str:
        return f"{self._origin.key}#{len(self.owed)}"
