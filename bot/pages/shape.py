"""How pages look: templates, the files beside them, and the headers that keep strangers out."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from mimetypes import guess_type
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bot.wecom.content import plain_text
from sop.draws.deck import PrizeCard
from sop.money import yuan
from sop.notice import prize_text
from sop.wording import shown, until

HERE = Path(__file__).parent
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
NOT_KEPT = {"Cache-Control": "no-store"}
_YEAR = "public, max-age=31536000, immutable"
_ADDRESS = re.compile(r"https?://[^\s<>&]+")
_TRACKED = re.compile(r"https?://[^\s<>&/]+/go/([A-Za-z0-9_-]{22})(?![A-Za-z0-9_/-])")
_HASH = re.compile(r"\b([0-9a-f]{16,64})\b")
_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages load."""

    body: bytes
    kind: str
    version: str


class Assets:
    """The files of `static`, read once; their addresses change with their contents."""

    def __init__(self) -> None:
        self._files = {path.name: _asset(path) for path in sorted((HERE / "static").iterdir())}

    def address(self, name: str) -> str:
        """Where a page finds the file; it may be kept for ever."""
        return f"/m/static/{name}?v={self._files[name].version}"

    async def serve(self, request: web.Request) -> web.Response:
        """A file; asked for without its version it is asked for again each time."""
        found = self._files.get(request.match_info["name"])
        if found is None:
            return web.Response(status=404, text="没有这个文件", headers=HEADERS)
        kept = request.query.get("v") == found.version
        cache = {"Cache-Control": _YEAR if kept else "no-cache"}
        return web.Response(
            body=found.body, content_type=found.kind, charset="utf-8", headers=HEADERS | cache
        )


class Shape:
    """Renders the templates."""

    def __init__(self, assets: Assets) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["asset"] = assets.address
        self._environment.globals["parts"] = self._environment.get_template("parts.html").module
        self._environment.filters.update(
            shown=shown,
            yuan=yuan,
            words=words,
            clock=clock,
            until=until,
            fine=fine,
            day=day,
            odds=odds,
            prize=prize_text,
            bare=bare,
        )

    def page(self, template: str, values: Mapping[str, Any], status: int = 200) -> web.Response:
        """A page that nobody keeps."""
        text = self._environment.get_template(template).render(values)
        return web.Response(
            status=status, text=text, content_type="text/html", headers=HEADERS | NOT_KEPT
        )


@cache
def shipped_assets() -> Assets:
    """The files of this program."""
    return Assets()


@cache
def shipped_shape() -> Shape:
    """The templates of this program, compiled once for everything that serves pages."""
    return Shape(shipped_assets())


def see(path: str, status: int = 303) -> web.Response:
    """Sends the browser on."""
    return web.Response(status=status, headers=HEADERS | NOT_KEPT | {"Location": path})


def words(text: str) -> Markup:
    """What the bot says in a group, as lines of a page: no marks, and no addresses, which lead
    back to this very page; but tracked links are there, to be opened as the member."""
    lines = [_line(line).strip() for line in plain_text(text).splitlines()]
    return Markup("<br>").join(line for line in lines if line)


def _line(line: str) -> Markup:
    parts = [
        Markup('<a href="/m/go/{}">打开链接</a>').format(part)
        if odd % 2
        else fine(_ADDRESS.sub("", part))
        for odd, part in enumerate(_TRACKED.split(line))
    ]
    return Markup("").join(parts)


def fine(line: str) -> Markup:
    """A line of a round; what only a computer reads (hashes, receipts) is set small."""
    parts = [
        Markup("<code>{}</code>").format(part) if odd % 2 else escape(part)
        for odd, part in enumerate(_HASH.split(line))
    ]
    return Markup("").join(parts)


def clock(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """`20:30`, or on another day `11 月 28 日 20:30`."""
    here, today = at.astimezone(zone), now.astimezone(zone).date()
    time = f"{here:%H:%M}"
    return time if here.date() == today else f"{here.month} 月 {here.day} 日 {time}"


def day(value: date) -> str:
    """`11 月 28 日 周六`."""
    return f"{value.month} 月 {value.day} 日 周{_WEEKDAYS[value.weekday()]}"


def bare(card: PrizeCard) -> str:
    """A prize's name below its amount: `5.00 元红包` is a 红包, `30 积分` needs no second line."""
    if card.kind == "points":
        return "" if f"{card.points} 积分" in card.prize else card.prize
    name = card.prize.replace(f"{yuan(card.amount_fen)} 元", "").strip()
    return name if card.kind == "cash" and name else prize_text(card)


def odds(count: int, size: int) -> str:
    """`12.5 %`: the share of a deck."""
    share = 100 * count / size
    return f"{share:.2f}".rstrip("0").rstrip(".") + "%"


def _asset(path: Path) -> Asset:
    body = path.read_bytes()
    guess = partial(guess_type, strict=False)
    return Asset(
        body,
        guess(path.name)[0] or "application/octet-stream",
        hashlib.sha256(body).hexdigest()[:12],
    )
