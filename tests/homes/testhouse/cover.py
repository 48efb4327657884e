"""Blinds that are there at once."""

from homeassistant.components.cover import ATTR_POSITION, CoverEntity, CoverEntityFeature

from . import Device, rows


async def async_setup_platform(hass, config, async_add_entities, discovery_info=None):
    async_add_entities(Blind(row) for row in rows(hass, "cover"))


class Blind(Device, CoverEntity):
    _attr_supported_features = CoverEntityFeature.OPEN | CoverEntityFeature.CLOSE | CoverEntityFeature.SET_POSITION
    _attr_current_cover_position = 0

    @property
    def is_closed(self):
        return self._attr_current_cover_position == 0

    async def async_open_cover(self, **kwargs):
        await self.do(current_cover_position=100)

    async def async_close_cover(self, **kwargs):
        await self.do(current_cover_position=0)

    async def async_set_cover_position(self, **kwargs):
        await self.do(current_cover_position=kwargs[ATTR_POSITION])
