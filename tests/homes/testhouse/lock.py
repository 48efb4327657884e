"""Door locks."""

from homeassistant.components.lock import LockEntity

from . import Device, rows


async def async_setup_platform(hass, config, async_add_entities, discovery_info=None):
    async_add_entities(Bolt(row) for row in rows(hass, "lock"))


class Bolt(Device, LockEntity):
    _attr_is_locked = True

    async def async_lock(self, **kwargs):
        await self.do(is_locked=True)

    async def async_unlock(self, **kwargs):
        await self.do(is_locked=False)
