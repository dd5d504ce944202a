"""A year of the shipped library: every message of every step, in every way of sending, fits WeCom.

Three communities carry all labels, one for each mode; their members do what members do. The planner
says what is due on each day of 2026, the engine runs it on real facts over SQLite, and the mode's
own channel cuts the messages. What a step sets going (games, votes, draws) is rehearsed by
`test_library_rehearsed`.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot.app import channel_types
from bot.channel import Channel, Connections
from bot.clock import MovableClock
from bot.config import Aibot, App, CommunityEntry, Config, Listen, StaffEntry, Wecom
from bot.due import Due
from bot.http import Http
from bot.letters import Letters, Origin
from bot.settings import PAGE_SECRET, Settings, robot_variable, settings
from sop import engine
from sop.choosing import ToMembers
from sop.community import DeliveryMode
from sop.effects import (
    Arrive,
    Count,
    Effect,
    HandOver,
    MakeLink,
    OpenLink,
    Post,
    Tag,
    Tell,
    UseItem,
)
from sop.library import Library
from sop.loader import SHIPPED, load
from sop.newcomers import cohort
from sop.occurrence import Occurrence, Phase
from sop.planner import cohort_days, occurrences
from sop.step import StepContext
from sop.summary.weeks import midnight
from sop.workdays import Workdays, published
from storage import contacts, people
from storage.database import open_database
from storage.outbox import NewLetter
from tests.house import House

NOWHERE = "http://127.0.0.1:9"
START, END = date(2026, 1, 1), date(2027, 1, 1)
HOUR = timedelta(hours=1)
LIMITS = {"group_robot": 4096, "aibot_push": 20480, "assist": 2048, "app_message": 2048}
"""Bytes of a message (wecom-protocol.md A.3, C.9, E.2)."""
EAGER, READER, WEEKLY, ASLEEP, STIRRED = "陈晓雯", "小满", "老周", "许多多", "夏冬"
OPENS: Mapping[str, int] = {EAGER: 2, READER: 1, STIRRED: 2}
"""How many of the links in a private message they open."""

PART = re.compile(r"\n\(\d+/\d+\)\Z")
"""The mark under a message that was cut."""
SLIP = re.compile(r"\{\{|\{%|None|[ \t]\n|[。，；：]{2}|\n{3}")
"""A variable that nobody filled in, blanks nobody sees, doubled punctuation."""


@dataclass(repr=False)
class Year:
    """What the year brought: no text of it, which `asyncio.run` writes and throws away."""

    library: Library
    channels: Mapping[str, Channel]
    ran: dict[tuple[str, str, str], Counter[str]] = field(default_factory=dict)
    """(plan, step, mode) → how often it came to what: `done`, or why it was skipped."""
    letters: list[tuple[Occurrence, NewLetter]] = field(default_factory=list)
    """Every message as it would go over the wire."""
    used: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """(mode, list) → ids of the items that were sent, in order."""


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory, sqlite_template: bytes) -> Year:
    path = tmp_path_factory.mktemp("year") / "year.db"
    path.write_bytes(sqlite_template)
    return asyncio.run(_lived(f"sqlite:///{path}"))


async def _lived(url: str) -> Year:
    library, problems = load([SHIPPED])
    assert problems == []
    chosen = _settings(library)
    workdays = Workdays(dict.fromkeys((2025, 2026, 2027), published()[2026]))
    database, http = await open_database(url), Http([NOWHERE])
    clock = MovableClock(datetime(2026, 1, 1, tzinfo=UTC), seed=b"year")
    house = House(database, clock, chosen, library, workdays, http)
    connections = Connections(chosen, house.api, None)
    year = Year(library, {name: one(connections) for name, one in channel_types().items()})
    await database.write(partial(_live, due=house.due, year=year))
    await http.close()
    await database.close()
    return year


def _settings(library: Library) -> Settings:
    """The three communities, and their colleagues."""
    labels = sorted({one for plan in library.plans.values() for one in plan.applies_to.labels})
    config = Config(
        company="示例银行",
        listen=Listen(public="https://qunyun.bank.example"),
        wecom=Wecom(
            corp_id="ww1",
            api=NOWHERE,
            app=App(agent=1),
            aibot=Aibot(id="aib", name="群运小助手", mode="long_connection"),
        ),
        staff=[
            StaffEntry(id="lijing", name="李静", roles=["rm"]),
            StaffEntry(id="zhaoyun", name="赵芸", roles=["operator"]),
            StaffEntry(id="wangqiang", name="王强", roles=["manager"]),
        ],
        communities=[
            CommunityEntry(
                id=mode,
                name=f"示例银行城东支行财富客户交流群（{mode}）",
                chat_id=f"wr-{mode}",
                owner="lijing",
                mode=mode.value,
                labels=labels,
                review=False,
            )
            for mode in DeliveryMode
        ],
    )
    names = ("APP_SECRET", "APP_TOKEN", "AIBOT_SECRET")
    secrets = {f"QUNYUN_{name}": "s" for name in names} | {"QUNYUN_APP_AES_KEY": "k" * 43}
    given = {**secrets, robot_variable("robot"): "r", PAGE_SECRET: "p" * 43}
    found = settings(config, given, Path("/nowhere"))
    # Links are followed, but no member page: what is played there is `test_library_rehearsed`'s.
    without_page = tuple(replace(one, page=False) for one in found.communities)
    return replace(found, communities=without_page)


def _live(tx: Connection, *, due: Due, year: Year) -> None:
    zone = due.settings.zone
    rows = [
        people.CommunityRow(
            one.id, one.name, one.chat_id, one.owner, one.mode, sorted(one.labels), zone.key
        )
        for one in due.settings.communities
    ]
    people.sync_communities(tx, rows, midnight(START, zone))
    plans = list(due.library.plans.values())
    start, end = midnight(START, zone), midnight(END, zone)
    found = occurrences(plans, due.settings.communities, start, end, due.workdays)
    today = None
    for one in found:
        day = one.due_at.astimezone(zone).date()
        while today is None or today < day:
            today = START if today is None else today + timedelta(days=1)
            _people(tx, due, today)
        if one.step.spec.kind == "report" and (
            one.community != DeliveryMode.ROBOT or today.day > 7
        ):
            continue  # for colleagues only, the same in every mode: a few are enough
        _run(tx, due, one, year)
    facts = due.facts(tx)
    for mode in DeliveryMode:
        for name in due.library.lists:
            year.used[mode.value, name] = list(facts.used_items(mode, name))


def _people(tx: Connection, due: Due, day: date) -> None:
    """What the members do that day; four times a year there are newcomers."""
    now = midnight(day, due.settings.zone) + timedelta(minutes=1)
    effects: list[Effect] = []
    for community in DeliveryMode:
        effects += _arrivals(due.library, community, day)
        did = [(one, action) for one in (EAGER, READER) for action in ("checkin", "answer", "draw")]
        if day.weekday() == 0:
            did.append((WEEKLY, "answer"))
        if day.day <= 6:
            did += [(one, "message") for one in (ASLEEP, STIRRED)]
        effects += [Count(community, _id(community, name), action) for name, action in did]
    due.runtime.apply(tx, effects, Origin(f"people/{day}", now))


def _arrivals(library: Library, community: str, day: date) -> Iterator[Effect]:
    """One member for each set of labels that a step wants, and one without any."""
    wanted = {
        tuple(spec.to.tags)
        for plan in library.plans.values()
        for step in plan.steps()
        for _, spec in step.specs()
        if isinstance(spec, ToMembers) and spec.to is not None
    }
    names = {f"{day}-{'-'.join(tags)}": tags for tags in sorted({(), *wanted})}
    if day == START:
        names |= dict.fromkeys((READER, WEEKLY, ASLEEP, STIRRED), ()) | {EAGER: ("唤醒两次",)}
    elif not _joins(day):
        return
    for name, tags in names.items():
        yield Arrive(community, _id(community, name), name)
        for tag in tags:
            yield Tag(_id(community, name), tag, "lijing", "李静手动添加")


def _id(community: str, name: str) -> str:
    """Everybody is in one community only: what is written in another does not count."""
    return f"{name}-{community}"


def _run(tx: Connection, due: Due, one: Occurrence, year: Year) -> None:
    if not _somebody_joined(one, due.workdays):
        return
    facts = due.facts(tx)
    (community,) = [each for each in due.settings.communities if each.id == one.community]
    ahead = {Phase.REMIND: one.step.remind, Phase.ANNOUNCE: one.step.announce}.get(one.phase)
    context = StepContext(
        plan=one.plan,
        step=one.step,
        community=community,
        occurrence=one.identity,
        day=one.day,
        due_at=one.due_at + (ahead or timedelta()),
        now=one.due_at,
        seed=one.identity.encode(),
        facts=facts,
        library=due.library,
        cohort=cohort(facts, one.plan, one.step, one.day, one.community, due.workdays),
    )
    verdict = engine.run(context, one.phase)
    counted = year.ran.setdefault((one.plan.plan, one.step.id, one.community), Counter())
    if one.phase is Phase.RUN:
        counted[verdict.reason or verdict.status] += 1
    kept = [each for each in verdict.effects if isinstance(each, UseItem | MakeLink)]
    origin = Origin(one.key, one.due_at)
    due.runtime.apply(tx, kept, origin)
    letters = Letters(year.channels, {community.id: community}, origin)
    for effect in verdict.effects:
        match effect:
            case Post():
                letters.post(effect)
            case Tell():
                letters.tell(effect)
            case HandOver():
                letters.hand_over(effect)
                # Then nobody, so that who was asleep long enough is greeted by others as well.
                if one.step.links and one.day.month <= 6:
                    contacts.add(tx, effect.members, effect.occurrence, one.due_at)
    links = [each for each in kept if isinstance(each, MakeLink)]
    due.runtime.apply(tx, _opened(links), Origin(f"open/{one.key}", one.due_at + HOUR))
    year.letters += [(one, letter) for letter in letters.owed]


def _opened(links: Sequence[MakeLink]) -> list[OpenLink]:
    """What members open of the links they were sent."""
    of: dict[str, list[MakeLink]] = {}
    for link in links:
        if link.member is not None:
            of.setdefault(link.member, []).append(link)
    return [
        OpenLink(link.token, link.community, member)
        for member, theirs in of.items()
        for link in theirs[: OPENS.get(member.partition("-")[0], 0)]
    ]


def _somebody_joined(one: Occurrence, workdays: Workdays) -> bool:
    """A step of `after_join:` is due every day: most days have nobody for it."""
    days = cohort_days(one.plan, one.step, one.day, workdays)
    return days == [] or any(_joins(day) for day in days)


def _joins(day: date) -> bool:
    return day == START or (day > START and day.day == 5 and day.month in (2, 5, 8, 11))


GAMES = ("game", "draw")


def test_every_step_is_due_in_every_mode(year: Year) -> None:
    steps = {(plan.plan, step.id) for plan in year.library.plans.values() for step in plan.steps()}
    modes = {mode.value: {key[:2] for key in year.ran if key[2] == mode} for mode in DeliveryMode}
    reports = {("manager-weekly", "mon-report"), ("host-week", "sun-numbers")}
    assert modes == {"robot": steps, "assist": steps - reports, "aibot": steps - reports}


def test_every_step_runs_where_it_can(year: Year) -> None:
    """Where the bot hears nobody there are no games and no draws; all else runs everywhere."""
    idle = {key for key, came_to in year.ran.items() if not came_to["done"]}
    unheard = {
        (plan.plan, step.id, "assist")
        for plan in year.library.plans.values()
        for step in plan.steps()
        if step.spec.kind in GAMES
    }
    assert idle == unheard


def test_nothing_is_skipped_without_a_good_reason(year: Year) -> None:
    known = (
        "现在没有符合条件的成员",
        "符合条件的成员最近都收过私信",
        "内容清单“.+”在“.+”已经全部发过，请运营在 .+ 里补充新条目。",
        "“.+”没有开局：“.+”里机器人听不到成员说话，主持不了游戏；请按主持稿由您来带这一局。",
        "“.+”里机器人听不到成员说话，“.+”没有开启。",
        "done",
    )
    reasons = {reason for came_to in year.ran.values() for reason in came_to}
    unknown = [one for one in reasons if not any(re.fullmatch(each, one) for each in known)]
    assert unknown == []


def test_every_item_of_every_list_is_sent_to_every_community_once(year: Year) -> None:
    assert year.used == {
        (mode.value, name): [item.id for item in one.items]
        for mode in DeliveryMode
        for name, one in year.library.lists.items()
    }


def test_every_message_fits_in_one_piece(year: Year) -> None:
    """Nothing is cut: a reader has each message whole, in every way of sending."""
    longest = dict.fromkeys(LIMITS, 0)
    cut = set()
    for one, letter in year.letters:
        text = _text(letter)
        longest[letter.channel] = max(longest[letter.channel], len(text.encode()))
        if PART.search(text):
            cut.add((one.plan.plan, one.step.id, letter.channel))
    assert cut == set()
    assert [one for one, size in longest.items() if not 0 < size <= LIMITS[one]] == []


def test_every_message_is_filled_in_and_clean(year: Year) -> None:
    slips = {
        (one.plan.plan, one.step.id, found[0])
        for one, letter in year.letters
        if (found := SLIP.search(_text(letter)))
    }
    assert slips == set()


def _text(letter: NewLetter) -> str:
    body = letter.body
    card = body.get("card", {})
    return str(body.get("markdown") or body.get("text") or f"{card['title']}\n{card['text']}")
