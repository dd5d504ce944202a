"""`python -m bot` is the same as the command `qunyun`."""

from bot.cli import main

main()
