"""Repartee: a local voice assistant for the home that keeps its latency promises."""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
"""ONNX Runtime 1.29 and later otherwise leave a device id in the user's cache and report to its makers; it looks once,
when it is loaded. It sends nothing home (docs/privacy.md)."""

__version__ = "0.1.0"
