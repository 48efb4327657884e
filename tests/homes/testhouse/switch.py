"""Sockets."""

from homeassistant.components.switch import SwitchEntity

from . import Device, rows


async def async_setup_platform(hass, config, async_add_entities, discovery_info=None):
    async_add_entities(Socket(row) for row in rows(hass, "switch"))


class Socket(Device, SwitchEntity):
    _attr_is_on = False

    async def async_turn_on(self, **kwargs):
        await self.do(is_on=True)

    async def async_turn_off(self, **kwargs):
        await self.do(is_on=False)
