"""50,000 members in 300 groups: what a night's reading, 查 and a segment cost."""

import tempfile

from tests.benchmarks.machine import child, python, run_json
from tests.benchmarks.report import Row, ensure, middle, milliseconds
from tests.benchmarks.servers.members_bot import LABELLED
from tests.benchmarks.servers.members_sandbox import MEMBERS

PATIENCE = 1800.0


def run(rounds: int) -> list[Row]:
    """One run whatever `rounds` says, it takes minutes. Raises Broken if somebody was not read."""
    del rounds
    with (
        tempfile.TemporaryDirectory(prefix="qunyun-bench-") as folder,
        child(*python("servers.members_sandbox")) as (port, _),
    ):
        url = f"http://127.0.0.1:{port}"
        seen = run_json("servers.members_bot", folder, url, timeout=PATIENCE)
    for what in ("members", "contacts"):
        ensure(seen[what] == MEMBERS, f"{seen[what]} {what} instead of {MEMBERS}")
    asked = len(seen["by name"]) + len(seen["by id"])
    ensure(seen["answers"] == asked, f"{seen['answers']} answers to {asked} questions")
    night, standings, labels = (seen[what]["seconds"] for what in ("night", "standings", "labels"))
    by_name, by_id = seen["by name"], seen["by id"]
    slowest, (took, chosen) = max(seen["segments"].items(), key=lambda one: one[1][0])
    list_name, list_took = max(seen["lists"].items(), key=lambda one: one[1])
    lists = list(seen["lists"].values())
    usual = middle([seconds for seconds, _ in seen["segments"].values()])
    most = max(
        seen["mb"], *(seen[what]["mb"] for what in ("first", "night", "standings", "labels"))
    )
    return [
        Row("members", "first reading of 300 groups and 50,000 contacts",
            f"{seen['first']['seconds']:.0f} s", "", "", ""),
        Row("", "… read again in a night, with the pauses of the service",
            f"{night:.0f} s", "", f"{night:.0f} s", "< 120 s", night < 120),
        Row("", "… life cycle and RFM of everybody worked out", f"{standings:.0f} s", "", "", ""),
        Row("", f"… labels of {LABELLED} groups by the shipped rules",
            f"{labels:.0f} s", "", "", ""),
        Row("", "查 by name among all groups, of 20 the slowest",
            _spread(by_name), "", milliseconds(max(by_name) * 1000), "< 100 ms",
            max(by_name) < 0.1),
        Row("", "查 by id, of 20 the slowest", _spread(by_id), "",
            milliseconds(max(by_id) * 1000), "< 100 ms", max(by_id) < 0.1),
        Row("", f"lists over all groups for a manager, of {len(lists)} the slowest ({list_name})",
            _spread(lists), "", milliseconds(list_took * 1000), "< 1,000 ms", list_took < 1),
        Row("", f"choosing from all members: slowest segment ({slowest}, {chosen:,} chosen)",
            f"{milliseconds(took * 1000)}; of all segments {milliseconds(usual * 1000)}", "",
            milliseconds(took * 1000), "< 1,000 ms", took < 1),
        Row("", "memory, the most seen", f"{most:.0f} MB", "", f"{most:.0f} MB", "< 300 MB",
            most < 300),
    ]  # fmt: skip


def _spread(seconds: list[float]) -> str:
    return f"{milliseconds(middle(seconds) * 1000)} to {milliseconds(max(seconds) * 1000)}"
