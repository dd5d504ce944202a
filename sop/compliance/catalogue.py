"""Every rule by its id: those of the word list and those written as code."""

from functools import cache

from sop.compliance.finding import Rule
from sop.compliance.words import words

PRODUCT_NOTICE = Rule(
    "product.notice",
    "点到产品而没有风险提示",
    "warning",
    "《广告法》第二十五条；《金融消费者权益保护实施办法》（中国人民银行令〔2020〕第5号）",
    "请加上 risk_notice: true，文末会附风险提示；若只是顺带一提，也可换个说法。",
)
DRAW_PURCHASE = Rule(
    "draw.purchase",
    "抽奖以购买、持有、开户或转账为条件",
    "error",
    "《公开募集证券投资基金销售机构监督管理办法》第二十四条；"
    "银保监办发〔2018〕48号《关于完善商业银行存款偏离度管理有关事项的通知》",
    "请去掉这个条件；可以写“不需要购买、持有或开立任何产品”。这一条不能豁免。",
    waivable=False,
)
DRAW_REFERRAL = Rule(
    "draw.referral",
    "抽奖以拉人或转发为条件",
    "error",
    "《微信外部链接内容管理规范》（诱导分享）",
    "请去掉这个条件，让每位群成员都能参加。",
)
GIFT_PURCHASE = Rule(
    "gift.purchase",
    "以赠品或返利促成购买、开户或存款",
    "warning",
    "《公开募集证券投资基金销售机构监督管理办法》第二十四条；"
    "银保监办发〔2018〕48号《关于完善商业银行存款偏离度管理有关事项的通知》",
    "基金和存款不得这样做；其他业务请先由合规部门确认，再写理由豁免。",
)
NOTICE_ITEMS = Rule(
    "notice.items",
    "有奖活动公告不完整",
    "error",
    "《规范促销行为暂行规定》第十三条",
    "请在活动的 rules 里补上。",
)
PRIZE_AMOUNT = Rule(
    "prize.amount",
    "奖品名称与金额不一致",
    "error",
    "《规范促销行为暂行规定》第十三条；《消费者权益保护法》第二十条",
    "请让奖品名称里的金额与 amount 一致。",
    waivable=False,
)
PRIZE_CAP = Rule(
    "prize.cap",
    "最高奖超过五万元",
    "error",
    "《规范促销行为暂行规定》第十七条；《反不正当竞争法》关于有奖销售的规定",
    "请把一个人全部中奖机会合计的最高金额降到 50,000 元以内。这一条不能豁免。",
    waivable=False,
)
PREDICTION_MARKET = Rule(
    "prediction.market",
    "竞猜题目涉及行情或彩票",
    "error",
    "《证券法》第五十六条；《公开募集证券投资基金销售机构监督管理办法》第二十四条；《彩票管理条例》第三条",
    "请换成天气、体育、电影、节目这样的题目。这一条不能豁免。",
    waivable=False,
)
WAIVER = Rule(
    "waiver",
    "豁免写得不对",
    "error",
    "合规豁免须对应一条具体的规则，理由留痕备查",
    "请核对 waive 里的 rule。",
    waivable=False,
)

_CODED = (
    PRODUCT_NOTICE,
    DRAW_PURCHASE,
    DRAW_REFERRAL,
    GIFT_PURCHASE,
    NOTICE_ITEMS,
    PRIZE_AMOUNT,
    PRIZE_CAP,
    PREDICTION_MARKET,
    WAIVER,
)


@cache
def rules() -> dict[str, Rule]:
    """All rules by id."""
    listed = [group.as_rule() for group in words().rules]
    return {one.id: one for one in (*listed, *_CODED)}
