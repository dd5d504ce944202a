"""config.yaml: what it may say. Secrets are never in it; they come from the environment."""

from datetime import time, timedelta
from typing import Literal

from pydantic import Field, field_validator

from sop.model import Strict
from sop.times import Duration, Fen, TimeOfDay, wrong

RoleName = Literal["rm", "operator", "reviewer", "manager", "admin"]


class Listen(Strict):
    """Where the bot's own HTTP server listens."""

    host: str = Field(default="127.0.0.1", description="监听地址")
    port: int = Field(default=8080, ge=1, le=65535, description="监听端口")
    public: str = Field(
        default="",
        description="成员网页的公网地址，例如 https://qunyun.bank.example；不写就没有成员网页",
    )
    trusted_proxies: list[str] = Field(
        default=[],
        description="反向代理在别的机器上时，它的地址或网段，例如 10.0.0.0/8；本机的不用写",
    )


class App(Strict):
    """The self-built application that RMs talk to 1:1."""

    agent: int = Field(description="自建应用的 AgentId")


class Aibot(Strict):
    """The intelligent bot that hears @-messages in groups."""

    id: str = Field(description="智能机器人的 Bot ID")
    name: str = Field(default="群运", description="机器人在群里的名字，用来识别 @")
    mode: Literal["callback", "long_connection"] = Field(
        default="callback", description="callback：URL 回调；long_connection：长连接"
    )
    url: str = Field(default="wss://openws.work.weixin.qq.com", description="长连接地址")


class ArchiveKey(Strict):
    """One version of the key under which messages are sealed."""

    version: int = Field(ge=1, description="公钥版本号，管理后台的会话内容存档里看")
    file: str = Field(min_length=1, description="它的私钥文件，例如 secrets/msgaudit-1.pem")


class ArchiveEntry(Strict):
    """The message archive, by which customer groups are heard."""

    library: str = Field(
        min_length=1, description="企业微信提供的库，例如 lib/libWeWorkFinanceSdk_C.so"
    )
    keys: list[ArchiveKey] = Field(min_length=1, description="消息私钥；换过公钥的，旧的也要留着")


class Wecom(Strict):
    """The bank's WeCom."""

    corp_id: str = Field(description="企业 ID（ww 开头）")
    api: str = Field(default="https://qyapi.weixin.qq.com", description="企业微信接口地址")
    oauth: str = Field(
        default="https://open.weixin.qq.com", description="网页授权地址，成员网页用它认人"
    )
    login: str = Field(
        default="https://login.work.weixin.qq.com",
        description="扫码登录的地址，同事在电脑浏览器里看周报时用它",
    )
    app: App = Field(description="自建应用")
    aibot: Aibot | None = Field(default=None, description="智能机器人（可不配）")
    archive: ArchiveEntry | None = Field(
        default=None, description="会话内容存档；不写就统计不了客户群里的发言"
    )
    group_monthly_ceiling: int | None = Field(
        default=None, ge=1, le=1000, description="每个客户群每月最多收几条群发；不写则不限"
    )
    group_tasks: bool = Field(
        default=True,
        description="true：客户群的话术建成企业群发任务，客户经理确认就发出；false：只把话术交给客户经理",
    )


class StaffEntry(Strict):
    """A colleague and what they may do."""

    id: str = Field(description="企业微信 userid")
    name: str = Field(description="称呼")
    roles: list[RoleName] = Field(min_length=1, description="角色")
    customer_ids: list[str] = Field(
        default=[], description="本人作为客户的 external_userid（wm 开头）：不参加抽奖，不计入统计"
    )
    digest: TimeOfDay | None = Field(
        default=None, description="几点收早安清单；不写就用大家的时间（digest）"
    )


class CommunityEntry(Strict):
    """A group chat that the bot serves."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="社群编号（小写字母、数字、-）")
    name: str = Field(min_length=1, description="社群名称")
    chat_id: str = Field(description="企业微信的群 ID（客户群以 wr 开头）")
    owner: str = Field(description="负责的客户经理的 userid")
    mode: Literal["robot", "assist", "aibot"] = Field(description="发送方式")
    labels: list[str] = Field(default=[], description="标签，计划按它选择社群")
    review: bool = Field(default=True, description="true：没有审核章的步骤不发送")


class MerchantEntry(Strict):
    """The merchant account at WeChat Pay."""

    id: str = Field(pattern=r"^[0-9]{8,10}$", description="微信支付商户号")
    certificate: str = Field(
        min_length=1, description="商户 API 证书文件，例如 secrets/apiclient_cert.pem"
    )
    key: str = Field(min_length=1, description="商户 API 私钥文件，例如 secrets/apiclient_key.pem")
    sender: str = Field(
        default="", max_length=32, description="红包上的发送者名称；不写则显示自建应用"
    )
    scene: Literal[
        "",
        "PRODUCT_1",
        "PRODUCT_2",
        "PRODUCT_3",
        "PRODUCT_4",
        "PRODUCT_5",
        "PRODUCT_6",
        "PRODUCT_7",
        "PRODUCT_8",
    ] = Field(default="", description="红包场景；有不到 1 元或超过 200 元的红包时必填")
    transfer_scene: str = Field(
        default="1000", pattern=r"^[0-9]{4,}$", description="商家转账的场景 ID，1000 是现金营销"
    )
    platform_key: str = Field(
        default="", description="微信支付公钥文件（pub_key.pem）或平台证书文件，商家转账必填"
    )
    platform_key_id: str = Field(
        default="",
        pattern=r"^(PUB_KEY_ID_[0-9A-Za-z]+)?$",
        description="微信支付公钥 ID；用平台证书时不写",
    )


class Payouts(Strict):
    """How awards reach the members."""

    payer: str = Field(default="manual", description="发奖方式")
    approve_above_fen: Fen = Field(
        default=0,
        alias="approve_above",
        description="不超过这个金额（元）且没有疑点的奖励到期自动批准；0 是全部由人批准",
    )
    url: str = Field(default="", description="付款平台地址；用微信支付发奖时不写就是微信支付的地址")
    merchant: MerchantEntry | None = Field(
        default=None, description="微信支付商户（payer 为 wecom_redpacket、wechat_transfer 时必填）"
    )


class Gate(Strict):
    """Who is the bank's customer: the marketing platform says (bot/gate.py)."""

    url: str = Field(description="客户核对接口的地址，例如 https://pay.bank.example/qunyun")
    timeout: Duration = Field(
        default=timedelta(seconds=3),
        description="等多久算没有答复，最长 8s（欢迎语要在 20s 内发出）",
    )
    cache: Duration = Field(
        default=timedelta(hours=24), description="核对结果管多久，过了再来的客户重新核对"
    )

    @field_validator("timeout")
    @classmethod
    def _in_time(cls, timeout: timedelta) -> timedelta:
        if timeout > timedelta(seconds=8):
            raise wrong("value", "等得太久，欢迎语会来不及发。", "请写 8s 或更短。")
        return timeout


class Config(Strict):
    """The whole of config.yaml."""

    company: str = Field(description="公司名称")
    zone: str = Field(default="Asia/Shanghai", description="时区")
    database: str = Field(default="sqlite:///data/qunyun.db", description="数据库地址")
    library: list[str] = Field(default=[], description="计划库文件夹；不写则用自带的示例库")
    workdays: list[str] = Field(default=[], description="本行自己的工作日历文件")
    listen: Listen = Field(default=Listen(), description="监听")
    wecom: Wecom = Field(description="企业微信")
    staff: list[StaffEntry] = Field(min_length=1, description="同事")
    communities: list[CommunityEntry] = Field(min_length=1, description="社群")
    payouts: Payouts = Field(default=Payouts(), description="发奖")
    gate: Gate | None = Field(default=None, description="客户核对；不写就不核对")
    digest: TimeOfDay | None = Field(
        default=time(8, 45),
        description="工作日几点把当天的步骤和要跟进的客户发给客户经理；不写是 08:45，null 是不发",
    )
    preview: TimeOfDay | None = Field(
        default=None,
        description="每周最后一个工作日几点把下周的计划发给运营；不写就不发",
    )
    summary: TimeOfDay | None = Field(
        default=None,
        description="每周第一个工作日几点把上一周的周报发给主管和客户经理；不写就不发，要看随时发“周报”",
    )
