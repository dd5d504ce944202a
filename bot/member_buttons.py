"""A colleague pressed which of several equal names is meant: the same as asking for that member."""

from sqlalchemy import Connection

from bot.asked import asked
from bot.due import Due, Moment
from bot.member_card import BUTTON
from sop.effects import Effect, Reply, SettleCard, Tell
from sop.events import Pressed


def pressed(tx: Connection, due: Due, event: Pressed, moment: Moment) -> list[Effect]:
    """The member's card in the conversation; who may not see the member is told what anybody
    else is told."""
    staff = due.facts(tx).staff(event.sender)
    if staff is None:
        return [SettleCard("您没有权限")]
    member = event.key.removeprefix(BUTTON)
    answer = asked(tx, due, staff, None, f"查 “{member}”", moment)
    told = [Tell(staff.id, one.text) if isinstance(one, Reply) else one for one in answer]
    return [SettleCard("请看下面"), *told]
