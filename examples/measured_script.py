"""A plain script, measured: no assistant, no model, no server. `python examples/measured_script.py`."""

from __future__ import annotations

from repartee.observe import Monitor, Origin, Provenance, correlated

monitor = Monitor("luna", Provenance(Origin.SYNTHETIC))  # made-up work: it is told, and keeps no budget


@monitor.measure_performance("understanding")
def understand(text: str) -> list[str]:
    return sorted(text.split())


def main() -> None:
    for number in range(50):
        with correlated(), monitor.measure("acting"):
            understand(f"turn on lamp {number} in the kitchen")
    print(monitor.report())


if __name__ == "__main__":
    main()
