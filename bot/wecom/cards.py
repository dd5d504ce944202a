"""Button cards for application messages (wecom-protocol.md C.5, E.2)."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.channel import Outcome
from bot.wecom.api import WecomApi
from bot.wecom.outcome import outcome
from bot.wecom.text import split_text

Json = dict[str, Any]

TEXT_LIMIT = 2048
"""Bytes of an application text or markdown message."""
_TITLE_CHARACTERS = 36
_TEXT_CHARACTERS = 160


def split_card(card: Mapping[str, Any]) -> Sequence[Json]:
    """The card alone if its words fit on it, else the words as text messages and then the card.

    `card` is `{"title", "text", "task_id", "buttons": [{"text", "key"}, …]}`.
    """
    title, text = str(card["title"]), str(card["text"])
    if len(title) <= _TITLE_CHARACTERS and len(text) <= _TEXT_CHARACTERS:
        return [{"card": dict(card)}]
    if len(title) > _TITLE_CHARACTERS:
        text = f"{title}\n{text}"
        title = title[: _TITLE_CHARACTERS - 1] + "…"
    parts: list[Json] = [{"text": part} for part in split_text(text, TEXT_LIMIT)]
    return [*parts, {"card": {**card, "title": title, "text": ""}}]


async def send_card(api: WecomApi, user: str, card: Mapping[str, Any]) -> Outcome:
    """Sends a card to one member, once even if repeated.

    Only cards ask WeCom to drop repetitions: their task id makes each one distinct, whereas two
    equal texts may both be meant (the same answer to the same question).
    """
    wire = button_interaction(card)
    return await outcome(api.send_message(user, "template_card", wire, drop_repetition=True))


def button_interaction(card: Mapping[str, Any]) -> Json:
    """The `template_card` object; its first button is the emphasised one."""
    wire: Json = {
        "card_type": "button_interaction",
        "main_title": {"title": card["title"]},
        "task_id": card["task_id"],
        "button_list": [
            {"text": button["text"], "style": 1 if number == 0 else 2, **_pressed(button)}
            for number, button in enumerate(card["buttons"])
        ],
    }
    if card["text"]:
        wire["sub_title_text"] = card["text"]
    return wire


def _pressed(button: Mapping[str, Any]) -> Json:
    """What a press does: opens a page, or tells us by its key."""
    if button.get("url"):
        return {"type": 1, "url": button["url"]}
    return {"key": button["key"]}
