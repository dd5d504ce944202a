"""What the terminal may do about summaries. Part of `bot.acts`."""

from datetime import date, datetime
from typing import Literal

from sqlalchemy import Connection

from sop.model import Strict
from sop.summary.weeks import week_label
from storage import summaries


class SendSummary(Strict):
    """Colleagues shall be sent a week: the service makes it and sends it 1:1."""

    act: Literal["send_summary"] = "send_summary"
    week: date
    """Its Monday."""
    scope: str
    """`all`, `rm:lijing`, `label:wealth`, `community:wealth-01`."""
    to: list[str]
    """userids."""
    names: str
    """What they are called, for the answer."""

    def do(self, tx: Connection, now: datetime) -> str:
        """What was done; asked for twice before it is sent, it is sent once."""
        for one in self.to:
            summaries.ask(tx, one, self.week, self.scope, "card", f"act@{now.isoformat()}", now)
        return f"已交办：运行中的服务会在几秒内把 {week_label(self.week)} 的周报发给 {self.names}"
