"""Whether an opened link counts: what no person did, or did just now, does not.

Chat programs fetch every address that they show, browsers open pages ahead, companies scan mail.
None of that is interest. Whatever a request says of itself is judged here; who stays in doubt is
asked to keep a cookie, which programs do not.
"""

import re
from collections.abc import Mapping

ASKED = "只问有没有这个页面（HEAD）"
AHEAD = "浏览器或聊天软件预先打开"
ROBOT = "预览或抓取程序打开"
NO_COOKIE = "没有收下 cookie，多半是程序"
AGAIN = "一分钟内重复点开"
COLLEAGUE = "在企业微信里打开，多半是同事在试"
STAFF = "同事点开"

_ROBOTS = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|preview|prerender|headless|phantom|lighthouse|scanner|monitor"
    r"|facebookexternalhit|whatsapp|telegram|slack|discord|embedly|pinterest|linkedin|skype"
    r"|curl|wget|python|aiohttp|httpx|okhttp|java/|apache-httpclient|go-http-client|node-fetch"
    r"|axios|libwww|ruby|perl|php/|postman|httpclient|urllib",
    re.IGNORECASE,
)
_AHEAD = ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz")
_WECOM = "wxwork/"
LONGEST_AGENT = 1000
"""Characters that are looked at."""


def no_person(method: str, headers: Mapping[str, str]) -> str:
    """Why a request was made by no person, in Chinese; empty where nothing says so."""
    if method == "HEAD":
        return ASKED
    told = " ".join(headers.get(name, "") for name in _AHEAD).lower()
    if "prefetch" in told or "preview" in told or "prerender" in told:
        return AHEAD
    agent = headers.get("User-Agent", "")[:LONGEST_AGENT]
    if not agent.strip() or _ROBOTS.search(agent):
        return ROBOT
    return ""


def in_wecom(headers: Mapping[str, str]) -> bool:
    """Whether it was opened inside WeCom, where customers of a bank hardly are."""
    return _WECOM in headers.get("User-Agent", "")[:LONGEST_AGENT].lower()
