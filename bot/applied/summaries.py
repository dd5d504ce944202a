"""Weekly summaries that colleagues ask for."""

from bot.runtime import Batch, Handlers
from sop import effects as does
from sop.summary.weeks import parse_week
from storage import summaries


def ask(batch: Batch, effect: does.AskSummary) -> None:
    week = parse_week(effect.week)
    summaries.ask(
        batch.tx, effect.staff, week, effect.scope, effect.form, batch.origin.key, batch.now
    )


HANDLERS: Handlers = {
    does.AskSummary: ask,
    does.SendMedia: lambda batch, effect: batch.letters.media(effect),
}
"""Nothing is made here: `bot.weekly` does, outside of any transaction."""
