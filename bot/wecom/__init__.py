"""The wire: everything that knows what WeCom's callbacks and interfaces look like."""
