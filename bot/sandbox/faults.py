"""Named faults that a person or a test switches on.

A `count` knob spoils that many next occasions; a `switch` stays as set.
"""

from dataclasses import dataclass
from typing import Literal

from bot.sandbox.errors import Json, Mistake


@dataclass(frozen=True, slots=True)
class Knob:
    """One fault."""

    name: str
    kind: Literal["count", "switch"]
    label: str
    """Chinese, for the page."""


KNOBS = (
    Knob("send_limited", "count", "发送：报 45009 超过频率"),
    Knob("send_busy", "count", "发送：报 -1 系统繁忙"),
    Knob("send_removed", "count", "发送：报 93000 机器人已被移出群"),
    Knob("send_down", "count", "发送：HTTP 503，未执行"),
    Knob("send_garbage", "count", "发送：回答残缺的 JSON，未执行"),
    Knob("send_cut", "count", "发送：已执行，连接断开不回答"),
    Knob("send_silent", "count", "发送：已执行，一直不回答"),
    Knob("read_down", "count", "其它接口：HTTP 503"),
    Knob("token_revoked", "count", "凭证：下次调用时提前失效（40014）"),
    Knob("expired_as_40014", "switch", "凭证：过期报 40014 而不是 42001"),
    Knob("untrusted_ip", "switch", "企业可信 IP：拒绝来源地址（60020）"),
    Knob("stale_group_reads", "switch", "客户群：变更后 2 秒内读到旧数据"),
    Knob("tags_busy", "count", "客户标签：报 45035 同一客户正被修改"),
    Knob("callback_duplicate", "count", "回调：多送一遍"),
    Knob("callback_drop", "count", "回调：丢失"),
    Knob("callback_forged", "count", "回调：先送一份签名错误的"),
    Knob("callback_wrong_receiver", "count", "回调：先送一份发给别家企业的"),
    Knob("ack_dropped", "count", "长连接：不回确认"),
    Knob("ack_late", "count", "长连接：确认迟到 6 秒"),
    Knob("connection_cut", "count", "长连接：收到下一帧时断线（1006）"),
    Knob("gate_down", "switch", "客户核对：HTTP 503"),
    Knob("gate_silent", "count", "客户核对：一直不回答"),
    Knob("payer_down", "count", "付款：HTTP 503，未付款"),
    Knob("payer_cut", "count", "付款：已受理，连接断开不回答"),
    Knob("payer_processing", "count", "付款：处理中，10 分钟后到账"),
    Knob("payer_stuck", "count", "付款：一直处理中"),
    Knob("payer_late", "count", "付款：已受理却回 504，10 分钟内查不到"),
    Knob("payer_wrong_amount", "count", "付款：报的金额多 1 分"),
    Knob("payer_refused", "count", "付款：明确拒绝"),
    Knob("payer_untaken", "count", "付款：成员不领取、不确认（红包、转账）"),
    Knob("payer_bad_signature", "count", "付款：说我方签名不对"),
    Knob("payer_forged_answer", "count", "付款：答复的签名是假的（转账）"),
    Knob("payer_old_certificate", "count", "付款：证书过期（红包拒绝；转账换了密钥）"),
    Knob("payer_notify_twice", "count", "付款：结果通知重复、乱序（转账）"),
)

_KINDS = {knob.name: knob.kind for knob in KNOBS}


class Faults:
    """The present setting of every knob."""

    def __init__(self) -> None:
        self._values = {knob.name: 0 for knob in KNOBS}

    def set(self, name: str, value: object) -> None:
        """Sets a knob: a number for a count, a boolean for a switch."""
        kind = _KINDS.get(name)
        if kind is None:
            raise Mistake(f"没有名为 {name} 的故障开关。")
        if isinstance(value, bool) if kind == "count" else not isinstance(value, bool):
            raise Mistake(f"{name} 要填{'次数' if kind == 'count' else ' true 或 false'}。")
        if not isinstance(value, int) or not 0 <= value <= 10_000:
            raise Mistake(f"{name} 的值不在 0 到 10000 之间。")
        self._values[name] = int(value)

    def on(self, name: str) -> bool:
        """Whether a switch is on."""
        return self._values[name] > 0

    def take(self, name: str) -> bool:
        """Uses up one of a count; False when none is left."""
        if self._values[name] == 0:
            return False
        self._values[name] -= 1
        return True

    def describe(self) -> list[Json]:
        """Every knob with its present value."""
        return [
            {
                "name": knob.name,
                "kind": knob.kind,
                "label": knob.label,
                "value": (
                    self._values[knob.name] > 0
                    if knob.kind == "switch"
                    else self._values[knob.name]
                ),
            }
            for knob in KNOBS
        ]
