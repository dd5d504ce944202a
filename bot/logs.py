"""Logs say what happened, not about whom (reliability.md 2.7, P2).

Our own lines hold no personal values; an exception's text may, because it is written by whoever
raised it, with whatever value was wrong. So of exceptions the log keeps types and places, and of
their texts what is neither quoted nor Chinese; ids of customers and long numbers are masked
everywhere.
"""

import logging
import re
from types import TracebackType
from typing import TextIO

_CUSTOMER = re.compile(r"(?<![0-9A-Za-z_-])w[mo][0-9A-Za-z_-]{6,62}")
_NUMBER = re.compile(
    r"(?<![0-9A-Za-z.:-])(?:\+?86[- ]?)?1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}(?![0-9])"
)
_LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9]{14,18}[0-9Xx]?(?![0-9A-Za-z])")
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_OTHER_SCRIPT = re.compile(r"[^\x00-\x7f]+")
_PLACE = re.compile(r"^[ |+-]*File \"")


def discreet(text: str) -> str:
    """Ids of customers, phone and card numbers are masked."""
    text = _CUSTOMER.sub(lambda found: found[0][:2] + "***", text)
    return _LONG_NUMBER.sub("***", _NUMBER.sub("***", text))


class Discreet(logging.Formatter):
    """A formatter for everything that is kept or shown."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, masked. What another formatter made of the exception is not taken over."""
        record.exc_text = None
        line = discreet(super().format(record))
        record.exc_text = None
        return line

    def formatException(  # noqa: N802 - the name is logging's
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        """Places and types whole, texts without values."""
        lines = super().formatException(ei).split("\n")
        return "\n".join(one if _PLACE.match(one) else _without_values(one) for one in lines)


def set_up(stream: TextIO | None = None) -> None:
    """Everything from INFO on goes to `stream` (default: standard error), masked."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Discreet("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("apscheduler").setLevel(logging.WARNING)


def _without_values(line: str) -> str:
    return _OTHER_SCRIPT.sub("…", _QUOTED.sub("…", line))
