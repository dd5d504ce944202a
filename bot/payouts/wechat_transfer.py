"""Transfers from the merchant to the member's WeChat balance, v3 (wecom-protocol.md G.5).

The member confirms in WeChat within 24 hours (`package_info`); what nobody confirms is cancelled
by us and is over only when WeChat Pay says so. Only answers that WeChat Pay has signed count.
Any other answer than 200 leaves the number as it is, to be asked about.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

from bot.clock import Clock
from bot.http import Answer, Http, NoAnswer, NotSent
from bot.payer import (
    NOTIFY_PATH,
    Failed,
    Forged,
    NeverSeen,
    Order,
    Outcome,
    Paid,
    PaidLine,
    Uncertain,
    Waiting,
)
from bot.settings import Settings
from bot.wechat_pay import Receivers, asked_one_by_one, too_old
from bot.wechat_v3 import Seal

BILLS = "/v3/fund-app/mch-transfer/transfer-bills"
LEAST_FEN, MOST_FEN = 10, 199_999
"""From 2000 yuan on WeChat Pay wants the receiver's real name, which we do not have."""
CONFIRM_WITHIN = timedelta(hours=24)

_ALARMS = {
    "SIGN_ERROR": "微信支付不认签名，请核对商户私钥、证书和服务器时间",
    "NO_AUTH": "商户没有开通商家转账，或场景不对",
    "NOT_ENOUGH": "商户账户余额不足，请充值",
    "PARAM_ERROR": "微信支付说参数不对",
    "INVALID_REQUEST": "微信支付不接受这笔转账，请到商户平台核对",
}
_REASONS = {
    "OVERDUE_CLOSE": "成员没有按时确认收款",
    "PAYEE_ACCOUNT_ABNORMAL": "成员的微信收款账号异常",
    "ACCOUNT_FROZEN": "成员的微信账号被冻结",
    "REAL_NAME_CHECK_FAIL": "成员的微信没有实名",
    "PAYER_ACCOUNT_ABNORMAL": "商户账号异常",
}

Json = Mapping[str, Any]


class WechatTransfer:
    """A transfer that the member confirms."""

    name: ClassVar[str] = "wechat_transfer"
    automatic: ClassVar[bool] = True
    merchant: ClassVar[tuple[str, ...]] = ("id", "certificate", "key", "platform_key")
    secrets: ClassVar[tuple[str, ...]] = ("QUNYUN_PAYOUT_SECRET",)

    def __init__(self, settings: Settings, http: Http, clock: Clock) -> None:
        if settings.merchant is None:
            raise ValueError("transfers need a merchant account")
        self._settings = settings
        self._merchant = settings.merchant
        self._http = http
        self._clock = clock
        self._seal = Seal(settings.merchant, settings.payout_secret, clock)
        self._receivers = Receivers(settings, http, clock)

    async def pay(self, order: Order) -> Outcome:
        """The same number with the same particulars is the same transfer."""
        if not LEAST_FEN <= order.amount_fen <= MOST_FEN:
            return Failed("微信转账每笔只能是 0.10 元到 1,999.99 元")
        old = too_old(order, self._clock.now())
        if old is not None:
            return old
        openid = await self._receivers.openid(order)
        if not isinstance(openid, str):
            return openid
        said = await self._call("POST", BILLS, self._body(order, openid))
        if isinstance(said, NeverSeen):
            return Uncertain("微信支付说没有这笔转账")
        if not isinstance(said, dict):
            return said
        found = _outcome(said, order.order_no)
        # Only a query says how much it was, or why it failed.
        ended = isinstance(found, Paid | Failed)
        return await self._known(order.order_no) if ended else found

    async def _known(self, order_no: str) -> Outcome:
        found = await self.query(order_no)
        return Uncertain("微信支付说没有这笔转账") if isinstance(found, NeverSeen) else found

    async def query(self, order_no: str) -> Outcome | NeverSeen:
        """What became of a transfer; one that was not confirmed in time is cancelled."""
        found = await self._look(order_no)
        return Paid(found.receipt, found.amount_fen) if isinstance(found, PaidLine) else found

    async def statement(self, day: date, orders: Sequence[str]) -> list[PaidLine]:
        """Of these orders, those that arrived. Raises NoStatement."""
        return await asked_one_by_one(self._look, orders)

    def notified(self, headers: Mapping[str, str], body: bytes) -> str:
        """The number of the transfer that WeChat Pay tells us of. Raises Forged."""
        self._seal.check({name.lower(): value for name, value in headers.items()}, body)
        bill = self._seal.opened(body)
        number = bill.get("out_bill_no")
        ours = bill.get("mchid", bill.get("mch_id")) == self._merchant.id
        if not ours or not isinstance(number, str) or not number.isalnum() or len(number) > 32:
            raise Forged("通知里没有我们的转账单号")
        return number

    def _body(self, order: Order, openid: str) -> dict[str, Any]:
        company = self._settings.company
        body: dict[str, Any] = {
            "appid": self._settings.corp_id,
            "out_bill_no": order.order_no,
            "transfer_scene_id": self._merchant.transfer_scene,
            "openid": openid,
            "transfer_amount": order.amount_fen,
            "transfer_remark": order.remark[:32],
            "transfer_scene_report_infos": [
                {"info_type": "活动名称", "info_content": f"{company}社群活动"[:32]},
                {"info_type": "奖励说明", "info_content": order.remark[:32]},
            ],
        }
        page = self._settings.page
        if page is not None:
            body["notify_url"] = page.public + NOTIFY_PATH
        return body

    async def _look(self, order_no: str) -> PaidLine | Outcome | NeverSeen:
        said = await self._call("GET", f"{BILLS}/out-bill-no/{order_no}")
        if not isinstance(said, dict):
            return said
        found = _outcome(said, order_no)
        if said.get("state") == "WAIT_USER_CONFIRM" and self._overdue(said):
            return await self._cancel(order_no)
        if not isinstance(found, Paid):
            return found
        if found.amount_fen is None:
            return Uncertain("微信支付没有说金额，请到商户平台核对", alarm=True)
        when = _instant(said.get("update_time"))
        return PaidLine(order_no, found.amount_fen, when, found.receipt)

    def _overdue(self, said: Json) -> bool:
        created = _instant(said.get("create_time"))
        return created is not None and self._clock.now() - created >= CONFIRM_WITHIN

    async def _cancel(self, order_no: str) -> Outcome:
        """It is over only when a later query says so: the member may just have confirmed."""
        said = await self._call("POST", f"{BILLS}/out-bill-no/{order_no}/cancel")
        if isinstance(said, Uncertain):
            return said
        return Waiting("成员 24 小时内没有确认，正在撤销转账")

    async def _call(
        self, method: str, path: str, values: dict[str, Any] | None = None
    ) -> dict[str, Any] | Uncertain | NeverSeen:
        body = b"" if values is None else json.dumps(values, ensure_ascii=False).encode()
        try:
            answer = await self._http.request(
                method,
                self._settings.payout_url + path,
                content=body or None,
                headers=self._seal.headers(method, path, body),
            )
        except (NotSent, NoAnswer) as error:
            return Uncertain(str(error))
        return self._read(answer)

    def _read(self, answer: Answer) -> dict[str, Any] | Uncertain | NeverSeen:
        if answer.status >= 500:
            return Uncertain(f"微信支付出错（HTTP {answer.status}）")
        try:
            said = answer.json()
        except (ValueError, RecursionError):
            said = None
        code = said.get("code") if isinstance(said, dict) else None
        if answer.status == 401:  # it could not tell who we are: such an answer may be unsigned
            return Uncertain(f"{_ALARMS['SIGN_ERROR']}（HTTP 401）", alarm=True)
        try:
            self._seal.check(answer.headers, answer.body)
        except Forged as error:
            return Uncertain(f"微信支付的答复不可信：{error}", alarm=True)
        if not isinstance(said, dict):
            return Uncertain("微信支付的答复看不懂")
        if answer.status == 200:
            return said
        if answer.status == 404 and code == "NOT_FOUND":
            return NeverSeen()
        if answer.status == 429:
            return Uncertain("发得太快，微信支付要求慢一些")
        known = _ALARMS.get(str(code), "微信支付报了没见过的错误，请到商户平台核对")
        return Uncertain(f"{known}（{str(code)[:40]}）", alarm=True)


def _outcome(said: Json, order_no: str) -> Outcome:
    if said.get("out_bill_no") != order_no:
        return Uncertain("微信支付答的是另一笔转账，请到商户平台核对", alarm=True)
    match said.get("state"):
        case "SUCCESS":
            amount = said.get("transfer_amount")
            return Paid(
                str(said.get("transfer_bill_no", "")), amount if isinstance(amount, int) else None
            )
        case "WAIT_USER_CONFIRM":
            return Waiting("等成员在微信里确认收款", str(said.get("package_info") or ""))
        case "ACCEPTED" | "PROCESSING" | "TRANSFERING":
            return Waiting("微信支付正在处理")
        case "CANCELING":
            return Waiting("正在撤销转账")
        case "CANCELLED":
            return Failed("成员 24 小时内没有确认，转账已撤销", returned=True)
        case "FAIL":
            reason = str(said.get("fail_reason") or "")
            return Failed(_REASONS.get(reason, f"微信支付转账失败：{reason[:40] or '没有说明'}"))
        case other:
            return Uncertain(f"微信支付报了没见过的状态“{str(other)[:20]}”，请核对", alarm=True)


def _instant(written: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(written))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo is not None else None


PAYER = WechatTransfer
