"""Storage's counts of a week → the core's figures, with the names that people know."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.step_titles import step_title
from bot.week_details import Asked, week_details
from sop.community import Community, Staff, accounts
from sop.games import all_games
from sop.library import Library
from sop.summary.details import Compared, Details
from sop.summary.figures import (
    SILENT_DAYS,
    CampaignFigures,
    ChannelFigures,
    FunnelFigures,
    GameFigures,
    RmFigures,
    StepFigures,
    WeekFigures,
)
from sop.summary.period import WEEKS_OF_THE_MEAN, Period
from sop.target import targets_of
from storage import figures
from storage.figures import GameNumbers, OwnerNumbers, SourceNumbers, StepNumbers
from storage.figures.crowd import Crowd

_POOL = "pool/"
WEEK = timedelta(days=7)


def period(
    tx: Connection,
    library: Library,
    staff: Mapping[str, Staff],
    communities: Sequence[Community],
    monday: date,
    zone: ZoneInfo,
    scope: str,
) -> Period:
    """The week that begins on `monday` in `zone`, for these communities together, with its past."""
    crowd = Crowd(tx, [one.id for one in communities], monday, zone, accounts(staff))
    now, *past = (
        week_figures(
            tx, library, staff, communities, monday - back * WEEK, zone, crowd, brief=back > 1
        )
        for back in range(WEEKS_OF_THE_MEAN + 1)
    )
    asked = Asked(tx, library, staff, communities, monday, zone, crowd)
    return Period(
        now,
        past[0],
        tuple(communities),
        zone,
        scope,
        tuple(past[1:]),
        week_details(asked, Details),
        week_details(replace(asked, monday=monday - WEEK), Compared),
    )


def week_figures(
    tx: Connection,
    library: Library,
    staff: Mapping[str, Staff],
    communities: Sequence[Community],
    monday: date,
    zone: ZoneInfo,
    crowd: Crowd | None = None,
    *,
    brief: bool = False,
) -> WeekFigures:
    """The counts of the week that begins on `monday` in `zone`, for these communities together;
    `crowd` is who was read for them already. `brief`: only what metrics are made of."""
    ids = [community.id for community in communities]
    heard = [community.id for community in communities if community.heard]
    numbers = figures.week_numbers(
        tx,
        ids,
        monday,
        zone,
        staff=accounts(staff),
        silent_days=SILENT_DAYS,
        heard=heard,
        crowd=crowd,
        brief=brief,
    )
    return WeekFigures(
        monday=monday,
        communities=len(communities),
        members_at_start=numbers.members_at_start,
        members_at_end=numbers.members_at_end,
        daily_members=numbers.daily_members,
        new=numbers.new,
        lost=numbers.lost,
        joins=numbers.joins,
        leaves=numbers.leaves,
        wau=numbers.wau,
        dau=numbers.dau,
        speakers=numbers.speakers,
        messages=numbers.messages,
        silent=numbers.silent,
        returned=numbers.returned,
        players=numbers.players,
        funnel=FunnelFigures(**asdict(numbers.funnel)),
        settled_fen=numbers.settled_fen,
        follow_ups_due=numbers.follow_ups_due,
        follow_ups_done=numbers.follow_ups_done,
        steps=tuple(_step(one, library) for one in numbers.steps),
        games=tuple(_game(one) for one in numbers.games),
        campaigns=tuple(
            _source(one, library)
            for one in numbers.sources
            if _concerns(one.source, library, communities)
        ),
        channels=tuple(ChannelFigures(one.via, one.joins, one.present) for one in numbers.vias),
        rms=tuple(_rm(one, staff) for one in numbers.owners),
        targets=targets_of(library.plans.values(), communities),
        unheard=len(communities) - len(heard),
        heard_members_at_end=numbers.heard_members_at_end,
    )


def _step(numbers: StepNumbers, library: Library) -> StepFigures:
    title = step_title(library, numbers.plan, numbers.step)
    return StepFigures(title=title, **asdict(numbers))


def _game(numbers: GameNumbers) -> GameFigures:
    game = all_games().get(numbers.game)
    return GameFigures(title=numbers.game if game is None else game.title, **asdict(numbers))


def _source(numbers: SourceNumbers, library: Library) -> CampaignFigures:
    """已发出 is what is out: what came back may be given out once more within the same budget."""
    out = replace(numbers, committed_fen=numbers.committed_fen - numbers.returned_fen)
    return CampaignFigures(title=_source_title(numbers.source, library), **asdict(out))


def _source_title(source: str, library: Library) -> str:
    if source.startswith(_POOL):
        pool = library.pools.get(source.removeprefix(_POOL))
        return source if pool is None else pool.title
    campaign = library.campaigns.get(source)
    return source if campaign is None else campaign.title


def _concerns(source: str, library: Library, communities: Sequence[Community]) -> bool:
    """A shared campaign belongs in the summary of the communities that it is for."""
    campaign = library.campaigns.get(source)
    return campaign is None or any(campaign.applies_to.includes(one) for one in communities)


def _rm(numbers: OwnerNumbers, staff: Mapping[str, Staff]) -> RmFigures:
    values = asdict(numbers)
    owner = values.pop("owner")
    name = staff[owner].name if owner in staff else owner
    return RmFigures(staff=owner, name=name, **values)
