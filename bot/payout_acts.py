"""What the terminal may change about payouts. Part of `bot.acts`."""

from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from bot.desk import Refused
from sop.model import Strict
from sop.money import yuan
from storage import audit, coupons, paying, payout_rows, payouts


class ApprovePayouts(Strict):
    """Due payouts are approved: these orders, or all that nothing speaks against."""

    act: Literal["approve_payouts"] = "approve_payouts"
    by: str
    orders: list[str] | None
    own: tuple[str, ...] = ()
    """Communities whose payouts above the threshold another person must approve."""
    above_fen: int = 0

    def do(self, tx: Connection, now: datetime) -> str:
        """What was done: all of it or nothing. Raises Refused."""
        due = {row.order_no: row for row in payout_rows.listing(tx, "due")}
        mine = {number for number, row in due.items() if not self._concerned(row)}
        wanted = self.orders or sorted(one for one in mine if not due[one].flags)
        if strangers := [one for one in wanted if one not in due]:
            raise Refused("这些订单不在“待批准”里：\n  " + "\n  ".join(strangers))
        if own := [one for one in wanted if one not in mine]:
            raise Refused("这些订单与您有关，要由另一个人批准：\n  " + "\n  ".join(own))
        for number in wanted:
            fen = due[number].amount_fen
            payouts.approve(tx, number, fen, self.by, now)
            audit.note(tx, self.by, "批准发奖", number, f"{yuan(fen)} 元", now)
        total = yuan(sum(due[one].amount_fen for one in wanted))
        rest = len(due) - len(wanted)
        left = f"；还有 {rest} 笔要逐笔批准或由别人批准" if rest and not self.orders else ""
        return f"批准了 {len(wanted)} 笔，共 {total} 元{left}"

    def _concerned(self, row: payout_rows.PayoutRow) -> bool:
        by_two = row.amount_fen > self.above_fen or self.above_fen == 0
        return row.requested_by == self.by or (by_two and row.community in self.own)


class RejectPayout(Strict):
    """A payout is refused."""

    act: Literal["reject_payout"] = "reject_payout"
    by: str
    order: str
    reason: str

    def do(self, tx: Connection, now: datetime) -> str:
        """What was done. Raises Refused."""
        row = payout_rows.get(tx, self.order)
        if row is None or row.status not in payouts.MOVES["reject"][1]:
            raise Refused(f"{self.order} 不存在，或者已经提交、发放、作废，不能驳回。")
        payouts.reject(tx, self.order, self.by, self.reason, now)
        audit.note(tx, self.by, "驳回", self.order, self.reason, now)
        return f"驳回了 {self.order}：{yuan(row.amount_fen)} 元回到预算"


class ForfeitPrizes(Strict):
    """A member gives up what is not yet sent, or wants to be erased."""

    act: Literal["forfeit_prizes"] = "forfeit_prizes"
    by: str
    member: str
    reason: str

    def do(self, tx: Connection, now: datetime) -> str:
        """What was done. Raises Refused for who never won anything: a name typed wrong must not
        pass for a member without prizes."""
        won = payout_rows.of_member(tx, self.member)
        if not won:
            where = "请核对 external_userid，见 qunyun payouts list"
            raise Refused(f"没有“{self.member}”的奖励：{where}。")
        given_up, on_their_way = payouts.forfeit(tx, self.member, self.by, self.reason, now)
        audit.note(tx, self.by, "放弃奖励", self.member, f"{given_up} 份，{self.reason}", now)
        if on_their_way:
            return (
                f"放弃了 {given_up} 份，钱回到预算；还有 {on_their_way} 份已经提交给发奖渠道，"
                "等有了结果再删除这位成员的资料"
            )
        if not given_up:
            return f"{len(won)} 份奖励都早已了结，没有要放弃的，可以删除这位成员的资料"
        return f"放弃了 {given_up} 份，钱回到预算；没有在路上的奖励，可以删除这位成员的资料"


class ListPayouts(Strict):
    """Approved payouts were put on finance's list: from here on they may have been paid."""

    act: Literal["list_payouts"] = "list_payouts"
    by: str
    orders: list[str]

    def do(self, tx: Connection, now: datetime) -> str:
        """What was done. Raises Refused if one is not approved any more."""
        rows = payout_rows.many(tx, self.orders)
        moved = [one for one in self.orders if one not in rows or rows[one].status != "approved"]
        if moved:
            raise Refused(f"{len(moved)} 笔刚刚变了（例如 {moved[0]}），请重新导出。")
        for number in self.orders:
            payouts.submit(tx, number, now, None)
        total = yuan(sum(row.amount_fen for row in rows.values()))
        audit.note(tx, self.by, "导出发放名单", "", f"{len(self.orders)} 笔，{total} 元", now)
        return f"{len(self.orders)} 笔，共 {total} 元，已记为“已提交”"


class ListResult(Strict):
    """What finance says of one order."""

    order: str
    paid: bool
    receipt: str = ""
    reason: str = ""


class ImportResults(Strict):
    """Finance's list came back."""

    act: Literal["import_results"] = "import_results"
    by: str
    results: list[ListResult]

    def do(self, tx: Connection, now: datetime) -> str:
        """What was done: every result or none. Raises Refused."""
        self._each_paid_once(tx)
        restored = paying.state(tx).mode == paying.RECONCILE
        paid = failed = 0
        try:
            for one in self.results:
                if one.paid and restored:
                    payouts.found_paid(tx, one.order, one.receipt, now)
                elif one.paid:
                    payouts.paid(tx, one.order, one.receipt, now)
                else:
                    payouts.failed(tx, one.order, one.reason, now)
                paid, failed = paid + one.paid, failed + (not one.paid)
        except payouts.IllegalMove:
            raise Refused(f"{one.order} 的状态刚刚变了，什么也没有登记，请重新导入。") from None
        audit.note(tx, self.by, "导入发放结果", "", f"已发放 {paid} 笔，失败 {failed} 笔", now)
        return f"登记了已发放 {paid} 笔，失败 {failed} 笔"

    def _each_paid_once(self, tx: Connection) -> None:
        """Refuses a number of the bank's that another order has: somebody imported in between."""
        given = {one.receipt: one.order for one in self.results if one.paid and one.receipt}
        for receipt, order in payout_rows.by_receipt(tx, list(given)).items():
            if given[receipt] != order:
                raise Refused(f"流水号 {receipt} 已经登记给了单号 {order}，什么也没有登记。")


class ImportCodes(Strict):
    """Coupon codes to give away."""

    act: Literal["import_codes"] = "import_codes"
    by: str
    source: str
    prize: str
    codes: list[str]

    def do(self, tx: Connection, now: datetime) -> str:
        """What was done. Raises Refused if one of them was imported before."""
        known = coupons.add(tx, self.source, self.prize, self.codes, now)
        if known:
            shown = "、".join(known[:5])
            raise Refused(f"{len(known)} 个券码以前导入过（{shown}），什么也没有导入。")
        left = coupons.left(tx, self.source, self.prize)
        detail = f"{self.prize}，{len(self.codes)} 个"
        audit.note(tx, self.by, "导入券码", self.source, detail, now)
        return f"导入了 {len(self.codes)} 个券码，“{self.prize}”现在有 {left} 个可发"


class EndReconciling(Strict):
    """A person says that a restored database was compared with what was paid."""

    act: Literal["end_reconciling"] = "end_reconciling"
    by: str

    def do(self, tx: Connection, now: datetime) -> str:
        """What was done. Raises Refused when paying had not stopped."""
        if not paying.leave(tx):
            raise Refused("发奖没有暂停，不用结束核对。")
        audit.note(tx, self.by, "恢复核对", "", "由人结束", now)
        return "核对结束，发奖继续"
