"""The marketing platform: signature, idempotence, unknown results, the statement of a day."""

import hashlib
import hmac
import json

import aiohttp
import pytest

ORDER = {"order_no": "QY20261123000001", "member": "wm01", "amount_fen": 88, "remark": "入群礼"}
NOW = 1795395600


def signed(method, path, body=b"", secret="payer-secret", at=NOW, nonce=None):
    nonce = nonce or hashlib.sha256(f"{signed.count}".encode()).hexdigest()
    signed.count += 1
    text = f"{method}\n{path}\n{at}\n{nonce}\n".encode() + body
    signature = hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
    return {"X-Timestamp": str(at), "X-Nonce": nonce, "X-Signature": signature}


signed.count = 0


async def pay(api, how=None, key=None, **changes):
    values = {**ORDER, **changes}
    body = json.dumps(values, ensure_ascii=False).encode()
    headers = signed("POST", "/marketing/payouts", body, **(how or {}))
    headers["Idempotency-Key"] = values["order_no"] if key is None else key
    path = api.base + "/marketing/payouts"
    # A header holds no Chinese.
    headers = {name: value.encode("ascii", "replace").decode() for name, value in headers.items()}
    async with api.session.post(path, data=body, headers=headers) as response:
        return response.status, json.loads(await response.text())


async def look(api, order_no="QY20261123000001", at=NOW):
    return await get(api, f"/marketing/payouts/{order_no}", at)


async def get(api, path, at=NOW):
    async with api.session.get(api.base + path, headers=signed("GET", path, at=at)) as response:
        return await response.json()


PAID = {
    "order_no": "QY20261123000001",
    "member": "wm01",
    "amount_fen": 88,
    "status": "paid",
    "paid_at": "2026-11-23T01:00:00+00:00",
    "payments": 1,
}


async def test_pay_is_idempotent(api, sandbox):
    assert [await pay(api) for _ in range(3)] == [(200, PAID)] * 3
    assert await look(api) == PAID
    assert sandbox.payer.paid_fen == 88


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"amount_fen": 89}, 409, "order_conflict"),
        ({"member": "wm02"}, 409, "order_conflict"),
        ({"amount_fen": 0}, 400, "bad_request"),
        ({"amount_fen": 1.5}, 400, "bad_request"),
        ({"order_no": "含中文 空格"}, 400, "bad_request"),
        ({"key": "QY1"}, 400, "bad_request"),
    ],
)
async def test_pay_refused(api, sandbox, changes, status, error):
    await pay(api)
    got, answer = await pay(api, **changes)
    assert (got, answer["error"], sandbox.payer.paid_fen) == (status, error, 88)


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ({"secret": "wrong"}, "bad_signature"),
        ({"at": NOW - 301}, "bad_timestamp"),
        ({"at": NOW + 301}, "bad_timestamp"),
        ({"at": "soon"}, "bad_timestamp"),
    ],
)
async def test_pay_not_believed(api, sandbox, how, error):
    assert await pay(api, how) == (401, {"error": error})
    assert sandbox.payer.orders == {}


async def test_pay_replayed(api, sandbox):
    assert (await pay(api, {"nonce": "n1"}))[0] == 200
    assert await pay(api, {"nonce": "n1"}) == (401, {"error": "replayed"})
    assert sandbox.payer.paid_fen == 88


async def test_look_not_believed(api):
    path = "/marketing/payouts/QY20261123000001"
    assert await api.call("GET", path) == {"error": "bad_signature"}


async def test_pay_cut_after_paying(api, sandbox):
    await api.act("faults", payer_cut=1)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await pay(api)
    assert await look(api) == PAID
    assert (await pay(api), sandbox.payer.paid_fen) == ((200, PAID), 88)


async def test_pay_down_does_nothing(api, sandbox):
    await api.act("faults", payer_down=1)
    headers = signed("POST", "/marketing/payouts", b"{}")
    assert await api.status("POST", "/marketing/payouts", data=b"{}", headers=headers) == 503
    assert await look(api) == {"error": "not_found", "order_no": "QY20261123000001"}


async def test_pay_processing_for_ten_minutes(api, clock):
    await api.act("faults", payer_processing=1)
    _, answer = await pay(api)
    clock.tick(minutes=10)
    later = await look(api, at=NOW + 600)
    assert [answer["status"], later["status"]] == ["processing", "paid"]


async def test_statement_has_the_day_in_china(api, clock):
    await pay(api)
    clock.tick(hours=15)  # 2026-11-24 00:00 in Shanghai
    at = NOW + 15 * 3600
    await pay(api, {"at": at}, order_no="QY2")
    days = [await get(api, f"/marketing/payouts?day=2026-11-{day}", at) for day in (22, 23, 24)]
    numbers = [[one["order_no"] for one in day["payouts"]] for day in days]
    assert numbers == [[], ["QY20261123000001"], ["QY2"]]
    assert await get(api, "/marketing/payouts?day=tomorrow", at) == {"error": "bad_request"}
