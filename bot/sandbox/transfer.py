"""Transfers of WeChat Pay v3 as the merchant sees them (reference G.5).

The member confirms right after the transfer was accepted, unless a fault says that nobody does;
then it waits until the merchant cancels it. Every answer is signed, and the end of every transfer
is told to the address that the order named, again and again until it is answered with 2xx.
"""

import asyncio
import base64
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar

import aiohttp
from aiohttp import web
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bot.sandbox.callbacks import Tools
from bot.sandbox.errors import ApiError, Json
from bot.sandbox.fields import Fields
from bot.sandbox.openid import Openids
from bot.sandbox.purse import Conflict, Order, Purse
from bot.sandbox.seed import MerchantSeed

BILLS = "/v3/fund-app/mch-transfer/transfer-bills"
TOLERANCE = timedelta(minutes=5)
CONFIRM_WITHIN = timedelta(hours=24)
CANCELLING = timedelta(minutes=1)
REMEMBERED = timedelta(days=30)
_AUTHORIZATION = re.compile(r'(\w+)="([^"]*)"')


class Refusal(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, code: str, words: str) -> None:
        super().__init__(code)
        self.status, self.code, self.words = status, code, words


class Transfers(Purse):
    """The paths below `/v3/fund-app/mch-transfer/transfer-bills`, and the notifications."""

    by_hand: ClassVar[bool] = True

    def __init__(self, merchant: MerchantSeed, corp: str, openids: Openids, tools: Tools) -> None:
        super().__init__(tools.clock, tools.faults, tools.log)
        own = x509.load_pem_x509_certificate(merchant.certificate)
        public, private = own.public_key(), load_pem_private_key(merchant.platform_key, None)
        if not isinstance(public, RSAPublicKey) or not isinstance(private, RSAPrivateKey):
            raise ValueError("WeChat Pay takes RSA keys only")
        self._merchant = merchant
        self._serial = f"{own.serial_number:X}"
        self._public, self._private = public, private
        self._corp = corp
        self._openids = openids
        self._tools = tools
        self._tasks: set[asyncio.Task[None]] = set()
        self.cancelled: dict[str, datetime] = {}
        self.notified: list[tuple[str, int | None]] = []
        """Every attempt to tell of an end: number, and the status of the answer."""
        self._notify: dict[str, str] = {}

    def add_routes(self, app: web.Application) -> None:
        app.router.add_post(BILLS, self._create)
        app.router.add_get(BILLS + "/out-bill-no/{number}", self._look)
        app.router.add_post(BILLS + "/out-bill-no/{number}/cancel", self._cancel)

    async def settle(self) -> None:
        """Returns when no notification is on its way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        """Ends what is on its way."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def tell(self, number: str) -> None:
        """Sends the notification of a transfer's end once more."""
        task = asyncio.create_task(self._tell(number))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _create(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        down = self.down(request, body)
        if down is not None:
            return down
        order: Order | None = None

        def create() -> Json:
            nonlocal order
            number, order = self._accepted(Fields.parse(body))
            return self._described(number, order, first=True)

        response = self._answered(request, body, create)
        return self.after(request, body, order) or self.answer(request, body, response)

    async def _look(self, request: web.Request) -> web.StreamResponse:
        number = request.match_info["number"]

        def look() -> Json:
            order = self.find(number)
            if order is None or self.clock.now() - order.accepted_at > REMEMBERED:
                raise Refusal(404, "NOT_FOUND", "记录不存在")
            return self._described(number, order)

        return self.answer(request, b"", self._answered(request, b"", look))

    async def _cancel(self, request: web.Request) -> web.StreamResponse:
        body, number = await request.read(), request.match_info["number"]

        def cancel() -> Json:
            order = self.find(number)
            if order is None:
                raise Refusal(404, "NOT_FOUND", "记录不存在")
            if not order.untaken:
                raise Refusal(400, "INVALID_REQUEST", "当前状态不支持撤销")
            self.cancelled.setdefault(number, self.clock.now())
            return self._described(number, order)

        return self.answer(request, body, self._answered(request, body, cancel))

    def _accepted(self, fields: Fields) -> tuple[str, Order]:
        number, openid = fields.text("out_bill_no"), fields.text("openid")
        fen, remark = fields.number("transfer_amount"), fields.text("transfer_remark")
        plain = number.isascii() and number.isalnum() and len(number) <= 32
        if not plain or not 1 <= len(remark) <= 32 or not fields.text("transfer_scene_id"):
            raise Refusal(400, "PARAM_ERROR", "单号、备注或场景不对")
        if not fields.objects("transfer_scene_report_infos"):
            raise Refusal(400, "PARAM_ERROR", "缺少场景报备信息")
        if fen < 10 or (fen >= 200_000 and not fields.text("user_name")):
            raise Refusal(400, "PARAM_ERROR", "金额不对，或缺少姓名")
        if fields.text("appid") != self._corp or not self._openids.known(openid):
            raise Refusal(400, "INVALID_REQUEST", "openid 与 appid 不匹配")
        new = number not in self.orders
        try:
            order = self.accept(number, openid, fen, remark)
        except Conflict as error:
            raise Refusal(400, "INVALID_REQUEST", "单号已存在，参数不一致") from error
        if new and fields.text("notify_url"):
            self._notify[number] = fields.text("notify_url")
            if self._state(number, order, first=False) in ("SUCCESS", "FAIL"):
                self.tell(number)
                if self.faults.take("payer_notify_twice"):
                    self.tell(number)
        return number, order

    def _described(self, number: str, order: Order, *, first: bool = False) -> Json:
        state = self._state(number, order, first=first)
        described: Json = {
            "out_bill_no": number,
            "transfer_bill_no": f"13300{int.from_bytes(number.encode()[-8:], 'big')}",
            "create_time": order.accepted_at.isoformat(),
            "state": state,
        }
        if first:
            if state == "WAIT_USER_CONFIRM":
                described["package_info"] = f"package-{number}"
            return described
        described |= {
            "mch_id": self._merchant.id,
            "appid": self._corp,
            "openid": order.member,
            "transfer_amount": order.said_fen,
            "transfer_remark": order.remark,
            "update_time": (order.paid_at or order.accepted_at).isoformat(),
        }
        if state == "FAIL":
            described["fail_reason"] = "PAYEE_ACCOUNT_ABNORMAL"
        return described

    def _state(self, number: str, order: Order, *, first: bool) -> str:
        """`first`: as the create call says it, before the member can have confirmed."""
        since = self.cancelled.get(number)
        if since is not None:
            over = self.clock.now() - since >= CANCELLING
            return "CANCELLED" if over else "CANCELING"
        if order.refused:
            return "FAIL"
        if order.untaken:
            return "WAIT_USER_CONFIRM"
        if not self.is_paid(order):
            return "PROCESSING"
        return "WAIT_USER_CONFIRM" if first and order.accepted_at == order.paid_at else "SUCCESS"

    def _answered(self, request: web.Request, body: bytes, act: Callable[[], Json]) -> web.Response:
        """The signed answer to a request, if its own signature is right."""
        status = 200
        try:
            self._check(request, body)
            answer = act()
        except Refusal as refusal:
            status, answer = refusal.status, {"code": refusal.code, "message": refusal.words}
        except ApiError as error:
            status, answer = 400, {"code": "PARAM_ERROR", "message": error.errmsg}
        text = json.dumps(answer, ensure_ascii=False)
        headers = self.signed(text.encode())
        if self.faults.take("payer_forged_answer"):
            headers["Wechatpay-Signature"] = base64.b64encode(bytes(256)).decode()
        if self.faults.take("payer_old_certificate"):
            headers["Wechatpay-Serial"] = "0" * 40
        return web.Response(
            status=status, text=text, content_type="application/json", headers=headers
        )

    def _check(self, request: web.Request, body: bytes) -> None:
        scheme, _, listed = request.headers.get("Authorization", "").partition(" ")
        fields = dict(_AUTHORIZATION.findall(listed))
        timestamp, nonce = fields.get("timestamp", ""), fields.get("nonce_str", "")
        signed = f"{request.method}\n{request.path_qs}\n{timestamp}\n{nonce}\n".encode()
        try:
            named = fields["mchid"], fields["serial_no"], scheme
            if named != (self._merchant.id, self._serial, "WECHATPAY2-SHA256-RSA2048"):
                raise ValueError("another merchant or certificate")
            if abs(int(timestamp) - self.clock.now().timestamp()) > TOLERANCE.total_seconds():
                raise ValueError("too old")
            signature = base64.b64decode(fields["signature"])
            self._public.verify(signature, signed + body + b"\n", PKCS1v15(), SHA256())
            if self.faults.take("payer_bad_signature"):
                raise ValueError("a fault")
        except (KeyError, ValueError, InvalidSignature) as error:
            raise Refusal(401, "SIGN_ERROR", "签名错误") from error

    def signed(self, body: bytes) -> dict[str, str]:
        """The headers under which WeChat Pay sends something now."""
        timestamp = str(int(self.clock.now().timestamp()))
        nonce = self._tools.ids.code()
        signed = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
        signature = self._private.sign(signed, PKCS1v15(), SHA256())
        return {
            "Wechatpay-Timestamp": timestamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Serial": self._merchant.platform_serial,
            "Wechatpay-Signature": base64.b64encode(signature).decode(),
            "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        }

    async def _tell(self, number: str) -> None:
        url = self._notify.get(number)
        if url is None:
            return
        timing = self._tools.timing
        limit = aiohttp.ClientTimeout(total=timing.answer_seconds)
        async with aiohttp.ClientSession(timeout=limit, trust_env=False) as session:
            for attempt in range(timing.retries + 1):
                if attempt:
                    await asyncio.sleep(timing.retry_seconds)
                if await self._attempt(session, url, number) in (200, 204):
                    return

    async def _attempt(self, session: aiohttp.ClientSession, url: str, number: str) -> int | None:
        body = self.notification(number)
        headers = {**self.signed(body), "Content-Type": "application/json"}
        status: int | None = None
        text = "（没有回答）"
        try:
            async with session.post(url, data=body, headers=headers) as response:
                status, text = response.status, await response.text()
        except (aiohttp.ClientError, TimeoutError):
            status = None
        self.notified.append((number, status))
        self.log.add(self.clock.now(), "out", "POST", url, status, body.decode(), text)
        return status

    def notification(self, number: str) -> bytes:
        """What is told of a transfer's end, sealed."""
        bill = self._described(number, self.orders[number])
        plain = json.dumps({**bill, "mchid": self._merchant.id}, ensure_ascii=False).encode()
        nonce, bound = self._tools.ids.code(length=12), "mch_payment"
        key = self._merchant.api_v3_key.encode()
        sealed = AESGCM(key).encrypt(nonce.encode(), plain, bound.encode())
        event = {
            "id": self._tools.ids.code(),
            "create_time": self.clock.now().isoformat(),
            "resource_type": "encrypt-resource",
            "event_type": "MCHTRANSFER.BILL.FINISHED",
            "summary": "商家转账单据终态通知",
            "resource": {
                "original_type": "mch_payment",
                "algorithm": "AEAD_AES_256_GCM",
                "ciphertext": base64.b64encode(sealed).decode(),
                "nonce": nonce,
                "associated_data": bound,
            },
        }
        return json.dumps(event).encode()
