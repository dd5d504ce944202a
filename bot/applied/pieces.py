"""Games in customer groups: the course and the pieces that an RM is handed."""

from bot.runtime import Batch, Handlers
from sop import effects as does
from sop.community import Community
from sop.games import all_games
from sop.pieces import too_soon
from storage import customers, games, pieces

BUTTON = "piece|"
"""Prefix of the keys of a piece's buttons."""


def hand_script(batch: Batch, effect: does.HandScript) -> None:
    community = batch.runtime.community(effect.community)
    batch.letters.tell(does.Tell(_owner(batch, community), effect.text))


def hand_piece(batch: Batch, effect: does.HandPiece) -> None:
    community = batch.runtime.community(effect.community)
    session = effect.session or games.latest(batch.tx, community.id, effect.game)
    if session is None:
        return
    owner = _owner(batch, community)
    kept = pieces.take_kept(batch.tx, session)
    texts = [effect.text] if effect.fresh else [*kept, effect.text]
    number, last = pieces.so_far(batch.tx, session)
    if effect.keep or (too_soon(last, batch.now) and not effect.last):
        for text in texts:
            pieces.keep(batch.tx, session, community.id, owner, text, batch.now)
        return
    piece = pieces.hand(batch.tx, session, community.id, owner, effect.until, batch.now)
    until = effect.until.astimezone(community.zone)
    card = does.Tell(
        owner,
        f"请把上面的话转发到“{community.name}”，{until:%H:%M} 前发才有用。",
        title=f"{all_games()[effect.game].title}·第 {number + 1} 段",
        buttons=(
            does.Button("已发", f"{BUTTON}sent|{piece}"),
            does.Button("跳过", f"{BUTTON}skipped|{piece}"),
        ),
    )
    words = "\n\n".join(one for one in (*texts, effect.link) if one)
    batch.letters.piece(community, owner, piece, words, card, effect.until)


def settle_piece(batch: Batch, effect: does.SettlePiece) -> None:
    pieces.settle(batch.tx, effect.piece, effect.status, batch.now)


def _owner(batch: Batch, community: Community) -> str:
    """The owner that the group has, whatever configuration says."""
    return customers.owner_of(batch.tx, community.id) or community.owner


HANDLERS: Handlers = {
    does.HandScript: hand_script,
    does.HandPiece: hand_piece,
    does.SettlePiece: settle_piece,
}
