"""The marketing platform: signature, idempotence, unknown results."""

import hashlib
import hmac
import json

import aiohttp
import pytest

ORDER = {"order_no": "QY20261123000001", "member": "wm01", "amount_fen": 88, "remark": "入群礼"}


async def pay(api, secret="payer-secret", **changes):
    body = json.dumps({**ORDER, **changes}, ensure_ascii=False).encode()
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Signature": signature, "Content-Type": "application/json"}
    path = api.base + "/marketing/payouts"
    async with api.session.post(path, data=body, headers=headers) as response:
        return response.status, await response.json()


async def look(api, order_no="QY20261123000001"):
    return await api.call("GET", f"/marketing/payouts/{order_no}")


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
    ],
)
async def test_pay_refused(api, sandbox, changes, status, error):
    await pay(api)
    got, answer = await pay(api, **changes)
    assert (got, answer["error"], sandbox.payer.paid_fen) == (status, error, 88)


async def test_pay_bad_signature(api, sandbox):
    assert await pay(api, secret="wrong") == (401, {"error": "bad_signature"})
    assert sandbox.payer.orders == {}


async def test_pay_cut_after_paying(api, sandbox):
    await api.act("faults", payer_cut=1)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await pay(api)
    assert await look(api) == PAID
    assert (await pay(api), sandbox.payer.paid_fen) == ((200, PAID), 88)


async def test_pay_down_does_nothing(api, sandbox):
    await api.act("faults", payer_down=1)
    assert await pay(api) == (503, {"error": "unavailable"})
    assert await look(api) == {"error": "not_found", "order_no": "QY20261123000001"}


async def test_pay_processing_for_ten_minutes(api, clock):
    await api.act("faults", payer_processing=1)
    _, answer = await pay(api)
    clock.tick(minutes=10)
    assert [answer["status"], (await look(api))["status"]] == ["processing", "paid"]
