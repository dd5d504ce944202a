"""What each channel brought in four weeks, with the titles of the library."""

from dataclasses import asdict

from bot.week_details import Asked
from sop.summary.details import ChannelFlow
from storage.figures.channels import flows


def channels(asked: Asked) -> tuple[ChannelFlow, ...]:
    """Largest first."""
    known = asked.library.channels
    return tuple(
        ChannelFlow(title=known[one.channel].title if one.channel in known else "", **asdict(one))
        for one in flows(asked.scope, asked.crowd)
    )


READ = channels
