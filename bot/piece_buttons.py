"""Buttons of cards about pieces of a game: `piece|sent|<number>`, `piece|skipped|<number>`."""

from sqlalchemy import Connection

from bot.applied.pieces import BUTTON as BUTTON
from bot.due import Due
from sop.effects import Effect, Record, SettleCard, SettlePiece
from sop.events import Pressed
from storage import pieces

_SAID = {"sent": ("已发", "确认已发"), "skipped": ("已跳过", "跳过")}


def pressed(tx: Connection, due: Due, event: Pressed) -> list[Effect]:
    """What the button does: whoever was handed the piece says what became of it, once."""
    _, verb, number = event.key.split("|", 2)
    said = _SAID.get(verb)
    piece = pieces.get(tx, int(number)) if number.isdecimal() else None
    if said is None or piece is None:
        return [SettleCard("按钮已失效")]
    staff = due.facts(tx).staff(event.sender)
    if staff is None or not (piece.owner == staff.id or staff.may_see(piece.community)):
        return [SettleCard("您没有权限")]
    if piece.status != "handed":
        return [SettleCard("已确认过")]
    shown, deed = said
    return [
        SettlePiece(piece.id, verb),
        SettleCard(shown),
        Record(staff.id, deed, piece.community, f"游戏主持稿 {piece.id} 号"),
    ]
