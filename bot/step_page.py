"""One step of a plan as a part of `/summary/`: `sop.summary.one_step` in words and pictures."""

from dataclasses import dataclass

from markupsafe import Markup

from bot.summary_page import Block, Links, block, environment
from sop.summary.figures import StepFigures
from sop.summary.one_step import Number, StepView, numbers, section
from sop.summary.summary import Summary
from sop.summary.weeks import week_title

LIVE = "按现在的数据列出。"
SAME = "这一周已经定稿，数字和终稿一致。"


@dataclass(frozen=True, slots=True)
class Tile:
    """A number at the head, with where its list is."""

    name: str
    value: str
    lines: tuple[str, ...]
    href: str | None


@dataclass(frozen=True, slots=True)
class StepPage:
    """What `summary_step.html` sets."""

    heading: str
    about: str
    note: str
    numbers: tuple[Tile, ...]
    section: Block


def step_body(view: StepView, final: Summary | None, links: Links) -> Markup:
    """Without a frame; `final` is the week as it was kept, if it was."""
    template = environment().get_template("summary_step.html")
    return Markup(template.render(page=step_page(view, final, links)))  # noqa: S704


def step_page(view: StepView, final: Summary | None, links: Links) -> StepPage:
    """The step in words and pictures."""

    def leads(opens: str) -> str | None:
        return links(opens) if opens else None

    return StepPage(
        f"{view.scope} · {view.title}",
        f"{week_title(view.monday)}，计划“{view.plan_title}”",
        LIVE if final is None else _beside(view, final),
        tuple(_tile(one, links) for one in numbers(view)),
        block(section(view), leads),
    )


def _tile(one: Number, links: Links) -> Tile:
    return Tile(one.name, one.value, one.lines, links(one.opens) if one.opens else None)


def _beside(view: StepView, final: Summary) -> str:
    """Whether what is counted now is what was told."""
    mine = [one for one in final.figures.steps if (one.plan, one.step) == (view.plan, view.step)]
    now = view.now
    kept = tuple(sum(values) for values in zip(*map(_told, mine), strict=True)) or (0, 0, 0)
    if kept == (now.due, now.executed, now.on_time):
        return SAME
    due, executed, on_time = kept
    return f"{LIVE}终稿里应执行 {due}，已执行 {executed}，准时 {on_time}。"


def _told(one: StepFigures) -> tuple[int, int, int]:
    return one.due, one.executed, one.on_time
