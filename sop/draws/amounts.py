"""The amount of a game reward, by chance between two bounds."""

from sop.draws.stream import Stream

_DIME_FEN = 10


def amount_between(low_fen: int, high_fen: int, seed: bytes, label: str) -> int:
    """Fen in `low_fen` … `high_fen`, both included; `label` tells rewards of one seed apart.

    Whole 0.1 yuan when both bounds are (a reward of 6.37 yuan looks like an accounting error),
    else any fen. Raises ValueError for a negative or reversed range.
    """
    if not 0 <= low_fen <= high_fen:
        raise ValueError(f"not a range of amounts: {low_fen} … {high_fen} fen")
    whole = low_fen % _DIME_FEN == 0 and high_fen % _DIME_FEN == 0
    step = _DIME_FEN if whole else 1
    return low_fen + step * Stream(seed, label).below((high_fen - low_fen) // step + 1)
