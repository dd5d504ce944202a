"""Hostile files: refused at their place, in bounded time and memory, and the rest still loads."""

import os
import re
import socket
import time as stopwatch
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop.diagnostics import Problem, render, to_github, to_json
from sop.files import shown_path, yaml_files
from sop.loader import SHIPPED, load
from sop.source import MAX_BYTES, MAX_MESSAGE, Document, Position, parse, read

Write = Callable[[Mapping[str, str]], Path]

SMALL = "pool: games\ntitle: 奖池\nbudget: 100.00\n"


def only(problems: list[Problem]) -> tuple[int, int, str, str]:
    (one,) = problems
    return one.line, one.column, one.code, one.message


def first(data: bytes) -> tuple[int, int, str, str]:
    one = parse(data, "x.yaml").problems[0]
    return one.line, one.column, one.code, one.message


def full(text: str, around: str = "{}") -> bytes:
    """As much of a repeated text as a file may hold."""
    head, tail = around.encode().split(b"{}")
    room = MAX_BYTES - len(head) - len(tail)
    return head + text.encode() * (room // len(text.encode())) + tail


# ---------------------------------------------------------------- encodings and lines


@pytest.mark.parametrize(
    ("data", "line", "column", "message", "encoding"),
    [
        ("计划: 一\n".encode("utf-16"), 1, 1, "文件是 UTF-16 编码。", "UTF-16"),
        ("\ufeff计划: 一\n".encode("utf-16-be"), 1, 1, "文件是 UTF-16 编码。", "UTF-16"),
        ("plan: 一\n".encode("utf-16-le"), 1, 1, "文件是 UTF-16 编码。", "UTF-16LE"),
        ("plan: 一\n".encode("utf-16-be"), 1, 1, "文件是 UTF-16 编码。", "UTF-16BE"),
        ("plan: 一\n".encode("utf-32"), 1, 1, "文件是 UTF-32 编码。", "UTF-32"),
        ("a: 1\r\nb: 中\r\n".encode("gbk"), 2, 4, "文件不是 UTF-8 编码，看起来是 GBK。", "GB18030"),
        ("a: 1\rb: 中\r".encode("gbk"), 2, 4, "文件不是 UTF-8 编码，看起来是 GBK。", "GB18030"),
    ],
)
def test_another_encoding_is_named_with_the_command_that_mends_it(
    data: bytes, line: int, column: int, message: str, encoding: str
) -> None:
    (one,) = parse(data, "我的 计划.yaml").problems
    assert (one.line, one.column, one.message) == (line, column, message)
    assert one.hint == (
        "请用编辑器另存为 UTF-8（记事本：另存为 → 编码选 UTF-8），"
        f"或运行 iconv -f {encoding} -t UTF-8 '我的 计划.yaml' > '我的 计划-utf8.yaml'。"
    )


def test_gbk_file_is_shown_as_its_author_sees_it() -> None:
    problems = parse("title: 早上好\n".encode("gbk"), "x.yaml").problems
    assert render(problems).split("\n")[1:3] == ["  1 | title: 早上好", "    |        ^^"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_lines_are_counted_as_editors_count_them(end: str, bom: bytes) -> None:
    text = "a: 1\n# 注\n\nb:\n  c: @\n".replace("\n", end)
    assert first(bom + text.encode()) == (5, 6, "syntax", "值不能以“@”开头。")


@pytest.mark.parametrize("char", ["\x85", "\u2028", "\u2029", "\x0c", "\x0b", "\x1c"])
def test_other_line_separators_do_not_shift_lines(char: str) -> None:
    problem = first(f"a: 一{char}二\nb: @\n".encode())
    shifted = (2, 4, "syntax", "值不能以“@”开头。")
    control = (1, 5, "syntax", "这里有不可见的控制字符。")
    assert problem == (control if char < "\x20" else shifted)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("　　a: 1\n", (1, 1, "hidden", "这里有看不见的字符（U+3000）。")),
        ("a:\n\u00a0 b: 1\n", (2, 1, "hidden", "这里有看不见的字符（U+00A0）。")),
        ("a: 1\npl\u200ban: 1\n", (2, 3, "hidden", "这里有看不见的字符（U+200B）。")),
        ("a: 1\n\ufeffb: 2\n", (2, 1, "syntax", "这里有看不见的字符（U+FEFF）。")),
        ("a:\n  b: 1\n　　c: 2\n", (3, 1, "hidden", "这里有看不见的字符（U+3000）。")),
        ('"a\\tb": 1\n', (1, 1, "hidden", "这里有看不见的字符（U+0009）。")),
        ("a: 1\n%YAML 1.2\n", (2, 1, "encoding", "一行不能以 % 开头。")),
        ("a: 1\nb: \0x\n", (2, 4, "encoding", "文件里有 NUL 字符，不是文本文件。")),
        ("a: &x {k: 1}\nb:\n  <<: *x\n", (3, 3, "merge-key", "不支持合并键“<<”。")),
        ("a: {{ member }}\n", (1, 5, "syntax", "键必须是一个词，不能是列表、引用或花括号。")),
        ("a: **重要**\n", (1, 4, "syntax", "值不能以“*”开头。")),
        ("a: !重要\n", (1, 4, "syntax", "值不能以“!”开头。")),
        ("a: &\n", (1, 4, "syntax", "值不能以“&”开头。")),
        ('a: "他说"好""\n', (1, 8, "syntax", "引号后面多了文字。")),
        ("a: [看](链接)\n", (1, 7, "syntax", "括号后面多了文字。")),
        ("b: &x 1\na: *x 好\n", (2, 7, "syntax", "引用后面多了文字。")),
        ("a: 1\nb:2\nc: 3\n", (2, 2, "syntax", "冒号后面缺一个空格。")),
        ("a:\n  - x\n  - b：1\n    c: 2\n", (3, 6, "syntax", "这里用了全角冒号“：”。")),
        ("- 提示：一\nb: 1\n", (2, 1, "syntax", "列表的缩进没有对齐。")),
        ("a: 1\n\tb: 2\n", (2, 1, "syntax", "缩进里有制表符（Tab）。")),
        ('a: "\\x4"\n', (1, 7, "syntax", "双引号里的反斜杠写法不对。")),
    ],
)
def test_what_people_get_wrong_is_named_at_its_place(
    data: str, expected: tuple[int, int, str, str]
) -> None:
    assert first(data.encode()) == expected


# ---------------------------------------------------------------- places


def places(text: str) -> Document:
    document = parse(text.encode(), "x.yaml")
    assert document.problems == []
    return document


def test_place_of_a_value_in_an_alias_is_its_anchor() -> None:
    document = places("a: &x\n  k: 1\n  l: [2, 3]\nb: *x\nc: &t 文\nd: *t\n")
    assert document.place(("b",)) == Position(4, 1, 1)
    assert document.place(("b", "k")) == Position(2, 6, 1)
    assert document.place(("b", "l", 1)) == Position(3, 10, 1)
    assert document.place(("b", "k"), on_key=True) == Position(2, 3, 1)
    assert document.place(("b", "absent")) == Position(4, 1, 1)
    assert document.place(("d",)) == Position(5, 4, 4)
    assert document.place(("d",), on_key=True) == Position(6, 1, 1)


def test_place_in_flow_maps_over_several_lines() -> None:
    document = places("a: {k: 1,\n  l: [2,\n   3], m: {n: 好}}\n")
    assert document.place(("a", "l")) == Position(2, 3, 1)
    assert document.place(("a", "l", 1)) == Position(3, 4, 1)
    assert document.place(("a", "m", "n")) == Position(3, 15, 1)


@pytest.mark.parametrize(
    ("head", "literal"), [("|", True), ("|-", True), ("|2", True), ("| # 注", True), (">", False)]
)
def test_place_of_a_block_is_its_mark(head: str, literal: bool) -> None:
    document = places(f"a: {head}\n  一\n\n  二\nb: 1\n")
    node = document.node(("a",))
    assert node is not None
    assert (node.at, node.literal) == (Position(1, 4, 1), literal)
    assert document.place(("b",)) == Position(5, 4, 1)


@pytest.mark.parametrize(
    ("block", "line", "column"),
    [
        ("|\n        早\n        {{ x }}\n", 11, 12),
        ("|\n\n        早\n\n        {{ x }}\n", 13, 12),
        ("|-\n        早\n          {{ x }}\n", 11, 14),
    ],
)
def test_error_in_a_block_is_at_its_own_line(
    write: Write, block: str, line: int, column: int
) -> None:
    head = "plan: p\ntitle: t\napplies_to: {labels: [a]}\nweek:\n  monday:\n    - id: i\n"
    text = f'{head}      at: "09:30"\n      content:\n       text: {block}'
    found = [one for one in load([write({"p.yaml": text})])[1] if one.severity == "error"]
    assert [(one.line, one.column) for one in found] == [(line, column)]


# ---------------------------------------------------------------- bounds

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
    assert first("\n".join(lines).encode()) == (4, 45, "alias", "重复引用（*）展开后太大。")


def test_a_model_with_ten_thousand_mistakes_names_the_first_ones(write: Write) -> None:
    rows = "".join("  - {i: k}\n" for _ in range(2500))
    _, problems = load([write({"b.yaml": f"bank: b\ntitle: t\nquestions:\n{rows}"})])
    assert only(problems[:1]) == (1, 1, "more", "还有 9800 个问题没有列出。")
    assert len(problems) <= 201


# ---------------------------------------------------------------- files and folders


def told(*paths: Path) -> list[tuple[str, str]]:
    return [(one.file, one.message) for one in load(paths)[1]]


def test_link_into_itself_is_a_problem(write: Write) -> None:
    folder = write({"good.yaml": SMALL})
    (folder / "loop.yaml").symlink_to("loop.yaml")
    assert told(folder) == [("loop.yaml", "符号链接绕成了圈，找不到真正的文件。")]
    assert list(load([folder])[0].pools) == ["games"]


def test_link_to_nothing_is_a_problem(write: Write) -> None:
    folder = write({"good.yaml": SMALL})
    (folder / "gone.yaml").symlink_to("absent.yaml")
    assert told(folder) == [("gone.yaml", "符号链接指向的文件不存在。")]


def test_folders_that_lead_into_each_other_are_entered_once(write: Write) -> None:
    folder = write({"a/good.yaml": SMALL})
    (folder / "a" / "up").symlink_to("..", target_is_directory=True)
    (folder / "b").symlink_to("a", target_is_directory=True)
    assert yaml_files([folder]) == [Path("a/good.yaml")]
    assert told(folder) == []


def test_same_file_by_several_names_is_loaded_once(write: Write) -> None:
    folder = write({"good.yaml": SMALL})
    (folder / "again.yaml").symlink_to("good.yaml")
    (folder / "hard.yaml").hardlink_to(folder / "good.yaml")
    assert yaml_files([folder, folder / "good.yaml"]) == [Path("again.yaml")]
    assert told(folder, folder / "good.yaml") == []


def test_mounted_configuration_is_loaded_once(write: Write) -> None:
    folder = write({"..2026_11_22/good.yaml": SMALL})
    (folder / "..data").symlink_to("..2026_11_22", target_is_directory=True)
    (folder / "good.yaml").symlink_to("..data/good.yaml")
    assert yaml_files([folder]) == [Path("good.yaml")]
    assert list(load([folder])[0].pools) == ["games"]


def test_copies_that_editors_keep_are_left_alone(write: Write) -> None:
    folder = write({"good.yaml": SMALL, ".good.yaml.swp": "", "._good.yaml": "", "a.yaml~": ""})
    (folder / ".#good.yaml").symlink_to("user@host.1234")
    assert yaml_files([folder]) == [Path("good.yaml")]


def test_suffix_in_capitals_counts(write: Write) -> None:
    assert yaml_files([write({"A.YAML": SMALL, "b.Yml": SMALL})]) == [Path("A.YAML"), Path("b.Yml")]


def test_pipe_is_never_waited_for(write: Write) -> None:
    folder = write({"good.yaml": SMALL})
    os.mkfifo(folder / "pipe.yaml")
    assert told(folder) == [("pipe.yaml", "这不是普通文件（是管道、设备或套接字）。")]


def test_devices_and_sockets_are_no_files(write: Write) -> None:
    folder = write({"good.yaml": SMALL})
    (folder / "endless.yaml").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("s.yaml")
        assert told(folder) == [
            ("endless.yaml", "这不是普通文件（是管道、设备或套接字）。"),
            ("s.yaml", "这不是普通文件（是管道、设备或套接字）。"),
        ]


def test_folder_named_like_a_file_is_walked(write: Write) -> None:
    assert yaml_files([write({"dir.yaml/good.yaml": SMALL})]) == [Path("dir.yaml/good.yaml")]


def test_file_that_vanishes_after_listing_is_a_problem(write: Write) -> None:
    folder = write({"good.yaml": SMALL, "gone.yaml": SMALL})
    files = yaml_files([folder])
    (folder / "gone.yaml").unlink()
    assert told(*files) == [("gone.yaml", "没有这个文件。")]


def test_folder_that_vanishes_is_a_problem(write: Write) -> None:
    folder = write({"sub/good.yaml": SMALL}) / "sub"
    (folder / "good.yaml").unlink()
    folder.rmdir()
    assert told(folder) == [("sub", "没有这个文件。")]


@pytest.fixture
def without_rights() -> Iterator[None]:
    """Root reads everything, so the test becomes somebody else for a while."""
    if os.geteuid() == 0:
        os.seteuid(65534)
        yield
        os.seteuid(0)
    else:
        yield


def test_file_and_folder_without_the_right_to_read_are_problems(
    write: Write, request: pytest.FixtureRequest
) -> None:
    folder = write({"good.yaml": SMALL, "mine.yaml": SMALL, "closed/a.yaml": SMALL})
    for one in (folder.resolve(), *list(folder.resolve().parents)[:3]):
        one.chmod(one.stat().st_mode | 0o055)
    (folder / "mine.yaml").chmod(0)
    (folder / "closed").chmod(0)
    request.getfixturevalue("without_rights")
    found = told(folder)
    assert found == [
        ("closed", "文件夹打不开。"),
        ("mine.yaml", "没有权限读这个文件。"),
    ]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"a\nb.yaml", "a\\nb.yaml"),
        (b"a\x1b[31mb.yaml", "a\\x1b[31mb.yaml"),
        (b"\xff\xfe.yaml", "\\udcff\\udcfe.yaml"),
        ("计划 一.yaml".encode(), "计划 一.yaml"),
    ],
)
def test_odd_file_name_is_shown_without_harm(write: Write, name: bytes, shown: str) -> None:
    folder = write({})
    path = Path(os.fsdecode(name))
    path.write_text("pln: 1\n")
    _, problems = load([folder])
    assert [one.file for one in problems] == [shown] == [shown_path(path)]
    for text in (render(problems), to_json(1, problems), to_github(problems)):
        assert shown.split("\\")[0] in text.encode().decode()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a\0b.yaml", "文件名里有不能用的字符。"),
        ("x" * 300 + ".yaml", "文件名太长。"),
        ("good.yaml/sub.yaml", "路径中间有一段不是文件夹。"),
    ],
)
def test_impossible_path_is_a_problem(write: Write, name: str, message: str) -> None:
    write({"good.yaml": SMALL})
    assert only(read(Path(name)).problems) == (1, 1, "file", message)


def test_long_line_is_shown_around_the_place(write: Write) -> None:
    text = "pool: games\ntitle: " + "长" * 500 + "\nbudget: [" + "1, " * 300 + "@]\n"
    (one,) = load([write({"p.yaml": text})])[1]
    assert (one.line, one.column) == (3, 910)
    assert render([one]).split("\n")[1:3] == [
        f"  3 | …{'1, ' * 26}1,@]"[:6] + "…" + ("1, " * 300 + "@]")[-82:],
        "    | " + " " * 81 + "^",
    ]


# ---------------------------------------------------------------- anything at all

REAL = [
    one.read_bytes()
    for one in yaml_files([SHIPPED])
    if one.parent.name in ("plans", "campaigns", "pools", "scripts")
]


def judge(data: bytes, folder: Path) -> None:
    """Loading never raises, and every problem is somewhere in the file, in Chinese."""
    path = folder / "x.yaml"
    path.write_bytes(data)
    library, problems = load([path])
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
    for one in problems:
        assert 1 <= one.line <= lines + 1
        assert one.column >= 1
        assert re.search("[一-鿿]", one.message)
    assert render(problems).encode() is not None
    assert bool(problems) or library != load([])[0]


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_judged(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    judge(data, tmp_path_factory.getbasetemp())


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
    judge(data, tmp_path_factory.getbasetemp())
