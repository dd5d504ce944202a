"""Three relationship managers under fault: two steps, each a group-send task for each of them.

Judged from the sandbox's tasks and groups, the bot's rows, and what the three did.
"""

import json
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.sandbox.errors import Json
from bot.sandbox.seed import AibotSeed, AppSeed, CorpSeed, GroupSeed, Seed, StaffSeed
from tests.faults.installation import AGENT, AIBOT, CORP, HOST, KEY, SECRET, ZONE, Installation
from tests.faults.records import Records, set_watermark, sql

LATE = timedelta(minutes=2)
"""The steps were due this long before the bot's first start: they are caught up."""
RMS = {"lijing": "李静", "chenming": "陈明", "zhouwen": "周文"}
TEXTS = {"brief": "今天的早报。", "class": "今天的小课堂。"}
TASKS = len(RMS) * len(TEXTS)
_OPEN = "SELECT count(*) AS n FROM assist_task WHERE status IN ('open', 'sent', 'skipped')"
_ROWS = "SELECT occurrence, owner, status, msgid, on_time FROM assist_task ORDER BY occurrence"
_ASKED = "请确认企业群发"


class Senders(Installation):
    """The three, from before the bot's first start."""

    def __init__(self, nest: Path, folder: Path, records: Records) -> None:
        super().__init__(nest, folder, records, _seed)
        self.secrets = {
            "QUNYUN_APP_SECRET": SECRET,
            "QUNYUN_APP_TOKEN": SECRET,
            "QUNYUN_APP_AES_KEY": KEY,
        }
        self.confirmed: set[tuple[str, str]] = set()
        self.skipped: set[tuple[str, str]] = set()
        self._day = ""

    async def open(self) -> None:
        """Starts the sandbox and writes configuration and library."""
        address = f"http://{HOST}:{await self.sandbox.start()}"
        due = (self.clock.now() - LATE).astimezone(ZONE)
        self._day = str(due.date())
        self.write("config.yaml", _config(address, self.records.url, self.port))
        self.write("library/plans/week.yaml", _plan(due))
        await set_watermark(self.records, due - LATE)

    async def pass_time(self) -> None:
        """Every look at a task, and every wait for an unknown answer, is due."""
        await super().pass_time()
        past = sql(self.clock.now() - timedelta(minutes=5))
        await self.records.execute(
            f"UPDATE assist_task SET next_at = {past} WHERE next_at IS NOT NULL",
            f"UPDATE outbox SET finished_at = {past} WHERE status = 'unknown'",
        )

    async def asked(self) -> None:
        """Waits until everybody was asked for everything, and nothing is on its way."""
        await self.until(self._all_asked)

    async def settled(self) -> None:
        """Waits until the bot knows what the three did."""
        await self.until(self._all_known)

    # the three

    def confirm(self, who: str, step: str) -> bool:
        """Presses 确认发送 where there is something to confirm."""
        for task in self._live(who, step):
            if task["sent_at"] is None:
                self.sandbox.actions.confirm(who, task["msgid"])
                self.confirmed.add((who, step))
                return True
        return False

    def skip(self, who: str, step: str) -> None:
        """Presses 跳过 on the card about a task. It must be there."""
        key = f"skip|{self._occurrence(who, step)}"
        for message in reversed(self.sandbox.messages.of(f"app:{who}")):
            if any(one["key"] == key for one in (message.card or {}).get("button_list", [])):
                self.sandbox.actions.press(who, message.n, key, {})
                self.skipped.add((who, step))
                return
        raise AssertionError(f"{who} was not asked for {step}")

    # judgement

    async def findings(self) -> list[str]:
        """Everything lost or doubled; the bot being idle, and everything confirmed or skipped."""
        found = await self.records.damage()
        rows = {one["occurrence"]: one for one in await self.records.select(_ROWS)}
        for who in RMS:
            for step, text in TEXTS.items():
                name = f"{who}/{step}"
                skipped = (who, step) in self.skipped
                live = len(self._live(who, step))
                read = Counter(one.text for one in self.sandbox.messages.of(f"wr-{who}"))[text]
                wanted = 0 if skipped else 1
                if live != wanted:
                    found.append(f"{name}: {live} tasks, not {wanted}")
                if read != wanted:
                    found.append(f"{name}: read {read} times, not {wanted}")
                row = rows.pop(self._occurrence(who, step), None)
                status = "skipped" if skipped else "sent"
                if row is None or (row["status"], row["owner"]) != (status, who):
                    found.append(f"{name}: {row}, not {status}")
        letters = await self.records.select(
            "SELECT target, body FROM outbox WHERE channel = 'app_message'"
        )
        asked = Counter(
            json.loads(one["target"])["user"]
            for one in letters
            if _ASKED in json.loads(one["body"]).get("card", {}).get("title", "")
        )
        if asked != dict.fromkeys(RMS, len(TEXTS)):
            found.append(f"asked: {asked}")
        return [*found, *(f"unknown step: {one}" for one in rows)]

    def doubled(self) -> list[str]:
        """Steps for which a colleague was given more than one task."""
        return [
            f"{who}/{step}: {live} tasks"
            for who in RMS
            for step in TEXTS
            if (live := len(self._live(who, step))) > 1
        ]

    def _live(self, who: str, step: str) -> list[Json]:
        """A colleague's tasks for a step that were not cancelled."""
        return [
            one
            for one in self.sandbox.mass_sends.describe()
            if one["staff"] == who and one["text"] == TEXTS[step] and not one["cancelled"]
        ]

    def _occurrence(self, who: str, step: str) -> str:
        return f"fault-week/{step}/{self._day}/{who}"

    async def _quiet(self) -> bool:
        (row,) = await self.records.select(
            "SELECT"
            " (SELECT count(*) FROM inbox WHERE status = 'pending')"
            " + (SELECT count(*) FROM outbox WHERE status IN ('pending', 'sending'))"
            " + (SELECT count(*) FROM assist_task WHERE status = 'waiting' OR withdraw <> '')"
            " AS n"
        )
        return row["n"] == 0

    async def _all_asked(self) -> bool:
        (row,) = await self.records.select(_OPEN)
        return row["n"] == TASKS and await self._quiet()

    async def _all_known(self) -> bool:
        rows = await self.records.select(_ROWS)
        known = Counter(one["status"] for one in rows)
        wanted = Counter(sent=len(self.confirmed), skipped=len(self.skipped))
        return known == +wanted and await self._quiet()


def _seed(port: int) -> Seed:
    callbacks = f"http://{HOST}:{port}/wecom"
    return Seed(
        corp=CorpSeed(CORP, "示例银行"),
        app=AppSeed(AGENT, SECRET, SECRET, KEY, f"{callbacks}/app/{AGENT}"),
        aibot=AibotSeed(AIBOT, SECRET),
        staff=tuple(StaffSeed(id, name) for id, name in RMS.items()),
        groups=tuple(GroupSeed(f"wr-{id}", f"{name}的群", id) for id, name in RMS.items()),
    )


def _config(address: str, database: str, port: int) -> dict[str, Any]:
    return {
        "company": "示例银行",
        "database": database,
        "library": ["library"],
        "listen": {"port": port},
        "wecom": {
            "corp_id": CORP,
            "api": address,
            "group_tasks": True,
            "app": {"agent": AGENT},
        },
        "staff": [{"id": id, "name": name, "roles": ["rm"]} for id, name in RMS.items()],
        "communities": [
            {
                "id": id,
                "name": f"{name}的群",
                "chat_id": f"wr-{id}",
                "owner": id,
                "mode": "assist",
                "review": False,
                "labels": ["all"],
            }
            for id, name in RMS.items()
        ],
    }


def _plan(due: datetime) -> dict[str, Any]:
    steps = [
        {
            "id": id,
            "at": f"{due:%H:%M}",
            "window": "30m",
            "content": {"text": text},
            "catch_up": {"within": "2h", "then": "run"},
        }
        for id, text in TEXTS.items()
    ]
    return {
        "plan": "fault-week",
        "title": "故障测试",
        "applies_to": {"labels": ["all"]},
        "dates": {f"{due.date()}": steps},
    }
