"""The week broken down a second time, in SQL over the raw rows: what the summary's tables show.

Uses the views of `tests.month_sql`. Each query gives the rows that the figures of the same name
must be, without the names that people see.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import duckdb

_LOCAL = "CAST({} + INTERVAL 8 HOUR AS DATE)"
"""The local date of an instant in the summary's zone."""
_ACTED = """SELECT member FROM act
    WHERE act.community = said.community AND act.member = said.member AND act."at" > said."at"
        AND act."day" >= {local} AND act."day" <= {local} + {days}
        AND act.kind NOT IN ({besides})"""

VIEWS = f"""
CREATE OR REPLACE VIEW took_part AS
    SELECT * FROM act WHERE kind <> 'join';
CREATE OR REPLACE VIEW first_stay AS
    SELECT member, min(joined_at) AS joined_at FROM stay GROUP BY member;
CREATE OR REPLACE VIEW cohort AS
    SELECT n, monday() - CAST(7 * n AS INTEGER) AS since,
        midnight(-7 * n) AS first_at, midnight(7 - 7 * n) AS last_at
    FROM range(0, 8) AS weeks(n);
CREATE OR REPLACE VIEW newcomer AS
    SELECT n, since, member FROM cohort JOIN first_stay
        ON joined_at >= first_at AND joined_at < last_at;
CREATE OR REPLACE VIEW came AS
    SELECT member, arg_min(joined_at, (joined_at, id)) AS joined_at,
        arg_min(coalesce(left_at, TIMESTAMP '9999-01-01'), (joined_at, id)) AS left_at,
        arg_min(via, (joined_at, id)) AS via
    FROM stay WHERE joined_at >= ends() - INTERVAL 28 DAY AND joined_at < ends() GROUP BY member;
CREATE OR REPLACE VIEW came_by AS
    SELECT came.*, coalesce(
        (SELECT arg_max(channel, ("at", id)) FROM arrival
            WHERE arrival.member = came.member AND channel <> '' AND "at" < ends()),
        (SELECT arg_max(state, (since, staff)) FROM relation
            WHERE relation.member = came.member AND state <> '' AND since < ends()),
        via) AS channel,
        (SELECT coalesce(sum(payout.amount_fen), 0) FROM own_award JOIN payout USING (order_no)
            WHERE own_award.community IN (FROM scope) AND own_award.member = came.member
                AND payout.status = 'paid' AND finished_at < ends()
                AND finished_at >= joined_at) AS cost
    FROM came;
CREATE OR REPLACE VIEW change AS SELECT * FROM standing_change
    WHERE community IN (FROM scope) AND member NOT IN (FROM nobody)
        AND "day" > monday() AND "day" <= monday() + 7;
CREATE OR REPLACE VIEW mended AS SELECT * FROM repair WHERE in_week("at") AND CASE
    WHEN kind IN ('contact', 'contact_end')
        THEN subject IN (SELECT owner FROM community WHERE id IN (FROM scope))
    ELSE subject IN (SELECT chat_id FROM community WHERE id IN (FROM scope)) END;
CREATE OR REPLACE VIEW owned AS SELECT ran.*, community.owner FROM ran JOIN community
    ON community.id = ran.community WHERE ran.mode = 'assist';
CREATE OR REPLACE VIEW owned_task AS
    SELECT community.owner, assist_task.* FROM assist_task
        JOIN occurrence ON occurrence.key = assist_task.occurrence
        JOIN community ON community.id = assist_task.community
    WHERE assist_task.community IN (FROM scope) AND community.mode = 'assist'
        AND at_week(occurrence."day") AND occurrence.status = 'done';
CREATE OR REPLACE VIEW piece AS SELECT * FROM game_piece
    WHERE community IN (FROM scope) AND in_week(made_at) AND status <> 'kept';
CREATE OR REPLACE VIEW own_follow_up AS SELECT *,
        split_part("key", '/', 1) AS head, done_at IS NOT NULL AND done_at < ends() AS ended
    FROM follow_up WHERE community IN (FROM scope) AND member NOT IN (FROM nobody)
        AND created_at < ends() AND (done_at IS NULL OR done_at >= starts());
CREATE OR REPLACE VIEW round AS
    SELECT *, {_LOCAL.format("started_at")} AS local_day,
        split_part(occurrence, '/', 1) || '/' || split_part(occurrence, '/', 2) AS step_of
    FROM game_session
    WHERE community IN (FROM scope) AND in_week(started_at);
CREATE OR REPLACE VIEW round_player AS
    SELECT round.*, player.member, player.session FROM round JOIN player ON session = round.id
    WHERE player.community IN (FROM scope) AND player.member NOT IN (FROM nobody);
CREATE OR REPLACE VIEW round_member AS
    SELECT local_day, game, member FROM round_player
    UNION SELECT local_day, game, stay.member FROM round JOIN stay USING (community)
    WHERE joined_at < midnight(local_day - monday() + 1)
        AND (left_at IS NULL OR left_at >= midnight(local_day - monday()));
CREATE OR REPLACE VIEW posted AS
    SELECT occurrence.plan, occurrence.step, occurrence.variant, occurrence.community,
        CASE WHEN community.mode = 'assist' THEN confirmed_at ELSE ran_at END AS "at"
    FROM occurrence JOIN community ON community.id = occurrence.community
    WHERE occurrence.community IN (FROM heard) AND "day" >= monday() - 21 AND "day" < monday() + 7
        AND phase = 'run' AND occurrence.status = 'done' AND variant <> '';
CREATE OR REPLACE VIEW written AS
    SELECT plan, step, private_message.variant, occurrence.community, member,
        private_message."at", occurrence.key AS occurrence
    FROM private_message JOIN occurrence ON occurrence.key = private_message.occurrence
    WHERE member NOT IN (FROM nobody) AND private_message."at" < ends();
CREATE OR REPLACE VIEW reached AS
    SELECT plan, step, variant, posted.community, member, posted."at", 1 AS days
    FROM posted JOIN stay ON stay.community = posted.community
    WHERE posted."at" < ends() AND joined_at <= posted."at"
        AND (left_at IS NULL OR left_at > posted."at")
    UNION ALL
    SELECT plan, step, variant, community, member, "at", 3 FROM written
    WHERE community IN (FROM heard) AND variant <> '' AND "at" >= midnight(-21);
CREATE OR REPLACE VIEW did AS SELECT said.*, EXISTS (
    {_ACTED.format(local=_LOCAL.format('said."at"'), days="said.days", besides="'join'")}
    ) AS acted FROM reached AS said;
CREATE OR REPLACE VIEW recalled AS
    SELECT written.* FROM written WHERE community IN (FROM scope) AND "at" >= starts()
        AND EXISTS (FROM link WHERE link.occurrence = written.occurrence AND member IS NOT NULL);
"""

QUERIES: Mapping[str, str] = MappingProxyType(
    {
        "days": """
            SELECT (SELECT count(DISTINCT member) FROM stay
                    WHERE there(joined_at, gone_at, midnight(n + 1))),
                (SELECT count(DISTINCT member) FROM act WHERE "day" = monday() + CAST(n AS INT))
            FROM range(0, 7) AS days(n) ORDER BY n""",
        "games": """
            SELECT game, count(DISTINCT id), count(DISTINCT member), count(member),
                (SELECT coalesce(sum(amount_fen), 0) FROM award JOIN round AS own
                    ON split_part("key", '/', 1) = 'game'
                        AND split_part("key", '/', 2) = CAST(own.id AS VARCHAR)
                    WHERE own.game = played_round.game AND award.community IN (FROM scope)
                        AND award.member NOT IN (FROM nobody) AND source LIKE 'pool/%')
            FROM (SELECT round.id, game, member FROM round LEFT JOIN round_player
                USING (id, game)) AS played_round GROUP BY game ORDER BY game""",
        "steps": """
            SELECT plan, step, "day", count(*) FILTER (NOT cancelled),
                count(*) FILTER (status = 'done'),
                count(*) FILTER (status = 'done' AND in_window), count(*) FILTER (cancelled),
                count(*) FILTER (status = 'done' AND mode = 'assist'),
                count(*) FILTER (status = 'done' AND mode = 'assist' AND confirmed_at IS NOT NULL)
            FROM ran GROUP BY plan, step, "day" ORDER BY plan, step, "day" """,
        "campaigns": """
            SELECT source, budget,
                (SELECT coalesce(sum(amount_fen) FILTER (NOT coalesce(
                    status IN ('expired', 'rejected') AND ended, false)), 0)
                    FROM money WHERE money.source = one.source),
                (SELECT coalesce(sum(amount_fen), 0) FROM money
                    WHERE money.source = one.source AND status = 'paid' AND ended),
                (SELECT coalesce(sum(amount_fen), 0) FROM money
                    WHERE money.source = one.source AND status IN ('expired', 'rejected')
                        AND ended),
                (SELECT count(DISTINCT member) FROM own_award WHERE own_award.source = one.source
                    AND community IN (FROM scope) AND member NOT IN (FROM nobody)
                    AND in_week(won_at))
            FROM (SELECT source, sum(budget_fen) AS budget FROM budgets GROUP BY source) AS one
            ORDER BY source LIKE 'pool/%', source""",
        "ways": """
            SELECT via, count(*), count(DISTINCT member) FILTER (member IN
                (SELECT member FROM stay WHERE there(joined_at, gone_at, ends())))
            FROM stay WHERE in_week(joined_at) GROUP BY via ORDER BY count(*) DESC, via""",
        "cohorts": """
            SELECT cohort.since, (SELECT count(*) FROM newcomer WHERE newcomer.n = cohort.n),
                list((SELECT count(DISTINCT member) FROM newcomer JOIN took_part USING (member)
                    WHERE newcomer.n = cohort.n AND "day" >= later.since
                        AND "day" < later.since + 7) ORDER BY later.since),
                list((SELECT count(DISTINCT member) FROM newcomer JOIN stay USING (member)
                    WHERE newcomer.n = cohort.n AND there(stay.joined_at, gone_at, later.last_at))
                    ORDER BY later.since)
            FROM cohort JOIN cohort AS later ON later.n <= cohort.n
            GROUP BY cohort.n, cohort.since ORDER BY cohort.since""",
        "moves": """
            SELECT what, before, after, count(*) FROM (
                SELECT what, arg_min(before, ("day", id)) AS before,
                    arg_max(after, ("day", id)) AS after
                FROM change GROUP BY community, member, what)
            WHERE before <> after GROUP BY what, before, after
            ORDER BY what, count(*) DESC, before, after""",
        "channels": """
            SELECT channel, count(*),
                count(*) FILTER (joined_at + INTERVAL 7 DAY <= ends()),
                count(*) FILTER (joined_at + INTERVAL 7 DAY <= ends()
                    AND left_at >= joined_at + INTERVAL 7 DAY),
                count(*) FILTER (member IN (SELECT member FROM took_part WHERE at_week("day"))),
                sum(cost)
            FROM came_by GROUP BY channel ORDER BY count(*) DESC, channel""",
        "rms": """
            SELECT staff,
                (SELECT count(*) FROM owned WHERE owner = staff AND NOT cancelled),
                (SELECT count(*) FROM owned WHERE owner = staff AND status = 'done'),
                (SELECT count(*) FROM owned WHERE owner = staff AND status = 'done'
                    AND confirmed_at IS NOT NULL),
                (SELECT count(*) FROM owned_task WHERE owner = staff AND status = 'sent'),
                (SELECT count(*) FROM owned_task WHERE owner = staff AND on_time),
                (SELECT count(*) FROM owned_task WHERE owner = staff AND NOT on_time),
                (SELECT count(*) FROM owned_task WHERE owner = staff AND capped),
                (SELECT count(*) FROM owned WHERE owner = staff AND cancelled),
                (SELECT count(*) FROM owned_task WHERE owner = staff AND status = 'expired'),
                (SELECT count(*) FROM task WHERE task.staff = one.staff),
                (SELECT count(*) FROM task WHERE task.staff = one.staff AND done),
                (SELECT count(*) FROM own_follow_up AS f WHERE f.staff = one.staff AND NOT ended
                    AND due_at < ends()),
                (SELECT count(*) FROM piece WHERE owner = staff),
                (SELECT count(*) FROM piece WHERE owner = staff AND status = 'sent'),
                (SELECT count(*) FROM piece WHERE owner = staff AND status = 'sent'
                    AND settled_at <= "until"),
                (SELECT count(*) FROM piece WHERE owner = staff AND status = 'skipped')
            FROM (SELECT owner AS staff FROM owned UNION SELECT staff FROM task
                UNION SELECT owner FROM piece
                UNION SELECT staff FROM own_follow_up WHERE NOT ended AND due_at < ends()) AS one
            ORDER BY staff""",
        "plans": """
            SELECT plan, count(*) FILTER (NOT cancelled), count(*) FILTER (status = 'done'),
                count(*) FILTER (status = 'done' AND in_window), count(*) FILTER (cancelled),
                count(*) FILTER (status = 'done' AND mode = 'assist'),
                count(*) FILTER (status = 'done' AND mode = 'assist' AND confirmed_at IS NOT NULL)
            FROM ran GROUP BY plan ORDER BY plan""",
        "rounds": """
            SELECT game, local_day,
                CASE WHEN count(DISTINCT step_of) = 1 THEN split_part(min(step_of), '/', 1)
                    ELSE '' END,
                CASE WHEN count(DISTINCT step_of) = 1 THEN split_part(min(step_of), '/', 2)
                    ELSE '' END,
                count(DISTINCT id),
                (SELECT count(DISTINCT member) FROM round_player AS p
                    WHERE p.game = round.game AND p.local_day = round.local_day),
                (SELECT count(DISTINCT member) FROM round_member AS m
                    WHERE m.game = round.game AND m.local_day = round.local_day)
            FROM round GROUP BY game, local_day ORDER BY local_day, game""",
        "nps": """
            SELECT coalesce(sum(CAST(result->>'promoters' AS INT)), 0),
                coalesce(sum(CAST(result->>'n' AS INT) - CAST(result->>'promoters' AS INT)
                    - CAST(result->>'detractors' AS INT)), 0),
                coalesce(sum(CAST(result->>'detractors' AS INT)), 0)
            FROM gathering WHERE community IN (FROM scope) AND kind = 'nps'
                AND in_week(closed_at) AND result <> '{}'""",
        "outcomes": """
            SELECT CASE WHEN head = 'gathering' THEN head
                    WHEN source IN ('rule', 'step') THEN head || '/' || split_part("key", '/', 2)
                    ELSE source END AS origin,
                count(*) FILTER (created_at >= starts()),
                count(*) FILTER (ended AND status = 'done'),
                count(*) FILTER (ended AND status = 'dropped'),
                count(*) FILTER (NOT ended AND due_at < ends())
            FROM own_follow_up GROUP BY origin
            HAVING count(*) FILTER (created_at >= starts() OR ended OR due_at < ends()) > 0
            ORDER BY origin""",
        "variants": """
            WITH each AS MATERIALIZED (FROM did),
            place AS (
                SELECT plan, step, variant, community, count(DISTINCT member) AS n,
                    count(DISTINCT member) FILTER (acted) AS hits
                FROM each WHERE days = 1 GROUP BY ALL),
            whole AS (
                SELECT plan, step, variant, count(*) AS k, sum(n) AS m, sum(hits) / sum(n) AS p
                FROM place GROUP BY ALL),
            wider AS (
                SELECT plan, step, variant, any_value(k) AS k, CASE
                    WHEN any_value(k) < 2 OR any_value(p) IN (0, 1) THEN 1
                    ELSE greatest(1, sum((hits - p * n) ** 2) * any_value(k) / (any_value(k) - 1)
                        / (any_value(m) * any_value(p) * (1 - any_value(p)))) END AS spread
                FROM place JOIN whole USING (plan, step, variant) GROUP BY ALL)
            SELECT plan, step, variant, count(DISTINCT member),
                count(DISTINCT member) FILTER (acted), coalesce(any_value(k), 0),
                round(coalesce(any_value(spread), 1), 4)
            FROM each LEFT JOIN wider USING (plan, step, variant)
            GROUP BY plan, step, variant ORDER BY plan, step, variant""",
        "owners": """
            SELECT community.owner, count(DISTINCT community.id),
                count(ran."key") FILTER (NOT cancelled),
                count(ran."key") FILTER (ran.status = 'done'),
                count(ran."key") FILTER (ran.status = 'done' AND in_window),
                count(ran."key") FILTER (ran.status = 'done' AND ran.mode = 'assist'),
                count(ran."key") FILTER (ran.status = 'done' AND ran.mode = 'assist'
                    AND confirmed_at IS NOT NULL),
                (SELECT count(*) FROM task WHERE task.staff = community.owner),
                (SELECT count(*) FROM task WHERE task.staff = community.owner AND done)
            FROM community LEFT JOIN ran ON ran.community = community.id
            WHERE community.id IN (FROM scope) GROUP BY community.owner ORDER BY community.owner""",
        "repairs": "SELECT count(*) FROM mended",
        "recalls": f"""
            SELECT plan, step, count(DISTINCT member), count(DISTINCT member) FILTER (
                EXISTS (SELECT 1 FROM link JOIN click ON click.link = link.token
                    WHERE link.occurrence = said.occurrence AND click.member = said.member
                        AND counted AND click."day" <= {_LOCAL.format('said."at"')} + 3)),
                count(DISTINCT member) FILTER (EXISTS ({
            _ACTED.format(local=_LOCAL.format('said."at"'), days="3", besides="'join', 'click'")
        }))
            FROM recalled AS said GROUP BY plan, step ORDER BY plan, step""",
    }
)


def rows(
    duck: duckdb.DuckDBPyConnection, names: Iterable[str]
) -> dict[str, list[tuple[object, ...]]]:
    """What the figures of these names must be."""
    duck.execute(VIEWS)
    return {
        name: [
            tuple(tuple(x) if isinstance(x, list) else x for x in row)
            for row in duck.execute(QUERIES[name]).fetchall()
        ]
        for name in names
    }
