"""What WeCom's error codes mean and what to do: the one place that judges them.

Sources: wecom-protocol.md 0.4, A.6, C.11, D.3, E, H.5. `errmsg` is never read (its text may
change); codes that are not in the table are refused with their number.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Kind(StrEnum):
    """What a caller does about an answer."""

    OK = "ok"
    RETRY = "retry"
    """WeCom was busy or two calls collided: the same call may succeed soon."""
    REFRESH_TOKEN = "refresh_token"  # noqa: S105 - the name of a verdict
    """The access token is no longer good: one refresh, one repetition."""
    BACK_OFF = "back_off"
    """A frequency limit: nothing for `wait`."""
    REFUSED = "refused"
    """Wrong in itself: repeating does not help, a person must change something."""
    GONE = "gone"
    """What the call was about exists no longer (robot removed, relation ended, code used)."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The meaning of one error code."""

    kind: Kind
    explanation: str
    """Chinese: what is wrong and what to do."""
    wait: timedelta | None = None


_OK = Verdict(Kind.OK, "")
_MINUTE = timedelta(seconds=60)


def _all(kind: Kind, explanations: dict[int, str]) -> dict[int, Verdict]:
    wait = _MINUTE if kind is Kind.BACK_OFF else None
    return {code: Verdict(kind, text, wait) for code, text in explanations.items()}


_VERDICTS: dict[int, Verdict] = (
    _all(
        Kind.RETRY,
        {
            -1: "企业微信系统繁忙，稍后重试",
            6000: "数据版本冲突，稍后重试",
            45033: "同时调用太多，稍后重试",
            45035: "同一客户正被另一个操作修改，稍后重试",
            41063: "群发任务还在下发，稍后重试",
            41096: "欢迎语正在发送，稍后重试",
        },
    )
    | _all(
        Kind.REFRESH_TOKEN,
        {
            40001: "应用的 Secret 不对，或应用被停用：在管理后台核对自建应用的 Secret",
            40014: "access_token 失效",
            42001: "access_token 过期",
        },
    )
    | _all(
        Kind.BACK_OFF,
        {
            45009: "发送太频繁，企业微信要求等待一分钟",
            45036: "流量异常，企业微信要求放慢",
        },
    )
    | _all(
        Kind.GONE,
        {
            93000: "群机器人的 key 无效，或机器人已被移出群：在群里重新添加并更新 key",
            93004: "群机器人被停用：在群的机器人设置里重新启用",
            93008: "机器人不在这个群里：重新添加机器人",
            84061: "员工与客户不是好友：客户删除了员工，或员工还没有通过；请员工重新添加客户",
            60140: "这张卡片已经更新过，或超过 72 小时",
            41050: "欢迎语凭证无效或已超过 20 秒",
            41093: "群发任务已经撤销",
            41051: "已经打过招呼，或欢迎语已发送",
            846604: "这条消息的回复凭证已过期",
            846606: "这条消息已经回复过",
            846608: "流式消息已超时",
        },
    )
    | _all(
        Kind.REFUSED,
        {
            40003: "userid 无效：在 config.yaml 核对同事的 userid",
            40007: "media_id 无效或已过期",
            40008: "消息类型不合法",
            40013: "企业 ID 不对：在管理后台“我的企业”核对 corp_id",
            40029: "网页授权的 code 无效，或已用过、已过期",
            40033: "内容里有企业微信不接受的转义字符",
            40050: "没有这个群：在 config.yaml 核对 chat_id",
            40058: "参数不合法，多半是内容太长或缺少字段",
            40068: "标签或标签组不存在",
            40071: "企业里已有同名的标签或标签组",
            40126: "企业客户标签已到上限：在管理后台“客户联系 → 企业客户标签”删掉不用的",
            40144: "这位客户身上的标签已到企业微信的上限：先摘掉几个",
            41017: "没有写标签",
            81011: "没有权限：只能修改、删除本应用自己建的标签",
            40091: "Secret 不属于这个企业：核对环境变量 QUNYUN_APP_SECRET",
            40096: "客户 ID 无效，或不属于本企业",
            41048: "没有可以发送的客户或客户群：核对群主，以及名单上的人是不是这位同事的好友",
            41056: "这位客户不是个人微信用户，换不到微信支付的收款账号",
            41064: "群发的附件太多，最多 9 个",
            41065: "群发的附件类型不对",
            41094: "24 小时内已经提醒过 3 次",
            43012: "交互卡片需要先在自建应用里配置“接收消息”的回调地址",
            44004: "消息内容为空",
            48002: "应用没有调用权限：在“客户联系 → API → 可调用接口的应用”里加上它",
            48006: "应用长期未用，权限被收回：请管理员重新启用",
            48011: "应用长期未用，权限被收回：请管理员重新启用",
            49008: "这个客户群已经解散：在 config.yaml 里去掉它",
            40098: "这位员工还没有实名认证：请员工在企业微信里完成实名",
            41045: "渠道码的数量到了上限：在管理后台删掉不用的“联系我”二维码",
            41054: "这位员工还没有激活企业微信：请员工登录后再试",
            41055: "入群欢迎语素材满 100 条：在管理后台删掉不用的",
            41058: "这条入群欢迎语素材不是本应用建的，不能改",
            41091: "一个入群二维码最多进 5 个群",
            50001: "域名不是可信域名：请管理员在应用里设置",
            60011: "应用的可见范围不含这位成员：在管理后台调整可见范围",
            60020: "服务器的出口 IP 不在企业可信 IP 里：在自建应用里加上它，约一分钟后生效",
            60021: "userid 不在应用的可见范围：在管理后台调整可见范围",
            60111: "userid 不存在：在 config.yaml 核对同事的 userid",
            81013: "没有一个有效的接收人：核对 userid 和应用的可见范围",
            81017: "成员超过 1000 人，必须按群主查询",
            90501: "这不是客户群：内部群请改用群机器人（mode: robot）",
            93001: "这个会话不允许机器人发消息",
            93006: "群 ID 不对",
            93017: "消息内容为空",
            846601: "智能机器人没有开启长连接：在机器人的 API 设置里改为长连接",
            846605: "回复凭证无效",
            846607: "还不能向这个会话主动发消息：需要有人先在会话里 @ 过机器人，或额度用完",
            846609: "长连接还没有订阅",
            846625: "卡片的 task_id 不合法",
            853000: "智能机器人的 Bot ID 或 Secret 不对：在机器人的 API 设置里核对",
        },
    )
)


def verdict(errcode: int) -> Verdict:
    """What an error code means; unknown ones are refused."""
    if errcode == 0:
        return _OK
    known = _VERDICTS.get(errcode)
    return known or Verdict(Kind.REFUSED, "企业微信拒绝了请求，含义见其错误码查询页")


class WecomError(Exception):
    """WeCom answered with an error. `str()` is Chinese, with the code, without secrets."""

    def __init__(self, errcode: int, errmsg: str = "", meaning: Verdict | None = None) -> None:
        self.errcode = errcode
        self.errmsg = errmsg
        self.verdict = meaning or verdict(errcode)
        super().__init__(f"{self.verdict.explanation}（企业微信错误码 {errcode}）")
