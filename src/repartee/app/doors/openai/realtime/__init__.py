"""`/v1/realtime`: a conversation by voice over a WebSocket, in the events of OpenAI's interface."""
