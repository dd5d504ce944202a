"""Named points at which a test may kill the process (reliability.md section 3, K1-K17, and
K18-K22 of the member page and the payers, K23 of sealing anew, K24 and K25 of group-send tasks).

`CRASH_AT=K4` kills at the first passage of K4, `CRASH_AT=K4:3` at the third. Without the
variable, as in production, nothing happens.
"""

import os
import signal

_NAME, _, _COUNT = os.environ.get("CRASH_AT", "").partition(":")
_passages_left = int(_COUNT or "1")


def armed(name: str) -> bool:
    """True if this process is told to die at `name`."""
    return name == _NAME


def crash_point(name: str) -> None:
    """Ends the process as a power cut would (SIGKILL), if told to at this passage."""
    global _passages_left
    if not armed(name):
        return
    _passages_left -= 1
    if _passages_left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
