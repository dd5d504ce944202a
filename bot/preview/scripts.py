"""What RMs will be handed for members one by one: whom it concerns is not known beforehand."""

from sqlalchemy import Connection

from bot.due import Due, Moment
from bot.rehearsal.stage import Script
from bot.runtime import Runtime
from sop import engine
from sop.occurrence import Occurrence
from storage.occurrences import OccurrenceRow


def scripts(
    tx: Connection, script: Script, found: list[Occurrence]
) -> dict[tuple[str, str, str], str]:
    """(plan, step, community) → the script, for the steps among these that choose members."""
    runtime = Runtime(script.settings, {}, script.library)
    due = Due(script.settings, script.library, script.workdays, runtime)
    told: dict[tuple[str, str, str], str] = {}
    for one in found:
        name = (one.plan.plan, one.step.id, one.community)
        if one.step.spec.chooses() and name not in told:
            told[name] = _script(tx, due, one)
    return told


def _script(tx: Connection, due: Due, one: Occurrence) -> str:
    row = OccurrenceRow(
        key=one.identity,
        identity=one.identity,
        plan=one.plan.plan,
        step=one.step.id,
        day=one.day,
        community=one.community,
        phase=one.phase.value,
        planned_for=one.due_at,
        due_at=one.due_at,
        window_ends_at=one.step.window_end(one.due_at),
        status="planned",
        reason="",
        changed_by=None,
        ran_at=None,
        confirmed_at=None,
        confirmed_by=None,
    )
    context = due.context(tx, row, Moment(one.due_at, bytes(32)))
    return "" if context is None else engine.script(context)
