"""公示, 开奖: the public notice of an open draw, and the public value that decides one."""

import re
from datetime import date

from bot.command import Command, Request, Scope, Topic, Usage
from bot.typed import as_word, plain
from bot.when_posted import when_posted
from sop.community import Community, Role
from sop.deck_ports import OpenDeckFacts
from sop.draws.entrants import spelled
from sop.effects import Effect, Record, Reply
from sop.lottery import notice
from sop.rounds import CannotDecide, concerned, decide, published
from storage import audit

_LEADERS = frozenset({Role.RM, Role.OPERATOR, Role.MANAGER})
_SURE = "确认"
_LONGEST_VALUE = 100
_MOST_CHOICES = 8


def _notice(request: Request) -> list[Effect]:
    here = _where(request)
    if here is None:
        return [Reply("您的社群里现在没有进行中的抽奖。")]
    wanted = plain(" ".join(request.args))
    decks = _open_in(request, here)
    found = [one for one in decks if not wanted or wanted in _names(request, one)]
    if not decks:
        return [Reply(f"“{here.name}”现在没有进行中的抽奖。")]
    if not found:
        known = "、".join(published(request.facts, one).title for one in decks)
        raise Usage(f"“{here.name}”里没有叫“{' '.join(request.args)}”的抽奖，进行中的有：{known}。")
    return [Reply(notice(request.facts, one, here, request.now)) for one in found]


def _where(request: Request) -> Community | None:
    """The one community that is meant: the only one with a draw, of the sender's own or of all.
    Raises Usage when it could be several."""
    if len(request.communities) == 1:
        return request.community
    running = [one for one in request.communities if _open_in(request, one)]
    own = [one for one in running if one.id in request.sender.communities]
    choices = own or running
    if len(choices) > 1:
        lines = [
            "> " + " ".join(("公示", *request.args, as_word(one, choices)))
            for one in choices[:_MOST_CHOICES]
        ]
        raise Usage("\n".join(["有几个社群在抽奖，请写明是哪一个：", *lines]))
    return choices[0] if choices else None


def _open_in(request: Request, here: Community) -> list[OpenDeckFacts]:
    return [
        one
        for one in request.facts.decks.open(here.id, request.now)
        if one.community is not None or published(request.facts, one).applies_to.includes(here)
    ]


def _decide(request: Request) -> list[Effect]:
    name, value, sure = _typed(request)
    deck = _waiting(request, name)
    campaign = published(request.facts, deck)
    by, subject = request.sender.id, f"{deck.campaign}/{deck.round}"
    day = _published_on(campaign.public_value)
    if day and request.now.astimezone(request.zone).date() < day:
        later = f"“{campaign.public_value}”要到 {day.month} 月 {day.day} 日才公布"
        return [Reply(f"{later}，公布以后才能开奖。")]
    if not (sure and _checked(request, subject, value)):
        count = request.facts.decks.entrant_count(deck.id)
        return [
            Reply(
                f"开奖不能撤销，请核对：\n"
                f"“{campaign.title}”{count} 人报名，奖品 {deck.size} 份\n"
                f"事先说定：{campaign.public_value}\n"
                f"公开值：{value}（去掉了前面的零，按大小排列）\n"
                f"没有错的话请发：\n> 开奖 {campaign.campaign} {value} {_SURE}"
            ),
            Record(by, "开奖", subject, f"核对：{value}"),
        ]
    try:
        effects = decide(request.facts, deck, value, request.now)
    except CannotDecide as error:
        return [Reply(str(error)), Record(by, "开奖", deck.campaign, f"未执行：{error}")]
    when = when_posted(request.facts, effects, "名单", request.now)
    done = Reply(f"🎉 “{campaign.title}”已开奖，{when}。\n> 开奖不能撤销。")
    return [*effects, done, Record(by, "开奖", subject, value)]


def _published_on(public_value: str) -> date | None:
    """The day that the rules name for the public value; None if they name none."""
    for found in re.findall(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)", public_value):
        try:
            return date.fromisoformat(found)
        except ValueError:
            continue
    return None


def _checked(request: Request, subject: str, value: str) -> bool:
    """The sender has been shown this very value to check it: a slip of the pen in the second
    message decides nothing."""
    deeds = audit.listing(request.tx, request.sender.id)
    wanted = ("开奖", subject, f"核对：{value}")
    return any((one.action, one.subject, one.detail) == wanted for one in deeds)


def _typed(request: Request) -> tuple[str, str, bool]:
    """Campaign, public value in its one spelling, and whether the sender has said that it is
    right."""
    if len(request.args) < 2:
        raise Usage("请写活动名和公开值。")
    name, *words = request.args
    sure = len(words) > 1 and plain(words[-1]) == _SURE
    value = spelled(" ".join(words[:-1] if sure else words))
    if not value or len(value) > _LONGEST_VALUE:
        raise Usage(f"公开值要有数字或字母，最多 {_LONGEST_VALUE} 个字。")
    return name, value, sure


def _waiting(request: Request, name: str) -> OpenDeckFacts:
    """The frozen deck that is meant. Raises Usage."""
    mine = {one.id for one in request.communities}
    waiting = [
        one
        for one in request.facts.decks.unfinished()
        if one.mode == "entrants" and plain(name) in _names(request, one)
        if any(
            home.id in mine for home in concerned(request.facts, published(request.facts, one), one)
        )
    ]
    if not waiting:
        raise Usage(f"没有等着开奖的“{name}”。")
    frozen = [one for one in waiting if one.frozen_at is not None]
    if not frozen:
        raise Usage(f"“{name}”的报名还没有截止，截止以后才能开奖。")
    if len(frozen) > 1:
        raise Usage(f"有 {len(frozen)} 期“{name}”等着开奖，请写明是哪个社群。")
    return frozen[0]


def _names(request: Request, deck: OpenDeckFacts) -> tuple[str, str]:
    return plain(deck.campaign), plain(published(request.facts, deck).title)


COMMANDS = [
    Command(
        name="公示",
        aliases=("notice",),
        roles=_LEADERS,
        scope=Scope.OPTIONAL,
        usage="公示〔活动〕〔社群〕",
        example="公示",
        summary="再看一遍进行中抽奖的完整公告",
        handle=_notice,
        topic=Topic.DRAWS,
    ),
    Command(
        name="开奖",
        aliases=("decide",),
        roles=_LEADERS,
        scope=Scope.OPTIONAL,
        usage="开奖 活动 公开值〔社群〕，核对后再发一次并加上“确认”",
        example="开奖 year-end 03 09 12 20 25 31",
        summary="报名截止后，用事先说定的公开值开奖",
        handle=_decide,
        topic=Topic.DRAWS,
    ),
]
