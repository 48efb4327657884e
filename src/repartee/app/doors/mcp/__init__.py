"""The MCP door: the home as tools for agents. Needs the extra `mcp`; loaded only where the door is open."""
