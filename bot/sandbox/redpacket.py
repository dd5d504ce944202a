"""WeCom red packets as the merchant sees them (reference G.1, G.3).

A packet is taken as soon as it is sent, unless the fault says that nobody takes it: then it goes
back after 24 hours. Over TLS the merchant's certificate is asked for; the plain loopback port is
a liberty of the sandbox.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from aiohttp import web
from defusedxml import DefusedXmlException, ElementTree

from bot.sandbox.clockwork import SandboxClock
from bot.sandbox.faults import Faults
from bot.sandbox.openid import Openids
from bot.sandbox.purse import Conflict, Order, Purse
from bot.sandbox.seed import MerchantSeed
from bot.sandbox.wirelog import WireLog

TAKEN_WITHIN = timedelta(hours=24)
GOING_BACK = timedelta(minutes=30)
REMEMBERED = timedelta(days=30)
PACKETS_A_DAY = 10
FEN_A_DAY = 100_000
CHINA = ZoneInfo("Asia/Shanghai")

_NEEDED = (
    "nonce_str",
    "sign",
    "workwx_sign",
    "mch_billno",
    "mch_id",
    "wxappid",
    "re_openid",
    "total_amount",
    "wishing",
    "act_name",
    "remark",
)
_APP_SIGNS = (
    "act_name",
    "mch_billno",
    "mch_id",
    "nonce_str",
    "re_openid",
    "total_amount",
    "wxappid",
)
_SCENES = frozenset(f"PRODUCT_{number}" for number in range(1, 9))

Xml = Mapping[str, str]


class Refusal(Exception):
    """result_code FAIL."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(code)
        self.code, self.words = code, words


class Redpackets(Purse):
    """Two paths of api.mch.weixin.qq.com."""

    by_hand: ClassVar[bool] = True

    def __init__(
        self,
        merchant: MerchantSeed,
        corp: str,
        openids: Openids,
        clock: SandboxClock,
        faults: Faults,
        log: WireLog,
    ) -> None:
        super().__init__(clock, faults, log)
        self._merchant = merchant
        self._corp = corp
        self._openids = openids

    def add_routes(self, app: web.Application) -> None:
        app.router.add_post("/mmpaymkttransfers/sendworkwxredpack", self._send)
        app.router.add_post("/mmpaymkttransfers/queryworkwxredpack", self._query)

    async def _send(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        down = self.down(request, body)
        if down is not None:
            return down
        order: Order | None = None
        try:
            fields = self._checked(request, body, _NEEDED, "wxappid")
            order = self._accepted(fields)
            answer = self._sent(fields["mch_billno"], order)
        except Refusal as refusal:
            answer = _refused(refusal)
        return self.after(request, body, order) or self._say(request, body, answer)

    async def _query(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        try:
            needed = ("nonce_str", "sign", "mch_billno", "mch_id", "appid")
            fields = self._checked(request, body, needed, "appid")
            order = self.find(fields["mch_billno"])
            if order is None or self.clock.now() - order.accepted_at > REMEMBERED:
                raise Refusal("NOT_FOUND", "指定单号数据不存在")
            answer = self._described(fields["mch_billno"], order)
        except Refusal as refusal:
            answer = _refused(refusal)
        return self._say(request, body, answer)

    def _checked(
        self, request: web.Request, body: bytes, needed: tuple[str, ...], appid: str
    ) -> dict[str, str]:
        """The request's fields, if certificate, form and signature are right."""
        untrusted = request.secure and not request.get_extra_info("peercert")
        if untrusted or self.faults.take("payer_old_certificate"):
            raise Refusal("CA_ERROR", "商户证书已过期或没有携带")
        fields = _fields(body)
        missing = [name for name in needed if not fields.get(name)]
        if missing or len(fields["nonce_str"]) > 32:
            raise Refusal("PARAM_ERROR", f"缺少或过长：{missing or 'nonce_str'}")
        sign = fields.pop("sign")
        if sign != _sign(fields, self._merchant.api_key) or self.faults.take("payer_bad_signature"):
            raise Refusal("SIGN_ERROR", "签名错误")
        if (fields["mch_id"], fields[appid]) != (self._merchant.id, self._corp):
            raise Refusal("PARAM_ERROR", "商户号与 appid 不匹配")
        return fields

    def _accepted(self, fields: Xml) -> Order:
        signed = "&".join(f"{name}={fields[name]}" for name in _APP_SIGNS)
        expected = _md5(f"{signed}&secret={self._merchant.app_secret}")
        if fields["workwx_sign"] != expected:
            raise Refusal("SIGN_ERROR", "企业微信签名错误")
        number, amount = fields["mch_billno"], fields["total_amount"]
        plain = number.isascii() and number.isalnum() and len(number) <= 28
        senders = [name for name in ("sender_name", "agentid") if fields.get(name)]
        if not plain or len(senders) != 1 or not amount.isdecimal():
            raise Refusal("PARAM_ERROR", "单号、发送者或金额不对")
        fen = int(amount)
        if not 100 <= fen <= 20000 and fields.get("scene_id") not in _SCENES:
            raise Refusal("PARAM_ERROR", "金额超出范围，需要 scene_id")
        if not self._openids.known(fields["re_openid"]):
            raise Refusal("OPENID_ERROR", "openid 与 appid 不匹配")
        if number not in self.orders:
            self._refuse_too_many(fields["re_openid"], fen)
        try:
            return self.accept(number, fields["re_openid"], fen, fields["act_name"])
        except Conflict as error:
            raise Refusal("FATAL_ERROR", "重复请求时，参数与原单不一致") from error

    def _refuse_too_many(self, openid: str, fen: int) -> None:
        today = self.clock.now().astimezone(CHINA).date()
        amounts = [
            order.amount_fen
            for order in self.orders.values()
            if order.member == openid and order.accepted_at.astimezone(CHINA).date() == today
        ]
        if len(amounts) >= PACKETS_A_DAY:
            raise Refusal("SENDNUM_LIMIT", "该用户今日领取红包个数超过限制")
        if sum(amounts) + fen > FEN_A_DAY:
            raise Refusal("RCVDAMOUNT_LIMIT", "该用户今日领取金额超过限制")

    def _sent(self, number: str, order: Order) -> dict[str, str]:
        if order.refused:
            raise Refusal("SEND_FAILED", "红包发放失败，请更换单号再重试")
        if not order.untaken and not self.is_paid(order):
            raise Refusal("PROCESSING", "请求已受理，请稍后使用原单号查询发放结果")
        return {
            "mch_billno": number,
            "mch_id": self._merchant.id,
            "wxappid": self._corp,
            "re_openid": order.member,
            "total_amount": str(order.said_fen),
            "send_listid": _list_id(number),
        }

    def _described(self, number: str, order: Order) -> dict[str, str]:
        status = self._status(order)
        described = {
            "mch_billno": number,
            "mch_id": self._merchant.id,
            "detail_id": _list_id(number),
            "status": status,
            "send_type": "API",
            "total_amount": str(order.said_fen),
            "send_time": _local(order.accepted_at),
            "openid": order.member,
            "amount": str(order.said_fen),
        }
        if status == "RECEIVED" and order.paid_at is not None:
            described["rcv_time"] = _local(order.paid_at)
        if status == "FAILED":
            described["reason"] = "收款账号异常"
        return described

    def _status(self, order: Order) -> str:
        age = self.clock.now() - order.accepted_at
        if order.refused:
            return "FAILED"
        if order.untaken:
            if age < TAKEN_WITHIN:
                return "SENT"
            return "RFUND_ING" if age < TAKEN_WITHIN + GOING_BACK else "REFUND"
        return "RECEIVED" if self.is_paid(order) else "SENDING"

    def _say(self, request: web.Request, body: bytes, fields: Xml) -> web.Response:
        said = {"return_code": "SUCCESS", "result_code": "SUCCESS", **fields}
        listed = "".join(f"<{name}><![CDATA[{value}]]></{name}>\n" for name, value in said.items())
        text = f"<xml>\n{listed}</xml>"
        return self.answer(request, body, web.Response(text=text, content_type="text/xml"))


def _refused(refusal: Refusal) -> dict[str, str]:
    return {"result_code": "FAIL", "err_code": refusal.code, "err_code_des": refusal.words}


def _fields(body: bytes) -> dict[str, str]:
    try:
        root = ElementTree.fromstring(body, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError) as error:
        raise Refusal("XML_ERROR", "XML 格式错误") from error
    return {child.tag: child.text or "" for child in root}


def _sign(fields: Xml, key: str) -> str:
    pairs = [f"{name}={fields[name]}" for name in sorted(fields) if fields[name]]
    return _md5("&".join([*pairs, f"key={key}"]))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest().upper()  # noqa: S324 - WeChat's own choice


def _list_id(number: str) -> str:
    return str(int.from_bytes(hashlib.sha256(number.encode()).digest()[:8], "big"))


def _local(instant: datetime) -> str:
    return f"{instant.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
