"""Files for colleagues: letters that carry a table, made into a workbook when they are sent."""

from bot.runtime import Handlers
from sop import effects as does

HANDLERS: Handlers = {
    does.SendFile: lambda batch, effect: batch.letters.file(effect),
}
