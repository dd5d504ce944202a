"""The two envelopes of callbacks: XML for applications (B.2), JSON for intelligent bots (C.1)."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException, ElementTree

from bot.sandbox.errors import Json

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class BadReply(Exception):
    """A passive reply that WeCom would not accept, and why."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """An encrypted reply as it came."""

    encrypted: str
    signature: str
    timestamp: str
    nonce: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """How ciphertext is wrapped on its way out and unwrapped on its way back."""

    content_type: str
    wrap: Callable[[str], bytes]
    unwrap: Callable[[bytes], Sealed]


def xml_envelope(corp_id: str, agent_id: int) -> Envelope:
    """The application's envelope; element order as WeCom sends it."""

    def wrap(encrypted: str) -> bytes:
        return to_xml({"ToUserName": corp_id, "AgentID": str(agent_id), "Encrypt": encrypted})

    return Envelope("text/xml", wrap, _unwrap_xml)


def json_envelope() -> Envelope:
    """The intelligent bot's envelope."""

    def wrap(encrypted: str) -> bytes:
        return json.dumps({"encrypt": encrypted}).encode()

    return Envelope("application/json", wrap, _unwrap_json)


def to_xml(values: Mapping[str, Any]) -> bytes:
    """`<xml>` with text in CDATA, integers bare, objects and lists nested."""
    return f"<xml>{_elements(values)}</xml>".encode()


def _elements(values: Mapping[str, Any]) -> str:
    parts = []
    for name, value in values.items():
        for item in value if isinstance(value, list) else [value]:
            parts.append(f"<{name}>{_value(item)}</{name}>")
    return "".join(parts)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return _elements(value)
    if isinstance(value, int):
        return str(value)
    text = _NOT_XML.sub("", value).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{text}]]>"


def from_xml(body: bytes) -> Json:
    """A flat or nested reply as plain values; BadReply if it is not such XML."""
    try:
        root = ElementTree.fromstring(body, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError) as error:
        raise BadReply("回复不是 XML") from error
    return {child.tag: _plain(child) for child in root}


def _plain(element: Element) -> Any:
    if len(element):
        return {child.tag: _plain(child) for child in element}
    return element.text or ""


def _unwrap_xml(body: bytes) -> Sealed:
    values = from_xml(body)
    try:
        return Sealed(
            values["Encrypt"], values["MsgSignature"], values["TimeStamp"], values["Nonce"]
        )
    except KeyError as error:
        raise BadReply(f"回复的信封缺少 {error.args[0]}") from error


def _unwrap_json(body: bytes) -> Sealed:
    try:
        values = json.loads(body)
        return Sealed(
            values["encrypt"],
            values["msgsignature"],
            str(int(values["timestamp"])),
            values["nonce"],
        )
    except (ValueError, TypeError) as error:
        raise BadReply("回复不是要求的 JSON") from error
    except KeyError as error:
        raise BadReply(f"回复的信封缺少 {error.args[0]}") from error
