"""The summary as one phone screen: pixels, and nothing but the shipped fonts."""

import struct
import tomllib
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from bot.summary_picture import FONTS, png, svg
from sop.summary.summary import Summary
from tests.summary_specimen import HOSTILE, specimen

ROOT = Path(__file__).parents[2]


def pixels(picture: bytes) -> tuple[int, int, list[bytes]]:
    """Width, height, and rows of RGBA bytes; only filters 0 to 4 of an 8-bit RGBA file."""
    wide, high = struct.unpack(">II", picture[16:24])
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert picture[24:29] == b"\x08\x06\x00\x00\x00"
    data, at = b"", 8
    while at < len(picture):
        (size,) = struct.unpack(">I", picture[at : at + 4])
        if picture[at + 4 : at + 8] == b"IDAT":
            data += picture[at + 8 : at + 8 + size]
        at += size + 12
    raw, rows, above = zlib.decompress(data), [], bytes(wide * 4)
    for row in range(high):
        start = row * (wide * 4 + 1)
        above = _unfiltered(raw[start], raw[start + 1 : start + 1 + wide * 4], above)
        rows.append(above)
    return wide, high, rows


def _unfiltered(kind: int, line: bytes, above: bytes) -> bytes:
    done = bytearray(line)
    for at in range(len(line)):
        left = done[at - 4] if at >= 4 else 0
        corner = above[at - 4] if at >= 4 else 0
        up = above[at]
        guess = left + up - corner
        near = min((left, up, corner), key=lambda one: abs(guess - one))
        done[at] = (line[at] + (0, left, up, (left + up) // 2, near)[kind]) % 256
    return bytes(done)


@pytest.fixture(scope="module")
def summary() -> Summary:
    return specimen()


def test_picture_is_a_phone_screen_with_something_on_every_part(summary: Summary) -> None:
    wide, high, rows = pixels(png(summary))
    colours = [len({row[at : at + 4] for at in range(0, len(row), 4)}) for row in rows]
    bands = [max(colours[start : start + 120]) for start in range(0, high - 120, 120)]
    opaque = all(set(row[3::4]) == {255} for row in rows)
    assert (wide, 1400 < high < 1720, min(bands) > 20, opaque) == (750, True, True, True)


def test_same_summary_gives_the_same_bytes(summary: Summary) -> None:
    assert png(summary) == png(specimen())


def test_picture_tells_the_five_numbers_and_three_findings(summary: Summary) -> None:
    drawn = svg(summary)
    told = ["1,914", "54", "41.5%", "30.9%", "95.8%", "↑ 1.7 个百分点", "新增 96，流失 42"]
    told += ["下周由李静值守，19:20 前确认。", "下周四建议换成知识问答。"]
    assert [one for one in told if f">{one}</text>" not in drawn] == []
    assert ("沉默成员" in drawn, drawn.count("纵轴不从 0 开始")) == (False, 1)


def test_number_without_a_value_says_why(summary: Summary) -> None:
    nobody = replace(summary.metrics[14], value=None, previous=None)
    metrics = tuple(nobody if one.key == nobody.key else one for one in summary.metrics)
    drawn = svg(replace(summary, metrics=metrics))
    assert (nobody.key, ">无数据</text>" in drawn, ">周初在群的成员为 0</text>" in drawn) == (
        "game_participation",
        True,
        True,
    )


def test_character_outside_the_font_is_masked_and_explained() -> None:
    drawn = svg(specimen("喆🎉分行"))
    assert (">喆□分行 · 周报</text>" in drawn, "□ 是图片里写不出的字" in drawn) == (True, True)


def test_picture_without_such_a_character_explains_nothing(summary: Summary) -> None:
    assert "□" not in svg(summary)


def test_hostile_name_is_cut_and_drawn() -> None:
    drawn = svg(specimen(HOSTILE))
    assert ("<script" in drawn, "&lt;script&gt;" in drawn, "\u202e" in drawn) == (
        False,
        True,
        False,
    )
    assert pixels(png(specimen(HOSTILE)))[0] == 750


def test_summary_without_findings_and_charts_is_a_short_picture(summary: Summary) -> None:
    wide, high, _ = pixels(png(replace(summary, findings=(), sections=())))
    assert (wide, high) == (750, 476)


@pytest.mark.parametrize("style", ["Regular", "Bold"])
def test_font_has_the_characters_that_are_listed(style: str) -> None:
    font = TTFont(FONTS / f"QunyunSansSC-{style}.otf")
    listed = (FONTS / "characters.txt").read_text(encoding="utf-8")
    assert {*listed} - {*map(chr, font.getBestCmap())} == set()
    assert font["name"].getDebugName(1) == "Qunyun Sans SC"


def test_fonts_are_shipped_with_their_licence() -> None:
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    assert "fonts/*" in packages["package-data"]["bot"]
    assert sorted(path.name for path in FONTS.iterdir()) == [
        "OFL.txt",
        "QunyunSansSC-Bold.otf",
        "QunyunSansSC-Regular.otf",
        "README.md",
        "characters.txt",
    ]
    assert "SIL OPEN FONT LICENSE" in (FONTS / "OFL.txt").read_text(encoding="utf-8")
