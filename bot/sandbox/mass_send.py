"""Group-send tasks (企业群发): what applications create and colleagues confirm (D.9, H.4).

Nothing goes out by itself: the task waits on the page of its sender, who presses 确认发送; then
the message stands in the group or the private chat as the colleague's own.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.sandbox.clockwork import SandboxClock
from bot.sandbox.contacts import private_chat
from bot.sandbox.errors import ApiError, Json, Mistake
from bot.sandbox.ids import Ids
from bot.sandbox.mass_caps import Caps
from bot.sandbox.timeline import Message, Sender, Timeline
from bot.sandbox.world import World

DISPATCH = timedelta(seconds=2)
"""How long a new task is being dispatched: who asks about it too soon gets 41063."""
REMINDERS = 3
REMINDERS_IN = timedelta(hours=24)
KEY = "confirm"
HELPER = Sender("mass-send", "群发助手", "system")


@dataclass(slots=True)
class Part:
    """What one colleague is asked to send."""

    staff: str
    receivers: list[str]
    """Groups or customers."""
    notice: int = 0
    """Number of the message that shows it."""
    sent_at: datetime | None = None
    statuses: dict[str, int] = field(default_factory=dict)
    """After sending: 1 sent, 2 not a friend, 3 over the cap."""


@dataclass(slots=True)
class Task:
    """One task."""

    id: str
    single: bool
    creator: str
    created_at: datetime
    text: str
    attachments: list[Json]
    parts: dict[str, Part]
    cancelled_at: datetime | None = None
    reminded: list[datetime] = field(default_factory=list)


def chat_of(staff: str) -> str:
    """Where a colleague sees tasks."""
    return f"tasks:{staff}"


class MassSends:
    """The tasks of the company."""

    def __init__(
        self,
        world: World,
        timeline: Timeline,
        clock: SandboxClock,
        ids: Ids,
        changed: Callable[[], None],
    ) -> None:
        """`changed` is called when there is another task to be seen."""
        self._changed = changed
        self._world = world
        self._timeline = timeline
        self._clock = clock
        self._ids = ids
        self.caps = Caps()
        self.tasks: dict[str, Task] = {}

    def create(
        self,
        *,
        single: bool,
        creator: str,
        text: str,
        attachments: list[Json],
        receivers: dict[str, list[str]],
    ) -> Task:
        """A new task; `receivers` by the colleague who is asked. Everybody asked gets a notice."""
        parts = {staff: Part(staff, list(whom)) for staff, whom in receivers.items()}
        task = Task(
            self._ids.code("msg", 40),
            single,
            creator,
            self._clock.now(),
            text,
            attachments,
            parts,
        )
        self.tasks[task.id] = task
        for part in parts.values():
            part.notice = self._notify(task, part).n
        self._changed()
        return task

    def confirm(self, staff: str, msgid: str) -> None:
        """The colleague presses 确认发送. Raises Mistake."""
        task = self.tasks.get(msgid)
        part = None if task is None else task.parts.get(staff)
        if task is None or part is None:
            raise Mistake("没有这个群发任务。")
        if part.sent_at is not None:
            raise Mistake("这个群发已经发送过了。")
        if task.cancelled_at is not None:
            raise Mistake("这个群发任务已经被撤销。")
        now = self._clock.now()
        part.sent_at = now
        for receiver in part.receivers:
            part.statuses[receiver] = self._deliver(task, staff, receiver, now)
        self._settle_notice(part, self._told(task, part))

    def press(self, staff: str, notice: int) -> None:
        """The same, by the number of the notice."""
        for task in self.tasks.values():
            part = task.parts.get(staff)
            if part is not None and part.notice == notice:
                return self.confirm(staff, task.id)
        raise Mistake("没有这个群发任务。")

    def remind(self, task: Task) -> None:
        """Notifies again everybody who has not confirmed. Raises ApiError."""
        now = self._clock.now()
        if task.cancelled_at is not None:
            raise ApiError(41093, "groupmsg has been cancelled")
        task.reminded = [one for one in task.reminded if now - one < REMINDERS_IN]
        if len(task.reminded) >= REMINDERS:
            raise ApiError(41094, "remind groupmsg send out of limit")
        task.reminded.append(now)
        for part in task.parts.values():
            if part.sent_at is None:
                self._say(part.staff, "text", f"提醒：还有一个群发没有发送：{_first(task.text)}")

    def cancel(self, task: Task) -> None:
        """Stops what has not been sent. Raises ApiError."""
        if task.cancelled_at is not None:
            raise ApiError(41093, "groupmsg has been cancelled")
        task.cancelled_at = self._clock.now()
        for part in task.parts.values():
            if part.sent_at is None:
                self._settle_notice(part, "已被撤销")
        self._changed()

    def describe(self) -> list[Json]:
        """Every task, for the chat page and tests."""
        return [
            {
                "msgid": task.id,
                "staff": part.staff,
                "single": task.single,
                "text": task.text,
                "receivers": self._names(part.receivers),
                "created_at": task.created_at.isoformat(),
                "sent_at": part.sent_at.isoformat() if part.sent_at else None,
                "cancelled": task.cancelled_at is not None and part.sent_at is None,
                "reminders": len(task.reminded),
            }
            for task in self.tasks.values()
            for part in task.parts.values()
        ]

    def askers(self) -> list[str]:
        """Colleagues who were ever asked to send something."""
        return list(dict.fromkeys(part for task in self.tasks.values() for part in task.parts))

    def _deliver(self, task: Task, staff: str, receiver: str, now: datetime) -> int:
        if task.single and (staff, receiver) not in self._world.relations:
            return 2
        if not self.caps.take(receiver, now):
            return 3
        person = self._world.people[staff]
        chat = private_chat(staff, receiver) if task.single else receiver
        for text in (task.text, *(_shown(one) for one in task.attachments)):
            if text:
                self._timeline.post(
                    Message(
                        chat=chat,
                        at=now,
                        sender=Sender(person.id, person.name, "staff"),
                        type="text",
                        text=text,
                    )
                )
        return 1

    def _notify(self, task: Task, part: Part) -> Message:
        whom = self._names(part.receivers)
        shown = "、".join(whom[:3]) + (f" 等 {len(whom)} 个" if len(whom) > 3 else "")
        kind = "客户" if task.single else "客户群"
        rows = [{"keyname": "发送给", "value": f"{shown}（{kind}）"}]
        if task.attachments:
            rows.append({"keyname": "附件", "value": "、".join(map(_shown, task.attachments))})
        card = {
            "card_type": "button_interaction",
            "main_title": {"title": "企业给您安排了一个群发"},
            "sub_title_text": task.text,
            "horizontal_content_list": rows,
            "button_list": [{"text": "确认发送", "style": 1, "key": KEY}],
        }
        return self._say(part.staff, "card", f"群发任务：{_first(task.text)}", card)

    def _settle_notice(self, part: Part, name: str) -> None:
        message = self._timeline.get(part.notice)
        if message is not None and message.card is not None:
            message.card = {**message.card, "button_list": [], "replace_name": name}
            self._timeline.changed(message)

    def _told(self, task: Task, part: Part) -> str:
        sent = sum(one == 1 for one in part.statuses.values())
        capped = sum(one == 3 for one in part.statuses.values())
        words = "已发送" if sent == len(part.receivers) else f"发送给 {sent} 个"
        return words + (f"，{capped} 个到了接收上限" if capped else "")

    def _say(self, staff: str, kind: str, text: str, card: Json | None = None) -> Message:
        return self._timeline.post(
            Message(
                chat=chat_of(staff),
                at=self._clock.now(),
                sender=HELPER,
                type="card" if kind == "card" else "text",
                text=text,
                card=card,
            )
        )

    def _names(self, receivers: Iterable[str]) -> list[str]:
        people, groups = self._world.people, self._world.groups
        return [groups[one].name if one in groups else people[one].name for one in receivers]


def _shown(attachment: Json) -> str:
    kind = str(attachment.get("msgtype", ""))
    inner = attachment.get(kind) or {}
    names = {
        "image": "图片",
        "video": "视频",
        "file": "文件",
        "link": "链接",
        "miniprogram": "小程序",
    }
    title = inner.get("title", "")
    return f"［{names.get(kind, kind)}{f'：{title}' if title else ''}］"


def _first(text: str) -> str:
    line = text.strip().partition("\n")[0]
    return line[:20] + ("…" if len(line) > 20 else "")
