"""Labels, and what WeCom is owed of them."""

from bot.runtime import Batch, Handlers
from sop import effects as does
from sop import tagging
from storage import corp_tags, remarks, tags


def tag(batch: Batch, effect: does.Tag) -> None:
    if batch.runtime.is_staff(effect.member):
        return
    library = batch.runtime.library
    new = tags.add(
        batch.tx,
        effect.member,
        effect.tag,
        effect.by,
        effect.reason,
        batch.now,
        source=tagging.source_of(effect.by),
        expires_on=tagging.last_day(library, effect.tag, batch.runtime.today(batch.now)),
    )
    if new and effect.tag in library.synced_labels():
        corp_tags.owe(batch.tx, effect.member, effect.tag, batch.now, add=True)


def untag(batch: Batch, effect: does.Untag) -> None:
    if tags.remove(batch.tx, effect.member, effect.tag, effect.by, batch.now):
        # Whatever the files say by now: what stands there is to go.
        corp_tags.owe(batch.tx, effect.member, effect.tag, batch.now, add=False)


def set_remark(batch: Batch, effect: does.SetRemark) -> None:
    remarks.owe(batch.tx, effect.member, effect.staff, effect.remark, effect.description, batch.now)


HANDLERS: Handlers = {
    does.Tag: tag,
    does.Untag: untag,
    does.SetRemark: set_remark,
}
