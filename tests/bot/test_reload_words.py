"""What counts as a change of the library: a file of any kind."""

from bot.edition import Edition
from bot.reload_words import changes, contents
from sop.crosscheck import CHINESE
from sop.library import Library
from sop.workdays import Workdays, published
from tests.house import shipped_library

YEARS = Workdays(published())


def edition(library: Library) -> Edition:
    return Edition(library, YEARS, (), (), (), "mark")


def test_a_file_of_every_kind_is_a_change_when_it_comes_and_goes() -> None:
    none, everything = edition(Library()), edition(shipped_library()[0])
    come, gone = changes(none, everything), changes(everything, none)
    kinds = {name.partition("“")[0] for name in come["新增"]}
    assert (kinds, come.keys(), gone) == (
        set(CHINESE.values()),
        {"新增"},
        {"删除": come["新增"]},
    )
    assert all(f" 个{kind}" in contents(everything) for kind in CHINESE.values())
