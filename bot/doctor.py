"""`qunyun doctor`: what is wrong with this installation, and what to do about it."""

import shutil
from pathlib import Path

from bot.clock import SystemClock
from bot.edition import Edition
from bot.http import Http, NoAnswer, NotSent
from bot.roster import NOT_A_CUSTOMER_GROUP
from bot.settings import Settings
from bot.shelf import shelf_of
from bot.wecom.api import WecomApi
from bot.wecom.errors import WecomError
from sop.diagnostics import render
from sop.workdays import UnknownYear, Workdays
from storage.database import Unusable, open_database

LEAST_DISK = 1 << 30
HORIZON = 30
"""Working days that must be known ahead."""

Finding = tuple[bool, str]
"""(fine, what was found and what to do)."""


async def examine(settings: Settings) -> tuple[int, str]:
    """Checks everything that can be checked from here: exit code and a text to read.

    The code is 3 when WeCom cannot be reached or refuses, else 1 when anything is wrong.
    """
    edition = shelf_of(settings).edition
    local = [_library(edition), _calendar(settings, edition.workdays), _disk(settings)]
    database = await _database(settings)
    outside = await _wecom(settings)
    findings = [*local, database, *outside]
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
    finally:
        await http.close()
    return findings


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
