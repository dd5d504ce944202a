"""What became of what each relationship manager was handed."""

from dataclasses import asdict

from bot.week_details import Asked
from sop.summary.details import RmWork
from storage.figures.handed import HandedNumbers, handed


def rms(asked: Asked) -> tuple[RmWork, ...]:
    """By staff id."""
    return tuple(_rm(asked, one) for one in handed(asked.scope, asked.crowd))


def _rm(asked: Asked, one: HandedNumbers) -> RmWork:
    staff = asked.staff.get(one.staff)
    values = asdict(one)
    name = one.staff if staff is None else staff.name
    return RmWork(name=name, **values)


READ = rms
