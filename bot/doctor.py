"""`qunyun doctor`: what is wrong with this installation, and what to do about it."""

import os
import shutil
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from bot.archive import KEY_VARIABLE, BadKey, public_of, signing_key
from bot.clock import SystemClock
from bot.edition import Edition
from bot.http import Http, NoAnswer, NotSent
from bot.payer import NeverSeen, Paid
from bot.roster import NOT_A_CUSTOMER_GROUP
from bot.settings import Settings, payer_type
from bot.shelf import shelf_of
from bot.vault import DATA_KEYS
from bot.wecom.api import WecomApi
from bot.wecom.errors import WecomError
from bot.wecom.group_send import GroupSend
from sop.community import DeliveryMode
from sop.diagnostics import render
from sop.workdays import UnknownYear, Workdays
from storage.database import Unusable, open_database

LEAST_DISK = 1 << 30
HORIZON = 30
"""Working days that must be known ahead."""
EXPIRES_SOON = timedelta(days=30)
_KNOCK = "QUNYUNDOCTOR0"
"""No order of ours has this number: a payer that knows us answers that it knows no such order."""

Finding = tuple[bool, str]
"""(fine, what was found and what to do)."""


async def examine(settings: Settings) -> tuple[int, str]:
    """Checks everything that can be checked from here: exit code and a text to read.

    The code is 3 when WeCom cannot be reached or refuses, else 1 when anything is wrong.
    """
    edition = shelf_of(settings).edition
    local = [
        _library(edition),
        _calendar(settings, edition.workdays),
        _disk(settings),
        _page(settings),
    ]
    local += [_archive(), _data_keys(settings), _message_archive(settings)]
    database = await _database(settings)
    outside = await _wecom(settings)
    findings = [*local, database, *outside, *_certificates(settings), *await _payer(settings)]
    text = "\n".join(f"{'✅' if fine else '❌'} {what}" for fine, what in findings)
    if not all(fine for fine, _ in outside):
        return 3, text
    return (0 if all(fine for fine, _ in findings) else 1), text


def _library(edition: Edition) -> Finding:
    if edition.problems:
        return False, f"计划库有 {len(edition.problems)} 处问题：\n{render(edition.problems)}"
    plans, campaigns = len(edition.library.plans), len(edition.library.campaigns)
    return True, f"计划库：{plans} 个计划，{campaigns} 个活动"


def _calendar(settings: Settings, workdays: Workdays) -> Finding:
    today = SystemClock().now().astimezone(settings.zone).date()
    try:
        until = workdays.add(today, HORIZON)
    except UnknownYear as error:
        return False, f"工作日历不够 {HORIZON} 个工作日：{error}"
    return True, f"工作日历：至少到 {until}"


def _disk(settings: Settings) -> Finding:
    folder = Path(settings.database.removeprefix("sqlite:///")).parent
    where = folder if folder.is_dir() else Path.cwd()
    free = shutil.disk_usage(where).free
    if free < LEAST_DISK:
        return False, f"磁盘只剩 {free >> 20} MB（{where}），请清理到 1 GB 以上"
    return True, f"磁盘：还有 {free >> 30} GB"


def _archive() -> Finding:
    """A key is only needed for archives: a service without one is well."""
    text = os.environ.get(KEY_VARIABLE, "")
    if not text:
        return True, f"抽奖档案：要导出签名的档案，先用 openssl rand -hex 32 设好 {KEY_VARIABLE}"
    try:
        return True, f"抽奖档案：签名的公钥是 {public_of(signing_key(text))}"
    except BadKey as error:
        return False, f"抽奖档案：{error}"


def _data_keys(settings: Settings) -> Finding:
    """Keys are only needed for what is stored sealed: a service that imports no leads is well."""
    first, *older = [one.id for one in settings.data_keys] or [""]
    if not first:
        return True, f"数据密钥：没有设；要导入线索，先用 openssl rand -hex 32 设好 {DATA_KEYS}"
    if older:
        old = "、".join(older)
        return True, f"数据密钥：用 {first} 加密；运行 qunyun db rotate-keys 后可撤下 {old}"
    return True, f"数据密钥：用 {first} 加密"


def _message_archive(settings: Settings) -> Finding:
    """Customer groups are heard only by the vendor's library, which the bank downloads itself."""
    chosen = settings.archive
    if chosen is None:
        if not any(one.mode is DeliveryMode.ASSIST for one in settings.communities):
            return True, "会话存档：没有客户群，不需要"
        return True, (
            "会话存档：没有配置，所以统计不了客户群里的发言；要统计请在管理后台开通会话内容存档，"
            "再写 wecom.archive"
        )
    if not chosen.present:
        return False, (
            f"会话存档：没有 {chosen.library}，客户群里的发言统计不了；"
            "请从企业微信开发者中心下载“会话内容存档”的 SDK，把里面的库放到这里"
        )
    from bot.archive_feed import private_keys, vendor_source
    from bot.wecom.message_archive import Unreadable

    try:
        private_keys(chosen)
        vendor_source(settings)
    except Unreadable as error:
        return False, str(error)
    return True, f"会话存档：可以用，有第 {'、'.join(map(str, sorted(chosen.keys)))} 版私钥"


def _page(settings: Settings) -> Finding:
    """Address and key were checked when the settings were read; the rest is WeCom's back end."""
    if settings.page is None:
        unheard = [one.name for one in settings.communities if not one.heard_as]
        if not unheard:
            return True, "成员网页：没有开（config.yaml 里没有写 listen.public）"
        names = "、".join(unheard)
        return True, f"成员网页：没有开，所以“{names}”里不能玩游戏和抽奖；要开请写 listen.public"
    host = urlsplit(settings.page.public).hostname
    return True, (
        f"成员网页：{settings.page.public}；自建应用的网页授权可信域名要设为 {host}，"
        "电脑上扫码看周报的话，企业微信授权登录的授权回调域也设为它"
    )


async def _database(settings: Settings) -> Finding:
    try:
        database = await open_database(settings.database, read_only=True)
    except Unusable as error:
        return False, f"数据库：{error}"
    await database.close()
    return True, "数据库：可以打开"


async def _wecom(settings: Settings) -> list[Finding]:
    http = Http([settings.api])
    api = WecomApi(
        http,
        settings.api,
        settings.corp_id,
        settings.app.agent_id,
        settings.app.secret,
        SystemClock(),
    )
    findings: list[Finding] = []
    try:
        for community in settings.communities:
            findings.append(await _group(api, community.chat_id, community.name))
        findings += await _group_send(GroupSend(api), settings)
    finally:
        await http.close()
    return findings


async def _group_send(send: GroupSend, settings: Settings) -> list[Finding]:
    """Whether group-send tasks can be made: who may list them may make them. Nothing is made."""
    assisted = [one for one in settings.communities if one.mode is DeliveryMode.ASSIST]
    if not assisted:
        return []
    owners = sorted({one.owner for one in assisted if one.tasks})
    if not owners:
        return [(True, "企业群发：没有开（wecom.group_tasks），话术由客户经理转发")]
    now = SystemClock().now()
    for owner in owners:
        name = settings.staff[owner].name if owner in settings.staff else owner
        try:
            await send.made(owner, False, now - timedelta(days=1), now)
        except WecomError as error:
            text = f"企业群发：{name}的任务建不了，话术会交给本人转发：{error}"
            return [(False, text)]
        except (NotSent, NoAnswer) as error:
            return [(False, f"企业群发：连不上：{error}")]
    return [(True, f"企业群发：可以给 {len(owners)} 位客户经理建任务")]


async def _group(api: WecomApi, chat_id: str, name: str) -> Finding:
    try:
        group = await api.group_chat(chat_id)
    except WecomError as error:
        if error.errcode == NOT_A_CUSTOMER_GROUP:
            return True, f"企业微信：“{name}”是内部群，成员名单读不到，成员发言后才认得"
        return False, f"企业微信：读不到“{name}”：{error}"
    except (NotSent, NoAnswer) as error:
        return False, f"企业微信：连不上：{error}。请检查出口网络和可信 IP"
    members = len(group.get("member_list", []))
    return True, f"企业微信：“{name}”有 {members} 人"


def _certificates(settings: Settings) -> list[Finding]:
    """How long the merchant's certificate, and the platform's if there is one, are good."""
    merchant = settings.merchant
    if merchant is None:
        return []
    ends = [("商户证书", merchant.good_until)]
    if merchant.platform is not None and merchant.platform.good_until is not None:
        ends.append(("微信支付平台证书", merchant.platform.good_until))
    now = SystemClock().now()
    return [
        (
            end - now >= EXPIRES_SOON,
            f"{what}：到 {end.astimezone(settings.zone).date()} 为止"
            + ("" if end - now >= EXPIRES_SOON else "，请到微信支付商户平台更换"),
        )
        for what, end in ends
    ]


async def _payer(settings: Settings) -> list[Finding]:
    """Whether the payer can be reached and believes us; nothing for one that is not called."""
    kind = payer_type(settings.payer)
    if not kind.automatic:
        return []
    merchant = settings.merchant
    tls = None if merchant is None else merchant.tls()
    http = Http([settings.api, settings.payout_url], tls=tls)
    try:
        outcome = await kind(settings, http, SystemClock()).query(_KNOCK)
    finally:
        await http.close()
    if isinstance(outcome, NeverSeen):
        return [(True, f"发奖：{settings.payer} 能连上，也认得我们")]
    said = "查到了不存在的订单" if isinstance(outcome, Paid) else outcome.reason
    return [(False, f"发奖：{settings.payer} 不能用：{said}")]
