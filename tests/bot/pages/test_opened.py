"""What a request says of who, or what, sent it."""

import pytest

from bot.pages.opened import AHEAD, ASKED, ROBOT, in_wecom, no_person

WECHAT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Mobile/15E148 MicroMessenger/8.0.50(0x1800323c) NetType/WIFI Language/zh_CN"
)
ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; PJD110 Build/UKQ1.230924.001; wv) AppleWebKit/537.36 (KHTML, "
    "like Gecko) Version/4.0 Chrome/122.0.6261.120 Mobile Safari/537.36 XWEB/1220133 "
    "MMWEBSDK/20240404 MMWEBID/98 MicroMessenger/8.0.49.2600(0x28003137) WeChat/arm64"
)
BAIDU = (
    "Mozilla/5.0 (Linux; Android 12; HarmonyOS) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/114.0 Mobile Safari/537.36 baiduboxapp/13.50.0.10"
)
WECOM = f"{WECHAT} wxwork/4.1.22 ColorScheme/Light"


@pytest.mark.parametrize("agent", [WECHAT, ANDROID, BAIDU, WECOM])
def test_phones_are_persons(agent: str) -> None:
    assert no_person("GET", {"User-Agent": agent}) == ""


@pytest.mark.parametrize(
    "agent",
    [
        "", "  ", "curl/8.5.0", "Wget/1.21", "python-requests/2.32", "Python/3.11 aiohttp/3.9",
        "okhttp/4.12.0", "Go-http-client/2.0", "Java/17.0.1", "Apache-HttpClient/4.5",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
        "Mozilla/5.0 (compatible; bingbot/2.0)", "Sogou web spider/4.0", "Bytespider",
        "facebookexternalhit/1.1", "WhatsApp/2.23.20", "TelegramBot (like TwitterBot)",
        "Slackbot-LinkExpanding 1.0", "SkypeUriPreview Preview/0.5",
        "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/120.0", "Chrome-Lighthouse",
        "Mozilla/5.0 BingPreview/1.0b", "PostmanRuntime/7.39", "node-fetch/1.0", "axios/1.7",
    ],
)  # fmt: skip
def test_programs_are_not(agent: str) -> None:
    assert no_person("GET", {"User-Agent": agent}) == ROBOT


@pytest.mark.parametrize(
    "header",
    [
        ("Purpose", "prefetch"), ("Sec-Purpose", "prefetch;prerender"), ("X-Purpose", "preview"),
        ("X-Moz", "prefetch"), ("Sec-Purpose", "Prefetch"),
    ],
)  # fmt: skip
def test_opened_ahead_is_not(header: tuple[str, str]) -> None:
    assert no_person("GET", {"User-Agent": WECHAT, header[0]: header[1]}) == AHEAD


def test_asking_without_reading_is_not() -> None:
    assert no_person("HEAD", {"User-Agent": WECHAT}) == ASKED


@pytest.mark.parametrize(("agent", "inside"), [(WECOM, True), (WECHAT, False), ("", False)])
def test_wecom_says_so(agent: str, inside: bool) -> None:
    assert in_wecom({"User-Agent": agent}) is inside
