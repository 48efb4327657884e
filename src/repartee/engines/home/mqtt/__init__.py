"""Devices behind an MQTT broker: those of Zigbee2MQTT, and all that announce themselves as to Home Assistant."""

from .backend import Broker, Mqtt, Topics

__all__ = ["Broker", "Mqtt", "Topics"]
