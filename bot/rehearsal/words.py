"""How a rehearsal is told to people: counts, money and times in Chinese, for terminal and page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.rehearsal.findings import TITLES
from bot.rehearsal.result import Finding, Funnel, Peak, Result, Shown
from bot.rehearsal.temperament import temperaments
from sop.money import yuan
from sop.summary.weeks import WEEKDAYS

FORECAST_NOTE = (
    "把这次彩排里出现过的游戏、题目和奖池，按另外 {seeds} 个种子重新问一遍同样构成的成员："
    "谁参加、谁在时限内答对、翻到哪张牌、奖励多少；不重发消息，也不含彩排时间以外的步骤。"
    "上限是每局奖励都按最高额、每张牌都被抽走。"
)
WORKLOAD_NOTE = (
    "估算：转发一份话术 2 分钟，看一条提醒、周报或通知 1 分钟；陪场是游戏和抽奖进行的分钟数，"
    "机器人自己会主持，客户经理在不在场都可以。"
)
_CHANNELS = {"robot": "群机器人", "app": "应用消息", "aibot": "智能机器人"}
MODES = {"robot": "机器人发", "assist": "客户经理转发", "aibot": "智能机器人发"}


@dataclass(frozen=True, slots=True)
class Grouped:
    """Findings of one code in one community."""

    title: str
    community: str
    count: int
    examples: Sequence[str]


def grouped(findings: Sequence[Finding], result: Result, examples: int = 3) -> list[Grouped]:
    """Findings by code and community, the first few of each in words."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for one in findings:
        groups.setdefault((one.code, one.community), []).append(one)
    return [
        Grouped(
            TITLES[code],
            result.communities.get(community, ""),
            len(found),
            [_dated(one, result.zone) for one in found[:examples]],
        )
        for (code, community), found in groups.items()
    ]


def _dated(finding: Finding, zone: ZoneInfo) -> str:
    if finding.at is None or finding.code == "holiday":
        return finding.text
    return f"{finding.at.astimezone(zone):%m-%d %H:%M} {finding.text}"


def cast(result: Result) -> str:
    """Who takes part: `200 位模拟成员`, or how many join."""
    flow = result.funnel
    if flow is None:
        return f"{result.members} 位模拟成员"
    before = f"原有 {result.members} 位模拟成员，" if result.members else ""
    return f"{before}{flow.days} 天里入群 {flow.whole.joined:,} 人"


def groups(flow: Funnel) -> str:
    """Into how many groups they went."""
    return (
        f"企业微信客户群每群最多 {flow.group_limit} 人（含群主），所以进了 {flow.groups} 个群，"
        f"期末人最多的群 {flow.largest} 人。"
    )


def to_look_at(flow: Funnel) -> str:
    """What the system does not pay by itself."""
    return (
        f"有 {flow.to_look_at} 笔（{yuan(flow.to_look_at_fen)} 元）带着疑点，"
        "系统不放行，等人逐笔看：同名账号、到期时已退群，等等。"
    )


def step(people: int, of: int) -> str:
    """A step of the funnel: `11200（56%）`."""
    return f"{people}（{percent(people, of)}）"


def day_title(day: date) -> str:
    """`11 月 24 日 周二`."""
    return f"{day.month} 月 {day.day} 日 {WEEKDAYS[day.weekday()]}"


def percent(part: int, whole: int) -> str:
    """`12%`, or `n/a` of nothing."""
    return f"{part / whole:.0%}" if whole else "n/a"


def quota(peak: Peak) -> str:
    """Which limit this is, in words."""
    window = {60: "每分钟", 3600: "每小时", 86_400: "每天"}.get(
        peak.seconds, f"每 {peak.seconds} 秒"
    )
    return f"{_CHANNELS.get(peak.channel, peak.channel)}（{window}）"


def mixture() -> str:
    """The default mix of temperaments: `潜水 44、随缘 26 …`."""
    kinds = sorted(temperaments().values(), key=lambda one: (-one.share, one.name))
    return "、".join(f"{one.title} {one.share}" for one in kinds)


def span(result: Result) -> str:
    """`2026-11-23（周一）起 7 天`."""
    return f"{result.start}（{WEEKDAYS[result.start.weekday()]}）起 {result.days} 天"


def reader(message: Shown, result: Result, staff: Mapping[str, str]) -> str:
    """Who reads it: a group's name, or `财富体验群 → 李静`."""
    place = result.communities.get(message.community, "")
    if message.to == "rm":
        name = staff.get(message.who, message.who)
        return f"{place} → {name}" if place else f"→ {name}"
    return place


def amount(fen: int) -> str:
    """Fen as yuan, with the word."""
    return f"{yuan(fen)} 元"


def by_day(messages: Sequence[Shown], zone: ZoneInfo) -> Iterator[tuple[date, list[Shown]]]:
    """Messages by local day, in order."""
    days: dict[date, list[Shown]] = {}
    for one in messages:
        days.setdefault(one.at.astimezone(zone).date(), []).append(one)
    yield from days.items()


def clock(at: datetime, zone: ZoneInfo) -> str:
    """`19:30`."""
    return f"{at.astimezone(zone):%H:%M}"
