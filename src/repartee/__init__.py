"""Repartee: a local voice assistant for the home that keeps its latency promises."""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
"""ONNX Runtime 1.29 and later otherwise leave a device id in the user's cache and report to its makers; it looks once,
when it is loaded. It sends nothing home (docs/privacy.md)."""

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
"""Small products on two threads cost ten times as much where the machine has other things to do. numpy looks once, when
it is loaded."""

__version__ = "0.1.0"
