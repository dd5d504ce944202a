"""The idiom dictionary: its readings are pypinyin's, its words can be found and followed."""

from pathlib import Path

import pytest
from pypinyin import lazy_pinyin

from sop import idioms
from sop.games.idiom_chain import OPENINGS
from sop.idioms import Idiom

FILE = Path(idioms.__file__).with_name("idioms.txt")
ROWS = [line.split() for line in FILE.read_text(encoding="utf-8").splitlines()[3:]]
WORDS = [word for word, *_ in ROWS]


def test_dictionary_is_large_and_without_doubles() -> None:
    assert len(WORDS) == len(set(WORDS)) == 19493
    assert {len(word) for word in WORDS} == {4}


def test_dictionary_readings_are_those_of_pypinyin() -> None:
    read = {word: lazy_pinyin(word) for word in WORDS}
    assert [row for row in ROWS if row[1:] != [read[row[0]][0], read[row[0]][3]]] == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("画龙点睛", "画龙点睛"),
        ("畫龍點睛", "画龙点睛"),
        ("“画龙 点睛”！", "画龙点睛"),
        ("\u202e画龙点睛\u202c", "画龙点睛"),
        ("画龙点睛了", ""),
        ("画龙点晴", ""),
        ("今晚吃啥", ""),
        ("", ""),
        ("画" * 4096, ""),
    ],
)
def test_idiom_is_found_in_what_members_write(text: str, word: str) -> None:
    found = idioms.find(text)
    assert (found.word if found else "") == word


def test_idiom_follows_by_sound_or_by_character() -> None:
    dragon, heart = idioms.find("画龙点睛"), idioms.find("惊心动魄")
    assert dragon == Idiom("画龙点睛", "hua", "jing")
    assert heart == Idiom("惊心动魄", "jing", "po")
    assert idioms.follows(dragon, heart, "sound")
    assert not idioms.follows(dragon, heart, "character")
    assert not idioms.follows(heart, dragon, "sound")


def test_same_character_follows_whatever_its_reading() -> None:
    # 朝 is read chao at the end of 改换新朝 and zhao at the beginning of 朝三暮四.
    before, after = Idiom("得胜回朝", "de", "chao"), idioms.find("朝三暮四")
    assert after == Idiom("朝三暮四", "zhao", "si")
    assert idioms.follows(before, after, "sound")


@pytest.mark.parametrize("by", ["sound", "character"])
def test_openers_are_cheerful_and_lead_on(by: idioms.Match) -> None:
    found = idioms.openers(by)
    assert len(found) > 500
    assert [one.word for one in found if set("死病骗杀赌") & set(one.word)] == []
    assert [one.word for one in found if len(idioms.continuations(one, by)) < 4] == []


def test_every_opening_of_a_round_is_an_idiom() -> None:
    assert [word for word in OPENINGS if idioms.find(word) is None] == []
    leads = [len(idioms.continuations(_found(word), "character")) >= 10 for word in OPENINGS]
    assert leads.count(True) >= 8


def _found(word: str) -> Idiom:
    found = idioms.find(word)
    assert found is not None
    return found
