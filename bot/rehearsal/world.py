"""The world around the bot: groups, their members, their RMs, and what all of them do when.

It reads what the bot sends (through the recorders), and answers with the same events that WeCom
would have delivered. Everything it does follows from the seed.
"""

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.channel import Letter, Limit
from bot.letters import PIECE
from bot.rehearsal.approver import Approver
from bot.rehearsal.chance import Chance
from bot.rehearsal.clicks import holds_link
from bot.rehearsal.flow import Flow, everybody
from bot.rehearsal.host import Host
from bot.rehearsal.messages import Message, Reader, Sending, Trouble, Word
from bot.rehearsal.people import Account, Span, by_id
from bot.rehearsal.temperament import Call, Line
from bot.settings import Settings
from bot.wecom.parse import Received, received
from sop.community import Community
from sop.events import Event, Joined, Left, Pressed, ReplyTo, Said

HURRIED = timedelta(seconds=2)
"""Words that are handed over together, at the end of such a span, while a call of a minute is
open; longer calls allow longer spans."""
SPANS = 30
"""Spans to a call's length."""
UNHURRIED = timedelta(minutes=1)
"""The longest span."""
IN_A_FLOW = timedelta(minutes=5)
"""The longest span while thousands join: what nobody waits for is handed over together."""
_PIECE_SENT = "piece|sent|"
ANSWERED = "rehearsal:"
"""Scheme of the one-time addresses to which answers go."""


@dataclass(frozen=True, slots=True, order=True)
class _Happening:
    """Something that a simulated person will do."""

    at: datetime
    number: int
    who: str = field(compare=False)
    event: Event = field(compare=False)
    word: Word | None = field(compare=False, default=None)


@dataclass(frozen=True, slots=True)
class Happened:
    """What was handed over."""

    events: int
    pressed: bool
    came_or_left: bool


class World:
    """Everybody but the bot."""

    def __init__(
        self,
        settings: Settings,
        span: Span,
        seed: bytes,
        members: int,
        host: Host,
        flow: Flow | None = None,
        words: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """`words` are those that members may say in a community and that not every one knows."""
        self.span = span
        self.messages: list[Message] = []
        self.words: list[Word] = []
        self.sendings: list[Sending] = []
        self.troubles: list[Trouble] = []
        self.calls: dict[str, Call] = {}
        """Every call that was ever open, by key."""
        self._settings = settings
        self._host = host
        self._communities = {one.id: one for one in settings.communities}
        self._chats = {one.chat_id: one.id for one in settings.communities}
        self._chance = Chance(seed, "world")
        self.accounts = by_id(everybody(seed, settings.communities, members, span, flow))
        self._accounts_in: dict[str, list[Account]] = {one: [] for one in self._communities}
        for account in self.accounts.values():
            self._accounts_in[account.community].append(account)
        self._approver = Approver(settings) if flow is not None else None
        self._agenda: list[_Happening] = []
        self._numbers = 0
        self._askers: dict[str, tuple[Account, int]] = {}
        self._open: dict[str, Mapping[str, Call]] = {}
        """By community, then by key."""
        self._longest = UNHURRIED if flow is None else IN_A_FLOW
        self._patience = self._longest
        self._news: set[str] = set()
        self._joinings: set[str] = set()
        """Origins of welcomes, of which a large flow brings thousands: they open nothing."""
        self._scripts: list[Message] = []
        """Handed to RMs, to be sent by hand."""
        self._private: list[Message] = []
        """Handed to RMs with links in them, to be written to members."""
        self._leading: list[Message] = []
        """Read by members, with links in them, since this was asked last."""
        self._clock: Callable[[], datetime] = lambda: span.start
        self._people_come_and_go()
        self._ordinary_days(words or {})

    def read_clock(self, now: Callable[[], datetime]) -> None:
        """From now on what is read is read at this clock's time."""
        self._clock = now

    @property
    def communities(self) -> Sequence[Community]:
        """The groups."""
        return self._settings.communities

    # who is there

    async def group_chat(self, chat_id: str) -> dict[str, Any]:
        """The members of a group, in the words of WeCom (`bot.roster.Groups`)."""
        now = self._clock()
        community = self._communities[self._chats[chat_id]]
        present = [
            {
                "userid": one.id,
                "type": 2,
                "name": one.name,
                "join_time": int(one.joins_at.timestamp()),
            }
            for one in self.present(community.id, now)
        ]
        return {"member_list": [{"userid": community.owner, "type": 1}, *present]}

    def present(self, community: str, now: datetime) -> list[Account]:
        """Who is in a community at an instant."""
        return [one for one in self._accounts_in[community] if _is_there(one, now)]

    # what they do

    def next_at(self) -> datetime | None:
        """When the next events are handed over; those of a moment go together."""
        if not self._agenda:
            return None
        return self._agenda[0].at + self._patience

    async def act(self, inbox: Callable[[Received], Awaitable[None]]) -> Happened:
        """Hands over everything that happened up to now, as stored events."""
        now = self._clock()
        happened = []
        kinds: set[type[Event]] = set()
        while self._agenda and self._agenda[0].at <= now:
            one = heapq.heappop(self._agenda)
            if self._still(one):
                happened.append(received(one.event, f"rehearsal:{one.number}"))
                kinds.add(type(one.event))
                if one.word is not None:
                    self.words.append(one.word)
                elif isinstance(one.event, Joined) and self._longest == IN_A_FLOW:
                    self._joinings.add(f"event/rehearsal:{one.number}")
                if isinstance(one.event, Pressed) and one.event.key.startswith("sent|"):
                    self._forward(f"occurrence/{one.event.key.removeprefix('sent|')}@", one.at)
                if isinstance(one.event, Pressed) and one.event.key.startswith(_PIECE_SENT):
                    self._forward(f"{PIECE}{one.event.key.removeprefix(_PIECE_SENT)}/", one.at)
        await asyncio.gather(*(inbox(one) for one in happened))
        came_or_left = not kinds.isdisjoint((Joined, Left))
        return Happened(len(happened), Pressed in kinds, came_or_left)

    def _still(self, one: _Happening) -> bool:
        """People who have left say nothing, and nobody answers a call that was ended early."""
        account = self.accounts.get(one.who)
        if account is not None and isinstance(one.event, Said) and not _is_there(account, one.at):
            return False
        call = self.calls.get(one.word.call) if one.word is not None else None
        if call is None or call.key in self._open[call.community]:
            return True
        return call.closes_at is not None and call.closes_at <= one.at

    def has_read(self) -> list[Community]:
        """The groups that have read anything since this was asked last."""
        news, self._news = self._news, set()
        return [one for one in self._settings.communities if one.id in news]

    def leading(self) -> list[Message]:
        """What members have read since this was asked last that has links in it."""
        leading, self._leading = self._leading, []
        return leading

    def hear(self, communities: Iterable[Community], calls: Iterable[Call]) -> None:
        """These calls stand open in these communities, and no others do: those that are new are
        answered by whoever wants to."""
        for one in communities:
            self._open[one.id] = {}
        self._open = {**self._open, **_by_community(calls)}
        standing = [call for ones in self._open.values() for call in ones.values()]
        shortest = min((call.lasts / SPANS for call in standing), default=self._longest)
        self._patience = min(max(shortest, HURRIED), self._longest)
        for call in standing:
            if call.key in self.calls:
                continue
            self.calls[call.key] = call
            for account in self.present(call.community, self._clock()):
                if call.audience is not None and account.id not in call.audience:
                    continue
                for line in account.temperament.answers(call, account.me):
                    self._say(account, call.opened_at + line.after, line, call.key)

    def _say(self, account: Account, at: datetime, line: Line, call: str = "") -> None:
        if not _is_there(account, at) or not self.span.start <= at < self.span.end:
            return
        number = self._number()
        address = f"{ANSWERED}{number}"
        self._askers[address] = (account, number)
        chat_id = self._communities[account.community].chat_id
        reply_to = ReplyTo("aibot_reply", {"url": address})
        event = Said(at, account.id, chat_id, line.text.strip(), reply_to)
        word = Word(at, account.community, account.id, line.text, number, call)
        heapq.heappush(self._agenda, _Happening(at, number, account.id, event, word))

    def _ordinary_days(self, words: Mapping[str, Sequence[str]]) -> None:
        heard = {one.id for one in self._communities.values() if one.heard_as}
        for account in self.accounts.values():
            if account.community not in heard:
                continue
            me = replace(account.me, words=words.get(account.community, ()))
            for day in range(self.span.days):
                midnight = self.span.start + timedelta(days=day)
                for line in account.temperament.day(me, f"day-{day}"):
                    self._say(account, midnight + line.after, line)

    def _people_come_and_go(self) -> None:
        for account in self.accounts.values():
            chat_id = self._communities[account.community].chat_id
            if account.joins_at >= self.span.start:
                joined = Joined(account.joins_at, chat_id, (account.id,))
                self._plan(account.joins_at, account.id, joined)
            if account.leaves_at is not None and account.leaves_at < self.span.end:
                left = Left(account.leaves_at, chat_id, (account.id,))
                self._plan(account.leaves_at, account.id, left)

    def _plan(self, at: datetime, who: str, event: Event, word: Word | None = None) -> None:
        heapq.heappush(self._agenda, _Happening(at, self._number(), who, event, word))

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers

    # what they read

    def read(self, channel: str, letter: Letter, limits: Sequence[Limit]) -> str:
        """A letter arrived. Returns why WeCom would refuse it; empty: it would not."""
        now = self._clock()
        refusal = self._refusal(channel, letter)
        if refusal:
            self.troubles.append(Trouble(now, channel, refusal))
            return refusal
        card = letter.body.get("card")
        to, who, community = self._reader(letter)
        whom = self._named(to, who, community)
        for limit in limits:
            seconds = round(limit.window.total_seconds())
            self.sendings.append(Sending(now, limit.key, whom, community, limit.count, seconds))
        if channel == "card_update":  # its buttons become a word: nobody reads a new message
            return ""
        asked = self._askers.get(letter.target.get("url", ""))
        keys = [str(one["key"]) for one in card["buttons"]] if card else []
        message = Message(
            at=now,
            community=community,
            to=to,
            who=who,
            channel=channel,
            text=_text(letter.body),
            origin=letter.dedup_key.rpartition("#")[0],
            buttons=tuple(str(one["text"]) for one in card["buttons"]) if card else (),
            answers=asked[1] if asked else 0,
        )
        self.messages.append(message)
        if to == "group" and message.origin not in self._joinings:
            self._news.add(community)
        if to == "group" and holds_link(message):
            self._leading.append(message)
        elif to == "rm":
            self._read_by_colleague(message, keys, letter.body)
        return ""

    def _read_by_colleague(
        self, message: Message, keys: Sequence[str], body: Mapping[str, Any]
    ) -> None:
        """Cards are pressed, and whoever may approve payouts asks what waits."""
        if message.channel == "assist" and not keys:
            self._scripts.append(message)
        elif holds_link(message):
            self._private.append(message)
        if self._approver is not None:
            for said in self._approver.says(message, keys, body):
                self._plan(said.at, message.who, said)
            if self._approver.cares(keys):
                return
        if keys:
            self._press(message, keys[0], str(body["card"].get("task_id", "")))

    def _refusal(self, channel: str, letter: Letter) -> str:
        aibot = self._settings.aibot
        if channel == "aibot_push" and (aibot is None or aibot.mode != "long_connection"):
            return "智能机器人只有在长连接方式下才能主动发消息：把 aibot 改为长连接"
        return ""

    def _reader(self, letter: Letter) -> tuple[Reader, str, str]:
        """(whom it reaches, who that is, which community it belongs to)."""
        target = letter.target
        asker = self._askers.get(target.get("url", ""))
        if asker is not None:
            return "member", asker[0].id, asker[0].community
        community = target.get("community") or self._chats.get(target.get("chat_id", ""), "")
        if not community:
            community = _community_of(letter.dedup_key, self._communities)
        if "user" in target:
            return "rm", target["user"], community
        member = target.get("member", "")
        return ("member", member, community) if member else ("group", "", community)

    def _named(self, to: Reader, who: str, community: str) -> str:
        if to == "rm":
            staff = self._settings.staff.get(who)
            return staff.name if staff else who
        account = self.accounts.get(who)
        if account is not None:
            return account.name
        return self._communities[community].name if community else ""

    def _press(self, message: Message, key: str, task_id: str) -> None:
        """The RM presses the card's first button, after a while or never."""
        number = self._number()
        late = self._host.lateness(self._chance, str(number))
        if late is None:
            return
        at = message.at + late
        target = {"response_code": f"rehearsal-{number}", "user": message.who}
        event = Pressed(at, message.who, task_id, key, ReplyTo("card_update", target))
        self._plan(at, message.who, event)

    def _forward(self, handed: str, at: datetime) -> None:
        """The RM sent the script: from now on the group has read it."""
        scripts = [one for one in self._scripts if one.origin.startswith(handed)]
        forwarded = [replace(one, at=at, to="group", who="") for one in scripts]
        self.messages += forwarded
        private = [one for one in self._private if one.origin.startswith(handed)]
        written = [replace(one, at=at) for one in private]
        self._leading += [one for one in (*forwarded, *written) if holds_link(one)]


def _is_there(account: Account, at: datetime) -> bool:
    return account.joins_at <= at and (account.leaves_at is None or at < account.leaves_at)


def _by_community(calls: Iterable[Call]) -> dict[str, dict[str, Call]]:
    found: dict[str, dict[str, Call]] = {}
    for call in calls:
        found.setdefault(call.community, {})[call.key] = call
    return found


def _text(body: Mapping[str, Any]) -> str:
    card = body.get("card")
    if card is None:
        return str(body.get("markdown", body.get("text", "")))
    return "\n".join(str(one) for one in (card["title"], card["text"]) if one)


def _community_of(key: str, communities: Iterable[str]) -> str:
    """The community in an occurrence's identity; empty for everything else."""
    if not key.startswith("occurrence/"):
        return ""
    found = key.removeprefix("occurrence/").split("@")[0].split("#")[0].rpartition("/")[2]
    return found if found in set(communities) else ""
