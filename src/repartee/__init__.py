"""Repartee: a local voice assistant for the home that keeps its latency promises."""

__version__ = "0.1.0"
