"""Where figures go: Prometheus, OpenTelemetry."""
