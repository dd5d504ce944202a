"""A small bank under fault, judged to the last letter: one campaign, one step, two groups."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.sandbox.seed import (
    AibotSeed,
    AppSeed,
    CorpSeed,
    CustomerSeed,
    GroupSeed,
    RobotSeed,
    Seed,
    StaffSeed,
)
from tests.faults.checker import Deeds, Wanted, findings
from tests.faults.installation import (
    AGENT,
    AIBOT,
    CORP,
    HOST,
    KEY,
    ROBOT_KEY,
    SECRET,
    ZONE,
    Installation,
    noon,
)
from tests.faults.records import Records, set_watermark, snapshot

LATE = timedelta(minutes=2)
"""The plan's step was due this long before the bot's first start: it is caught up."""
GROUP, QUIET_GROUP = "wrFaultGroup01", "wrFaultGroup02"
MEMBERS = 24
"""In the group at first. There are more cards than people who draw."""
CARDS = (("8.88 元红包", 888, 4), ("5.00 元红包", 500, 8), ("1.88 元红包", 188, MEMBERS))
KEYWORD = "抽奖"


def customer(number: int) -> str:
    """The id of a member of the group, from 0."""
    return f"wmFault{number:03}"


class Bank(Installation):
    """The small bank, from before its first start."""

    def __init__(self, nest: Path, folder: Path, records: Records) -> None:
        super().__init__(nest, folder, records, _seed)
        self.secrets = SECRETS
        self.deeds = Deeds()
        self.wanted = Wanted(KEYWORD, (), {}, CARDS)

    async def open(self) -> None:
        """Starts the sandbox and writes configuration and library."""
        address = f"http://{HOST}:{await self.sandbox.start()}"
        now = self.clock.now()
        due = (now - LATE).astimezone(ZONE)
        step = f"fault-week/now/{due.date()}"
        self.wanted = Wanted(
            KEYWORD,
            (f"{step}/quiet", f"{step}/wealth"),
            {"group_robot": 2, "assist": 2},
            CARDS,
        )
        self.write("config.yaml", _config(address, self.records.url, self.port, noon(now.hour)))
        self.write("library/plans/week.yaml", _plan(due))
        self.write("library/campaigns/hook.yaml", _campaign())
        await set_watermark(self.records, due - LATE)

    async def opened(self) -> bool:
        """Whether members can draw."""
        if not await self.listens():
            return False
        (row,) = await self.records.select("SELECT count(*) AS decks FROM deck")
        return bool(row["decks"])

    async def settled(self) -> None:
        """Waits until the bot has nothing left to do, minutes of waiting being skipped."""
        await self.until(self._idle)
        await self.sandbox.settle()
        await self.until(self._idle)

    async def _idle(self) -> bool:
        counts = await self.records.select(
            "SELECT"
            " (SELECT count(*) FROM inbox WHERE status = 'pending') AS events,"
            " (SELECT count(*) FROM outbox WHERE status IN ('pending', 'sending')) AS letters,"
            " (SELECT count(*) FROM payout"
            "   WHERE status IN ('approved', 'submitted', 'unknown')) AS payouts,"
            " (SELECT count(*) FROM occurrence WHERE status <> 'planned') AS occurrences,"
            " (SELECT count(*) FROM deck) AS decks"
        )
        ready = {"occurrences": len(self.wanted.occurrences), "decks": 1}
        return counts == [{"events": 0, "letters": 0, "payouts": 0, **ready}]

    # people

    def say(self, member: str, text: str) -> None:
        """A member says something to the intelligent bot."""
        self.sandbox.actions.say(member, GROUP, text, at_bot=True)
        self.deeds.said.append((member, text))

    def join(self, name: str) -> str:
        """A stranger joins the group. Returns their id."""
        member = self.sandbox.actions.join(GROUP, name=name).id
        self.deeds.joined.append(member)
        return member

    # judgement

    async def findings(self, *, resent: bool = True) -> list[str]:
        """What the checker finds wrong, the bot being idle or down.

        Unless `resent`, not even a letter that was on its way at a kill may be shown twice.
        """
        self.deeds.shown = [
            (one.sender.kind, "card" if one.card else one.text)
            for one in self.sandbox.messages.all()
            if one.sender.kind in ("robot", "aibot", "app")
        ]
        self.deeds.paid = self.payments(())
        tables = await snapshot(self.records)
        damage = await self.records.damage()
        cut_off = self.cut_off if resent else None
        return damage + findings(tables, self.deeds, self.wanted, cut_off)


SECRETS = {
    "QUNYUN_APP_SECRET": SECRET,
    "QUNYUN_APP_TOKEN": SECRET,
    "QUNYUN_APP_AES_KEY": KEY,
    "QUNYUN_AIBOT_TOKEN": SECRET,
    "QUNYUN_AIBOT_AES_KEY": KEY,
    "QUNYUN_PAYOUT_SECRET": SECRET,
    "QUNYUN_ROBOT_WEALTH": ROBOT_KEY,
}
"""The bot's environment."""


def _seed(port: int) -> Seed:
    callbacks = f"http://{HOST}:{port}/wecom"
    members = tuple(customer(number) for number in range(MEMBERS))
    return Seed(
        corp=CorpSeed(CORP, "示例银行"),
        app=AppSeed(AGENT, SECRET, SECRET, KEY, f"{callbacks}/app/{AGENT}"),
        aibot=AibotSeed(AIBOT, SECRET, SECRET, KEY, f"{callbacks}/aibot/{AIBOT}"),
        staff=(StaffSeed("lijing", "李静"), StaffSeed("wangqiang", "王强", "主管")),
        customers=tuple(CustomerSeed(one, f"客户{one[-3:]}") for one in members),
        groups=(
            GroupSeed(
                GROUP,
                "财富群",
                "lijing",
                members=members,
                robots=(RobotSeed(ROBOT_KEY, "群运小助手"),),
                aibot=True,
                robots_in_customer_group=True,
            ),
            GroupSeed(QUIET_GROUP, "静群", "lijing"),
        ),
        payer_secret=SECRET,
    )


def _config(address: str, database: str, port: int, zone: str) -> dict[str, Any]:
    return {
        "company": "示例银行",
        "zone": zone,
        "database": database,
        "library": ["library"],
        "listen": {"port": port},
        "wecom": {
            "corp_id": CORP,
            "api": address,
            "group_tasks": False,
            "app": {"agent": AGENT},
            "aibot": {"id": AIBOT, "mode": "callback"},
        },
        "staff": [
            {"id": "lijing", "name": "李静", "roles": ["rm"]},
            {"id": "wangqiang", "name": "王强", "roles": ["manager"]},
        ],
        "communities": [
            _community("wealth", "财富群", GROUP, "robot"),
            _community("quiet", "静群", QUIET_GROUP, "assist"),
        ],
        "payouts": {"payer": "marketing_platform", "url": f"{address}/marketing"},
    }


def _community(id: str, name: str, chat_id: str, mode: str) -> dict[str, Any]:
    entry = {
        "id": id,
        "name": name,
        "chat_id": chat_id,
        "owner": "lijing",
        "mode": mode,
        "review": False,
    }
    return {**entry, "labels": ["all", id]}


def _plan(due: datetime) -> dict[str, Any]:
    step = {
        "id": "now",
        "at": f"{due:%H:%M}",
        "window": "30m",
        "content": {"text": "今天的小知识：先把要花的钱放好。"},
        "catch_up": {"within": "2h", "then": "run"},
    }
    return {
        "plan": "fault-week",
        "title": "故障测试",
        "applies_to": {"labels": ["all"]},
        "dates": {f"{due.date()}": [step]},
    }


def _campaign() -> dict[str, Any]:
    total = sum(fen * count for _, fen, count in CARDS)
    return {
        "campaign": "hook",
        "title": "见面礼",
        "organiser": "示例银行",
        "applies_to": {"labels": ["wealth"]},
        "round": "standing",
        "keyword": KEYWORD,
        "budget": f"{total // 100}.{total % 100:02}",
        "deck": [
            {"prize": prize, "amount": f"{fen // 100}.{fen % 100:02}", "count": count}
            for prize, fen, count in CARDS
        ],
        "payable_after": 1,
        "opening": "欢迎来到社群。",
        "rules": [
            "群成员均可参加，每人一次。",
            "以微信红包发放，逾期未领取视为放弃。",
            "有疑问请私信客户经理。",
        ],
    }
