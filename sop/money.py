"""Money is integers of fen; people read yuan."""


def yuan(fen: int) -> str:
    """`188` → `1.88`; always two digits, thousands grouped, sign kept."""
    sign = "-" if fen < 0 else ""
    whole, cents = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{cents:02d}"


def prize_with_amount(prize: str, fen: int) -> str:
    """The prize, and what it is worth unless its name says so: `掷骰子红包 5.10 元`."""
    return prize if yuan(fen) in prize else f"{prize} {yuan(fen)} 元"


def prize_with_points(prize: str, points: int) -> str:
    """The prize, and how many points it is unless its name says so: `签到礼 50 积分`."""
    said = f"{points} 积分"
    return prize if said in prize else f"{prize} {said}"
