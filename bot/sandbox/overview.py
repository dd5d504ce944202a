"""The whole state as the chat page shows it: `GET /sandbox/state`."""

from collections.abc import Callable

from bot.sandbox.clockwork import Clockwork
from bot.sandbox.contacts import private_chat
from bot.sandbox.errors import Json
from bot.sandbox.mass_send import MassSends, chat_of
from bot.sandbox.seed import Seed
from bot.sandbox.timeline import Timeline
from bot.sandbox.world import Group, Person, World

LIBERTY = "沙箱的一处宽限：机器人可以在客户群里发言，真实的企业微信不可以。"


class Overview:
    """Describes people, chats, clock and counters."""

    def __init__(
        self,
        seed: Seed,
        world: World,
        timeline: Timeline,
        mass_sends: MassSends,
        clockwork: Clockwork,
        counters: Callable[[], Json],
    ) -> None:
        self._seed = seed
        self._world = world
        self._timeline = timeline
        self._mass_sends = mass_sends
        self._clockwork = clockwork
        self._counters = counters

    def describe(self) -> Json:
        """Everything, ready for JSON."""
        groups = list(self._world.groups.values())
        people = list(self._world.people.values())
        return {
            **self._clockwork.describe(),
            "corp": {"id": self._seed.corp.id, "name": self._seed.corp.name},
            "aibot": {"name": self._seed.aibot.name},
            "people": [_person(person) for person in people],
            "chats": [
                *(self._group_chat(group) for group in groups),
                *(self._app_chat(person) for person in people if person.kind == "staff"),
                *map(self._task_chat, self._mass_sends.askers()),
                *self._private_chats(),
            ],
            "mass_sends": self._mass_sends.describe(),
            "me_suggested": groups[0].owner if groups else "",
            "counters": self._counters(),
        }

    def _group_chat(self, group: Group) -> Json:
        robots = any(robot.group == group.id for robot in self._world.robots.values())
        taken = group.kind == "customer" and (robots or group.aibot)
        return {
            "id": group.id,
            "kind": "group",
            "name": group.name,
            "people": list(group.people),
            "owner": group.owner,
            "note": group.note or ("客户群" if group.kind == "customer" else "内部群"),
            "aibot": group.aibot,
            "muted_note": LIBERTY if taken else "",
        }

    def _app_chat(self, staff: Person) -> Json:
        return {
            "id": f"app:{staff.id}",
            "kind": "direct",
            "name": f"{self._seed.app.name} · {staff.name}",
            "people": [staff.id],
            "owner": staff.id,
            "note": "与自建应用的单聊",
            "aibot": False,
            "muted_note": "",
        }

    def _task_chat(self, staff: str) -> Json:
        return {
            "id": chat_of(staff),
            "kind": "direct",
            "name": f"企业群发 · {self._world.people[staff].name}",
            "people": [staff],
            "owner": staff,
            "note": "客户联系 · 群发助手：企业安排的群发，要由本人确认",
            "aibot": False,
            "muted_note": "真实的企业微信里，这些任务在“客户联系 → 群发助手”里。",
        }

    def _private_chats(self) -> list[Json]:
        """Conversations between staff and customers in which something was said."""
        chats = []
        for staff, member in self._world.relations:
            id = private_chat(staff, member)
            if self._timeline.of(id):
                names = [self._world.people[one].name for one in (staff, member)]
                chats.append(
                    {
                        "id": id,
                        "kind": "direct",
                        "name": " · ".join(names),
                        "people": [staff, member],
                        "owner": staff,
                        "note": "员工与客户的单聊",
                        "aibot": False,
                        "muted_note": "这里的消息不会回调给任何程序。",
                    }
                )
        return chats


def _person(person: Person) -> Json:
    return {"id": person.id, "name": person.name, "kind": person.kind, "title": person.title}
