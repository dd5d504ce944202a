"""Every metric a second time, in SQL over the raw rows, from the definitions of product.md.

Nothing here knows the rollups, our queries or our arithmetic. The views are set up by `ask`;
`starts` and `ends` are the week's borders in UTC, `monday` its first day. A metric is one query,
or two: numerator and denominator.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

import duckdb

from tests.month import midnight
from tests.month_raw import instant

VIEWS = """
CREATE OR REPLACE MACRO starts() AS getvariable('starts');
CREATE OR REPLACE MACRO ends() AS getvariable('ends');
CREATE OR REPLACE MACRO monday() AS getvariable('monday');
CREATE OR REPLACE MACRO midnight(n) AS starts() + to_days(CAST(n AS INTEGER));
CREATE OR REPLACE MACRO in_week(t) AS t >= starts() AND t < ends();
CREATE OR REPLACE VIEW stay AS
    SELECT membership.*, least(left_at, dismissed_at, TIMESTAMP '9999-01-01') AS gone_at
    FROM membership LEFT JOIN community ON community.id = membership.community
        LEFT JOIN group_state ON group_state.chat_id = community.chat_id
    WHERE membership.community IN (FROM scope) AND member NOT IN (FROM nobody);
CREATE OR REPLACE VIEW act AS SELECT * FROM activity
    WHERE community IN (FROM scope) AND member NOT IN (FROM nobody) AND kind <> 'leave';
CREATE OR REPLACE VIEW heard_stay AS SELECT * FROM stay WHERE community IN (FROM heard);
CREATE OR REPLACE VIEW heard_act AS SELECT * FROM act WHERE community IN (FROM heard);
CREATE OR REPLACE MACRO at_week(d) AS d >= monday() AND d < monday() + 7;
CREATE OR REPLACE MACRO there(joined, gone, t) AS joined < t AND gone >= t;
CREATE OR REPLACE MACRO silent_at(t, d) AS TABLE
    SELECT DISTINCT member FROM heard_stay
    WHERE there(joined_at, gone_at, t) AND joined_at < t - INTERVAL 14 DAY AND member NOT IN
        (SELECT member FROM heard_act WHERE "day" >= d - 14 AND "day" < d);
CREATE OR REPLACE VIEW wau AS SELECT DISTINCT member FROM act WHERE at_week("day");
CREATE OR REPLACE VIEW joined AS SELECT DISTINCT member FROM stay WHERE in_week(joined_at);
CREATE OR REPLACE VIEW played AS SELECT DISTINCT member FROM player
    WHERE community IN (FROM scope) AND member NOT IN (FROM nobody) AND in_week("at");
CREATE OR REPLACE VIEW joined_played AS FROM joined INTERSECT FROM played;
CREATE OR REPLACE VIEW own_draw AS
    SELECT draw.* REPLACE (coalesce(alias.member, draw.member) AS member)
    FROM draw LEFT JOIN alias ON alias.old = draw.member;
CREATE OR REPLACE VIEW own_award AS
    SELECT award.* REPLACE (coalesce(alias.member, award.member) AS member)
    FROM award LEFT JOIN alias ON alias.old = award.member;
CREATE OR REPLACE VIEW joined_drew AS FROM joined_played INTERSECT
    SELECT member FROM own_draw WHERE community IN (FROM scope) AND in_week(drawn_at);
CREATE OR REPLACE VIEW joined_claimed AS FROM joined_drew INTERSECT
    SELECT member FROM own_award JOIN payout USING (order_no)
    WHERE own_award.community IN (FROM scope) AND in_week(won_at) AND source NOT LIKE 'pool/%'
        AND payout.status = 'paid' AND finished_at < ends();
CREATE OR REPLACE VIEW open_deck AS SELECT * FROM deck
    WHERE (community = '' OR community IN (FROM scope))
        AND opened_at < ends() AND (closed_at IS NULL OR closed_at >= starts());
CREATE OR REPLACE VIEW chain AS
    WITH RECURSIVE link(campaign, order_no) AS (
        SELECT campaign, order_no FROM award JOIN open_deck
            ON "key" LIKE 'draw/%' AND split_part("key", '/', 2) = CAST(open_deck.id AS VARCHAR)
        UNION ALL
        SELECT campaign, award.order_no FROM link JOIN award ON award.replaces = link.order_no)
    FROM link;
CREATE OR REPLACE VIEW pool AS SELECT DISTINCT source FROM award
    WHERE community IN (FROM scope) AND source LIKE 'pool/%' AND won_at < ends();
CREATE OR REPLACE VIEW won AS
    SELECT campaign AS source, order_no FROM chain
    UNION ALL SELECT source, order_no FROM award WHERE source IN (FROM pool);
CREATE OR REPLACE VIEW money AS SELECT won.source, payout.*, finished_at < ends() AS ended
    FROM won JOIN award USING (order_no) JOIN payout USING (order_no) WHERE won_at < ends();
CREATE OR REPLACE VIEW budgets AS
    SELECT campaign AS source, budget_fen FROM open_deck
    UNION ALL SELECT source, budget_fen FROM budget WHERE source IN (FROM pool);
CREATE OR REPLACE VIEW ran AS SELECT occurrence.*, community.mode,
        ran_at IS NOT NULL AND ran_at <= window_ends_at AS in_window,
        occurrence.status = 'skipped'
            AND ((in_window AND reason <> '还没有审核章')
                OR (changed_by IS NOT NULL AND due_at = planned_for)) AS cancelled
    FROM occurrence JOIN community ON community.id = occurrence.community
    WHERE occurrence.community IN (FROM scope) AND at_week("day") AND phase = 'run'
        AND occurrence.status <> 'planned';
CREATE OR REPLACE VIEW task AS SELECT *, status = 'done' AND done_at < ends() AS done
    FROM follow_up
    WHERE community IN (FROM scope) AND member NOT IN (FROM nobody) AND in_week(planned_for)
        AND NOT (status = 'dropped' AND (done_at <= planned_for OR done_by = 'system'));
"""

_MEMBERS = "SELECT count(DISTINCT member) FROM stay WHERE there(joined_at, gone_at, {})"
_MEMBERS_AT_END = _MEMBERS.format("ends()")
_MEMBERS_AT_START = _MEMBERS.format("starts()")
_MEMBER_DAYS = """SELECT sum((SELECT count(DISTINCT member) FROM stay
    WHERE there(joined_at, gone_at, midnight(n)))) FROM range(1, 8) AS days(n)"""
_NEW = """SELECT count(*) FROM
    (SELECT member FROM stay GROUP BY member HAVING in_week(min(joined_at)))"""
_LOST = """SELECT count(DISTINCT member) FROM stay WHERE in_week(left_at)
    AND member NOT IN (SELECT member FROM stay WHERE there(joined_at, gone_at, ends()))"""
_WAU = "SELECT count(*) FROM wau"
_DAU = """SELECT count(*) FROM (SELECT DISTINCT "day", member FROM act WHERE at_week("day"))"""
_SPENT = """SELECT coalesce(sum(payout.amount_fen), 0) FROM own_award JOIN payout USING (order_no)
    WHERE own_award.community IN (FROM scope) AND member NOT IN (FROM nobody)
        AND payout.status = 'paid' AND in_week(finished_at)"""
_BACK = "status IN ('expired', 'rejected') AND ended"

QUERIES: Mapping[str, tuple[str, str | None]] = MappingProxyType(
    {
        "members": (_MEMBERS_AT_END, None),
        "new": (_NEW, None),
        "lost": (_LOST, None),
        "net": (f"SELECT ({_NEW}) - ({_LOST})", None),
        "joins": ("SELECT count(*) FROM stay WHERE in_week(joined_at)", None),
        "leaves": ("SELECT count(*) FROM stay WHERE in_week(left_at)", None),
        "wau": (_WAU, None),
        "active_rate": (_WAU, _MEMBER_DAYS),
        "dau": (_DAU, "SELECT 7"),
        "stickiness": (_DAU, _WAU),
        "speakers": (
            """SELECT count(DISTINCT member) FROM heard_act
                WHERE at_week("day") AND kind = 'message'""",
            None,
        ),
        "messages_per_member": (
            """SELECT count(*) FROM heard_act WHERE at_week("day") AND kind = 'message'""",
            "SELECT count(DISTINCT member) FROM heard_stay WHERE there(joined_at, gone_at, ends())",
        ),
        "silent": ("SELECT count(*) FROM silent_at(ends(), monday() + 7)", None),
        "returned": (
            """SELECT count(*) FROM silent_at(starts(), monday()) WHERE member IN
                (SELECT member FROM heard_act WHERE at_week("day"))""",
            None,
        ),
        "game_participation": ("SELECT count(*) FROM played", _MEMBERS_AT_START),
        "funnel_joined": ("SELECT count(*) FROM joined", None),
        "funnel_played": ("SELECT count(*) FROM joined_played", "SELECT count(*) FROM joined"),
        "funnel_drew": ("SELECT count(*) FROM joined_drew", "SELECT count(*) FROM joined_played"),
        "funnel_claimed": (
            "SELECT count(*) FROM joined_claimed",
            "SELECT count(*) FROM joined_drew",
        ),
        "budget_committed": (
            f"SELECT coalesce(sum(amount_fen) FILTER (NOT coalesce({_BACK}, false)), 0) FROM money",
            "SELECT coalesce(sum(budget_fen), 0) FROM budgets",
        ),
        "budget_settled": (
            "SELECT coalesce(sum(amount_fen), 0) FROM money WHERE status = 'paid' AND ended",
            "SELECT coalesce(sum(budget_fen), 0) FROM budgets",
        ),
        "cost_per_new": (_SPENT, _NEW),
        "cost_per_active": (_SPENT, _WAU),
        "sop_completion": (
            "SELECT count(*) FROM ran WHERE status = 'done'",
            "SELECT count(*) FROM ran WHERE NOT cancelled",
        ),
        "sop_on_time": (
            "SELECT count(*) FROM ran WHERE status = 'done' AND in_window",
            "SELECT count(*) FROM ran WHERE status = 'done'",
        ),
        "rm_confirmation": (
            """SELECT count(*) FROM ran
                WHERE status = 'done' AND mode = 'assist' AND confirmed_at IS NOT NULL""",
            "SELECT count(*) FROM ran WHERE status = 'done' AND mode = 'assist'",
        ),
        "follow_up_completion": (
            "SELECT count(*) FROM task WHERE done",
            "SELECT count(*) FROM task",
        ),
    }
)
"""By metric: numerator and denominator."""
SEVENTHS = MappingProxyType({"stickiness": (7, 1), "active_rate": (1, 7)})
"""What numerator and denominator are a seventh of: means over the days of the week."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose numbers are asked for."""

    communities: Sequence[str]
    heard: Sequence[str]
    nobody: Collection[str]
    """Colleagues, and their accounts as customers."""


def ask(duck: duckdb.DuckDBPyConnection, asked: Asked, monday: date) -> None:
    """From here on the views are of these communities and this week."""
    for name, column, values in (
        ("scope", "community", asked.communities),
        ("heard", "community", asked.heard),
        ("nobody", "member", sorted(asked.nobody)),
    ):
        duck.execute(f"CREATE OR REPLACE TABLE {name} ({column} VARCHAR)")
        if values:
            duck.executemany(f"INSERT INTO {name} VALUES (?)", [[one] for one in values])
    for name, day in (("starts", monday), ("ends", monday + timedelta(weeks=1))):
        duck.execute(f"SET VARIABLE {name} = TIMESTAMP '{instant(midnight(day))}'")
    duck.execute(f"SET VARIABLE monday = DATE '{monday}'")
    duck.execute(VIEWS)


def numbers(duck: duckdb.DuckDBPyConnection, queries: Iterable[str]) -> dict[str, int]:
    """The one value of each query, asked all at once: taking the views apart costs the most."""
    wanted = list(dict.fromkeys(queries))
    found = duck.execute("SELECT " + ", ".join(f"({one})" for one in wanted)).fetchone() or ()
    return {query: int(value or 0) for query, value in zip(wanted, found, strict=True)}
