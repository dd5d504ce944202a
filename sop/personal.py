"""Private messages (私信): a text to chosen members one by one, sent by their RM in person.

No interface lets a bot write to a customer by itself (wecom-protocol.md H.1): the RM is handed
the text and the list of names. Nobody is written to more often than the step allows, nor anybody
who wears the label 勿扰.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from pydantic import Field, model_validator

from sop.choosing import UNDISTURBED, Chosen, ToMembers, listed, title
from sop.community import Member
from sop.effects import Effect, HandOver
from sop.prepared import Prepared
from sop.step import NothingToDo, StepContext
from sop.summary.weeks import midnight
from sop.templates import MEMBER, PersonalText, names
from sop.times import Duration, wrong
from sop.wording import shown

ONE_BY_ONE = 20
"""So many texts of their own an RM is handed at once (30 messages a minute is WeCom's limit)."""
AT_ONCE = 50
"""So many members get the same text at once, where the step says nothing else."""
USUAL_REST = timedelta(days=7)
_DAY = timedelta(days=1)
_NEVER = datetime.min.replace(tzinfo=UTC)


class Personal(Prepared, ToMembers):
    """What a private message is, whatever it is about."""

    in_person: ClassVar[bool] = True

    text: PersonalText | None = Field(
        default=None,
        description="正文，可用变量 community.name、date、weekday、owner、bot，"
        "以及成员的称呼 member（用了它，客户经理会收到每人一条）",
    )
    at_most: int | None = Field(
        default=None,
        ge=1,
        le=200,
        description="一次最多几人，久未联系的优先，其余的下次再发；不写是 50，用了称呼时是 20",
    )
    not_again_within: Duration | None = Field(
        default=None,
        description="多久以内收过私信的成员不再发；不写是 7d，入群后的步骤不写则不限",
    )

    @model_validator(mode="after")
    def _not_too_many_texts(self) -> "Personal":
        if self.one_by_one and (self.at_most or 0) > ONE_BY_ONE:
            text = f"话术里用了 {{{{ {MEMBER} }}}}，每人单独一条，一次最多 {ONE_BY_ONE} 人。"
            raise wrong("value", text, "请改小 at_most，或去掉称呼。", ("at_most",))
        return self

    @property
    def one_by_one(self) -> bool:
        """Whether each member gets a text of their own."""
        return self.text is not None and MEMBER in names(self.text)

    def body(self, context: StepContext, member: str) -> str:
        """The message; `member` is what the member is called in it."""
        return self.filled(context, {MEMBER: member})

    def afterwards(self, context: StepContext) -> tuple[str, ...]:
        """More texts for the RM, after the messages."""
        return ()

    def advice(self, context: StepContext) -> str:
        """A line for the RM on how to go about it; empty: nothing special."""
        return ""

    def run(self, context: StepContext) -> list[Effect]:
        """Hands over the texts with the names. Raises NothingToDo when it is nobody's turn."""
        turn = self.turn(context)
        return [
            HandOver(
                community=context.community.id,
                title=title(context),
                note=self._note(context, turn),
                texts=(*self._bodies(context, turn.members), *self.afterwards(context)),
                occurrence=context.occurrence,
                members=tuple(one.id for one in turn.members),
                expires_at=context.step.expires_at(context.due_at, context.now),
            )
        ]

    def script(self, context: StepContext) -> str:
        """The text, and that the names will follow."""
        texts = [self.body(context, "〔称呼〕"), *self.afterwards(context)]
        return "\n\n".join([f"到点把名单交给您（{self.audience(context)}），话术是：", *texts])

    def turn(self, context: StepContext) -> Chosen:
        """Those to be written to now, who was written to longest ago first."""
        last = context.facts.last_written(context.community.id)
        since = self._rests_since(context)
        everyone = self.chosen(context, [UNDISTURBED])
        free = [one for one in everyone if since is None or last.get(one.id, _NEVER) < since]
        if not free:
            raise NothingToDo("符合条件的成员最近都收过私信")
        free.sort(key=lambda one: last.get(one.id, _NEVER))
        most = self.at_most or (ONE_BY_ONE if self.one_by_one else AT_ONCE)
        return Chosen(free[:most], len(free[most:]))

    def _rests_since(self, context: StepContext) -> datetime | None:
        """Who was written to since then rests; whole days count as local days, so that a weekly
        step finds the same members again."""
        usual = None if context.cohort is not None else USUAL_REST
        rest = self.not_again_within or usual
        if rest is None:
            return None
        if rest < _DAY:
            return context.now - rest
        zone = context.community.zone
        return midnight((context.now - rest).astimezone(zone).date() + _DAY, zone)

    def _bodies(self, context: StepContext, members: Sequence[Member]) -> list[str]:
        if not self.one_by_one:
            return [self.body(context, "")]
        return [self.body(context, shown(one.name)) for one in members]

    def _note(self, context: StepContext, turn: Chosen) -> str:
        count = len(turn.members)
        each = "下面每人一条，顺序和名单相同" if self.one_by_one else "话术在下面"
        lines = [
            f"💌 **{title(context)}**　{context.community.name}",
            f"请私信这 {count} 位成员（{self.audience(context)}），{each}：",
            listed(turn.members),
        ]
        if turn.waiting:
            lines.append(f"> 还有 {turn.waiting} 位这次没排上，下次优先。")
        if advice := self.advice(context):
            lines.append(f"> {advice}")
        lines.append(f"> 不想再收私信的成员，请发：标签 名字 {UNDISTURBED}")
        return "\n".join(lines)
