"""Template cards: what WeCom refuses, and how a card changes after a press (A.5, C.5, E.3)."""

import re
from collections.abc import Sequence

from bot.sandbox.errors import ApiError, Json
from bot.sandbox.fields import Fields

NOTICES = frozenset({"text_notice", "news_notice"})
INTERACTIVE = frozenset({"button_interaction", "vote_interaction", "multiple_interaction"})
ALL_KINDS = NOTICES | INTERACTIVE

_TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
_COUNTS = {
    "horizontal_content_list": 6,
    "jump_list": 3,
    "vertical_content_list": 4,
    "button_list": 6,
    "select_list": 3,
}


def check_card(card: Fields, kinds: frozenset[str], task_id_error: int = 40058) -> Json:
    """The card as it may be shown; raises ApiError for what WeCom refuses.

    Lengths that the documents only advise (in characters) are not enforced.
    """
    kind = card.text("card_type")
    if kind not in kinds:
        raise _bad("card_type")
    for name, most in _COUNTS.items():
        if len(card.objects(name)) > most:
            raise _bad(name)
    _check_title(card, kind)
    if kind in NOTICES and not card.object("card_action").values:
        raise _bad("card_action")
    if kind == "news_notice" and not card.object("card_image").text("url"):
        raise _bad("card_image.url")
    if kind in INTERACTIVE or "action_menu" in card:
        task_id = card.text("task_id")
        if not _TASK_ID.fullmatch(task_id):
            raise ApiError(task_id_error, "template_card.task_id invalid")
    _check_choices(card, kind)
    return dict(card.values)


def _check_title(card: Fields, kind: str) -> None:
    title = card.object("main_title").text("title")
    either = kind == "text_notice" and card.text("sub_title_text")
    if not title and not either:
        raise _bad("main_title.title")


def _check_choices(card: Fields, kind: str) -> None:
    if kind == "button_interaction":
        _check_keys(card.objects("button_list"), "button_list")
    if kind == "vote_interaction":
        box = card.object("checkbox")
        _check_options(box, "checkbox", 20)
    if kind == "multiple_interaction":
        selects = card.objects("select_list")
        if not selects:
            raise _bad("select_list")
        for select in selects:
            _check_options(select, "select_list", 10)
    if kind in {"vote_interaction", "multiple_interaction"}:
        _check_keys([card.object("submit_button")], "submit_button")
    if "button_selection" in card:
        _check_options(card.object("button_selection"), "button_selection", 10)
    if "action_menu" in card:
        actions = card.object("action_menu").objects("action_list")
        if len(actions) > 3:
            raise _bad("action_menu.action_list")
        _check_keys(actions, "action_menu.action_list")


def _check_keys(buttons: Sequence[Fields], where: str) -> None:
    keys = [button.text("key") for button in buttons]
    urls = [button.number("type") == 1 for button in buttons]
    if not buttons or not all(button.text("text") for button in buttons):
        raise _bad(where)
    wanted = [key for key, url in zip(keys, urls, strict=True) if not url]
    if any(not 0 < len(key.encode()) <= 1024 for key in wanted) or len(set(wanted)) < len(wanted):
        raise _bad(f"{where}.key")


def _check_options(choice: Fields, where: str, most: int) -> None:
    options = choice.objects("option_list")
    if not 0 < len(choice.text("question_key").encode()) <= 1024 or not 0 < len(options) <= most:
        raise _bad(where)
    ids = [option.text("id") for option in options]
    if any(not 0 < len(id.encode()) <= 128 for id in ids) or len(set(ids)) < len(ids):
        raise _bad(f"{where}.option_list.id")


def summary(card: Json) -> str:
    """One plain line for a chat list."""
    title = card.get("main_title") or {}
    parts = [title.get("title"), title.get("desc"), card.get("sub_title_text")]
    return " ".join(part for part in parts if part)


def keys_of(card: Json) -> set[str]:
    """Every key that a press on this card may send."""
    buttons = list(card.get("button_list") or [])
    buttons += (card.get("action_menu") or {}).get("action_list") or []
    if card.get("submit_button"):
        buttons.append(card["submit_button"])
    return {button["key"] for button in buttons if button.get("key")}


def replaced(card: Json, name: str) -> Json:
    """The card after its buttons became one text that cannot be pressed."""
    return {**card, "button_list": [], "submit_button": {}, "replace_name": name}


def _bad(where: str) -> ApiError:
    return ApiError(40058, f"template_card.{where} invalid. invalid Request Parameter")
