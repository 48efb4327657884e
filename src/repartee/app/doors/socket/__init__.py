"""The WebSocket door: one conversation a socket. docs/socket.md is the reference."""
