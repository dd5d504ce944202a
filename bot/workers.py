"""Every worker that speaks to the outside beside letters and payments, wired together."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.assisting import Assisting
from bot.clock import Clock
from bot.due import Due
from bot.group_sync import GroupSync
from bot.http import Http
from bot.inbox import Inbox
from bot.inviting import Inviting
from bot.onboarders import onboarders
from bot.outward import Worker
from bot.relations import Relations
from bot.retention import Retention
from bot.roster import Tell
from bot.summaries import Summaries
from bot.tag_sync import TagSync
from bot.wecom.api import WecomApi
from bot.wecom.group_send import GroupSend
from bot.weekly import Weekly
from storage.database import Database

if TYPE_CHECKING:
    from bot.wecom.message_archive import MessageSource


def workers(
    database: Database,
    api: WecomApi,
    http: Http,
    due: Callable[[], Due],
    clock: Clock,
    *,
    inbox: Inbox,
    messages: "MessageSource | None",
    relations: Relations,
    weeks: Summaries,
    tell: Tell,
    done: Callable[[], None],
) -> list[Worker]:
    """Those who ask WeCom on their own. `tell` applies what a reading has to say; `done` wakes who
    delivers."""
    settings = due().settings
    return [
        *_hearing(database, http, due, clock, inbox, messages),
        relations,
        GroupSync(database, api, settings, clock, tell, done=done),
        Inviting(database, api, due, clock, done=done),
        TagSync(database, api, due, clock, done=done),
        Assisting(database, GroupSend(api), due, clock, done=done),
        Retention(database, due, clock, done=done),
        Weekly(database, api, due, clock, weeks, done=done),
        *onboarders(database, api, http, due, clock, done=done),
    ]


def _hearing(
    database: Database,
    http: Http,
    due: Callable[[], Due],
    clock: Clock,
    inbox: Inbox,
    messages: "MessageSource | None",
) -> list[Worker]:
    """Who reads the message archive, if there is one."""
    settings = due().settings
    if messages is None and settings.archive is None:
        return []
    from bot.archive_feed import feed_of  # loads `cryptography`

    feed = feed_of(database, messages, settings, http, clock, inbox)
    return [] if feed is None else [feed]
