"""Configuration, library and people of the town: everything that issue 4 pays with."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from bot.sandbox.seed import (
    AibotSeed,
    AppSeed,
    CorpSeed,
    CustomerSeed,
    GroupSeed,
    MerchantSeed,
    RobotSeed,
    Seed,
    StaffSeed,
)
from tests.faults.installation import AGENT, AIBOT, CORP, HOST, KEY, ROBOT_KEY, SECRET

LOUD, QUIET = "wealth", "quiet"
"""In one group the bot hears people, in the other there is only the page."""
CHATS = {LOUD: "wrFaultTown01", QUIET: "wrFaultTown02"}
HOOK, LOTS, PRICED = "hook", "lots", "priced"
WORDS = {HOOK: "抽奖", LOTS: "报名", PRICED: "积分抽奖"}
CHANCES, PRICE, START = 3, 5, 100
"""Draws of a member, points that a priced one costs, points that everybody has at first."""
COUPON, VOUCHER = "视频月卡", "咖啡券"
"""A coupon that is drawn, and one that points are redeemed for."""
WINNERS = 4
"""Cards of the draw among entrants."""
MERCHANT, API_KEY = "1900000109", "merchant-api-key-of-32-characters"[:32]
PUBLIC_KEY_ID = "PUB_KEY_ID_0114232134912410000000000000"

SECRETS = {
    "QUNYUN_APP_SECRET": SECRET,
    "QUNYUN_APP_TOKEN": SECRET,
    "QUNYUN_APP_AES_KEY": KEY,
    "QUNYUN_AIBOT_TOKEN": SECRET,
    "QUNYUN_AIBOT_AES_KEY": KEY,
    "QUNYUN_ROBOT_WEALTH": ROBOT_KEY,
    "QUNYUN_PAGE_SECRET": SECRET,
}

_RULES = [
    "群成员均可参加，次数以公告为准；本行及合作方工作人员不参加。",
    "不需要购买、持有或开立任何产品，也不需要拉人或转发。",
    "奖品送完即止；奖池、数量和金额以公告为准，开始后不作不利于成员的改动。",
    "红包在中奖后以微信红包发放，领取后存入微信零钱，发放后 24 小时内未领取的，视为放弃；券码和实物"
    "在 30 天内凭“我的奖品”领取，逾期视为放弃，价款退回活动预算。",
    "对结果有疑问，请私信群内客户经理。",
]


def customer(number: int) -> str:
    """The id of a member, from 0."""
    return f"wmTown{number:04}"


def home(number: int) -> str:
    """In which community a member is: every third only has the page."""
    return QUIET if number % 3 == 1 else LOUD


def seed(port: int, members: int, merchant: MerchantSeed | None) -> Seed:
    """People and groups; `port` is the bot's."""
    callbacks = f"http://{HOST}:{port}/wecom"
    people = {
        place: tuple(customer(one) for one in range(members) if home(one) == place)
        for place in CHATS
    }
    return Seed(
        corp=CorpSeed(CORP, "示例银行"),
        app=AppSeed(AGENT, SECRET, SECRET, KEY, f"{callbacks}/app/{AGENT}"),
        aibot=AibotSeed(AIBOT, SECRET, SECRET, KEY, f"{callbacks}/aibot/{AIBOT}"),
        staff=(StaffSeed("lijing", "李静"), StaffSeed("wangqiang", "王强", "主管")),
        customers=tuple(
            CustomerSeed(customer(one), f"客户{one:04}", ("lijing",)) for one in range(members)
        ),
        groups=(
            GroupSeed(
                CHATS[LOUD],
                "财富群",
                "lijing",
                members=people[LOUD],
                robots=(RobotSeed(ROBOT_KEY, "群运小助手"),),
                aibot=True,
                robots_in_customer_group=True,
            ),
            GroupSeed(CHATS[QUIET], "静群", "lijing", members=people[QUIET]),
        ),
        payer_secret=SECRET,
        merchant=merchant,
    )


def config(address: str, database: str, port: int, zone: str, payer: str) -> dict[str, Any]:
    """config.yaml with the sandbox at `address`."""
    payouts: dict[str, Any] = {"payer": payer, "url": address}
    if payer == "marketing_platform":
        payouts["url"] = f"{address}/marketing"
    else:
        payouts["merchant"] = {
            "id": MERCHANT,
            "certificate": "apiclient_cert.pem",
            "key": "apiclient_key.pem",
            "platform_key": "pub_key.pem",
            "platform_key_id": PUBLIC_KEY_ID,
        }
    return {
        "company": "示例银行",
        "zone": zone,
        "database": database,
        "library": ["library"],
        "listen": {"port": port, "public": f"http://{HOST}:{port}"},
        "wecom": {
            "corp_id": CORP,
            "api": address,
            "oauth": address,
            "group_tasks": False,
            "app": {"agent": AGENT},
            "aibot": {"id": AIBOT, "mode": "callback"},
        },
        "staff": [
            {"id": "lijing", "name": "李静", "roles": ["rm"]},
            {"id": "wangqiang", "name": "王强", "roles": ["manager"]},
        ],
        "communities": [
            _community(LOUD, "财富群", "robot"),
            _community(QUIET, "静群", "assist"),
        ],
        "payouts": payouts,
    }


def _community(id: str, name: str, mode: str) -> dict[str, Any]:
    return {
        "id": id,
        "name": name,
        "chat_id": CHATS[id],
        "owner": "lijing",
        "mode": mode,
        "review": False,
        "labels": ["all", id],
    }


def library(members: int, today: date) -> Mapping[str, dict[str, Any]]:
    """Files by their names, for so many members."""
    few, some = members // 8 + 2, members // 2 + 4
    redeem = "凭“我的奖品”里的券码或领取码领取，限本人，30 天内有效"
    hook = [
        {"prize": "8.88 元红包", "amount": "8.88", "count": some},
        {"prize": "1.88 元红包", "amount": "1.88", "count": 3 * some},
        {"prize": COUPON, "kind": "coupon", "amount": "5.00", "count": some, "redeem": redeem},
        {"prize": "雨伞", "kind": "gift", "amount": "20.00", "count": few, "redeem": redeem},
        {"prize": "积分", "kind": "points", "points": 20, "count": some, "redeem": "直接到账"},
    ]
    lots = [
        {"prize": "18.80 元红包", "amount": "18.80", "count": WINNERS - 1},
        {"prize": "急救包", "kind": "gift", "amount": "50.00", "count": 1, "redeem": redeem},
    ]
    priced = [
        {"prize": "1.00 元红包", "amount": "1.00", "count": some},
        {"prize": "返还积分", "kind": "points", "points": 3, "count": some, "redeem": "直接到账"},
    ]
    ends = {"ends": f"{today + timedelta(days=20)}"}
    value = {"mode": "entrants", "public_value": "双色球第 2026136 期红球", **ends}
    price = {"condition": {"points": PRICE}, "chances": {"total": 5, "per_day": 5}}
    return {
        "campaigns/hook.yaml": _campaign(HOOK, "见面礼", hook, chances=CHANCES),
        "campaigns/lots.yaml": _campaign(LOTS, "年终大奖", lots, **value),
        "campaigns/priced.yaml": _campaign(PRICED, "积分换手气", priced, **price),
        "points/town.yaml": _points(members),
    }


def _campaign(name: str, title: str, deck: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    fen = sum(round(float(one.get("amount", "0")) * 100) * one["count"] for one in deck)
    return {
        "campaign": name,
        "title": title,
        "organiser": "示例银行",
        "applies_to": {"labels": ["all"]},
        "round": "standing",
        "keyword": WORDS[name],
        **more,
        "budget": f"{fen // 100}.{fen % 100:02}",
        "deck": deck,
        "payable_after": 1,
        "claim_within": "30d",
        "opening": "谢谢您在群里。",
        "rules": _RULES,
    }


def referral() -> dict[str, Any]:
    """Members invite members; what is not in the library of every test."""
    return {
        "referral": "town",
        "title": "老友介绍",
        "applies_to": {"labels": ["all"]},
        "stay": "7d",
        "most": {"per_day": 3, "per_month": 10, "total": 50},
        "burst": {"joins": 5, "within": "1h"},
        "invitation": "把二维码发给想学点防骗常识的朋友，由他自己决定要不要来。",
    }


def _points(members: int) -> dict[str, Any]:
    items = [
        {"number": 1, "item": "抽纸", "kind": "gift", "value": "12.00"},
        {"number": 2, "item": VOUCHER, "kind": "coupon", "value": "15.00"},
    ]
    shared = {
        "points": 10,
        "stock": members,
        "claim_within": "30d",
        "where": "凭领取码到网点大堂领取，限本人",
    }
    return {
        "points": "town",
        "title": "邻里积分",
        "applies_to": {"labels": ["all"]},
        "earn": {"checkin": 5, "invited": 30},
        "levels": [{"name": "新芽", "from": 0}],
        "expires_after": 12,
        "redeem": [{**one, **shared} for one in items],
        "by_hand_per_day": 200,
    }
