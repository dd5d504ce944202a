"""config.yaml: what it may say. Secrets are never in it; they come from the environment."""

from typing import Literal

from pydantic import Field

from sop.model import Strict

RoleName = Literal["rm", "operator", "reviewer", "manager", "admin"]


class Listen(Strict):
    """Where the bot's own HTTP server listens."""

    host: str = Field(default="127.0.0.1", description="监听地址")
    port: int = Field(default=8080, ge=1, le=65535, description="监听端口")


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


class Wecom(Strict):
    """The bank's WeCom."""

    corp_id: str = Field(description="企业 ID（ww 开头）")
    api: str = Field(default="https://qyapi.weixin.qq.com", description="企业微信接口地址")
    app: App = Field(description="自建应用")
    aibot: Aibot | None = Field(default=None, description="智能机器人（可不配）")
    group_monthly_ceiling: int | None = Field(
        default=None, ge=1, le=1000, description="每个客户群每月最多收几条群发；不写则不限"
    )


class StaffEntry(Strict):
    """A colleague and what they may do."""

    id: str = Field(description="企业微信 userid")
    name: str = Field(description="称呼")
    roles: list[RoleName] = Field(min_length=1, description="角色")


class CommunityEntry(Strict):
    """A group chat that the bot serves."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="社群编号（小写字母、数字、-）")
    name: str = Field(min_length=1, description="社群名称")
    chat_id: str = Field(description="企业微信的群 ID（客户群以 wr 开头）")
    owner: str = Field(description="负责的客户经理的 userid")
    mode: Literal["robot", "assist", "aibot"] = Field(description="发送方式")
    labels: list[str] = Field(default=[], description="标签，计划按它选择社群")
    review: bool = Field(default=True, description="true：没有审核章的步骤不发送")


class Payouts(Strict):
    """How awards reach the members."""

    payer: str = Field(default="manual", description="发奖方式")
    url: str = Field(default="", description="营销平台地址（payer 为 marketing_platform 时必填）")


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
