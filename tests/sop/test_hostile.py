"""Hostile files: refused in bounded time and memory, with words that help; loading never stops."""

import re
import time as stopwatch
import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop.diagnostics import render
from sop.files import yaml_files
from sop.loader import SHIPPED, load
from sop.source import MAX_BYTES, MAX_MESSAGE, parse

Write = Callable[[Mapping[str, str]], Path]


def full(text: str, around: str = "{}") -> bytes:
    """As much of a repeated text as a file may hold."""
    head, tail = around.encode().split(b"{}")
    room = MAX_BYTES - len(head) - len(tail)
    return head + text.encode() * (room // len(text.encode())) + tail


REFUSED = {
    "values": full("- x\n"),
    "flow values": full("x,", "[{}]"),
    "empty lists": full("[],", "[{}]"),
    "flow maps": full("- {a: b}\n"),
    "keys": "".join(f"{n:05x}: 1\n" for n in range(29_000)).encode(),
    "flow keys": ("{" + "".join(f"{n:05x}," for n in range(40_000)) + "}").encode(),
    "hundred thousand keys": "".join(f"k{n}: 1\n" for n in range(100_000)).encode(),
    "one key again and again": full("a:\n"),
    "questions without keys": full("?\n"),
    "anchors": "".join(f"- &a{n:05x} x\n" for n in range(20_000)).encode(),
    "aliases": b"- &a x\n" + full("- *a\n")[:-20],
    "merge keys": b"a: &a {x: 1}\n" + full("b: {<<: *a}\n")[:-20],
    "tag directives": "".join(f"%TAG !{n:05x}! x\n" for n in range(14_000)).encode(),
    "tags": full("- !a x\n"),
    "documents": full("---\n"),
    "lists in lists": full("- "),
    "brackets": full("["),
    "braces": full("{a: "),
    "million colons": b":" * 1_000_000,
    "colons": full(":"),
    "colons with spaces": full(": "),
    "maps in one line": full("a: "),
    "one line of a megabyte": b"a: " + b"x" * 1_000_000,
    "ten megabytes": b"x" * 10_000_000,
    "tabs": full("\t"),
    "spaces before a mistake": full(" ", "{}@"),
    "exclamation marks": full("!"),
    "stars": full("*"),
    "long key": full("k", "{}: 1"),
    "control at the end": full("x", "a: {}\x01"),
    "NUL at the end": full("x", "a: {}\0"),
    "broken UTF-8 at the end": full("x\n")[:-9] + b"\xff",
    "all GBK": "你好".encode("gbk") * 60_000,
    "only comments": full("#\n"),
    "only empty lines": full("\n"),
    "old line ends": full("a: 1\r"),
    "lines in a list": full("a\n", "[{}"),
}
READ = {
    "huge scalar": full("x", "a: {}"),
    "huge quoted scalar": full("\\x41", 'a: "{}"'),
    "quoted empty lines": full("\n", 'a: "{}"'),
    "huge block": full(" x\n", "a: |\n{}"),
    "huge folded block": full(" x\n\n", "a: >\n{}"),
    "plain text over lines": full(" x\n", "a: x\n{}"),
    "quotes": full("''", "a: '{}'"),
    "four-byte characters": full("😀", "a: {}"),
}
ORDINARY = b"".join(
    f'- {{id: q{n}, ask: "问题 {n}：同一存款人在同一家银行的存款？", answer: "B"}}\n'.encode()
    for n in range(2300)
)
"""A file near the limits of size and values, as an author might write one."""


def seconds(data: bytes) -> float:
    """Processor time of the fastest of three readings: noise only ever adds."""
    times = []
    for _ in range(3):
        started = stopwatch.process_time()
        parse(data, "x.yaml")
        times.append(stopwatch.process_time() - started)
    return min(times)


@pytest.fixture(scope="module")
def ordinary_seconds() -> float:
    document = parse(ORDINARY, "x.yaml")
    assert document.problems == []
    assert document.root is not None
    assert (len(ORDINARY) > MAX_BYTES * 0.7, document.root.size) == (True, 9201)
    return seconds(ORDINARY)


@pytest.mark.parametrize("data", [*REFUSED.values(), *READ.values()], ids=[*REFUSED, *READ])
def test_hostile_file_costs_no_more_than_an_ordinary_one(
    data: bytes, ordinary_seconds: float
) -> None:
    assert seconds(data) < 4 * ordinary_seconds + 0.01


@pytest.mark.parametrize("data", [*REFUSED.values(), *READ.values()], ids=[*REFUSED, *READ])
def test_hostile_file_takes_bounded_memory(data: bytes) -> None:
    tracemalloc.start()
    try:
        parse(data, "x.yaml")
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 12_000_000


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_hostile_file_is_refused_in_few_words(data: bytes) -> None:
    document = parse(data, "x.yaml")
    assert document.root is None
    assert 0 < len(document.problems) <= 51
    assert max(len(one.message) for one in document.problems) <= MAX_MESSAGE
    assert len(render(document.problems)) < 51 * 600


@pytest.mark.parametrize("data", READ.values(), ids=READ)
def test_long_text_is_no_reason_to_refuse(data: bytes) -> None:
    assert parse(data, "x.yaml").problems == []


def test_alias_bomb_is_refused_at_the_alias_that_is_too_much() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, 12):
        lines.append(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]")
    one = parse("\n".join(lines).encode(), "x.yaml").problems[0]
    found = (one.line, one.column, one.code, one.message)
    assert found == (4, 45, "alias", "重复引用（*）展开后太大。")


def test_a_model_with_ten_thousand_mistakes_names_the_first_ones(write: Write) -> None:
    rows = "".join("  - {i: k}\n" for _ in range(2500))
    _, problems = load([write({"b.yaml": f"bank: b\ntitle: t\nquestions:\n{rows}"})])
    one = problems[0]
    found = (one.line, one.column, one.code, one.message)
    assert found == (1, 1, "more", "还有 9800 个问题没有列出。")
    assert len(problems) <= 201


REAL = [
    one.read_bytes()
    for one in yaml_files([SHIPPED])
    if one.parent.name in ("plans", "campaigns", "pools", "scripts")
]


def unhelpful(data: bytes, folder: Path) -> list[str]:
    """Problems outside the file or not in Chinese, and a file of which nothing is said at all."""
    path = folder / "x.yaml"
    path.write_bytes(data)
    library, problems = load([path])
    render(problems).encode()  # must not raise: half a character would break a terminal
    if not problems and library == load([])[0]:
        return ["neither read nor refused"]
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
    return [
        f"{one.line}:{one.column} {one.message}"
        for one in problems
        if not 1 <= one.line <= lines + 1
        or one.column < 1
        or re.search("[一-鿿]", one.message) is None
    ]


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_judged(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    assert unhelpful(data, tmp_path_factory.getbasetemp()) == []


PIECES = st.one_of(
    st.binary(max_size=4),
    st.sampled_from([b": ", b"- ", b"\n", b"\t", b"[", b"]", b"{", b"}", b'"', b"'", b"|", b"&a ",
                     b"*a", b"!x ", b"<<: ", b"#", b"\xef\xbc\x9a", b"\xe3\x80\x80", b"\r", b"\0",
                     b"null", b"1e9", b"999999999", b"-1", b"{{", b"}}", b"{% for a in b %}"]),
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A shipped file with some characters and lines deleted, doubled, moved or put in."""
    data = draw(st.sampled_from(REAL))
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(["cut", "double", "insert", "cut line", "double line", "move"]))
        if kind.endswith("line") or kind == "move":
            lines = data.split(b"\n")
            at = draw(st.integers(0, len(lines) - 1))
            line = lines[at]
            if kind != "double line":
                del lines[at]
            if kind != "cut line":
                lines.insert(draw(st.integers(0, len(lines))), line)
            data = b"\n".join(lines)
            continue
        at = draw(st.integers(0, len(data)))
        length = draw(st.integers(1, 12))
        piece = draw(PIECES) if kind == "insert" else data[at : at + length] * (kind == "double")
        data = data[:at] + piece + data[at + (0 if kind != "cut" else length) :]
    return data


@settings(max_examples=400, deadline=None)
@given(data=mutated())
def test_any_slip_in_a_real_file_is_judged(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    assert unhelpful(data, tmp_path_factory.getbasetemp()) == []
