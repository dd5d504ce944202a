"""What payouts are called where colleagues read of them."""

PAYOUT_WORDS = {
    "held": "待到期",
    "due": "待批准",
    "approved": "已批准",
    "submitted": "已提交",
    "unknown": "待查询",
    "paid": "已发放",
    "failed": "失败",
    "expired": "已过期",
    "rejected": "已驳回",
}
KIND_WORDS = {"cash": "红包", "coupon": "优惠券", "gift": "礼品", "points": "积分"}
