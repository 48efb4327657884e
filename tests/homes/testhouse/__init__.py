"""A house inside the real Home Assistant: its devices stand in `house.json` in the configuration folder.

Each row: name, domain, and `manner`: how the device behaves. `deaf` takes every command and does nothing, `broken`
answers with an error, `slow` takes 0.4 s, `gone` is unavailable.
"""

import asyncio
import json
from pathlib import Path

from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.discovery import async_load_platform

DOMAIN = "testhouse"


async def async_setup(hass, config):
    path = Path(hass.config.config_dir) / "house.json"
    hass.data[DOMAIN] = json.loads(path.read_text())
    for domain in sorted({row["domain"] for row in hass.data[DOMAIN]}):
        hass.async_create_task(async_load_platform(hass, domain, DOMAIN, {}, config))
    return True


def rows(hass, domain):
    return [row for row in hass.data[DOMAIN] if row["domain"] == domain]


class Device:
    """What all of them share; stands before Home Assistant's own class."""

    _attr_should_poll = False

    def __init__(self, row):
        self._attr_name = row["name"]
        self._attr_unique_id = f"{row['domain']}-{row['name']}"
        self._manner = row.get("manner")
        self._attr_available = self._manner != "gone"

    async def do(self, **attributes):
        """The new values of the entity's attributes, in the manner of this device."""
        if self._manner == "broken":
            raise HomeAssistantError(f"The {self._attr_name} has burnt out")
        if self._manner == "slow":
            await asyncio.sleep(0.4)
        if self._manner != "deaf":
            for name, value in attributes.items():
                setattr(self, f"_attr_{name}", value)
            self.async_write_ha_state()
