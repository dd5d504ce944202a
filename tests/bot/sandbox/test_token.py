"""gettoken, expiry, early invalidation and the shape of errors (reference 0.2–0.5)."""

import re

import pytest

PATH = "/cgi-bin/gettoken"


async def get(api, **query):
    return await api.call("GET", PATH, **query)


@pytest.mark.parametrize(
    ("query", "errcode"),
    [
        ({"corpsecret": "app-secret"}, 41002),
        ({"corpid": "ww5823bf96d3bd56c7"}, 41004),
        ({"corpid": "ww0", "corpsecret": "app-secret"}, 40013),
        ({"corpid": "ww5823bf96d3bd56c7", "corpsecret": "wrong"}, 40001),
    ],
)
async def test_gettoken_bad_credentials(api, query, errcode):
    assert (await get(api, **query))["errcode"] == errcode


async def test_gettoken_repeated_inside_its_life(api, clock):
    who = {"corpid": "ww5823bf96d3bd56c7", "corpsecret": "app-secret"}
    first = await get(api, **who)
    clock.tick(seconds=200)
    second = await get(api, **who)
    assert (first["expires_in"], second["expires_in"]) == (7200, 7000)
    assert first["access_token"] == second["access_token"]


async def test_token_missing_or_unknown(api):
    assert await api.code("getcallbackip", access_token="") == 41001
    assert await api.code("getcallbackip", access_token="nonsense") == 40014


async def test_token_expired(api, clock):
    assert await api.cgi("getcallbackip") == {
        "errcode": 0,
        "errmsg": "ok",
        "ip_list": ["127.0.0.1"],
    }
    clock.tick(seconds=7200)
    assert await api.code("get_api_domain_ip") == 42001
    await api.act("faults", expired_as_40014=True)
    assert await api.code("get_api_domain_ip") == 40014


async def test_token_revoked_early(api):
    assert await api.code("getcallbackip") == 0
    await api.act("faults", token_revoked=1)
    assert await api.code("getcallbackip") == 40014
    api.token = ""
    assert await api.code("getcallbackip") == 0


async def test_untrusted_ip_refused(api):
    await api.act("faults", untrusted_ip=True)
    answer = await api.cgi("getcallbackip")
    assert re.fullmatch(
        r"not allow to access from your ip, hint: \[\d{25}\], from ip: 127\.0\.0\.1, "
        r"more info at https://open\.work\.weixin\.qq\.com/devtool/query\?e=60020",
        answer["errmsg"],
    )


@pytest.mark.parametrize(
    "body", [[1], {"agentid": [1]}, {"agentid": 1000002, "touser": ["zhouwen"]}]
)
async def test_wrong_json_types_refused(api, body):
    answer = await api.cgi("message/send", body)
    assert answer["errcode"] == 40058
    assert "Warning: wrong json format. " in answer["errmsg"]
