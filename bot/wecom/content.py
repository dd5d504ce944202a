"""Bodies of owed messages (`{"text"}`, `{"markdown"}`) to WeCom's message objects."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.wecom.text import split_text

Json = dict[str, Any]

_LINK = re.compile(r"\[([^\]\n]+)\]\(([^)\s]+)\)")
_FONT = re.compile(r'</?font(?: color="?\w+"?)?>')
_QUOTE_OR_HEADING = re.compile(r"^(?:> ?|#{1,6} )", re.MULTILINE)


def split(body: Mapping[str, Any], text_limit: int, markdown_limit: int) -> Sequence[Json]:
    """The body in parts that fit; limits in bytes of UTF-8."""
    kind, text = kind_and_text(body)
    limit = text_limit if kind == "text" else markdown_limit
    return [{kind: part} for part in split_text(text, limit)]


def kind_and_text(body: Mapping[str, Any]) -> tuple[str, str]:
    """`markdown` or `text`, and the words. Raises KeyError for a body with neither."""
    kind = "markdown" if "markdown" in body else "text"
    return kind, str(body[kind])


def message(body: Mapping[str, Any]) -> Json:
    """WeCom's message object: `{"msgtype": "text", "text": {"content": …}}`."""
    kind, text = kind_and_text(body)
    return {"msgtype": kind, kind: {"content": text}}


def markdown_message(body: Mapping[str, Any]) -> Json:
    """The same where WeCom takes no plain text (intelligent bots)."""
    return {"msgtype": "markdown", "markdown": {"content": kind_and_text(body)[1]}}


def plain_text(markdown: str) -> str:
    """The words alone, for where markdown is not rendered (customer groups, WeChat): no marks,
    links written out as `words address`."""
    text = _LINK.sub(r"\1 \2", _FONT.sub("", markdown))
    return _QUOTE_OR_HEADING.sub("", text).replace("**", "").replace("`", "")
