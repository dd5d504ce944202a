"""YAML text: what scalars mean, where things are, and hostile files that are refused at once."""

import time as stopwatch
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop.source import Document, Position, parse, read


def only_problem(document: Document) -> tuple[int, int, str, str, str]:
    (one,) = document.problems
    return one.line, one.column, one.code, one.message, one.hint


def value_of(text: str) -> Any:
    document = parse(f"key: {text}\n".encode(), "x.yaml")
    assert document.problems == []
    assert document.root is not None
    return document.root.plain()["key"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10:30", "10:30"),
        ("9:30", "9:30"),
        ("on", "on"),
        ("no", "no"),
        ("yes", "yes"),
        ("0123", "0123"),
        ("0x1F", "0x1F"),
        ("0o17", "0o17"),
        ("1_000", "1_000"),
        ("138_0013_8000", "138_0013_8000"),
        ("13800138000", "13800138000"),
        ("2026-11-22", "2026-11-22"),
        ("2026-11-22 10:00:00", "2026-11-22 10:00:00"),
        ("1e3", "1e3"),
        (".inf", ".inf"),
        ("+1", "+1"),
        ("null", None),
        ("~", None),
        ("", None),
        ("true", True),
        ("FALSE", False),
        ("0", 0),
        ("-12", -12),
        ("123456789", 123456789),
        ("5.00", 5.0),
        ("-0.5", -0.5),
        ('"5"', "5"),
        ("'true'", "true"),
        ("5.00-10.00", "5.00-10.00"),
    ],
)
def test_scalar_resolves_strictly(text: str, value: Any) -> None:
    found = value_of(text)
    assert (found, type(found)) == (value, type(value))


def test_every_minute_of_the_day_stays_text() -> None:
    for hour in range(24):
        for minute in range(60):
            for written in (f"{hour:02}:{minute:02}", f'"{hour:02}:{minute:02}"'):
                assert value_of(written) == written.strip('"')


def test_positions_of_keys_and_values() -> None:
    document = parse(b"a: 1\nlist:\n  - x\n  - {k: hello}\n", "x.yaml")
    assert document.place(("a",)) == Position(1, 4, 1)
    assert document.place(("a",), on_key=True) == Position(1, 1, 1)
    assert document.place(("list",)) == Position(2, 1, 4)
    assert document.place(("list", 0)) == Position(3, 5, 1)
    assert document.place(("list", 1, "k")) == Position(4, 9, 5)
    assert document.place(("list", 1, "absent")) == Position(4, 5, 1)
    assert document.place(("absent", "deeper")) == Position(1, 1, 1)


def test_anchors_repeat_a_value() -> None:
    document = parse(b"a: &x {k: 1}\nb: *x\n", "x.yaml")
    assert document.root is not None
    assert document.root.plain() == {"a": {"k": 1}, "b": {"k": 1}}


def test_bom_of_utf8_is_no_problem() -> None:
    document = parse(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n", "x.yaml")
    assert document.root is not None
    assert document.root.plain() == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", (1, 1, "empty", "文件是空的。", "")),
        (b"# only a comment\n", (1, 1, "empty", "文件是空的。", "")),
        (b"a: 1\n" * 60000, (1, 1, "size", "文件超过 256 KB。", "请拆成几个文件。")),
        (
            "a: 1\nb: 你好\n".encode("gbk"),
            (
                2,
                4,
                "encoding",
                "文件不是 UTF-8 编码，看起来是 GBK。",
                "请用编辑器另存为 UTF-8（记事本：另存为 → 编码选 UTF-8），"
                "或运行 iconv -f GB18030 -t UTF-8 x.yaml > x-utf8.yaml。",
            ),
        ),
        (
            "a: 1\n".encode("utf-16"),
            (
                1,
                1,
                "encoding",
                "文件是 UTF-16 编码。",
                "请用编辑器另存为 UTF-8（记事本：另存为 → 编码选 UTF-8），"
                "或运行 iconv -f UTF-16 -t UTF-8 x.yaml > x-utf8.yaml。",
            ),
        ),
        (
            b"a: \xff\xff\xff",
            (1, 4, "encoding", "文件不是 UTF-8 文本。", "请另存为 UTF-8。"),
        ),
        (
            b"a: 1\nb: \0\n",
            (
                2,
                4,
                "encoding",
                "文件里有 NUL 字符，不是文本文件。",
                "请换一个文本文件，或删掉这个字符。",
            ),
        ),
        (b"a: \x01\n", (1, 4, "syntax", "这里有不可见的控制字符。", "请删掉它。")),
        (
            b"a:\n\tb: 1\n",
            (2, 1, "syntax", "缩进里有制表符（Tab）。", "YAML 只认空格，请把 Tab 换成空格。"),
        ),
        (
            "a:\n  b：1\n  c: 2\n".encode(),
            (2, 4, "syntax", "这里用了全角冒号“：”。", "请改成半角冒号加一个空格“: ”。"),
        ),
        (b"a: @x\n", (1, 4, "syntax", "值不能以“@”开头。", "请给这个值加上引号。")),
        (b'a: "x\n', (1, 4, "syntax", "引号没有配对。", "检查从这里开始的引号。")),
        (
            b"a: b: c\n",
            (
                1,
                5,
                "syntax",
                "这里不该出现“: ”。",
                "检查这一行的缩进；文字里含有“: ”时请给整段文字加引号。",
            ),
        ),
        (b"a: [1, 2\nb: 3\n", (1, 4, "syntax", "方括号没有写完整。", "检查逗号和“]”。")),
        (
            b"a: !!python/object/apply:os.system [ls]\n",
            (
                1,
                4,
                "tag",
                "不支持标签“tag:yaml.org,2002:python/object/apply:os.system”。",
                "请删掉它，直接写值；文字以 ! 开头时请加引号。",
            ),
        ),
        (b"a: *x\n", (1, 4, "alias", "前面没有名为“&x”的锚点。", "")),
        (b"a: &x [*x]\n", (1, 8, "alias", "“*x”引用了自己。", "")),
        (
            b"? [a]\n: 1\n",
            (
                1,
                3,
                "syntax",
                "键必须是一个词，不能是列表、引用或花括号。",
                "文字以“{{”“[”或“*”开头时，请给整段文字加引号。",
            ),
        ),
        (
            b"a: 1\n---\nb: 2\n",
            (2, 1, "syntax", "一个文件里只能写一份，不要用 --- 分隔。", ""),
        ),
        (
            b"a: 1\nb: 2\na: 3\n",
            (3, 1, "duplicate-key", "“a”写了两次，第一次在第 1 行。", "请删掉或合并其中一处。"),
        ),
    ],
)
def test_broken_text_says_where_and_what_to_do(
    data: bytes, problem: tuple[int, int, str, str, str]
) -> None:
    assert only_problem(parse(data, "x.yaml")) == problem


def _alias_bomb() -> bytes:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, 12):
        lines.append(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]")
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (_alias_bomb(), "alias"),
        (b"[" * 100_000, "depth"),
        (b"{a: " * 50_000, "depth"),
        (b"- " * 100_000, "depth"),
        (b"x" * 10_000_000, "size"),
    ],
)
def test_hostile_file_is_refused_quickly(data: bytes, code: str) -> None:
    started = stopwatch.process_time()
    document = parse(data, "x.yaml")
    assert stopwatch.process_time() - started < 0.5
    assert document.root is None
    assert only_problem(document)[2] == code


def test_missing_file_is_a_problem(tmp_path: Path) -> None:
    assert only_problem(read(tmp_path / "absent.yaml")) == (1, 1, "file", "没有这个文件。", "")


def test_folder_instead_of_a_file_is_a_problem(tmp_path: Path) -> None:
    assert only_problem(read(tmp_path)) == (1, 1, "file", "这是文件夹，不是文件。", "")


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    document = parse(data, "x.yaml")
    assert (document.root is None) <= bool(document.problems)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab:-[]{}&*!|>'\"%@`#?, \n\t：，你", max_size=60))
def test_any_yaml_like_text_is_read_or_refused(text: str) -> None:
    document = parse(text.encode(), "x.yaml")
    assert (document.root is None) <= bool(document.problems)
    for one in document.problems:
        assert 1 <= one.line <= max(len(document.lines), 1)
