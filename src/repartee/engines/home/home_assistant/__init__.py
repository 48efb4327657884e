"""Home Assistant over one persistent WebSocket."""

from .backend import HomeAssistant

__all__ = ["HomeAssistant"]
