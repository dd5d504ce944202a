"""WeCom red packets to customers: sendworkwxredpack, queryworkwxredpack (wecom-protocol.md G.1).

XML over TLS with the merchant's certificate, two MD5 signatures, idempotent by `mch_billno`. A
packet that was sent is paid only when the member has taken it; one that nobody takes within 24
hours goes back. An error that this file does not know proves nothing, says WeChat Pay: the
number must not be changed.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import ClassVar
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.http import Answer, Http, NoAnswer, NotSent
from bot.payer import Failed, NeverSeen, Order, Outcome, Paid, PaidLine, Uncertain, Waiting
from bot.settings import Settings
from bot.wechat_pay import Receivers, asked_one_by_one, too_old
from bot.wecom.xml import MalformedXml, integer, parse, text

SEND = "mmpaymkttransfers/sendworkwxredpack"
QUERY = "mmpaymkttransfers/queryworkwxredpack"
LEAST_FEN, MOST_FEN = 100, 20000
"""Amounts without a scene."""
_CHINA = ZoneInfo("Asia/Shanghai")
"""The zone of WeChat Pay's times."""
_SIGNED_BY_APP = (
    "act_name",
    "mch_billno",
    "mch_id",
    "nonce_str",
    "re_openid",
    "total_amount",
    "wxappid",
)

_PASSING = {
    "SYSTEMERROR": "微信支付系统繁忙",
    "PROCESSING": "微信支付正在处理",
    "FREQ_LIMIT": "发得太快，微信支付要求慢一些",
    "NOT_FOUND": "微信支付还查不到这笔红包",
}
_TOMORROW = frozenset({"SENDNUM_LIMIT", "RCVDAMOUNT_LIMIT"})
"""This member's packets or yuan of the day are used up."""
_ALARMS = {
    "NOTENOUGH": "商户账户余额不足，请充值",
    "SIGN_ERROR": "微信支付不认签名，请核对 QUNYUN_PAYOUT_SECRET 和 QUNYUN_PAYOUT_APP_SECRET",
    "CA_ERROR": "微信支付不认商户证书，请核对证书文件和有效期",
    "NO_AUTH": "微信支付拦下了这笔红包，请看商户权限和成员的微信账号",
    "SENDAMOUNT_LIMIT": "商户今天的发放总额到了上限",
    "FATAL_ERROR": "同一单号的内容和上次不同，请到商户平台核对",
    "PARAM_ERROR": "微信支付说参数不对",
    "OPENID_ERROR": "微信支付不认收款账号，请核对企业与商户号的绑定",
}

Xml = Mapping[str, str]


class WecomRedpacket:
    """A red packet in WeChat, from the company."""

    name: ClassVar[str] = "wecom_redpacket"
    automatic: ClassVar[bool] = True
    merchant: ClassVar[tuple[str, ...]] = ("id", "certificate", "key")
    secrets: ClassVar[tuple[str, ...]] = ("QUNYUN_PAYOUT_SECRET", "QUNYUN_PAYOUT_APP_SECRET")

    def __init__(self, settings: Settings, http: Http, clock: Clock) -> None:
        if settings.merchant is None:
            raise ValueError("red packets need a merchant account")
        self._settings = settings
        self._merchant = settings.merchant
        self._http = http
        self._clock = clock
        self._receivers = Receivers(settings, http, clock)

    async def pay(self, order: Order) -> Outcome:
        """The same number may be sent again: WeChat Pay sends one packet."""
        if not LEAST_FEN <= order.amount_fen <= MOST_FEN and not self._merchant.scene:
            return Uncertain("不到 1 元或超过 200 元的红包，要在 merchant 里写 scene", alarm=True)
        old = too_old(order, self._clock.now())
        if old is not None:
            return old
        openid = await self._receivers.openid(order)
        if not isinstance(openid, str):
            return openid
        said = await self._call(SEND, self._fields(order, openid))
        if isinstance(said, Uncertain):
            return said
        error = _error(said)
        if error is not None:
            return Uncertain(_PASSING["NOT_FOUND"]) if isinstance(error, NeverSeen) else error
        number, amount_fen = text(said, "mch_billno"), integer(said, "total_amount")
        if number != order.order_no or amount_fen not in (None, order.amount_fen):
            return Uncertain("微信支付答的是另一笔红包，请到商户平台核对", alarm=True)
        return Waiting("红包已发出，等成员领取")

    async def query(self, order_no: str) -> Outcome | NeverSeen:
        """What became of a packet; known for 30 days."""
        found = await self._look(order_no)
        return Paid(found.receipt, found.amount_fen) if isinstance(found, PaidLine) else found

    async def statement(self, day: date, orders: Sequence[str]) -> list[PaidLine]:
        """Of these orders, those that were taken. Raises NoStatement."""
        return await asked_one_by_one(self._look, orders)

    def _fields(self, order: Order, openid: str) -> dict[str, str]:
        fields = {
            "act_name": _cut(order.remark, 32),
            "mch_billno": order.order_no,
            "mch_id": self._merchant.id,
            "nonce_str": self._clock.entropy(16).hex(),
            "re_openid": openid,
            "remark": _cut(order.remark, 255),
            "total_amount": str(order.amount_fen),
            "wishing": _cut(f"恭喜您获得{order.remark}", 127),
            "wxappid": self._settings.corp_id,
        }
        if self._merchant.sender:
            fields["sender_name"] = self._merchant.sender
        else:
            fields["agentid"] = str(self._settings.app.agent_id)
        if self._merchant.scene:
            fields["scene_id"] = self._merchant.scene
        fields["workwx_sign"] = app_signature(fields, self._settings.payout_app_secret)
        return fields

    async def _look(self, order_no: str) -> PaidLine | Outcome | NeverSeen:
        fields = {
            "appid": self._settings.corp_id,
            "mch_billno": order_no,
            "mch_id": self._merchant.id,
            "nonce_str": self._clock.entropy(16).hex(),
        }
        said = await self._call(QUERY, fields)
        if isinstance(said, Uncertain):
            return said
        return _error(said) or _state(said, order_no)

    async def _call(self, path: str, fields: dict[str, str]) -> "Mapping[str, str] | Uncertain":
        """The answer as flat text, or why there is none that could be read."""
        signed = {**fields, "sign": merchant_signature(fields, self._settings.payout_secret)}
        url = f"{self._settings.payout_url}/{path}"
        try:
            answer = await self._http.request(
                "POST", url, content=to_xml(signed), headers={"Content-Type": "text/xml"}
            )
        except (NotSent, NoAnswer) as error:
            return Uncertain(str(error))
        return _flat(answer)


def merchant_signature(fields: Xml, key: str) -> str:
    """`sign`: every field that has a value, by name, and the merchant's API key (G.3)."""
    listed = sorted((name, value) for name, value in fields.items() if value and name != "sign")
    return _md5([*listed, ("key", key)])


def app_signature(fields: Xml, secret: str) -> str:
    """`workwx_sign`: seven fields and the payment secret; `sign` covers it in turn (G.3)."""
    return _md5([*((name, fields[name]) for name in _SIGNED_BY_APP), ("secret", secret)])


def to_xml(fields: Xml) -> bytes:
    """A request's body."""
    listed = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
    return f"<xml>{listed}</xml>".encode()


def _md5(pairs: Sequence[tuple[str, str]]) -> str:
    joined = "&".join(f"{name}={value}" for name, value in pairs)
    return hashlib.md5(joined.encode()).hexdigest().upper()  # noqa: S324 - WeChat's own choice


def _cut(words: str, most_bytes: int) -> str:
    """The beginning that fits, without a broken character at the end."""
    return words.encode()[:most_bytes].decode(errors="ignore")


def _flat(answer: Answer) -> Mapping[str, str] | Uncertain:
    if answer.status != 200:
        return Uncertain(f"微信支付出错（HTTP {answer.status}）")
    try:
        return {name: value for name, value in parse(answer.body).items() if isinstance(value, str)}
    except MalformedXml:
        return Uncertain("微信支付的答复看不懂")


def _error(said: Xml) -> Outcome | NeverSeen | None:
    """What an answer without success means; None for success."""
    if said.get("return_code") != "SUCCESS":
        reason = said.get("return_msg", "")[:100]
        return Uncertain(f"微信支付没有受理：{reason or '没有说明'}", alarm=True)
    if said.get("result_code") == "SUCCESS":
        return None
    code = said.get("err_code", "")
    if code == "SEND_FAILED":
        return Failed("微信支付发放失败")
    if code == "NOT_FOUND":
        return NeverSeen()
    if code in _TOMORROW:
        return Waiting("这位成员今天收的红包到了微信的上限，明天再发")
    if code in _PASSING:
        return Uncertain(_PASSING[code])
    known = _ALARMS.get(code, "微信支付报了没见过的错误，请到商户平台核对")
    return Uncertain(f"{known}（{code or '没有错误码'}）", alarm=True)


def _state(said: Xml, order_no: str) -> PaidLine | Outcome:
    try:
        amount_fen = integer(said, "total_amount")
    except MalformedXml:
        amount_fen = None
    if said.get("mch_billno") != order_no or amount_fen is None:
        return Uncertain("微信支付答的是另一笔红包，请到商户平台核对", alarm=True)
    match said.get("status", ""):
        case "RECEIVED":
            receipt = said.get("detail_id", "")
            return PaidLine(order_no, amount_fen, _instant(said.get("rcv_time", "")), receipt)
        case "SENT":
            return Waiting("红包已发出，等成员领取")
        case "SENDING":
            return Waiting("微信支付正在发放")
        case "RFUND_ING":  # WeChat's own spelling
            return Waiting("红包没有人领，正在退回")
        case "REFUND":
            return Failed("成员 24 小时内没有领取，红包已退回", returned=True)
        case "FAILED":
            return Failed(f"微信支付发放失败：{said.get('reason', '')[:100] or '没有说明'}")
        case other:
            return Uncertain(f"微信支付报了没见过的状态“{other[:20]}”，请核对", alarm=True)


def _instant(written: str) -> datetime | None:
    try:
        local = datetime.strptime(written, "%Y-%m-%d %H:%M:%S").replace(tzinfo=_CHINA)
    except ValueError:
        return None
    return local.astimezone(UTC)


PAYER = WecomRedpacket
