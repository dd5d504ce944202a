"""Callback XML: what is read, what is refused."""

import pytest

from bot.wecom import xml

BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">'
    b"]><xml><Content>&b;</Content></xml>"
)


def test_parse_of_nested_and_repeated_elements() -> None:
    document = (
        b"<xml><ChatId><![CDATA[wr1]]></ChatId><Empty/>"
        b"<MemChangeList><Item>wm1</Item><Item>wm2</Item></MemChangeList></xml>"
    )
    assert xml.parse(document) == {
        "ChatId": "wr1",
        "Empty": "",
        "MemChangeList": {"Item": ["wm1", "wm2"]},
    }


@pytest.mark.parametrize(
    ("inner", "found"),
    [
        ("", ()),
        ("<L/>", ()),
        ("<L><I>a</I></L>", ("a",)),
        ("<L><I>a</I><I>b</I></L>", ("a", "b")),
    ],
)
def test_texts_of_none_one_and_many(inner: str, found: tuple[str, ...]) -> None:
    assert xml.texts(xml.parse(f"<xml>{inner}</xml>".encode()), "L", "I") == found


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<xml><Content>", id="truncated"),
        pytest.param(b"<other/>", id="another root"),
        pytest.param(BOMB, id="entities"),
        pytest.param(b"<!DOCTYPE xml><xml/>", id="doctype"),
        pytest.param(
            b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><a>&f;</a></xml>',
            id="external entity",
        ),
        pytest.param(b"<xml>" + b"<a>" * 20 + b"</a>" * 20 + b"</xml>", id="too deep"),
        pytest.param(b"<xml>" + b"<a>" * 8000 + b"</a>" * 8000 + b"</xml>", id="far too deep"),
        pytest.param(b"<xml><a>" + b"x" * 65536 + b"</a></xml>", id="too long"),
        pytest.param(b'<?xml version="1.0" encoding="nonsense"?><xml/>', id="unknown encoding"),
        pytest.param(b"<xml>&undeclared;</xml>", id="undeclared entity"),
        pytest.param(b"\xff\xfe\x00", id="bytes"),
    ],
)
def test_hostile_document_is_refused(document: bytes) -> None:
    with pytest.raises(xml.MalformedXml):
        xml.parse(document)


@pytest.mark.parametrize("text", ["1x", "１", "-", "9" * 21])
def test_integer_of_something_else_is_refused(text: str) -> None:
    with pytest.raises(xml.MalformedXml):
        xml.integer({"n": text}, "n")
