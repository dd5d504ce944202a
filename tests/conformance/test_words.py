"""Every word that members may say: found by scanning, no two alike, hostile text is none."""

from zoneinfo import ZoneInfo

import pytest

from sop.answers import normalise
from sop.community import Community, DeliveryMode
from sop.library import Library
from sop.points_program import PointsProgram
from sop.word import Word
from sop.words import all_words, said

GROUP = Community(
    "c", "一群", "wr", "li", DeliveryMode.ROBOT, frozenset({"all"}), ZoneInfo("Asia/Shanghai")
)
ITEM = {"number": 3, "item": "伞", "kind": "gift", "points": 9, "stock": 1, "value": "2.00"}
PROGRAM = PointsProgram.model_validate(
    {
        "points": "p",
        "title": "积分",
        "applies_to": {"labels": ["all"]},
        "earn": {"checkin": 1},
        "redeem": [ITEM],
    }
)
PLAIN, POINTS = Library(), Library(points={"p": PROGRAM})


@pytest.mark.parametrize("word", all_words().values(), ids=lambda word: word.name)
def test_word_is_its_own(word: Word) -> None:
    others = [one for one in all_words().values() if one is not word]
    taken = {normalise(name) for one in others for name in (one.name, *one.aliases)}
    own = [normalise(name) for name in (word.name, *word.aliases)]
    assert len(set(own)) == len(own)
    assert taken.isdisjoint(own)
    assert all(word.rest_of(name) == "" for name in (word.name, *word.aliases))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("签到", ("签到", "")),
        (" 签到！", ("签到", "")),
        ("簽到", ("签到", "")),
        ("签到了吗", None),
        ("积分", ("积分", "")),
        ("我的积分", ("积分", "")),
        ("积分榜", ("积分榜", "")),
        ("积分榜 隐藏", ("积分榜", "隐藏")),
        ("兑换", ("兑换", "")),
        ("兑换３", ("兑换", "３")),
        ("我要兑换：3", ("兑换", "3")),
        ("邀请", None),
        ("", None),
        ("积" * 5000, None),
        ("\u202e分积", None),
        ("{{ 积分 }}", ("积分", "")),
    ],
)
def test_text_is_a_word(text: str, found: tuple[str, str] | None) -> None:
    word = said(text, POINTS, GROUP)
    assert (word and (word[0].name, word[1])) == found


def test_words_are_known_only_where_they_have_an_answer() -> None:
    assert said("积分", PLAIN, GROUP) is None
    assert said("我的奖品", PLAIN, GROUP) is not None
    assert said("积分", POINTS, GROUP) is not None
