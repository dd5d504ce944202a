"""Forbidden words in every disguise, honest sentences around them, and harmless ones."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop.compliance.fold import fold
from sop.compliance.match import hits
from sop.compliance.rules import check_text
from sop.compliance.words import syllables, words

Said = Callable[..., list[tuple[str, str, str]]]

PRINCIPAL, RETURN, RISKLESS = "promise.principal", "promise.return", "promise.riskless"
SEPARATORS = " \u3000\u200b\u200d\ufe0f\u00ad·・.．*＊-—_~～/|+=^…“”‘’()（）[]【】😀💰🎁"
LISTED = {
    char for _, term in words().terms() for form in (term.term, *term.variants) for char in form
} | set(syllables())
"""Every character of the list, and every one that sounds like one of them."""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("这款产品保本", [(PRINCIPAL, "error", "保本")]),
        ("这款产品保 本", [(PRINCIPAL, "error", "保 本")]),
        ("这款产品保·本", [(PRINCIPAL, "error", "保·本")]),
        ("这款产品保*本", [(PRINCIPAL, "error", "保*本")]),
        ("这款产品保\u200b本", [(PRINCIPAL, "error", "保\u200b本")]),
        ("这款产品保💰💰本", [(PRINCIPAL, "error", "保💰💰本")]),
        ("这款产品宝本", [(PRINCIPAL, "error", "宝本")]),
        ("这款产品报本", [(PRINCIPAL, "warning", "报本")]),
        ("这款产品ｂａｏ本", [(PRINCIPAL, "error", "ｂａｏ本")]),
        ("这款产品bǎo本", [(PRINCIPAL, "error", "bǎo本")]),
        ("b a o b e n", [(PRINCIPAL, "error", "b a o b e n")]),
        ("保本保收益", [(PRINCIPAL, "error", "保本保收益")]),
        ("保本，而且稳赚", [(PRINCIPAL, "error", "保本"), (RETURN, "error", "稳赚")]),
        ("稳赚不陪", [(RETURN, "error", "稳赚不陪")]),
        ("稳 zhuan 不赔", [(RETURN, "error", "稳 zhuan 不赔")]),
        ("只賺不賠", [(RETURN, "error", "只賺不賠")]),
        ("零風險", [(RISKLESS, "error", "零風險")]),
        ("0️⃣风险", [(RISKLESS, "error", "0️⃣风险")]),
        ("０风险", [(RISKLESS, "error", "０风险")]),
        ("🈚️风险", [(RISKLESS, "error", "🈚️风险")]),
        ("无fengxian", [(RISKLESS, "error", "无fengxian")]),
        ("100% 安全", [(RISKLESS, "error", "100% 安全")]),
        ("內部-消息", [("misconduct.insider", "error", "內部-消息")]),
        ("内部小息", [("misconduct.insider", "error", "内部小息")]),
        ("私下轉帳", [("misconduct.private", "error", "私下轉帳")]),
        ("代·客·理·财", [("misconduct.private", "error", "代·客·理·财")]),
        ("預期收益率 4.5%", [("promise.forecast", "error", "預期收益率")]),
        ("和存款一样放心", [("misleading.deposit", "error", "和存款一样")]),
        ("全网最低", [("absolute.statutory", "error", "全网最低")]),
        ("国家级荣誉", [("absolute.statutory", "error", "国家级")]),
        ("最佳选择", [("absolute.loose", "warning", "最佳")]),
        ("手慢无！", [("pressure.sales", "warning", "手慢无")]),
        ("一年翻倍", [("promise.exaggeration", "warning", "翻倍")]),
        ("给您返佣", [("misconduct.kickback", "error", "返佣")]),
    ],
)
def test_words_are_found_in_disguise(
    said: Said, text: str, found: list[tuple[str, str, str]]
) -> None:
    assert said(text) == found


def test_finding_says_what_sounds_like_what() -> None:
    [finding] = check_text("稳赚不陪", risk_notice=True, path=("text",))
    assert finding.message == "“稳赚不陪”读音同“稳赚不赔”，属于收益承诺。"


def test_finding_shows_invisible_characters() -> None:
    [finding] = check_text("保\u200b本", risk_notice=True, path=("text",))
    assert finding.message == "“保·本”属于保本承诺。"


@pytest.mark.parametrize(
    "text",
    [
        "不承诺保本",
        "不得承诺保本保收益",
        "不得承诺保本、保收益",
        "非保本浮动收益",
        "银行理财不保本",
        "理财产品并非保本",
        "没有零风险的投资",
        "没有任何人能保证稳赚不赔",
        "理财不等同于存款",
        "不得宣传预期收益率",
        "广告里不得使用“国家级”“最高级”等用语",
        "不要相信任何“内幕消息”",
        "请不要把钱转到个人账户",
        "打破刚性兑付",
        "刚性兑付已被打破",
        "告别“保本”时代",
        "谨防‘稳赚不赔’",
        "谨防“稳赚不赔”的骗局",
        "警惕代客理财",
        "警惕要求您转到个人账户的电话",
        "骗子常说的话：“稳赚不赔”“内部消息”",
        "陌生人邀您投资，说“回报高、不会亏”",
        "‘保本高收益’是骗局",
        "“保本高收益”，都是骗局",
        "谁说“稳赚不赔”，谁就是骗子",
        "凡是承诺保本的，都是骗局",
        "听到“内部消息”，请马上挂断",
        "凡是向您承诺保本保收益的，请立即挂断并报警",
        "如果有人向您保证收益，请先挂断，再打客服电话核实",
        "金融机构可以承诺保本保收益吗？",
        "保本不可能",
    ],
)
def test_honest_sentences_are_left_alone(said: Said, text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("保本高收益，谨防假冒", ["保本"]),
        ("本产品“保本”，谨防诈骗", ["保本"]),
        ("不得不说，这款真保本", ["保本"]),
        ("不得不保本", ["保本"]),
        ("不收手续费，保本", ["保本"]),
        ("不仅保本，还稳赚", ["保本", "稳赚"]),
        ("特别保本", ["保本"]),
        ("除非保本否则不买", ["保本"]),
        ("有没有保本的？有！", ["保本"]),
        ("保本绝不违规", ["保本"]),
        ("保本不是骗局", ["保本"]),
        ("保本不可能亏", ["保本"]),
        ("不会亏钱的保本理财", ["不会亏", "保本"]),
        ("不要错过保本", ["保本"]),
        ("没有什么比保本更好", ["保本"]),
        ("今天的“保本”理财上线", ["保本"]),
        ("谨防错过！保本来了", ["保本"]),
        ("无条件保本", ["保本"]),
        ("不承诺保本。不过肯定稳赚", ["稳赚"]),
    ],
)
def test_promises_with_honest_looks_are_found(said: Said, text: str, found: list[str]) -> None:
    assert [words for _, _, words in said(text)] == found


@pytest.mark.parametrize(
    "text",
    [
        "确保本次活动顺利进行",
        "确保，本次活动顺利",
        "环保、本地生活都可以聊",
        "请带上社保、本人身份证",
        "医保本月起可以在线缴费",
        "投保本产品前请阅读条款",
        "担保本息的约定以合同为准",
        "红包本周发放",
        "红包本期共 80 个",
        "填报本人信息",
        "上报本行系统",
        "汇报本周工作",
        "打包本子带走",
        "支付宝本身不收费",
        "余额宝本周收益",
        "本周报表已经发出",
        "债务风险和业务风险要分清",
        "服务风险提示",
        "财务风险要留意",
        "另，风险提示如下",
        "请先做风险测评",
        "无风险利率是什么",
        "保证受益人能领到钱",
        "比较保守一点的朋友",
        "积分翻倍，快来玩",
        "保底奖是 0.60 元",
        "第一步，先看风险等级",
        "第一时间回复您",
        "最好提前一天预约",
        "最高偿付限额 50 万元",
        "最高人民法院的案例",
        "最高级别的密码",
        "国家级非物质文化遗产",
        "今天谁是最佳射手",
        "最稳妥的做法是回拨官方电话",
        "图文转发给家里老人",
        "食堂转账窗口在二楼",
        "大堂转角处有饮水机",
        "业务平稳转型",
        "包子本来就好吃",
        "面包本来就好吃",
        "通报本行要闻",
        "上周的账本息票",
        "银行卖的不都是银行发的",
        "理财非存款，产品有风险，投资须谨慎",
        "存款保险保障本金和利息",
        "它只是参考目标，不是承诺",
        "过往业绩不代表其未来表现",
        "不构成投资建议或收益承诺",
        "天上不会掉馅饼，高收益往往伴随高风险",
        "荐股群多半是骗局",
        "{{ community.name }}的朋友，周一好！",
        "https://example.com/baobei?neibu=1",
        "",
    ],
)
def test_harmless_sentences_are_left_alone(said: Said, text: str) -> None:
    assert said(text) == []


def test_stops_break_a_word_and_other_marks_do_not(said: Said) -> None:
    texts = [f"很稳{mark}赚到了" for mark in "，。！？；：、\n,!?;: ·*"]
    assert [bool(said(text)) for text in texts] == [False] * 13 + [True] * 3


@settings(max_examples=300, deadline=None)
@given(
    term=st.sampled_from([term.term for _, term in words().terms()]),
    marks=st.lists(st.text(SEPARATORS, max_size=3), min_size=12, max_size=12),
)
def test_separators_hide_nothing(term: str, marks: list[str]) -> None:
    text = "".join(char + mark for char, mark in zip(term, marks, strict=False))
    [finding, *_] = check_text(text, risk_notice=True, path=())
    assert finding.span is not None
    assert finding.span[0] == 0
    assert fold(text[slice(*finding.span)]) == fold(text)[: len(fold(text[slice(*finding.span)]))]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_judged_the_same_twice_and_shorter_without_its_hits(text: str) -> None:
    first = check_text(text, risk_notice=False, path=())
    assert check_text(text, risk_notice=False, path=()) == first
    for finding in reversed(first):
        start, end = finding.span or (0, 0)
        assert 0 <= start < end <= len(text)
        text = text[:start] + text[end:]
    check_text(text, risk_notice=False, path=())


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_characters=LISTED), max_size=120))
def test_text_without_a_character_of_the_list_has_no_hit(text: str) -> None:
    clean = "".join(one for one in text if not LISTED & set(fold(one)))
    assert hits(fold(clean)) == []


def test_one_text_reports_at_most_fifty_words(said: Said) -> None:
    assert len(said("保本！" * 1000)) == 50
