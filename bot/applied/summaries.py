"""Weekly summaries that colleagues ask for."""

from bot.runtime import Batch, Handlers
from sop import effects as does
from sop.summary.weeks import parse_week
from storage import summaries


def ask(batch: Batch, effect: does.AskSummary) -> None:
    summaries.ask(
        batch.tx, effect.staff, parse_week(effect.week), effect.scope, effect.form, batch.now
    )


HANDLERS: Handlers = {
    does.AskSummary: ask,
    does.SendMedia: lambda batch, effect: batch.letters.media(effect),
}
"""Nothing is made here: `bot.weekly` does, outside of any transaction."""
