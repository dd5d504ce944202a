"""Money is integers of fen; people read yuan."""


def yuan(fen: int) -> str:
    """`188` → `1.88`; always two digits, thousands grouped, sign kept."""
    sign = "-" if fen < 0 else ""
    whole, cents = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{cents:02d}"
