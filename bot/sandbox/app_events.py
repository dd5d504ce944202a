"""What the application is told in XML, and its passive replies (B.5, B.6, D.13)."""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.app_messages import TEXT_LIMIT, AppMessages
from bot.sandbox.callbacks import CallbackEndpoint, Reply
from bot.sandbox.clockwork import SandboxClock
from bot.sandbox.envelopes import BadReply, from_xml, to_xml
from bot.sandbox.ids import Ids
from bot.sandbox.seed import Seed
from bot.sandbox.timeline import Message, Timeline
from bot.sandbox.webhook import cut
from bot.sandbox.world import Group, Person


class AppEvents:
    """Builds and delivers the application's callbacks."""

    def __init__(
        self,
        seed: Seed,
        endpoint: CallbackEndpoint,
        messages: AppMessages,
        timeline: Timeline,
        clock: SandboxClock,
        ids: Ids,
    ) -> None:
        self._corp_id = seed.corp.id
        self._agent_id = seed.app.agent_id
        self._endpoint = endpoint
        self._messages = messages
        self._timeline = timeline
        self._clock = clock
        self._ids = ids

    def text(self, person: Person, content: str) -> None:
        """A colleague writes to the application."""
        values = {
            **self._head(person.id, "text"),
            "Content": content,
            "MsgId": self._ids.number(),
            "AgentID": self._agent_id,
        }
        self._endpoint.deliver(to_xml(values), person.id, self._text_reply(person))

    def card_press(
        self, person: Person, message: Message, key: str, selected: Mapping[str, list[str]]
    ) -> None:
        """A colleague presses a button of a card from the application."""
        card = message.card or {}
        task_id = str(card.get("task_id", ""))
        values: dict[str, Any] = {
            **self._event(person.id, "template_card_event"),
            "EventKey": key,
            "TaskId": task_id,
            "CardType": card.get("card_type", ""),
            "ResponseCode": self._messages.new_code(task_id),
            "AgentID": self._agent_id,
        }
        if selected:
            items = [
                {"QuestionKey": question, "OptionIds": {"OptionId": options}}
                for question, options in selected.items()
            ]
            values["SelectedItems"] = {"SelectedItem": items}
        self._endpoint.deliver(to_xml(values), person.id, self._card_reply(person, message))

    def group_change(
        self, group: Group, last: str, person: Person, detail: str, scene: Mapping[str, int]
    ) -> None:
        """Somebody joined or left a customer group; `scene`: JoinScene or QuitScene."""
        values = {
            **self._event("sys", "change_external_chat"),
            "ChatId": group.id,
            "ChangeType": "update",
            "UpdateDetail": detail,
            **scene,
            "MemChangeCnt": 1,
            "MemChangeList": {"Item": [person.id]},
            "LastMemVer": last,
            "CurMemVer": group.version(),
        }
        self._endpoint.deliver(to_xml(values), group.id)

    def group_news(self, group: Group, change: str, detail: str = "") -> None:
        """A customer group was created, renamed, given to another owner or dismissed; a real
        callback about a name carries JoinScene and MemChangeCnt too (reference D.13)."""
        values = {
            **self._event("sys", "change_external_chat"),
            "ChatId": group.id,
            "ChangeType": change,
        }
        if detail:
            values |= {"UpdateDetail": detail, "JoinScene": 0, "MemChangeCnt": 0}
        self._endpoint.deliver(to_xml(values), group.id)

    def contact_change(self, staff: Person, customer: Person, kind: str, **extra: str) -> None:
        """`change_external_contact` of that ChangeType."""
        values = {
            **self._event("sys", "change_external_contact"),
            "ChangeType": kind,
            "UserID": staff.id,
            "ExternalUserID": customer.id,
            **extra,
        }
        self._endpoint.deliver(to_xml(values), customer.id)

    def _head(self, sender: str, kind: str) -> dict[str, Any]:
        return {
            "ToUserName": self._corp_id,
            "FromUserName": sender,
            "CreateTime": int(self._clock.now().timestamp()),
            "MsgType": kind,
        }

    def _event(self, sender: str, event: str) -> dict[str, Any]:
        return {**self._head(sender, "event"), "Event": event}

    def _text_reply(self, person: Person) -> Reply:
        def show(plain: bytes) -> None:
            values = from_xml(plain)
            if values.get("MsgType") != "text":
                raise BadReply("沙箱只显示文本的被动回复")
            self._timeline.post(
                Message(
                    chat=f"app:{person.id}",
                    at=self._clock.now(),
                    sender=self._messages.sender,
                    type="text",
                    text=cut(str(values.get("Content", "")), TEXT_LIMIT),
                    agent=True,
                )
            )

        return show

    def _card_reply(self, person: Person, message: Message) -> Reply:
        def show(plain: bytes) -> None:
            values = from_xml(plain)
            kind = values.get("MsgType")
            if kind == "update_button":
                name = values.get("Button", {}).get("ReplaceName", "")
                self._messages.replace_button(message, name)
            elif kind == "text":
                self._text_reply(person)(plain)
            else:
                raise BadReply("卡片事件只能回复 update_button 或文本")

        return show
