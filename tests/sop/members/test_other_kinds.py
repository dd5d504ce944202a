"""invite, moment, tag, follow_up, thanks: what each does when it is due."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from sop.effects import FollowUp, HandOver, Post, Tag, Tell, Untag
from sop.prepared import RISK_NOTICE
from sop.step import NothingToDo, StepContext
from sop.steps.thanks import Thanks

Made = Callable[..., StepContext]
Refused = Callable[[str], str]
DUE = datetime(2026, 11, 23, 2, tzinfo=UTC)
NAMES = {"wm1": "安安", "wm2": "Bob", "wm3": "陈"}


def run(context: StepContext) -> Any:
    return context.step.spec.run(context)


# --- invite


INVITE = "invite: {text: '我是{{ owner }}。', gives: [每周课堂, '{{ hotline }}'], code: 进群%s}"
BODY = (
    "我是李静。\n\n群里有：\n· 每周课堂\n· 95500\n\n"
    "想进群，回复“进群”，我把您请进来；不方便也没关系，不会再打扰您。"
)


@pytest.mark.parametrize(
    ("link", "texts", "advice"),
    [
        ("", (BODY,), "对方回复“进群”后，请您拉进群；先别主动拉人。"),
        (
            ", link: 'https://work.weixin.qq.com/gm/1'",
            (BODY, "欢迎！点这里就能进群：\nhttps://work.weixin.qq.com/gm/1"),
            "对方回复“进群”后，再发最后一条里的链接；先别一上来就发。",
        ),
    ],
)
def test_invite_says_who_then_what_then_how(
    made: Made, circle: Any, link: str, texts: tuple[str, ...], advice: str
) -> None:
    (handed,) = run(made(INVITE % link, circle({"wm1": "安安"})))
    assert handed == HandOver(
        community="wealth-01",
        title="关怀",
        note="💌 **关怀**　财富体验群\n请私信这 1 位成员（全体成员），话术在下面：\n1. 安安\n"
        f"> {advice}\n> 不想再收私信的成员，请发：标签 名字 勿扰",
        texts=texts,
        occurrence="p/s/2026-11-23/wealth-01",
        members=("wm1",),
        as_task=True,
        expires_at=DUE + timedelta(hours=1),
    )


@pytest.mark.parametrize(
    "link",
    [
        "http://work.weixin.qq.com/1",
        "work.weixin.qq.com",
        "https://",
        "https://localhost/1",
        "https://a@b.com/",
        "https://b.com:8443/",
        "https://b.com:x/",
        "https://b.com/ 1",
        "https://银行.com/",
        "https://[b.com/",
        "javascript:alert(1)",
    ],
)
def test_invite_link_must_be_safe(refused: Refused, link: str) -> None:
    told = f"“{link}”不是可以发给客户的网址。"
    assert told in refused(INVITE % f", link: '{link}'")


# --- moment


def test_moment_is_handed_over(made: Made, circle: Any) -> None:
    context = made("moment: {text: '{{ weekday }}好。', risk_notice: true}", circle({}))
    text = f"周一好。\n\n{RISK_NOTICE}"
    assert run(context) == [
        HandOver(
            community="wealth-01",
            title="关怀",
            note="📷 **关怀**　财富体验群\n请在客户朋友圈发布，文字在下面，可以配一张图：",
            texts=(text,),
            occurrence="p/s/2026-11-23/wealth-01",
            expires_at=DUE + timedelta(hours=1),
        )
    ]
    assert context.step.spec.script(context) == f"到点请您发客户朋友圈，文字是：\n\n{text}"


def test_moment_for_a_segment_is_handed_over_with_the_names(made: Made, circle: Any) -> None:
    people = circle({"wm1": "王芳", "wm2": "李雷"}, silent=frozenset({"wm2"}))
    context = made("moment: {text: 好。, to: {segment: sleeping}}", people)
    (handed,) = run(context)
    assert handed.note == (
        "📷 **关怀**　财富体验群\n"
        "请在客户朋友圈发布，只给这 1 位看（人群“沉睡成员”），文字在下面，可以配一张图。"
        "发布时点“谁可以看”，选：\n"
        "1. 李雷"
    )
    assert context.step.spec.script(context) == (
        "到点请您发客户朋友圈，只给部分客户看（人群“沉睡成员”），文字是：\n\n好。"
    )
    assert context.step.spec.links(context.library) == [context.library.segments["sleeping"]]


def test_moment_for_many_names_the_first_of_them(made: Made, circle: Any) -> None:
    names = {f"wm{one:03}": f"成员{one:03}" for one in range(51)}
    (handed,) = run(made("moment: {text: 好。, to: {without_tags: [x]}}", circle(names)))
    assert handed.note.split("\n")[-2:] == ["50. 成员049", "……共 51 位，人多时按标签选更快。"]


def test_moment_for_nobody_is_nothing_to_do(made: Made, circle: Any) -> None:
    with pytest.raises(NothingToDo, match="现在没有符合条件的成员"):
        run(made("moment: {text: 好。, to: {segment: sleeping}}", circle({"wm1": "王芳"})))


def test_moment_must_fit(refused: Refused) -> None:
    assert "朋友圈最多 2000 字，这里有 2001 字。" in refused(f"moment: {{text: {'好' * 2001}}}")
    assert refused(f"moment: {{text: {'好' * 2000}}}") == ""


# --- tag


@pytest.mark.parametrize(
    ("remove", "effects"),
    [
        (
            "",
            [
                Tag("wm1", "老友", "p/s", "11月23日的老友"),
                Tag("wm3", "老友", "p/s", "11月23日的老友"),
            ],
        ),
        (", remove: true", [Untag("wm1", "老友", "p/s"), Untag("wm3", "老友", "p/s")]),
    ],
)
def test_tag_labels_whom_it_is_for(
    made: Made, circle: Any, remove: str, effects: list[Any]
) -> None:
    step = f"tag: {{name: 老友, reason: '{{{{ date }}}}的老友', to: {{segment: sleeping}}{remove}}}"
    facts = circle(NAMES, silent=frozenset({"wm1", "wm3"}), worn={"wm1": {"勿扰"}})
    context = made(step, facts)
    assert run(context) == effects
    does = "摘掉" if remove else "打上"
    assert context.step.spec.script(context) == (
        f"系统将给这些成员{does}标签“老友”：人群“沉睡成员”。您不用做什么。"
    )


# --- follow_up


FOLLOW = "follow_up: {reason: '问问近况，{{ hotline }}。', due: 2d, at_most: 2}"


def test_follow_up_is_a_task_each_and_one_message(made: Made, circle: Any) -> None:
    facts = circle({**NAMES, "wm4": "丁", "wm5": "戊"}, waiting={"wm2", "wm9"})
    first, second, told = run(made(FOLLOW, facts))
    assert first == FollowUp(
        community="wealth-01",
        member="wm4",
        staff="lijing",
        reason="问问近况，95500。",
        due_at=DUE + timedelta(days=2),
        key="p/s/2026-11-23/wealth-01/wm4",
    )
    assert second == replace(first, member="wm1", key="p/s/2026-11-23/wealth-01/wm1")
    assert told == Tell(
        "lijing",
        "📞 **关怀**　财富体验群\n问问近况，95500。\n\n"
        "请在 11 月 25 日 10:00 前跟进这 2 位（全体成员）：\n"
        "1. 丁\n2. 安安\n> 还有 2 位这次没派，下次再派。\n> 看话术、记结果：跟进",
    )


def test_follow_up_goes_to_who_has_the_member_as_a_contact(made: Made, circle: Any) -> None:
    step = "follow_up: {reason: 问问近况, script: hello, priority: 1, due: 2d}"
    facts = circle(NAMES, friends={"wm2": "chen", "wm3": "chen"})
    *tasks, owner, chen = run(made(step, facts))
    assert [(one.member, one.staff, one.priority) for one in tasks] == [
        ("wm1", "lijing", 1),
        ("wm2", "chen", 1),
        ("wm3", "chen", 1),
    ]
    assert {one.script for one in tasks} == {f"我是小李，周一好。\n\n{RISK_NOTICE}"}
    assert (owner.staff, chen.staff) == ("lijing", "chen")
    assert "前跟进这 2 位（全体成员）：\n1. Bob\n2. 陈\n> 看话术、记结果：跟进" in chen.text


def test_follow_up_script_must_be_there(refused: Refused) -> None:
    told = refused("follow_up: {reason: 问问近况, script: helo}")
    assert "没有名为“helo”的话术。您是想写 hello 吗？" in told


def test_follow_up_of_those_who_still_wait_is_nothing_to_do(made: Made, circle: Any) -> None:
    with pytest.raises(NothingToDo, match=r"^符合条件的成员都已在跟进$"):
        run(made(FOLLOW, circle(NAMES, waiting=set(NAMES))))


# --- thanks


SCORES = {"wm1": (3, 9), "wm2": (5, 5), "wm3": (3, 9), "wm4": (3, 8)}
FOUR = {**NAMES, "wm4": "*丁*"}


@pytest.mark.parametrize(
    ("top", "names"),
    [
        (1, "Bob"),
        (2, "Bob、安安、陈"),
        (3, "Bob、安安、陈"),
        (4, "Bob、安安、陈、＊丁＊"),
        (9, "Bob、安安、陈、＊丁＊"),
    ],
)
def test_thanks_names_equals_alike(made: Made, circle: Any, top: int, names: str) -> None:
    context = made(f"thanks: {{top: {top}}}", circle(FOUR, contributions=SCORES))
    assert run(context) == [
        Post(
            "wealth-01",
            f"💐 **本周感谢这些热心的群友**\n{names}\n谢谢大家，下次见！",
            expires_at=DUE + timedelta(hours=1),
        )
    ]


def test_thanks_to_too_many_equals_is_by_lot(made: Made, circle: Any) -> None:
    names = {f"wm{number}": f"成员{number}" for number in range(40)}
    facts = circle(names, contributions=dict.fromkeys(names, (1, 1)))
    context = made("thanks: {top: 5, of: month, text: '{{ weekday }}见'}", facts)
    texts = [run(replace(context, seed=bytes([number]) * 32))[0].text for number in range(4)]
    assert {len(text.split("\n")[1].split("、")) for text in texts} == {5}
    assert len(set(texts)) == 4
    assert {text.split("\n")[0] for text in texts} == {"💐 **本月感谢这些热心的群友**"}
    assert {text.split("\n")[2] for text in texts} == {"周一见"}


def test_thanks_to_nobody_is_nothing_to_do(made: Made, circle: Any) -> None:
    with pytest.raises(NothingToDo, match=r"^本月还没有人参与，这次不发$"):
        run(made("thanks: {of: month}", circle(NAMES)))


def test_thanks_script_leaves_the_names_open(made: Made, circle: Any) -> None:
    context = made("thanks: {top: 3}", circle({}))
    assert context.step.spec.script(context) == (
        "💐 **本周感谢这些热心的群友**\n〔到时最活跃的 3 位〕\n谢谢大家，下次见！"
    )


@pytest.mark.parametrize(
    ("of", "day", "since"),
    [
        ("week", date(2026, 11, 23), date(2026, 11, 23)),
        ("week", date(2026, 11, 29), date(2026, 11, 23)),
        ("month", date(2026, 11, 29), date(2026, 11, 1)),
        ("month", date(2026, 12, 1), date(2026, 12, 1)),
    ],
)
def test_thanks_period(of: str, day: date, since: date) -> None:
    assert Thanks.model_validate({"of": of}).since(day) == since
