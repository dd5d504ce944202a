"""Practice rounds."""

from dataclasses import asdict

from bot.runtime import Batch, Handlers
from sop import effects as does
from storage import practices


def keep(batch: Batch, effect: does.KeepPractice) -> None:
    practices.keep(batch.tx, practices.PracticeRow(**asdict(effect), kept_at=batch.now))


def end(batch: Batch, effect: does.EndPractice) -> None:
    practices.end(batch.tx, effect.staff)


HANDLERS: Handlers = {does.KeepPractice: keep, does.EndPractice: end}
