"""The shell of qunyun: speaks HTTP and WeCom, holds the clock, turns effects into rows."""
