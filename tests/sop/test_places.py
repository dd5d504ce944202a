"""Where a file is wrong: the encoding, the line and the column that its author sees."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from sop.diagnostics import render
from sop.loader import load
from sop.source import Document, Position, parse

Write = Callable[[Mapping[str, str]], Path]


def first(data: bytes) -> tuple[int, int, str, str]:
    one = parse(data, "x.yaml").problems[0]
    return one.line, one.column, one.code, one.message


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


def test_long_line_is_shown_around_the_place(write: Write) -> None:
    text = "pool: games\ntitle: " + "长" * 500 + "\nbudget: [" + "1, " * 300 + "@]\n"
    (one,) = load([write({"p.yaml": text})])[1]
    assert (one.line, one.column) == (3, 910)
    assert render([one]).split("\n")[1:3] == [
        f"  3 | …{'1, ' * 26}1,@]"[:6] + "…" + ("1, " * 300 + "@]")[-82:],
        "    | " + " " * 81 + "^",
    ]
