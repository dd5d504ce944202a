"""A preview as one web page that needs nothing else: no script, no address, prints well."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.preview.terminal import PHASES, by_whom, day_title
from bot.preview.week import Part, Week
from bot.rehearsal.page import bubble
from sop.summary.weeks import week_label

HERE = Path(__file__).parent / "templates"
SHARED = Path(__file__).parents[1] / "rehearsal" / "templates"


def page(week: Week) -> str:
    """The page."""
    environment = Environment(
        loader=FileSystemLoader([HERE, SHARED]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(bubble=bubble, day=day_title, clock=lambda at: f"{at:%H:%M}")
    template = environment.get_template("preview.html")
    return template.render(
        week=week, label=week_label(week.monday), by_whom=by_whom, whom=_whom, fullness=_fullness
    )


def _whom(part: Part) -> str:
    """Who reads it, and through whom."""
    if part.phase in PHASES:
        return PHASES[part.phase]
    if part.channel == "assist":
        return "卡片给客户经理" if part.buttons else "💬 群里（客户经理转发）"
    return "💬 群里" if part.to == "group" else "🔔 私信同事"


def _fullness(part: Part) -> str:
    """How much of WeCom's limit is used, in percent of a bar."""
    return f"{min(100.0, 100 * part.size / part.limit):.1f}"
