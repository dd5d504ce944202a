"""Callback XML to plain dicts: bounded, without DOCTYPE and entities.

Used before decryption (the envelope) and after it (the message): neither may carry a document
type, so that no entity can be declared and nothing expands (wecom-protocol.md B.2, B.5).
"""

import re
from collections.abc import Mapping
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring

MAX_BYTES = 64 * 1024
_MAX_DEPTH = 8
_INTEGER = re.compile(r"-?[0-9]{1,20}")

Node = str | dict[str, "Node"] | list["Node"]


class MalformedXml(Exception):
    """Not an XML document that WeCom would send."""


def parse(document: bytes) -> dict[str, Node]:
    """The children of `<xml>`: text, a nested dict, or a list where an element repeats.

    Raises MalformedXml for anything damaged, larger than 64 KB, nested deeper than 8, or with
    a DOCTYPE.
    """
    if len(document) > MAX_BYTES:
        raise MalformedXml("XML 超过 64 KB")
    try:
        root = fromstring(document, forbid_dtd=True)
    except (ParseError, ValueError, LookupError) as error:
        raise MalformedXml("XML 无法解析") from error
    if root.tag != "xml":
        raise MalformedXml("根元素不是 xml")
    children = _value(root, 0)
    return children if isinstance(children, dict) else {}


def text(node: Mapping[str, Node], name: str) -> str:
    """The text of a child; empty when absent. Raises MalformedXml if it is not plain text."""
    value = node.get(name, "")
    if not isinstance(value, str):
        raise MalformedXml(f"{name} 不是文本")
    return value


def integer(node: Mapping[str, Node], name: str) -> int | None:
    """A child as an integer; None when absent or empty. Raises MalformedXml if it is no number."""
    value = text(node, name).strip()
    if not value:
        return None
    if not _INTEGER.fullmatch(value):
        raise MalformedXml(f"{name} 不是整数")
    return int(value)


def texts(node: Mapping[str, Node], outer: str, inner: str) -> tuple[str, ...]:
    """The texts of `<outer><inner>…</inner>…</outer>`, whether there are none, one or many."""
    parent = node.get(outer, {})
    if not isinstance(parent, dict):
        return ()
    items = parent.get(inner, [])
    listed = items if isinstance(items, list) else [items]
    return tuple(item for item in listed if isinstance(item, str) and item)


def _value(element: Element, depth: int) -> Node:
    if depth > _MAX_DEPTH:
        raise MalformedXml("XML 嵌套太深")
    if len(element) == 0:
        return element.text or ""
    node: dict[str, Node] = {}
    for child in element:
        value = _value(child, depth + 1)
        present = node.get(child.tag)
        if present is None:
            node[child.tag] = value
        elif isinstance(present, list):
            present.append(value)
        else:
            node[child.tag] = [present, value]
    return node
