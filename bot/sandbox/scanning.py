"""What ways behind QR codes share: how calls name one, and the page that asks who scans it.

In WeCom the code is a picture that a phone scans. Here the address of the picture is a page that
asks who scans it, for the people of the sandbox have no phones.
"""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Protocol, TypeVar

from aiohttp import web

from bot.sandbox.errors import ApiError, Json, Mistake
from bot.sandbox.fields import Fields
from bot.sandbox.gate import Call
from bot.sandbox.guard import refused_visitor
from bot.sandbox.oauth import page
from bot.sandbox.world import Person

TEXT = 30
"""Characters of `remark` and `state`."""

Way = TypeVar("Way")


class Use(Protocol):
    """Somebody takes a way."""

    def __call__(self, config_id: str, *, name: str, member: str) -> Json:
        """A new customer with that name, or a known one. Raises Mistake."""


def named(call: Call, ways: Mapping[str, Way]) -> Way:
    """The way whose `config_id` a call gives. Raises ApiError."""
    config_id = call.json().text("config_id")
    if not config_id:
        raise ApiError(41043, "missing config_id")
    if config_id not in ways:
        raise ApiError(41044, "invalid config_id")
    return ways[config_id]


def remark_and_state(body: Fields) -> tuple[str, str]:
    """Both as a call gives them. Raises ApiError when one is too long."""
    remark, state = body.text("remark"), body.text("state")
    if len(remark) > TEXT or len(state) > TEXT:
        raise ApiError(40058, f"remark or state exceed max length {TEXT}")
    return remark, state


def scan_page(title: str, button: str, strangers: Iterable[Person]) -> web.Response:
    """Asks who scans: somebody new, or one of these customers."""
    rows = "".join(
        f'<li><button name="member" value="{escape(one.id)}">{escape(one.name)}</button></li>'
        for one in strangers
    )
    return page(
        title,
        '<p class="note">沙箱里没有手机，请选择是谁扫了这个二维码。</p>'
        '<form method="post"><h2>新客户</h2><p><input name="name" maxlength="32" '
        f'aria-label="新客户的名字"><button>{button}</button></p></form>'
        f'<form method="post"><h2>沙箱里的客户</h2><ul>{rows}</ul></form>',
    )


async def scanned(request: web.Request, use: Use, sorry: str) -> Json | web.Response:
    """What `use` made of the form of `scan_page`; or a page titled `sorry` that says why not."""
    reason = refused_visitor(request.headers)
    if reason:
        return page(sorry, f"<p>{escape(reason)}</p>", status=403)
    form = await request.post()
    name, member = str(form.get("name", "")), str(form.get("member", ""))
    try:
        return use(request.match_info["way"], name=name[:32], member=member)
    except Mistake as error:
        return page(sorry, f"<p>{escape(str(error))}</p>", status=409)
