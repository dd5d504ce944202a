"""What people do: speak, press, join, leave, add a contact, edit tags.

Only these emit callbacks; the same change made through the API emits none (reference D.1).
Raises Mistake, with Chinese text, for what cannot be done.
"""

from collections.abc import Mapping

from bot.sandbox.aibot import Aibot
from bot.sandbox.app_events import AppEvents
from bot.sandbox.cards import keys_of
from bot.sandbox.clockwork import SandboxClock
from bot.sandbox.contacts import Contacts
from bot.sandbox.errors import Json, Mistake
from bot.sandbox.mass_send import MassSends
from bot.sandbox.stream import Stream
from bot.sandbox.timeline import SYSTEM, Message, Sender, Timeline
from bot.sandbox.world import Group, Person, Relation, World

SAY_LIMIT = 20_000
"""Characters; a sandbox rule against pasting a book."""


class Actions:
    """The hands of the people in the sandbox."""

    def __init__(
        self,
        world: World,
        timeline: Timeline,
        events: AppEvents,
        aibot: Aibot,
        contacts: Contacts,
        mass_sends: MassSends,
        clock: SandboxClock,
        stream: Stream,
    ) -> None:
        self._world = world
        self._timeline = timeline
        self._events = events
        self._aibot = aibot
        self._contacts = contacts
        self._mass_sends = mass_sends
        self._clock = clock
        self._stream = stream

    def say(
        self, who: str, chat: str, text: str, *, at_bot: bool = False, quote: int = 0
    ) -> Message:
        """Somebody writes into a chat. With `at_bot` in a group the intelligent bot hears it."""
        person = self._person(who)
        if not text.strip() or len(text) > SAY_LIMIT:
            raise Mistake("消息不能为空，也不能超过 20000 字。")
        if chat in self._world.groups:
            return self._say_in_group(person, self._world.groups[chat], text, at_bot, quote)
        if person.id not in self._people_of(chat):
            raise Mistake(f"{person.name} 不在这个会话里。")
        if chat.startswith("tasks:"):
            raise Mistake("这里只看群发任务，不能发消息。")
        message = self._post(person, chat, text)
        if chat == f"app:{person.id}":
            self._events.text(person, text)
        return message

    def _say_in_group(
        self, person: Person, group: Group, text: str, at_bot: bool, quote: int
    ) -> Message:
        if person.id not in group.people:
            raise Mistake(f"{person.name} 不在“{group.name}”里。")
        call = f"@{self._aibot.seed.name}"
        mentioned = at_bot or text.startswith(call)
        if mentioned and not text.startswith(call):
            text = f"{call} {text}"
        quoted = self._timeline.get(quote)
        if quote and (quoted is None or quoted.chat != group.id):
            raise Mistake("引用的消息不在这个群里。")
        shown = {"from": quoted.sender.name, "text": quoted.text} if quoted else None
        message = self._post(person, group.id, text, shown)
        if mentioned and group.aibot:
            self._aibot.mention(person, group, message)
        return message

    def _post(self, person: Person, chat: str, text: str, quote: Json | None = None) -> Message:
        return self._timeline.post(
            Message(
                chat=chat,
                at=self._clock.now(),
                sender=Sender(person.id, person.name, person.kind),
                type="text",
                text=text,
                quote=quote,
            )
        )

    def press(self, who: str, number: int, key: str, selected: Mapping[str, list[str]]) -> None:
        """Somebody presses a button of a card."""
        person = self._person(who)
        message = self._timeline.get(number)
        if message is None or message.card is None:
            raise Mistake("找不到这张卡片。")
        if key not in keys_of(message.card):
            raise Mistake("这张卡片上没有这个按钮，可能已经处理过了。")
        if person.id not in self._people_of(message.chat):
            raise Mistake(f"{person.name} 看不到这张卡片。")
        if message.chat.startswith("tasks:"):
            self.confirm(person.id, notice=number)
            return
        message.card = {**message.card, "pressed": key}
        self._timeline.changed(message)
        if message.agent:
            self._events.card_press(person, message, key, selected)
        elif message.sender.kind == "aibot":
            group = self._world.groups[message.chat]
            self._aibot.press(person, group, message, key, selected)

    def confirm(self, who: str, msgid: str = "", *, notice: int = 0) -> None:
        """A colleague confirms a group-send task, named by its id or by its notice: the message
        goes out as the colleague's own."""
        person = self._person(who)
        if notice:
            self._mass_sends.press(person.id, notice)
        else:
            self._mass_sends.confirm(person.id, msgid)
        self._stream.publish_state()

    def join(
        self,
        chat: str,
        *,
        name: str = "",
        member: str = "",
        contact: bool = False,
        state: str = "",
    ) -> Person:
        """A new customer with that name, or a known one, joins a group by its QR code.

        With `contact` they become a contact of the group's owner first; `state` is that of the
        join way whose code it is.
        """
        group = self._group(chat)
        if not member and not name.strip():
            raise Mistake("新客户要有一个名字。")
        person = self._person(member) if member else self._world.add_customer(name.strip())
        if person.id in group.people:
            raise Mistake(f"{person.name} 已经在“{group.name}”里。")
        if contact and person.kind == "member":
            self.add_contact(group.owner, person.id)
        last = group.version()
        group.add(person, self._clock.now(), scene=3, state=state)
        self._system(group.id, f"{person.name} 扫码加入了群聊")
        if group.kind == "customer":
            self._events.group_change(group, last, person, "add_member", {"JoinScene": 3})
        self._stream.publish_state()
        return person

    def leave(self, chat: str, member: str) -> None:
        """Somebody leaves a group by themselves."""
        group, person = self._group(chat), self._person(member)
        if person.id not in group.people:
            raise Mistake(f"{person.name} 不在“{group.name}”里。")
        if person.id == group.owner:
            raise Mistake("群主要先转让群聊才能退出。")
        last = group.version()
        group.remove(person, self._clock.now())
        self._system(group.id, f"{person.name} 退出了群聊")
        if group.kind == "customer":
            self._events.group_change(group, last, person, "del_member", {"QuitScene": 0})
        self._stream.publish_state()

    def add_contact(self, staff: str, member: str, state: str = "") -> None:
        """A customer and a colleague become contacts; a welcome code starts to run."""
        colleague, customer = self._person(staff), self._person(member)
        if colleague.kind != "staff" or customer.kind != "member":
            raise Mistake("只能由员工添加客户。")
        if (staff, member) in self._world.relations:
            raise Mistake(f"{colleague.name} 已经添加过 {customer.name}。")
        self._world.relations[staff, member] = Relation(self._clock.now(), state)
        self._events.contact_change(
            colleague,
            customer,
            "add_external_contact",
            State=state,
            WelcomeCode=self._contacts.new_welcome(staff, member),
        )
        self._stream.publish_state()

    def remove_contact(self, staff: str, member: str) -> None:
        """The customer deletes the colleague."""
        if self._world.relations.pop((staff, member), None) is None:
            raise Mistake("他们还不是联系人。")
        self._events.contact_change(self._person(staff), self._person(member), "del_follow_user")
        self._stream.publish_state()

    def edit_tags(self, staff: str, member: str, add: list[str], remove: list[str]) -> None:
        """A colleague edits a customer's corp tags by hand; tags are given by name."""
        relation = self._world.relations.get((staff, member))
        if relation is None:
            raise Mistake("他们还不是联系人。")
        relation.tags |= {self._tag(name) for name in add}
        relation.tags -= {self._tag(name) for name in remove}
        self._events.contact_change(
            self._person(staff), self._person(member), "edit_external_contact"
        )

    def _tag(self, name: str) -> str:
        for group in self._world.tag_groups.values():
            for tag in group.tags:
                if tag.name == name:
                    return tag.id
        raise Mistake(f"没有名为“{name}”的企业标签。")

    def _system(self, chat: str, text: str) -> None:
        self._timeline.post(
            Message(chat=chat, at=self._clock.now(), sender=SYSTEM, type="system", text=text)
        )

    def _person(self, id: str) -> Person:
        if id not in self._world.people:
            raise Mistake(f"没有编号为 {id} 的人。")
        return self._world.people[id]

    def _group(self, id: str) -> Group:
        if id not in self._world.groups:
            raise Mistake(f"没有编号为 {id} 的群。")
        return self._world.groups[id]

    def _people_of(self, chat: str) -> set[str]:
        if chat in self._world.groups:
            return set(self._world.groups[chat].people)
        kind, _, rest = chat.partition(":")
        if kind in ("app", "tasks"):
            return {rest}
        if kind == "private" and tuple(rest.split(":")) in self._world.relations:
            return set(rest.split(":"))
        raise Mistake(f"没有编号为 {chat} 的会话。")
