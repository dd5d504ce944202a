"""Keeps other web sites away from the control interface of a sandbox on somebody's machine."""

from collections.abc import Awaitable, Callable

from aiohttp import web
from multidict import CIMultiDictProxy
from yarl import URL

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses foreign hosts (DNS rebinding) and cross-site requests to page and control."""
    if not is_page(request.path):
        return await handler(request)
    reason = refusal(request.method, request.headers)
    if reason:
        return web.json_response({"error": reason}, status=403, headers=HEADERS)
    return await handler(request)


async def harden(request: web.Request, response: web.StreamResponse) -> None:
    """Adds the security headers to everything the page loads, and to the page that WeChat would
    show, to which other sites lead."""
    if is_page(request.path) or request.path.startswith(("/connect/", "/wwlogin/")):
        response.headers.update(HEADERS)


def is_page(path: str) -> bool:
    """Whether the path belongs to the chat page rather than to WeCom."""
    return path == "/" or path.startswith(("/sandbox/", "/static/"))


def refusal(method: str, headers: CIMultiDictProxy[str]) -> str:
    """Why a request is refused, in Chinese; empty if it is not."""
    foreign = refused_visitor(headers)
    if foreign:
        return foreign
    if method not in {"GET", "HEAD"} and "json" not in headers.get("Content-Type", ""):
        return "控制接口只接受 JSON。"
    return ""


def refused_visitor(headers: CIMultiDictProxy[str]) -> str:
    """Why somebody from elsewhere is refused, in Chinese; empty for the sandbox's own pages."""
    host = headers.get("Host", "")
    try:
        name = URL(f"http://{host}").host
    except ValueError:
        name = None
    if name not in LOOPBACK:
        return "沙箱只接受本机地址。"
    if headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}:
        return "沙箱不接受来自别的网站的请求。"
    origin = headers.get("Origin")
    if origin is not None and origin not in {f"http://{host}", f"https://{host}"}:
        return "沙箱不接受来自别的网站的请求。"
    return ""
