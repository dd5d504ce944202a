"""Owed messages: from the core's Post, Tell, Reply and SettleCard to rows of the outbox.

Keys derive from what is being handled, so that the same event or occurrence handled twice owes
each message once. A lane (order key) keeps the order of one conversation.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.channel import Channel
from bot.wecom.content import plain_text
from sop import effects as does
from sop.community import Community, DeliveryMode
from sop.events import ReplyTo
from storage import outbox

_FORWARD = "📣 请把下面的话转发到“{}”："
_SENT = "都发完了，请点“已发”；不发，请点“跳过”。"
PIECE = "piece/"
"""How the names of letters about pieces of games begin."""
_MEDIA_LIFE = timedelta(hours=71)
"""WeCom keeps what was uploaded for three days (wecom-protocol.md E.5)."""


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

    def post(self, effect: does.Post, sender: str = "") -> None:
        """Into a community, by its delivery mode; in assist mode `sender` is handed it, or the
        owner that configuration names."""
        community = self._communities[effect.community]
        owner = sender or community.owner
        body: dict[str, Any] = {"markdown": effect.text}
        if community.mode is DeliveryMode.ROBOT:
            channel, target = "group_robot", {"community": community.id}
        elif community.mode is DeliveryMode.AIBOT:
            channel, target = "aibot_push", {"chat_id": community.chat_id}
        else:
            channel, target = "assist", {"user": owner, "community": community.id}
            body |= {"title": community.name, "occurrence": effect.occurrence or ""}
        assisted = community.mode is DeliveryMode.ASSIST
        lane = f"app:{owner}" if assisted else community.chat_id
        if effect.quiet_hours is not None:
            lane += "/quiet"  # what rests until morning must not hold up answers
        when: dict[str, Any] = {
            "quiet_hours": effect.quiet_hours,
            "zone": community.zone.key,
            "expires_at": effect.expires_at,
        }
        if assisted and not effect.occurrence:  # no card follows that says what it is for
            once = None if effect.once is None else f"{effect.once}/whereto"
            asked = {"markdown": _FORWARD.format(community.name)}
            self._owe("app_message", {"user": owner}, asked, lane, once=once, **when)
        self._owe(
            channel,
            target,
            body,
            lane,
            occurrence=effect.occurrence,
            once=effect.once,
            **when,
        )

    def piece(
        self,
        community: Community,
        owner: str,
        number: int,
        text: str,
        card: does.Tell,
        until: datetime,
    ) -> None:
        """What an RM shall post of a game: the words alone, then the card that asks what became of
        them. Too late, neither is sent."""
        target, lane = {"user": owner, "community": community.id}, f"app:{owner}"
        words, asked = {"markdown": text}, self._body(card)
        name = f"{PIECE}{number}"
        self._owe("assist", target, words, lane, once=f"{name}/words", expires_at=until)
        self._owe("app_message", {"user": owner}, asked, lane, once=name, expires_at=until)

    def task(
        self,
        community: Community,
        owner: str,
        text: str,
        members: tuple[str, ...],
        occurrence: str,
        *,
        quiet_hours: str | None = None,
        expires_at: datetime | None = None,
    ) -> None:
        """A group-send task that a colleague confirms, to the group or to members one by one."""
        body: dict[str, Any] = {"text": text}
        if members:
            body["members"] = list(members)
        self._owe(
            "group_task",
            {"user": owner, "community": community.id, "chat_id": community.chat_id},
            body,
            f"task:{owner}" + ("/quiet" if quiet_hours is not None else ""),
            quiet_hours=quiet_hours,
            zone=community.zone.key,
            expires_at=expires_at,
            occurrence=occurrence,
        )

    def add_to_task(self, occurrence: str, text: str, most: int) -> bool:
        """Puts more words into the task that this unit of work makes for an occurrence; False if
        there is none, or they would be more than `most` bytes."""
        for number, one in enumerate(self.owed):
            if one.channel == "group_task" and one.occurrence == occurrence:
                whole = f"{one.body['text']}\n\n{text}"
                if len(whole.encode()) > most:
                    return False
                self.owed[number] = replace(one, body={**one.body, "text": whole})
                return True
        return False

    def tell(self, effect: does.Tell) -> None:
        """1:1 to a colleague."""
        body = self._body(effect)
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

    def _body(self, effect: does.Tell) -> dict[str, Any]:
        if not effect.buttons:
            return {"markdown": effect.text}
        return {
            "card": {
                "title": effect.title,
                "text": effect.text,
                "task_id": self._task_id(),
                "buttons": [_button(one) for one in effect.buttons],
            }
        }

    def file(self, effect: does.SendFile) -> None:
        """A table for a colleague. Its cells stay readable here, so that who is erased is found in
        them too."""
        table = {
            "name": effect.name,
            "head": list(effect.head),
            "rows": [list(one) for one in effect.rows],
        }
        self._owe("app_message", {"user": effect.staff}, {"file": table}, f"app:{effect.staff}")

    def media(self, effect: does.SendMedia) -> None:
        """A picture or a file that WeCom holds already, for three days."""
        self._owe(
            "app_message",
            {"user": effect.staff},
            {"media": {"kind": effect.kind, "id": effect.media_id}},
            f"app:{effect.staff}",
            expires_at=self._origin.now + _MEDIA_LIFE,
        )

    def hand_over(self, effect: does.HandOver) -> None:
        """To the RM of a community, who sends it: what to do, the texts alone, and a question. Of
        what a task takes, the RM reads only the note, and the further texts."""
        owner = self._communities[effect.community].owner
        if effect.as_task:
            further = [{"text": plain_text(one)} for one in effect.texts[1:]]
            self._hand(effect, owner, [{"markdown": effect.note}, *further])
            return
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
        self._hand(effect, owner, [{"markdown": effect.note}, *texts, {"card": card}])

    def _hand(self, effect: does.HandOver, owner: str, bodies: Sequence[Mapping[str, Any]]) -> None:
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


def _button(button: does.Button) -> dict[str, str]:
    given = {"text": button.text, "key": button.key}
    return given | {"url": button.url} if button.url else given
