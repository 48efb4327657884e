"""Dimmable lamps."""

from homeassistant.components.light import ATTR_BRIGHTNESS, ColorMode, LightEntity

from . import Device, rows


async def async_setup_platform(hass, config, async_add_entities, discovery_info=None):
    async_add_entities(Lamp(row) for row in rows(hass, "light"))


class Lamp(Device, LightEntity):
    _attr_color_mode = ColorMode.BRIGHTNESS
    _attr_supported_color_modes = {ColorMode.BRIGHTNESS}
    _attr_is_on = False
    _attr_brightness = 255

    async def async_turn_on(self, **kwargs):
        await self.do(is_on=True, brightness=kwargs.get(ATTR_BRIGHTNESS, self._attr_brightness))

    async def async_turn_off(self, **kwargs):
        await self.do(is_on=False)
