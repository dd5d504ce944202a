"""The door of the member page: who gets in by a link, and what everybody else reads."""

from datetime import timedelta

import pytest
from yarl import URL

from bot.pages.door import DOOR, SESSION
from bot.pages.keys import Keys, Visitor
from tests.house import CHATS, FIRST, GUIDED

SECRET = "page-secret-of-at-least-32-characters"

LINK_WRONG = ["这个链接不对", "链接可能没有复制完整，请回到群里直接点开它。", "示例银行"]
USED = [
    "请重新点开链接",
    "这次登录已经用过，或是在另一个浏览器里开始的。请回到群里，重新点开链接。",
    "示例银行",
]
UNFINISHED = ["登录没有完成", "请回到群里，重新点开链接。", "示例银行"]


async def asked(bank, phone, link=None):
    """Where WeCom is asked to come back from: the address that a link leads to."""
    answer = await phone.get(link or bank.link(), allow_redirects=False)
    return URL(answer.headers["Location"])


async def back(bank, phone, where, who="wm1"):
    """The address, below the page, to which WeCom sends the phone."""
    async with phone.session.get(where.update_query({"as": who}), allow_redirects=False) as answer:
        return answer.headers["Location"].removeprefix(bank.url)


async def test_link_leads_to_wecom_with_everything_it_asks_for(bank) -> None:
    where = await asked(bank, bank.phone())
    state = where.query["state"]
    assert where == URL(f"{bank.sandbox.url}/connect/oauth2/authorize").with_query(
        appid="ww1",
        redirect_uri=f"{bank.url}/m/auth",
        response_type="code",
        scope="snsapi_base",
        state=state,
        agentid="1000002",
    ).with_fragment("wechat_redirect")
    assert state.isalnum()


async def test_member_of_the_community_is_let_in(bank) -> None:
    page = await bank.opened(bank.phone(), "wm1")
    assert (page.status, page.path, page.lines) == (
        200,
        "/m/home",
        [
            "陈晓雯，您好",
            "抽奖",
            "见面礼",
            "还剩 3/3 张",
            "去抽奖",
            "签到",
            "今天还没签到",
            "去签到",
            "我的奖品0",
            "我的凭证",
            "规则与概率",
        ],
    )


async def test_opening_a_link_does_nothing_but_lead_on(bank) -> None:
    before = await bank.house.rows("SELECT count(*) FROM activity")
    for method in ("GET", "HEAD"):
        async with bank.phone().session.request(
            method, bank.url + bank.link(), allow_redirects=False
        ) as answer:
            assert answer.status == 302
    assert await bank.house.rows("SELECT count(*) FROM activity") == before


@pytest.mark.parametrize("token", ["x", "a.b", "%E7%BE%A4", "%2e%2e", "A" * 3000, "%00"])
async def test_broken_link(bank, token) -> None:
    page = await bank.phone().get(f"/m/{token}")
    assert (page.status, page.lines) == (400, LINK_WRONG)


async def test_link_of_two_days_ago(bank) -> None:
    link = bank.link()
    await bank.house.clock.advance(timedelta(hours=48))
    page = await bank.phone().get(link)
    assert (page.status, page.lines) == (
        410,
        [
            "这个链接过期了",
            "链接只在两天内有效。请回到群里，点开最近一条带链接的消息。",
            "示例银行",
        ],
    )


async def test_link_of_a_community_that_is_gone(bank) -> None:
    page = await bank.opened(bank.phone(), "wm1", bank.link("gone"))
    assert (page.status, page.lines) == (
        410,
        ["这个群不再有网页了", "这个群的活动已经结束，或换了新的链接。", "示例银行"],
    )


@pytest.mark.parametrize(
    ("who", "community", "lines"),
    [
        (
            "wmStranger",
            GUIDED,
            [
                "请先添加您的客户经理",
                "这个网页只给示例银行的客户用。请先添加您的客户经理为企业微信好友，再回到群里点开链接。",
                "示例银行",
            ],
        ),
        (
            "wm3",
            GUIDED,
            [
                "您不在这个群里",
                "这是“客户群”的链接，只有群里的成员能打开。刚进群的话，请过几分钟再试。",
                "示例银行",
            ],
        ),
        (
            "wm1",
            FIRST,
            [
                "您不在这个群里",
                "这是“一群”的链接，只有群里的成员能打开。刚进群的话，请过几分钟再试。",
                "示例银行",
            ],
        ),
        (
            "li",
            GUIDED,
            [
                "这个群不由您负责",
                "您是本行同事，但这个群不由您负责，所以不能查看。"
                "需要的话请管理员在 config.yaml 里登记。",
                "示例银行",
            ],
        ),
        (
            "zhao",
            GUIDED,
            [
                "这个群不由您负责",
                "您是本行同事，但这个群不由您负责，所以不能查看。"
                "需要的话请管理员在 config.yaml 里登记。",
                "示例银行",
            ],
        ),
    ],
)
async def test_who_is_not_let_in_reads_why(bank, who, community, lines) -> None:
    phone = bank.phone()
    page = await bank.opened(phone, who, bank.link(community))
    assert (page.status, page.lines) == (403, lines)
    assert (await phone.get("/m/home")).status == 401


async def test_list_of_members_is_read_again_for_who_is_not_on_it(bank) -> None:
    bank.house.stale.clear()
    await bank.opened(bank.phone(), "wm4")
    assert bank.house.stale == [CHATS[GUIDED]]


async def test_member_who_has_left(bank) -> None:
    await bank.house.write("UPDATE membership SET left_at = joined_at WHERE member = 'wm1'")
    page = await bank.opened(bank.phone(), "wm1")
    assert (page.status, page.lines) == (
        403,
        [
            "您已不在这个群里",
            "您已经离开了“客户群”。已经中的奖照常发给您，有问题请问您的客户经理；"
            "想继续参加活动，请请他再邀请您进群。",
            "示例银行",
        ],
    )


async def test_colleague_in_charge_may_look(bank) -> None:
    page = await bank.opened(bank.phone(), "chen")
    assert (page.status, page.path, page.lines[0]) == (200, "/m/home", "陈明，您好")
    assert "您是本行同事：可以看，不能参加。" in page.html


@pytest.mark.parametrize(
    ("changed", "status", "lines"),
    [
        ({"state": ""}, 400, UNFINISHED),
        ({"state": "0" * 66}, 400, UNFINISHED),
        ({"state": "x" * 5000}, 400, UNFINISHED),
        ({"state": "群"}, 400, UNFINISHED),
        ({"code": ""}, 400, UNFINISHED),
        ({"code": "x" * 513}, 400, UNFINISHED),
        ({"code": "never-given"}, 403, USED),
    ],
)
async def test_forged_answer_of_wecom(bank, changed, status, lines) -> None:
    phone = bank.phone()
    address = URL(await back(bank, phone, await asked(bank, phone)))
    page = await phone.get(str(address.update_query(changed)))
    assert (page.status, page.lines) == (status, lines)


async def test_answer_that_is_replayed(bank) -> None:
    phone = bank.phone()
    address = await back(bank, phone, await asked(bank, phone))
    assert (await phone.get(address)).path == "/m/home"
    again = await phone.get(address)
    assert (again.status, again.lines) == (403, [*USED[:2], "回到首页", USED[2]])


async def test_answer_in_another_browser(bank) -> None:
    phone, other = bank.phone(), bank.phone()
    address = await back(bank, phone, await asked(bank, phone))
    page = await other.get(address)
    assert (page.status, page.lines) == (403, USED)
    await asked(bank, other)
    page = await other.get(address)
    assert (page.status, page.lines) == (403, USED)


async def test_answer_after_ten_minutes(bank) -> None:
    phone = bank.phone()
    address = await back(bank, phone, await asked(bank, phone))
    await bank.house.clock.advance(timedelta(minutes=10))
    page = await phone.get(address)
    assert (page.status, page.lines) == (
        410,
        ["登录超时了", "从点开链接到现在超过了十分钟。请回到群里，重新点开链接。", "示例银行"],
    )


async def test_code_that_somebody_else_used_up(bank) -> None:
    phone = bank.phone()
    address = await back(bank, phone, await asked(bank, phone))
    await bank.house.api.who_opened(URL(address).query["code"])
    page = await phone.get(address)
    assert (page.status, page.lines) == (403, USED)


async def test_wecom_is_down_and_comes_back(bank) -> None:
    phone = bank.phone()
    address = await back(bank, phone, await asked(bank, phone))
    bank.sandbox.faults.set("read_down", 1)
    page = await phone.get(address)
    assert (page.status, page.lines) == (
        503,
        ["暂时登录不了", "企业微信暂时没有回应，请过一会儿再试。", "再试一次", "示例银行"],
    )
    again = page.html.partition('class="button" href="')[2].partition('"')[0]
    assert (await bank.opened(phone, "wm1", again)).path == "/m/home"


async def test_session_ends_after_two_hours(bank) -> None:
    phone = bank.phone()
    await bank.opened(phone, "wm1")
    await bank.house.clock.advance(timedelta(hours=2))
    page = await phone.get("/m/home")
    assert (page.status, page.lines) == (
        401,
        [
            "请重新打开链接",
            "为了您的安全，页面打开两小时后需要重新进入。请回到群里，点开最近一条带链接的消息。",
            "示例银行",
        ],
    )


async def test_phone_that_is_handed_on_shows_who_opened_last(bank) -> None:
    phone = bank.phone()
    await bank.opened(phone, "wm1")
    await bank.opened(phone, "wm2")
    assert (await phone.get("/m/home")).lines[0] == "群友，您好"


@pytest.mark.parametrize(
    ("method", "path", "status", "title"),
    [
        ("PUT", "/m/home", 405, "不支持这种请求"),
        ("DELETE", "/m/draw/1", 405, "不支持这种请求"),
        ("GET", "/m/a/b/c", 404, "没有这个页面"),
        ("POST", "/m/nowhere", 404, "没有这个页面"),
        ("GET", "/m/", 404, "没有这个页面"),
    ],
)
async def test_odd_requests(bank, method, path, status, title) -> None:
    async with bank.phone().session.request(method, bank.url + path) as answer:
        assert (answer.status, f"<h1>{title}</h1>" in await answer.text()) == (status, True)


async def test_every_answer_keeps_strangers_out(bank) -> None:
    phone = await bank.member("wm1")
    for path in ("/m/home", "/m/verify", "/m/nonsense", "/m/static/page.css"):
        headers = (await phone.get(path)).headers
        kept = {
            name: headers[name]
            for name in ("X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy")
        }
        assert kept == {
            "X-Frame-Options": "DENY",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        }
        assert headers["Content-Security-Policy"] == (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )


async def test_files_are_kept_for_ever_by_version_only(bank) -> None:
    phone = bank.phone()
    page = await bank.opened(phone, "wm1")
    address = page.html.partition('rel="stylesheet" href="')[2].partition('"')[0]
    kept = (await phone.get(address)).headers["Cache-Control"]
    asked_each_time = (await phone.get("/m/static/page.css")).headers["Cache-Control"]
    missing = await phone.get("/m/static/..%2fdoor.py")
    assert (kept, asked_each_time, page.headers["Cache-Control"], missing.status) == (
        "public, max-age=31536000, immutable",
        "no-cache",
        "no-store",
        404,
    )


async def test_cookies_are_for_this_page_only(bank) -> None:
    phone = bank.phone()
    await bank.opened(phone, "wm1")
    found = {
        one.key: (one["path"], one["httponly"], one["samesite"], one["secure"])
        for one in phone.session.cookie_jar
        if one.key in (SESSION, DOOR)
    }
    assert found == {SESSION: ("/m", True, "Lax", "")}


@pytest.mark.parametrize("secret", ["x" * 32, SECRET])
async def test_session_of_another_secret_is_none(bank, secret) -> None:
    session = Keys(secret).session(Visitor(GUIDED, "wm1", is_staff=False), bank.house.clock.now())
    page = await bank.phone().get("/m/home", headers={"Cookie": f"{SESSION}={session}"})
    assert page.status == (200 if secret == SECRET else 401)


async def test_fault_of_ours_is_told_kindly_and_keeps_nothing(bank, caplog) -> None:
    phone = await bank.member("wm1")
    await bank.house.write("DROP TABLE points_wallet")
    page = await phone.get("/m/home")
    assert (page.status, page.lines) == (
        500,
        [
            "出了点问题",
            "这一次没有办成，什么都没有改动。请过一会儿再试；还不行，请告诉您的客户经理。",
            "回到首页",
            "示例银行",
        ],
    )
    assert [one.getMessage() for one in caplog.records if one.name == "bot.pages.member"] == [
        "page failed"
    ]
