"""apply(effects): the only door through which an effect becomes rows, inside the caller's
transaction. What each effect does is in `bot.applied`, one file per area."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection

from bot.channel import Channel
from bot.facts_points import SqlPointsFacts
from bot.gate_settings import GateSettings
from bot.letters import Letters, Origin
from bot.settings import Settings
from sop import effects as does
from sop.community import Community, DeliveryMode, is_staff
from sop.discovery import Misregistered, find
from sop.library import Library
from sop.planner import instant
from sop.points import earned
from storage import activity, occurrences, outbox, privacy


class Runtime:
    """Applies effects for one installation."""

    def __init__(
        self, settings: Settings, channels: Mapping[str, Channel], library: Library
    ) -> None:
        self._settings = settings
        self._channels = channels
        self.library = library
        self._communities = {one.id: one for one in settings.communities}

    def apply(self, tx: Connection, effects: Iterable[does.Effect], origin: Origin) -> None:
        """Turns effects into rows in their order, and what they earn into points. Raises what the
        database refuses."""
        letters = Letters(self._channels, self._communities, origin)
        batch = Batch(self, tx, origin, letters)
        handlers = all_handlers()
        wanted = [*effects]
        points = SqlPointsFacts(tx, self._settings.staff)
        # First, so that what is earned can be spent in the same unit of work.
        given = earned(points, self.library, self._communities, wanted, origin.now)
        for effect in (*given, *wanted):
            handlers[type(effect)](batch, effect)
        batch.flush()

    def community(self, community: str) -> Community:
        """A configured community."""
        return self._communities[community]

    def planned(self, occurrence: str) -> occurrences.NewOccurrence | None:
        """The row of an occurrence as the plan has it; None if the plan has it no more."""
        plan_name, step_id, day, community = occurrence.split("/")
        written = self.library.plans.get(plan_name)
        plan = None if written is None else written.in_community(community)
        step = None if plan is None else plan.step(step_id)
        if plan is None or step is None:
            return None
        due_at = instant(date.fromisoformat(day), step.at, plan.zone)
        return occurrences.NewOccurrence(
            key=occurrence,
            identity=occurrence,
            plan=plan_name,
            step=step_id,
            day=date.fromisoformat(day),
            community=community,
            phase="run",
            due_at=due_at,
            window_ends_at=step.window_end(due_at),
        )

    def called(self, occurrence: str) -> str:
        """What people call the step; its id where the plan has it no more."""
        plan_name, step_id, _, community = occurrence.split("/")
        plan = self.library.plans.get(plan_name)
        step = None if plan is None else plan.in_community(community).step(step_id)
        return step_id if step is None else step.called(self.library)

    def in_person(self, occurrence: str) -> bool:
        """Whether the RM sends it, and may still decide against it."""
        plan_name, step_id, _, community = occurrence.split("/")
        if self.community(community).mode is DeliveryMode.ASSIST:
            return True
        plan = self.library.plans.get(plan_name)
        step = None if plan is None else plan.in_community(community).step(step_id)
        return step is not None and step.spec.in_person

    def today(self, now: datetime) -> date:
        """The company's local day."""
        return now.astimezone(self._settings.zone).date()

    @property
    def gate(self) -> GateSettings | None:
        """Where the bank says who is its customer; None: nobody asks."""
        return self._settings.gate

    def is_staff(self, person: str) -> bool:
        """Staff are never members."""
        return is_staff(self._settings.staff, person)


class Batch:
    """One transaction's worth of effects; messages and counts are inserted together at the end."""

    def __init__(self, runtime: Runtime, tx: Connection, origin: Origin, letters: Letters) -> None:
        self.runtime = runtime
        self.tx = tx
        self.origin = origin
        self.letters = letters
        self._actions: list[activity.Action] = []

    @property
    def now(self) -> datetime:
        """The instant of this unit of work."""
        return self.origin.now

    def did(self, action: activity.Action) -> None:
        """Counts an action of a member."""
        self._actions.append(action)

    def flush(self) -> None:
        """Writes what was collected."""
        if self._actions:
            activity.count(self.tx, privacy.countable(self.tx, self._actions))
        if self.letters.owed:
            outbox.add(self.tx, self.letters.owed)


Handlers = Mapping[type, Callable[[Batch, Any], None]]
"""What effects of each type do. A module in `bot/applied` exports its own as `HANDLERS`."""


@cache
def all_handlers() -> Handlers:
    """What every effect does. Raises Misregistered, naming the file, for one handled twice."""
    import bot.applied  # its files import this one

    found: dict[type, Callable[[Batch, Any], None]] = {}
    areas: dict[str, Handlers] = find(bot.applied, "HANDLERS", lambda one: ",".join(map(repr, one)))
    for handlers in areas.values():
        for effect, handler in handlers.items():
            if effect in found:
                raise Misregistered(f"{effect.__name__} 在 bot/applied 里有两个处理")
            found[effect] = handler
    return found
