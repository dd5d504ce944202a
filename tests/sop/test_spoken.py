"""Which kinds of file come under review by themselves, what their stamps cover, what voids them."""

from collections.abc import Mapping
from typing import Any

import pytest

from sop.loader import KINDS
from sop.sheet import file_hash, file_sheet
from sop.spoken import Spoken
from sop.unplanned import speaking
from tests.house import FESTIVAL, library_of

EVERYWHERE = {"labels": ["all"]}
CALL: Mapping[str, Any] = {
    "channel": "call",
    "title": "外呼",
    "applies_to": EVERYWHERE,
    "variables": {"hotline": "95588"},
    "welcome": "您好，电话 {{ hotline }}，网址 https://bank.example/a",
}
SCRIPT = {"script": "ask", "title": "问候", "text": "您好，最近还好吗？"}
FADING: Mapping[str, Any] = {
    "follow": "fading",
    "applies_to": EVERYWHERE,
    "who": {"silent_for": "10d"},
    "reason": "忽然不来了",
    "script": "ask",
}


def hash_of(*files: Mapping[str, Any]) -> str:
    """Of the one file that speaks."""
    library = library_of(*files)
    (file,) = speaking(library)
    return file_hash(file, library)


def test_every_kind_of_file_is_reviewed_or_says_why_not() -> None:
    """A new kind appears here by its own file: `sop.loader` refuses one that says neither."""
    reasons = {
        kind: "" if issubclass(model, Spoken) else vars(model)["unspoken"]
        for kind, model in KINDS.items()
    }
    assert reasons == {
        "plan": "每一步各有自己的章。",
        "campaign": "",
        "pool": "只有游戏步骤用奖池，那一步的章包括它。",
        "bank": "",
        "script": "由步骤、跟进规则引用，它们的章包括它。",
        "list": "由步骤引用，那一步的章包括它。",
        "segment": "只说选哪些成员，没有给客户的话。",
        "tag": "标签和理由只给同事看。",
        "points": "",
        "referral": "",
        "channel": "",
        "tags": "标签和说明只给同事看。",
        "follow": "",
    }


def test_what_a_stamp_does_not_cover_is_read_by_no_customer() -> None:
    uncovered = {
        kind: sorted(model.uncovered) for kind, model in KINDS.items() if issubclass(model, Spoken)
    }
    assert uncovered == {
        "campaign": ["waive"],
        "bank": [],
        "points": ["by_hand_per_day", "waive"],
        "referral": ["burst", "most", "stay", "waive"],
        "channel": ["silence", "staff", "waive", "way"],
        "follow": ["at_most", "cool_down", "due", "priority", "reason", "who"],
    }


def test_uncovered_fields_exist() -> None:
    models = [model for model in KINDS.values() if issubclass(model, Spoken)]
    assert [one for one in models if not one.uncovered <= one.model_fields.keys()] == []


@pytest.mark.parametrize(
    "change",
    [
        {"welcome": "您好。"},
        {"while_checking": "请稍等。"},
        {"stranger": "谢谢您。"},
        {"introduction": "我是客户经理。"},
        {"invitation": "欢迎。"},
        {"group_welcome": "欢迎 %NICKNAME%"},
        {"keyword": "想进群"},
        {"leads": {"verification": "我是客户经理"}},
        {"variables": {"hotline": "95599"}},
        {"applies_to": {"labels": ["vip"]}},
    ],
    ids=lambda one: next(iter(one)),
)
def test_edit_of_what_is_said_voids_the_stamp(change: Mapping[str, Any]) -> None:
    assert hash_of({**CALL, **change}) != hash_of(CALL)


@pytest.mark.parametrize(
    "change",
    [{"staff": ["li"]}, {"silence": "5d"}, {"author": "zhao"}, {"introduction": None}],
    ids=lambda one: next(iter(one)),
)
def test_edit_that_no_customer_notices_keeps_the_stamp(change: Mapping[str, Any]) -> None:
    assert hash_of({**CALL, **change}) == hash_of(CALL)


def test_edited_script_voids_the_stamp_of_the_rule_that_uses_it() -> None:
    assert hash_of(FADING, {**SCRIPT, "text": "您好。"}) != hash_of(FADING, SCRIPT)
    assert hash_of({**FADING, "reason": "别的理由"}, SCRIPT) == hash_of(FADING, SCRIPT)


def test_edited_segment_voids_the_stamp_of_the_campaign_that_is_for_it() -> None:
    campaign = {**FESTIVAL, "round": "standing", "who": {"segment": "often"}}
    hashes = {
        hash_of(campaign, {"segment": "often", "title": "常来", "who": {"active_days": days}})
        for days in ({"within": "30d", "at_least": 3}, {"within": "30d", "at_least": 4})
    }
    assert len(hashes) == 2


def test_hash_is_the_same_for_ever() -> None:
    """Another hash would void every stamp that banks have given."""
    assert hash_of(CALL) == "33021b42bbd6beb32ccd2caf54d8355b81303d2dfd0fd717b4c23a2fab4b1d1d"


def test_sheet_shows_everything_that_is_said_and_what_waits_for_it() -> None:
    library = library_of(FADING, SCRIPT)
    (rule,) = speaking(library)
    found = file_sheet(rule, library)
    assert (found.name, found.title) == ("follow:fading", "跟进规则 · fading")
    assert found.text == (
        "跟进规则：fading，撰稿人 没有写\n"
        "社群：标签 all\n"
        "没有章时：跟进照派，不带话术\n"
        "建议的话术：ask\n"
        "\n"
        "【话术名】ask\n"
        "话术标题：问候\n"
        "正文：您好，最近还好吗？\n"
        "\n"
        "链接：没有"
    )


def test_links_of_a_file_are_named() -> None:
    library = library_of(CALL)
    (channel,) = speaking(library)
    assert file_sheet(channel, library).lines[-1] == "链接：https://bank.example/a"


@pytest.mark.parametrize(
    "silent",
    [
        {"channel": "door", "title": "扫码", "applies_to": EVERYWHERE, "way": "group"},
        {"referral": "friends", "title": "老友", "applies_to": EVERYWHERE, "stay": "3d"},
        {key: value for key, value in FADING.items() if key != "script"},
    ],
    ids=["channel", "referral", "follow"],
)
def test_file_without_words_of_its_own_needs_no_stamp(silent: Mapping[str, Any]) -> None:
    assert speaking(library_of(silent)) == []


def test_author_is_no_part_of_published_rules() -> None:
    """The rules of an open round, and the hash in its notice, are those of the campaign."""
    plain = library_of(FESTIVAL).campaigns["festival"]
    signed = library_of({**FESTIVAL, "author": "zhao"}).campaigns["festival"]
    assert (signed.author, signed.model_dump(mode="json")) == (
        "zhao",
        plain.model_dump(mode="json"),
    )


def test_files_of_one_name_have_stamps_of_their_own() -> None:
    library = library_of(
        CALL,
        {"referral": "call", "title": "老友", "applies_to": EVERYWHERE, "invitation": "来吧。"},
        {**FADING, "follow": "call"},
        SCRIPT,
    )
    assert sorted(one.subject for one in speaking(library)) == [
        "channel:call",
        "follow:call",
        "referral:call",
    ]
