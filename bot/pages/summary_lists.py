"""Who is behind a number of the summary: a page of members for a template. Names are for who
signed in by WeCom, whole only for the own RM: a link may have been passed on."""

from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection

from bot.pages import staff_view as view
from bot.pages.look import Look
from bot.pages.trouble import Trouble, Way
from sop.community import accounts
from sop.summary.figures import SILENT_DAYS
from storage.figures import lists
from storage.figures.lists import Listed

Found = Callable[[Connection], Collection[str]]


def only_signed_in(look: Look) -> None:
    """Raises Trouble for who only has a link."""
    if look.reader.signed_in:
        return
    to = quote(look.request.rel_url.raw_path, safe="")
    way = Way(f"/summary/login?to={to}", "用企业微信登录")
    text = "名单里有客户的名字，光有链接看不到。登录后就能看。"
    raise Trouble(403, "看名单要先登录", text, way)


def no_such_list(look: Look) -> Trouble:
    """For an address that nobody here gave out."""
    return Trouble(404, "没有这个名单", "请从周报里点进来。", Way(look.path(), "回到周报"))


def of_the_week(look: Look, which: str) -> Found:
    """The members of one of the week's lists."""
    communities = look.scope.communities

    def behind(tx: Connection) -> Collection[str]:
        return lists.behind(
            tx,
            [one.id for one in communities],
            look.monday,
            look.settings.zone,
            staff=accounts(look.settings.staff),
            heard=[one.id for one in communities if one.heard],
            silent_days=SILENT_DAYS,
            which=which,
        )

    return behind


def page_of(tx: Connection, look: Look, found: Found) -> dict[str, Any]:
    """One page of them, always in the same order, as `staff_members.html` sets it."""
    ids = [one.id for one in look.scope.communities]
    members = sorted(found(tx))
    number = _page_number(look.request.query.get("page", "1"))
    start = (number - 1) * view.PER_PAGE
    rows: list[Listed] = list(lists.with_names(tx, ids, members[start : start + view.PER_PAGE]))
    return {
        "masked": not all(one in look.staff.communities for one in ids),
        "people": view.people(look.settings, look.staff, rows),
        "total": len(members),
        "first": start,
        "number": number,
        "pages": max(1, -(-len(members) // view.PER_PAGE)),
        "here": look.request.rel_url.raw_path,
    }


def _page_number(typed: str) -> int:
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 1
    return max(number, 1)
