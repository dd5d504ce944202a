"""批准, 驳回, 补发, 核销: prizes on their way to members."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from bot import approval, handing_out
from bot.approval import APPROVERS
from bot.command import Command, Request, Scope, Topic, Usage
from bot.customers import shown_to
from bot.payout_words import PAYOUT_WORDS
from sop.community import Role
from sop.effects import Effect, Record, ReissuePayout, RejectPayout, Reply, Tell
from sop.money import yuan
from sop.prizes import prize_title
from storage import coupons, money, payout_rows, payouts
from storage.payout_rows import PayoutRow
from storage.types import order_number

_WHO_ASKS = frozenset({Role.RM, Role.OPERATOR, Role.MANAGER, Role.ADMIN})
_SHORTEST = 4
_MOST_OFFERED = 5


def name_of(request: Request, row: PayoutRow) -> str:
    """The winner's name as this reader may see it."""
    member = request.facts.member(row.community, row.member)
    own = row.community in request.sender.communities
    return shown_to(member.name if member else "", own)


def _approve(request: Request) -> list[Effect]:
    rows = payout_rows.listing(request.tx, "due")
    found = approval.waiting(rows, request.sender, request.library, _threshold(request))
    if not request.args:
        return _what_waits(request, found)
    if len(request.args) == 1:
        raise Usage("请写要批准的金额，和名单上的一样才会批准。")
    typed, amount = " ".join(request.args[:-1]), approval.fen_of(request.args[-1])
    if amount is None:
        raise Usage(f"看不懂金额“{request.args[-1]}”，请写成 22.56。")
    bundles = {one.source: one for one in found.bundles}
    named = approval.sources(typed, bundles, request.library)
    if len(named) == 1:
        return _approve_these(request, bundles[named[0]].rows, amount)
    if named:
        raise Usage(f"有几个都叫“{typed}”，请写编号：{'、'.join(named)}。")
    row = _one(request, typed, _to_approve(request, found), "活动名，或者")
    if row in found.others:
        return [Reply("这一笔与您有关，要由另一位主管批准。")]
    if row.status != "due":
        return [Reply(f"这一笔现在是“{PAYOUT_WORDS[row.status]}”，不用批准。")]
    return _approve_these(request, (row,), amount)


def _threshold(request: Request) -> int:
    return request.settings.approve_above_fen


def _what_waits(request: Request, found: approval.Waiting) -> list[Effect]:
    if not (found.bundles or found.flagged or found.others):
        return [Reply("✅ 没有等待批准的奖励。")]
    names = [name_of(request, row) for row in found.flagged]
    lines = ["**待批准的奖励**", *approval.summary(found)]
    lines += approval.flagged_lines(found.flagged, names, request.library)
    return [Reply("\n".join(lines)), *approval.cards(request.sender, found)]


def _to_approve(request: Request, found: approval.Waiting) -> list[str]:
    """What may be typed after 批准."""
    bundles = [f"{one.title}（{len(one.rows)} 笔 {yuan(one.fen)} 元）" for one in found.bundles]
    return [*bundles, *_numbered(request, found.flagged)]


def _numbered(request: Request, rows: Iterable[PayoutRow]) -> list[str]:
    """Payouts by the ends of their numbers, with whose they are."""
    few = list(islice(rows, _MOST_OFFERED))
    return [f"{approval.tail(row)}（{name_of(request, row)}，{prize_title(row)}）" for row in few]


def _approve_these(request: Request, rows: tuple[PayoutRow, ...], amount_fen: int) -> list[Effect]:
    total = sum(row.amount_fen for row in rows)
    if total != amount_fen:
        return [
            Reply(
                f"金额对不上，没有批准：名单上是 {len(rows)} 笔 {yuan(total)} 元，"
                f"您写的是 {yuan(amount_fen)} 元。\n> 请重新看：批准"
            )
        ]
    done = f"✅ 已批准 {len(rows)} 笔，共 {yuan(total)} 元。批准不能撤销。"
    return [*approval.approve(rows, request.sender.id), Reply(done)]


def _reject(request: Request) -> list[Effect]:
    if len(request.args) < 2:
        raise Usage("请写单号和理由，中奖人会看到理由。")
    rows = payout_rows.listing(request.tx, "due")
    row = _one(request, request.args[0], _numbered(request, rows))
    reason = " ".join(request.args[1:])
    if row.status not in payouts.MOVES["reject"][1]:
        return [Reply(f"这一笔现在是“{PAYOUT_WORDS[row.status]}”，不能驳回。")]
    by = request.sender.id
    said = (
        f"↩️ 已驳回 {name_of(request, row)}的“{row.prize}”，{yuan(row.amount_fen)} 元回到预算。"
        f"\n> 反悔请发：补发 {approval.tail(row)}"
    )
    return [
        RejectPayout(row.order_no, by, reason),
        Record(by, "驳回", row.order_no, reason),
        Reply(said),
    ]


def _reissue(request: Request) -> list[Effect]:
    if not request.args:
        raise Usage("请写单号，在“名单”里可以看到。")
    row = _one(request, request.args[0], _numbered(request, _given_up(request)))
    reason = " ".join(request.args[1:])
    if not request.sender.may_see(row.community):
        return [Reply("这份奖品不在您负责的社群。")]
    refused = _cannot_reissue(request, row)
    if refused is not None:
        return [Reply(refused)]
    by, number = request.sender.id, order_number(f"reissue/{row.order_no}")
    amount = yuan(row.amount_fen).replace(",", "")
    told = (
        f"🔁 {request.sender.name}申请补发：{prize_title(row)}"
        f"（原单 {approval.tail(row)}，{row.reason or PAYOUT_WORDS[row.status]}）"
        + (f"，理由：{reason}" if reason else "")
        + f"\n> 批准请发：批准 {number[-approval.TAIL :]} {amount}"
    )
    approvers = [
        one
        for one in request.settings.staff.values()
        if one.roles & APPROVERS and one.id != by and row.community not in one.communities
    ]
    return [
        ReissuePayout(row.order_no, by, reason),
        Record(by, "补发", row.order_no, reason, (RejectPayout(number, by, "补发申请已撤回"),)),
        *(Tell(one.id, told) for one in approvers),
        Reply("🔁 已申请补发，等另一位主管或管理员批准。没批准前可以撤销。"),
    ]


def _given_up(request: Request) -> Iterator[PayoutRow]:
    """What the sender could ask to have given once more."""
    for status in payouts.GIVEN_UP:
        for row in payout_rows.listing(request.tx, status):
            again = order_number(f"reissue/{row.order_no}")
            if request.sender.may_see(row.community) and not payout_rows.get(request.tx, again):
                yield row


def _cannot_reissue(request: Request, row: PayoutRow) -> str | None:
    if row.status not in payouts.GIVEN_UP:
        return f"这一笔现在是“{PAYOUT_WORDS[row.status]}”，不用补发。"
    number = order_number(f"reissue/{row.order_no}")
    if payout_rows.get(request.tx, number) is not None:
        return f"这一笔已经补发过了，新的单号是 {number[-approval.TAIL :]}。"
    left = money.left(request.tx, row.source)
    if row.status != "failed" and left < row.amount_fen:
        return f"预算不够补发：还剩 {yuan(left)} 元，要 {yuan(row.amount_fen)} 元。"
    if row.kind == "coupon" and not coupons.left(request.tx, row.source, row.prize):
        return "券码已经发完，请先补充券码再补发。"
    return None


def _hand_out(request: Request) -> list[Effect]:
    if not request.args:
        raise Usage("请写成员出示的领取码。")
    tx, sender, now = request.tx, request.sender, request.now
    *codes, last = request.args
    confirmed = bool(codes) and last in ("确认", "yes")
    code = handing_out.code_of("".join(codes if confirmed else request.args))
    if code is None:
        raise Usage("领取码是 10 位字母和数字，在成员手上：请本人出示，或请本人发“领取”。")
    stopped = handing_out.blocked(tx, sender, now)
    if stopped is not None:
        return [Reply(stopped)]
    row = payout_rows.by_code(tx, code)
    if row is None:
        return handing_out.unknown(tx, sender, now)
    refused = handing_out.refusal(row, sender)
    if refused is not None:
        return [Reply(f"{refused}。")]
    if not (confirmed and handing_out.looked(tx, row, sender, now)):
        member = request.facts.member(row.community, row.member)
        return handing_out.ask(row, sender, member.name if member else "")
    done = f"✅ 已核销：{name_of(request, row)}的“{row.prize}”。"
    return [*handing_out.hand_out(row, sender), Reply(done)]


def _one(request: Request, typed: str, offered: Sequence[str], more: str = "") -> PayoutRow:
    """The one payout that a word names; `offered` is what would be right. Raises Usage."""
    word = typed.strip(" …-－·")
    found = payout_rows.find(request.tx, word)
    if not found:
        least = "" if len(word) >= _SHORTEST else f"，至少写 {_SHORTEST} 位"
        right = f"现在可以写：{'、'.join(offered)}。" if offered else "现在一笔也没有。"
        raise Usage(f"没有找到“{typed}”：请写{more}奖励单号的后几位{least}。{right}")
    if len(found) > 1:
        longer = "、".join(row.order_no[-len(word) - 3 :] for row in found)
        raise Usage(f"有几笔的单号都以“{typed}”结尾，请多写几位：{longer}。")
    return found[0]


COMMANDS = [
    Command(
        name="批准",
        aliases=("approve",),
        roles=APPROVERS,
        scope=Scope.NONE,
        usage="批准〔活动或单号后四位 金额〕，不写就看有哪些在等",
        example="批准 join-hook 22.56",
        summary="批准到期的奖励，金额要写对",
        handle=_approve,
        private=True,
        topic=Topic.DRAWS,
    ),
    Command(
        name="驳回",
        aliases=("reject",),
        roles=APPROVERS,
        scope=Scope.NONE,
        usage="驳回 单号后四位 理由",
        example="驳回 A1B2 同一个人的几个账号",
        summary="不发这一笔，钱回到预算",
        handle=_reject,
        private=True,
        topic=Topic.DRAWS,
    ),
    Command(
        name="补发",
        aliases=("reissue",),
        roles=_WHO_ASKS,
        scope=Scope.NONE,
        usage="补发 单号后四位〔理由〕",
        example="补发 A1B2 红包没有领到",
        summary="没发成的再发一次，另一人批准",
        handle=_reissue,
        private=True,
        topic=Topic.DRAWS,
    ),
    Command(
        name="核销",
        aliases=("handout",),
        roles=handing_out.WHO,
        scope=Scope.NONE,
        usage="核销 领取码〔确认〕",
        example="核销 7K3MQ-XW2DP",
        summary="把礼品交给本人",
        handle=_hand_out,
        private=True,
        topic=Topic.DRAWS,
    ),
]
