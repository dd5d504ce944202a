"""网页授权: the page that asks whose phone it is, codes that are good once, and who is named."""

import re

import aiohttp
import pytest
from yarl import URL

from bot.sandbox.oauth import PATH, openid_of

BACK = "http://127.0.0.1:9/m/auth"
GOOD = {
    "appid": "ww5823bf96d3bd56c7",
    "redirect_uri": BACK,
    "response_type": "code",
    "scope": "snsapi_base",
    "state": "abc123",
    "agentid": "1000002",
}


async def authorize(api, **changed):
    """(status, where to, text) of the page."""
    query = {**GOOD, **changed}
    async with api.session.get(api.base + PATH, params=query, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location"), await answer.text()


async def code_of(api, person):
    _, where, _ = await authorize(api, **{"as": person})
    return URL(where).query["code"]


async def who(api, code):
    answer = await api.cgi("auth/getuserinfo", code=code)
    return {name: value for name, value in answer.items() if name != "errmsg"}


@pytest.mark.parametrize(
    ("person", "named"),
    [
        ("wm01", {"errcode": 0, "openid": openid_of("wm01"), "external_userid": "wm01"}),
        ("wm03", {"errcode": 0, "openid": openid_of("wm03")}),
        ("zhouwen", {"errcode": 0, "userid": "zhouwen"}),
    ],
)
async def test_customer_stranger_and_colleague_are_named_as_wecom_does(api, person, named):
    assert await who(api, await code_of(api, person)) == named


async def test_authorize_comes_back_with_state_and_code(api):
    status, where, _ = await authorize(api, **{"as": "wm01"})
    back = URL(where)
    assert (status, str(back.with_query(None)), back.query["state"]) == (302, BACK, "abc123")
    assert re.fullmatch(r"[0-9a-f]{43}", back.query["code"])


async def test_code_is_good_once(api):
    code = await code_of(api, "wm01")
    await who(api, code)
    assert await api.code("auth/getuserinfo", code=code) == 40029


async def test_code_is_good_for_five_minutes(api, clock):
    code = await code_of(api, "wm01")
    clock.tick(minutes=5)
    assert await api.code("auth/getuserinfo", code=code) == 40029


@pytest.mark.parametrize(("code", "errcode"), [("", 41008), ("nonsense", 40029)])
async def test_code_that_was_never_given(api, code, errcode):
    assert await api.code("auth/getuserinfo", code=code) == errcode


async def test_getuserinfo_wants_a_token(api):
    assert await api.code("auth/getuserinfo", access_token="", code="x") == 41001


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"appid": "ww0"}, "appid 不是这个企业的企业 ID（40013）。"),
        (
            {"redirect_uri": "https://elsewhere.example/"},
            "redirect_uri 的域名不是可信域名（50001）；沙箱只认本机地址。",
        ),
        ({"redirect_uri": ""}, "redirect_uri 的域名不是可信域名（50001）；沙箱只认本机地址。"),
        ({"response_type": "token"}, "response_type 应为 code，scope 应为 snsapi_base。"),
        ({"scope": "snsapi_login"}, "response_type 应为 code，scope 应为 snsapi_base。"),
        ({"state": "a-b"}, "state 只能是字母和数字，最多 128 个。"),
        ({"state": "a" * 129}, "state 只能是字母和数字，最多 128 个。"),
    ],
)
async def test_what_wechat_refuses_is_said_on_the_page(api, changed, said):
    status, where, text = await authorize(api, **changed)
    assert (status, where, re.findall(r"<p>(.*?)</p>", text)) == (400, None, [said])


async def test_without_a_phone_the_page_asks_who_it_is(api):
    status, where, text = await authorize(api)
    rows = re.findall(r"<strong>(.*?)</strong><small>(.*?)</small>", text)
    assert (status, where, rows) == (
        200,
        None,
        [
            ("李建国", "财富一群"),
            ("王芳", "财富一群"),
            ("赵雪梅", "没有进群，不是本行客户"),
            ("周文", "客户经理"),
            ("陈敏", "主管"),
        ],
    )


async def test_phone_is_remembered_and_can_be_handed_on(sandbox):
    url = URL(sandbox.url + PATH).with_query(GOOD)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        statuses = []
        for one in (url, url.update_query({"as": "wm02"}), url, url.update_query({"as": ""})):
            async with session.get(one, allow_redirects=False) as answer:
                statuses.append(answer.status)
    assert statuses == [200, 302, 302, 200]


async def test_hostile_name_is_shown_as_text(api, sandbox):
    person = sandbox.world.add_customer('<script>alert(1)</script>"')
    _, _, text = await authorize(api)
    assert "<script>" not in text
    assert f"as={person.id}" in text
