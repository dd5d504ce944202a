"""邀请: the member's own way of bringing others, and who came by it."""

from sop.referral import has_referrals, invite
from sop.word import Word, always

WORD = Word(
    name="邀请",
    aliases=("邀请好友", "邀请朋友", "我的邀请"),
    handle=lambda one: invite(one.facts, one.library, one.community, one.member),
    offered=has_referrals,
    helps=always,
)
