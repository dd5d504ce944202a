"""A town under fault: chat and page, three campaigns, points, coupons, and a payer with moods."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from bot.links import Links
from bot.sandbox.seed import MerchantSeed
from storage import coupons, points
from storage.database import open_database
from tests.faults.checker import Deeds
from tests.faults.installation import DEADLINE, HOST, SECRET, Installation, noon
from tests.faults.phone import Phone
from tests.faults.records import Records, sql
from tests.faults.town_files import (
    API_KEY,
    CHATS,
    COUPON,
    HOOK,
    LOTS,
    LOUD,
    PRICED,
    SECRETS,
    START,
    VOUCHER,
    WORDS,
    config,
    customer,
    home,
    library,
    seed,
)

MOODS = (
    "payer_cut",
    "payer_down",
    "payer_late",
    "payer_processing",
    "payer_notify_twice",
    "payer_bad_signature",
)
"""What may be wrong with the payer in any life of the bot; none of it for ever."""

_WORK = (
    "SELECT"
    " (SELECT count(*) FROM inbox WHERE status = 'pending') AS events,"
    " (SELECT count(*) FROM outbox WHERE status IN ('pending', 'sending')) AS letters,"
    " (SELECT count(*) FROM payout JOIN award USING (order_no)"
    "   WHERE kind = 'cash' AND status IN ('approved', 'submitted', 'unknown')) AS payouts"
)
"""What the bot has still to do."""


@dataclass(slots=True)
class Wishes:
    """What people asked for, by whom and how often."""

    draws: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(campaign, member) of everything that is to be one draw or one entry."""
    checked_in: set[str] = field(default_factory=set)
    redeemed: Counter[tuple[str, int]] = field(default_factory=Counter)
    """(member, number of the item)."""
    claimed: set[str] = field(default_factory=set)
    """Orders of coupons."""


Builder = Callable[[str, int], Awaitable["Town"]]
"""Makes a town: with which payer, with how many members."""


class Town(Installation):
    """The whole of it, from before the bot's first start."""

    def __init__(
        self,
        nest: Path,
        folder: Path,
        records: Records,
        payer: str,
        members: int,
        merchant: MerchantSeed,
    ) -> None:
        super().__init__(nest, folder, records, lambda port: seed(port, members, merchant))
        secret = SECRET if payer == "marketing_platform" else API_KEY
        self.secrets = {**SECRETS, "QUNYUN_PAYOUT_SECRET": secret}
        self.deeds = Deeds()
        self.wishes = Wishes()
        self.members = members
        self._payer = payer
        self._errands: list[asyncio.Task[None]] = []
        self._phones: list[Phone] = []
        self._claiming: set[str] = set()

    async def open(self) -> None:
        """Starts the sandbox, writes configuration and library, stocks coupons and points."""
        address = f"http://{HOST}:{await self.sandbox.start()}"
        now = self.clock.now()
        zone = noon(now.hour)
        self.write("config.yaml", config(address, self.records.url, self.port, zone, self._payer))
        for name, content in library(self.members, now.date()).items():
            self.write(f"library/{name}", content)
        stock = [f"CODE{one:05}" for one in range(self.members + 100)]

        def work(tx: Connection) -> None:
            coupons.add(tx, HOOK, COUPON, stock, now)
            coupons.add(tx, "points/town", VOUCHER, stock, now)
            for one in range(self.members):
                who = customer(one)
                points.give(tx, who, home(one), START, "hand", "开户", f"start/{who}", now)

        database = await open_database(self.records.url)
        try:
            await database.write(work)
        finally:
            await database.close()

    async def close(self) -> None:
        for one in self._errands:
            one.cancel()
        await asyncio.gather(*self._errands, return_exceptions=True)
        await asyncio.gather(*(one.close() for one in self._phones))
        await super().close()

    # people

    def comes(self, number: int) -> None:
        """A member does what a member of this kind does, and goes on doing it over restarts."""
        who = customer(number)
        kind = number % 3
        if kind == 0:
            for text in (WORDS[HOOK], WORDS[HOOK], "签到", WORDS[LOTS], "兑换 1"):
                self.say(who, text)
        elif kind == 1:
            self.goes(self._reads(who))
        else:
            for text in (WORDS[HOOK], WORDS[PRICED]):
                self.say(who, text)
            self.goes(self._does_both(who))

    def say(self, member: str, text: str) -> None:
        """A member says something to the intelligent bot."""
        self.sandbox.actions.say(member, CHATS[LOUD], text, at_bot=True)
        self.deeds.said.append((member, text))
        for campaign, word in WORDS.items():
            if text == word:
                self.wishes.draws[campaign, member] += 1
        if text == "签到":
            self.wishes.checked_in.add(member)
        if text.startswith("兑换 "):
            self.wishes.redeemed[member, int(text.removeprefix("兑换 "))] += 1

    async def _reads(self, who: str) -> None:
        """Everything on the page."""
        phone = await self.phone(who)
        for _ in range(3):
            await self.draw(phone, HOOK, who)
        await self.check_in(phone, who)
        await self.draw(phone, LOTS, who)
        await self.redeem(phone, who, 2)
        for _ in range(2):
            await self.draw(phone, PRICED, who)

    async def _does_both(self, who: str) -> None:
        """On the page what the same member does in the chat at the same time."""
        phone = await self.phone(who)
        await self.draw(phone, HOOK, who)
        await self.check_in(phone, who)
        await self.redeem(phone, who, 1)

    async def phone(self, who: str) -> Phone:
        """A member's phone, inside the page."""
        place = home(int(who[-4:]))
        links = Links(f"http://{HOST}:{self.port}", SECRET)
        phone = Phone(
            f"http://{HOST}:{self.port}", lambda: links.link(place, self.clock.now()), who
        )
        self._phones.append(phone)
        await phone.enter()
        return phone

    async def draw(self, phone: Phone, campaign: str, who: str) -> None:
        """One press of the button, which is one draw however often it is sent."""
        query = f"SELECT id FROM deck WHERE campaign = '{campaign}'"
        while not (decks := await self.records.select(query)):
            await asyncio.sleep(0.1)
        forms = await phone.forms(f"/m/draw/{decks[0]['id']}")
        if not forms:
            self.deeds.turned_away.append((who, campaign))
        for form in forms:
            self.wishes.draws[campaign, who] += 1
            await phone.press(form)

    async def check_in(self, phone: Phone, who: str) -> None:
        """Pressed once; pressed again it is still once a day."""
        forms = await phone.forms("/m/checkin")
        self.wishes.checked_in.add(who)
        for form in forms:
            await phone.press(form)

    async def redeem(self, phone: Phone, who: str, number: int) -> None:
        """Points for an item."""
        button = ("number", f"{number}")
        forms = [one for one in await phone.forms("/m/points") if button in one.fields]
        if not forms:
            self.deeds.turned_away.append((who, f"兑换 {number}"))
        for form in forms:
            self.wishes.redeemed[who, number] += 1
            await phone.press(form, number=f"{number}")

    async def claim(self, phone: Phone) -> None:
        """Every coupon that is ready."""
        for form in await phone.forms("/m/prizes"):
            order = dict(form.fields)["order"]
            self.wishes.claimed.add(order)
            await phone.press(form, order=order)

    async def claimed_somewhere(self, most: int) -> None:
        """Some members whose coupons are ready take them, over restarts."""
        ready = await self.records.select(
            "SELECT DISTINCT award.member FROM award JOIN payout"
            " ON payout.order_no = award.order_no"
            " WHERE award.kind = 'coupon' AND payout.status = 'approved' ORDER BY award.member"
        )
        for who in [row["member"] for row in ready if row["member"] not in self._claiming][:most]:
            self._claiming.add(who)
            self.goes(self._claims(who))

    async def _claims(self, who: str) -> None:
        await self.claim(await self.phone(who))
        self._claiming.discard(who)

    def goes(self, errand: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Somebody goes about something, over restarts."""
        self._errands.append(asyncio.create_task(errand))
        return self._errands[-1]

    async def errands_done(self) -> None:
        """Everybody has been answered."""
        async with asyncio.timeout(4 * DEADLINE):
            await asyncio.gather(*self._errands)

    def command_to_bot(self, staff: str, text: str) -> None:
        """A colleague writes to the application."""
        self.sandbox.actions.say(staff, f"app:{staff}", text)
        self.deeds.said.append((staff, text))

    def mood(self, name: str, times: int) -> None:
        """The payer's next answers are like that."""
        self.sandbox.faults.set(name, times)

    # waiting

    async def opened(self) -> bool:
        """Whether members can draw."""
        if not await self.listens():
            return False
        (row,) = await self.records.select("SELECT count(*) AS decks FROM deck")
        return bool(row["decks"] == 3)

    async def invited(self) -> bool:
        """Whether somebody has an invitation."""
        rows = await self.records.select("SELECT code FROM invitation WHERE status = 'ready'")
        return bool(rows)

    async def arrived(self) -> bool:
        """Whether somebody came by an invitation."""
        return bool(await self.records.select("SELECT id FROM referral"))

    async def credited(self) -> bool:
        """Whether that counted."""
        query = "SELECT id FROM referral WHERE status = 'credited'"
        return bool(await self.records.select(query))

    async def settled(self) -> None:
        """Waits until the bot has nothing left to do, minutes of waiting being skipped."""
        for name in MOODS:
            self.mood(name, 0)
        await self.until(self._idle)
        await self.sandbox.settle()
        await self.until(self._idle)

    async def _idle(self) -> bool:
        counts = await self.records.select(_WORK)
        return counts == [{"events": 0, "letters": 0, "payouts": 0}]

    async def settled_but_payouts(self) -> None:
        """Waits until every event is handled and every letter sent."""
        await self.sandbox.settle()
        await self.until(self._said_all)

    async def _said_all(self) -> bool:
        (counts,) = await self.records.select(_WORK)
        return bool(counts["events"] == counts["letters"] == 0)

    async def asked_all(self) -> bool:
        """Whether the payer was sent, or asked about, everything that was approved."""
        left = "SELECT order_no FROM payout JOIN award USING (order_no) WHERE kind = 'cash'"
        return not await self.records.select(f"{left} AND status IN ('approved', 'submitted')")

    # the end of the rounds

    async def time_is_up(self) -> None:
        """While the bot is down: every round has come to its end."""
        past = sql(self.clock.now() - timedelta(minutes=1))
        await self.records.execute(
            f"UPDATE deck SET closes_at = {past}, next_at = {past} WHERE closed_at IS NULL"
        )

    async def frozen(self) -> bool:
        """Whether the draw among entrants waits for its value, and the others are closed."""
        rows = await self.records.select(
            "SELECT count(*) AS n FROM deck WHERE closed_at IS NOT NULL OR frozen_at IS NOT NULL"
        )
        return bool(rows == [{"n": 3}])

    async def all_closed(self) -> bool:
        """Whether every round is over."""
        rows = await self.records.select(
            "SELECT count(*) AS n FROM deck WHERE closed_at IS NOT NULL"
        )
        return bool(rows == [{"n": 3}])

    async def decide(self) -> None:
        """A colleague gives the value that decides among the entrants, and says that it is
        right."""
        value = f"开奖 {LOTS} 03 07 12 19 25 31"
        self.command_to_bot("wangqiang", value)
        await self.until(self._value_checked)
        self.command_to_bot("wangqiang", f"{value} 确认")

    async def _value_checked(self) -> bool:
        rows = await self.records.select("SELECT detail FROM audit WHERE action = '开奖'")
        return bool(rows)
