"""Signed links to a week's page: for one colleague, one scope, seven days.

Who has the link is let in as that colleague, but only to the numbers of that scope: names of
members are shown to nobody who has not signed in by WeCom.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.links import Signed
from sop.summary.weeks import parse_week, week_label

LINK_LIFE = timedelta(days=7)
PATH = "/summary/l/"


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """A link with a good signature."""

    staff: str
    scope: str
    monday: date
    expired: bool


class SummaryLinks:
    """Writes and reads them for one installation."""

    def __init__(self, public: str, secret: str) -> None:
        self._public = public
        self._signed = Signed(secret, "summary/link")

    def link(self, staff: str, scope: str, monday: date, now: datetime) -> str:
        """An address for this colleague alone."""
        token = self._signed.write([staff, scope, week_label(monday)], now + LINK_LIFE)
        return f"{self._public}{PATH}{token}"

    def opened(self, token: str, now: datetime) -> OpenedLink | None:
        """What a link says; None if nobody here wrote it."""
        found = self._signed.read(token, 3)
        if found is None:
            return None
        (staff, scope, week), until = found
        return OpenedLink(staff, scope, parse_week(week), now >= until)
