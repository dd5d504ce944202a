"""欢迎: what to say to newcomers, ready to be forwarded."""

from bot.command import Command, Request, Scope, Topic, no_more
from bot.wecom.content import plain_text
from sop import onboarding
from sop.community import Role
from sop.effects import Effect, Record, Tell
from sop.welcome import welcome


def _welcome(request: Request) -> list[Effect]:
    no_more(request)
    community, sender = request.community, request.sender.id
    hook = welcome(request.facts, request.library, community, request.now)
    greeting = f"👋 欢迎新朋友加入{community.name}！\n{hook}".strip()
    texts = [("欢迎新人的话，发到群里", greeting), *_introductions(request)]
    order = "；".join(title for title, _ in texts)
    return [
        Tell(sender, f"**欢迎**　{community.name}\n下面依次是：{order}。长按就能转发。"),
        *(Tell(sender, plain_text(text)) for _, text in texts),
        Record(sender, "欢迎", community.id, ""),
    ]


def _introductions(request: Request) -> list[tuple[str, str]]:
    """(Title, text) of what the sender writes to a new contact, by channel; the same words
    once."""
    every, home = request.facts.communities(), request.community
    found: dict[str, list[str]] = {}
    for name in sorted(request.library.channels):
        channel = request.library.channels[name]
        if home not in channel.communities(every):
            continue
        text = onboarding.introduction(
            request.facts, request.library, channel, request.sender.id, home, request.now
        )
        if text is not None:
            found.setdefault(text, []).append(channel.title)
    return [
        (f"自我介绍，发给新好友（{'、'.join(titles)}）", text) for text, titles in found.items()
    ]


COMMANDS = [
    Command(
        name="欢迎",
        aliases=("welcome",),
        roles=frozenset({Role.RM, Role.OPERATOR}),
        scope=Scope.ONE,
        usage="欢迎〔社群〕",
        example="欢迎 财富一群",
        summary="欢迎新人的话和自我介绍，可以直接转发",
        handle=_welcome,
        private=True,
        topic=Topic.NEWCOMERS,
    )
]
