"""What colleagues are sent of a week: card, buttons, picture; and what late data changed."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.settings import Settings
from bot.summaries import Week
from bot.summary_links import SummaryLinks
from sop.effects import Button, Effect, SendMedia, Tell
from sop.summary.card import render
from sop.summary.summary import Summary
from sop.summary.weeks import week_label, week_title
from sop.summary.wording import fraction, told

BUTTON = "summary|"
NOT_FINAL = "这一周还没有定稿，数字截至现在，以后还会变。"
_MOST_CHANGES = 20


def whole(settings: Settings, staff: str, week: Week, picture: str, now: datetime) -> list[Effect]:
    """The card and everything beside it; `picture` is what WeCom calls it, empty for none."""
    card = Tell(staff, with_note(render(week.summary), week))
    return [card, *beside(settings, staff, week, picture, now)]


def with_note(card: str, week: Week) -> str:
    """The card; of a week that may still change it says so."""
    return card if week.final_at is not None else f"{card}\n\n> {NOT_FINAL}"


def beside(settings: Settings, staff: str, week: Week, picture: str, now: datetime) -> list[Effect]:
    """What comes with the card: buttons, and the week in one picture."""
    monday, scope = week.summary.monday, week.scope.id
    label = week_label(monday)
    said, buttons = ["图表和定义都在 Excel 里。"], [_excel(label, scope)]
    if settings.page is not None:
        page = settings.page
        link = SummaryLinks(page.public, page.secret).link(staff, scope, monday, now)
        buttons.insert(0, Button("打开网页", "", link))
        said = ["图表、对比和明细在网页上。链接只给您本人，7 天内有效，请不要转发。"]
    if week.final_at is None:
        said.append(NOT_FINAL)
    card = Tell(staff, "".join(said), title=f"{label} 周报", buttons=tuple(buttons))
    return [card, *([SendMedia(staff, "image", picture)] if picture else ())]


def _excel(label: str, scope: str) -> Button:
    return Button("下载 Excel", f"{BUTTON}{label}|{scope}|xlsx")


def changes(before: Summary, now: Summary) -> list[str]:
    """`周活跃成员：35 → 36` for each number that is printed differently."""
    old = {one.key: one for one in before.metrics}
    lines = []
    for new in now.metrics:
        was = old.get(new.key)
        if was is None:
            continue
        if told(was) != told(new):
            lines.append(f"{new.name}：{told(was)} → {told(new)}")
        elif fraction(was) != fraction(new):
            lines.append(f"{new.name}：{told(new)}（{fraction(was)} → {fraction(new)}）")
    return lines


def finality(week: Week, zone: ZoneInfo) -> str:
    """`2026-W47 已定稿（11 月 24 日 09:00）。`; since when a final week is what it is."""
    since = "" if week.final_at is None else f"（{_when(week.final_at, zone)}）"
    later = ""
    if week.corrected_at is not None:
        later = f"收到迟到的数据后，{_when(week.corrected_at, zone)} 更正过。"
    return f"{week_label(week.summary.monday)} 已定稿{since}，这里是终稿。{later}"


def compared(week: Week, now: Summary, zone: ZoneInfo) -> str:
    """What a final week would be if it were counted now."""
    lines = changes(week.summary, now)
    since = "" if week.final_at is None else f"（{_when(week.final_at, zone)} 定稿）"
    if not lines:
        return f"按现在的数据重数，和终稿{since}一致。"
    head = f"按现在的数据重数，和终稿{since}有 {len(lines)} 个数字不同，终稿 → 现在："
    return "\n".join([head, *(f"- {line}" for line in lines)])


def _when(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local.month} 月 {local.day} 日 {local:%H:%M}"


def corrected(staff: str, monday: date, scope: str, lines: Sequence[str]) -> Tell:
    """One message to who was sent the week."""
    more = len(lines) - _MOST_CHANGES
    shown = [f"- {line}" for line in lines[:_MOST_CHANGES]]
    if more > 0:
        shown.append(f"- ……另有 {more} 个，见网页")
    head = f"📌 **周报更正**　{scope}，{week_title(monday)}"
    why = f"定稿后又收到迟到的数据，{len(lines)} 个数字变了："
    foot = f"> 网页和 Excel 里已是新的数字。重看：周报 {week_label(monday)}"
    return Tell(staff, "\n".join([head, why, *shown, foot]))
