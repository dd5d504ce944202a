"""Tables of the summary: one value, written alike as HTML, Excel, Markdown and JSON."""

from dataclasses import dataclass
from datetime import date

from sop.summary.metrics import Unit

Cell = str | int | float | date | None
"""None: nothing to divide by (printed n/a), or not known; the table's note says which."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column, and what its numbers mean."""

    key: str
    name: str
    unit: Unit | None = None
    """None: words or a date."""
    definition: str = ""
    counts_actions: bool = False
    """A lower bound in a row that is `at_least`."""
    may_be_ahead: bool = False
    """A missing value has not come yet, and is left empty."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row; cells in the order of the columns."""

    cells: tuple[Cell, ...]
    opens: str = ""
    """What the row leads to in the pages: `community:wealth-01`, `rm:lijing`, `manager:…`,
    `label:…`, `step:plan/step`, `members:active` …; empty: nothing."""
    at_least: bool = False
    """Some of what happened is not known: numbers that count actions are lower bounds."""


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers of one kind; a ratio's numerator and denominator are columns beside it."""

    key: str
    """`[a-z_]+`, unique in a summary: the JSON's key and the name of the Excel sheet's anchor."""
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: str = ""
    """Data quality or how to read it, in Chinese."""
