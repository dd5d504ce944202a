"""A rehearsal as one web page that needs nothing else: no script, no address, prints well."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bot.rehearsal import charts, words
from bot.rehearsal.result import Result, Shown, Talk
from bot.wecom.content import plain_text
from sop.money import yuan

SHOWN_TALKS = 3
"""Words of members shown between two messages of the bot; the rest is counted."""
LONGEST_TALK = 60
_FONT = re.compile(
    r"&lt;font color=(?:&#34;|&quot;)?(\w+)(?:&#34;|&quot;)?&gt;(.*?)&lt;/font&gt;", re.S
)
_LINK = re.compile(r"\[([^\]\n]+)\]\((https?://[^)\s]+)\)")


@dataclass(slots=True)
class Moment:
    """Something in a chat: a message of the bot, or some words of members."""

    at: str
    """Shown above it; empty where the message before came at the same time."""
    message: Shown | None = None
    talks: list[Talk] = field(default_factory=list)
    more: int = 0


@dataclass(frozen=True, slots=True)
class ChatDay:
    """A day of a chat."""

    title: str
    posts: int
    talks: int
    moments: Sequence[Moment]


@dataclass(frozen=True, slots=True)
class Chat:
    """A group, or what one colleague reads."""

    name: str
    about: str
    picture: Markup
    days: Sequence[ChatDay]


def page(result: Result, staff: Mapping[str, str]) -> str:
    """The page. `staff` are names by userid."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(bubble=bubble, short=short, yuan=yuan)
    template = environment.get_template("report.html")
    return template.render(
        result=result,
        words=words,
        rules=words.grouped(result.rules, result),
        problems=words.grouped(result.problems, result, examples=10),
        charts=_charts(result),
        tiles=_tiles(result),
        chats=[*_groups(result), *_colleagues(result, staff)],
    )


def bubble(text: str) -> Markup:
    """A message as WeCom shows it: bold, quotes, headings, links, colours; nothing else."""
    lines = []
    for line in str(escape(text)).split("\n"):
        if line.startswith("&gt;"):
            lines.append(f"<q>{line.removeprefix('&gt;').strip()}</q>")
        elif found := re.match(r"#{1,6} ", line):
            lines.append(f"<b>{line[found.end() :]}</b>")
        else:
            lines.append(line)
    marked = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", "\n".join(lines))
    marked = re.sub(r"`([^`\n]+)`", r"<code>\1</code>", marked)
    marked = _FONT.sub(r'<span class="font-\1">\2</span>', marked)
    marked = _LINK.sub(r'<span class="link">\1</span>', marked)
    return Markup(marked.replace("</q>\n", "</q>"))  # noqa: S704


def _tiles(result: Result) -> list[tuple[str, str, str]]:
    """(what, how much, and what that means)."""
    members = sum(one.members for one in result.kinds)
    spoke = sum(one.spoke for one in result.kinds)
    posts = sum(one.posts for one in result.received)
    busiest = max(result.workload, key=lambda one: one.minutes, default=None)
    peak = max(result.peaks, key=lambda one: one.peak / one.limit, default=None)
    cost = result.forecast
    tiles = [
        ("群里的消息", f"{posts} 条", f"{result.days} 天，{len(result.communities)} 个社群"),
        ("开过口的成员", words.percent(spoke, members), f"{spoke}/{members} 人，机器人听得到的群"),
        ("预计成本", f"{yuan(cost.p50)} 元", f"95% 不超过 {yuan(cost.p95)} 元"),
    ]
    if result.funnel is not None:
        flow = result.funnel.whole
        about = f"已领取 {yuan(flow.paid_fen)} 元 ÷ 入群 {flow.joined:,} 人"
        tiles.insert(0, ("人均成本", f"{yuan(flow.paid_each_fen)} 元", about))
    if busiest is not None:
        about = f"{busiest.name}，{words.day_title(busiest.day)}"
        tiles.append(("客户经理最忙的一天", f"约 {busiest.minutes} 分钟", about))
    if peak is not None:
        tiles.append(
            ("额度最紧处", f"{peak.peak}/{peak.limit}", f"{words.quota(peak)} {peak.whom}")
        )
    return tiles


def _charts(result: Result) -> dict[str, Any]:
    by_rm: dict[str, list[Any]] = {}
    for one in result.workload:
        by_rm.setdefault(one.name, []).append(one)
    return {
        "participation": charts.participation(result.turnouts, result.kinds, result.zone),
        "kinds": charts.legend(
            {
                f"t{number}": one.title
                for number, one in enumerate(result.kinds)
                if any(turnout.by_temperament.get(one.name) for turnout in result.turnouts)
            }
        ),
        "costs": charts.costs(result.forecast) if result.forecast.costs else "",
        "workdays": {name: charts.workdays(days) for name, days in by_rm.items()},
        "work": charts.legend({"c0": "转发", "c1": "阅读", "outline": "陪场（可选）"}),
        "week": charts.legend({"post": "群里的消息", "talk": "成员对机器人说话"}),
    }


def _days(result: Result) -> list[date]:
    return [result.start + timedelta(days=one) for one in range(result.days)]


def _groups(result: Result) -> Iterator[Chat]:
    for place in result.received:
        posts = [
            one for one in result.messages if one.to == "group" and one.community == place.community
        ]
        talks = [one for one in result.talks if one.community == place.community]
        yield Chat(
            result.communities[place.community],
            f"{words.MODES[place.mode]} · 读到 {place.posts} 条，照此一个月约 {place.a_month} 条",
            charts.timeline(_days(result), posts, talks, result.zone),
            list(_chat_days(result, posts, talks)),
        )


def _colleagues(result: Result, staff: Mapping[str, str]) -> Iterator[Chat]:
    told: dict[str, list[Shown]] = {}
    for one in result.messages:
        if one.to == "rm":
            told.setdefault(one.who, []).append(one)
    for who, messages in told.items():
        yield Chat(
            f"{staff.get(who, who)}的应用消息",
            f"共 {len(messages)} 条，只有本人看得到",
            charts.timeline(_days(result), messages, [], result.zone),
            list(_chat_days(result, messages, [])),
        )


def _chat_days(
    result: Result, messages: Sequence[Shown], talks: Sequence[Talk]
) -> Iterator[ChatDay]:
    events: list[tuple[Any, int, Shown | Talk]] = [
        *((one.at, 0, one) for one in messages),
        *((one.at, 1, one) for one in talks),
    ]
    events.sort(key=lambda one: one[:2])
    by_day: dict[date, list[Shown | Talk]] = {}
    for at, _, one in events:
        by_day.setdefault(at.astimezone(result.zone).date(), []).append(one)
    for day, found in by_day.items():
        said = sum(isinstance(one, Talk) for one in found)
        yield ChatDay(words.day_title(day), len(found) - said, said, _moments(result, found))


def _moments(result: Result, found: Sequence[Shown | Talk]) -> list[Moment]:
    """Every message; between two of them the first few words of members."""
    moments: list[Moment] = []
    shown = ""
    for one in found:
        at = words.clock(one.at, result.zone)
        if isinstance(one, Shown):
            moments.append(Moment("" if at == shown else at, one))
            shown = at
            continue
        if not moments or moments[-1].message is not None:
            moments.append(Moment(at))
        last = moments[-1]
        if len(last.talks) < SHOWN_TALKS:
            last.talks.append(one)
        else:
            last.more += 1
    return moments


def short(text: str) -> str:
    """A member's words or an answer to them, short enough for the page."""
    plain = " ".join(plain_text(text).split())
    return plain if len(plain) <= LONGEST_TALK else plain[:LONGEST_TALK] + "…"
