"""A local WeCom for demos and tests: the wire of `wecom-protocol.md`, kept in memory.

It knows nothing of the bot but its callback addresses, and shares no code with it except
`bot.wecom.crypto`, which published vectors prove. `bot.sandbox.server.Sandbox` is the door.
"""
