"""Draws the decision's curve, wrong actions against questions asked, as an SVG for docs/hearing.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from repartee.stages.understand.decision import DecisionThresholds

FILE = Path(__file__).parents[1] / "docs" / "hearing.svg"
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 680, 360, 60, 30, 20, 60
LINES = (
    ("commands_varied", "right", "#2a7f4f", "varied commands acted on rightly"),
    ("commands_varied", "asked", "#b8860b", "varied commands asked about"),
    ("commands_varied", "wrong", "#b22222", "varied commands acted on wrongly"),
    ("talk", "wrong", "#5b3fa0", "talk acted on"),
    ("talk", "asked", "#8f7fb8", "talk asked about"),
)


def draw(points: Sequence[Mapping[str, Any]]) -> None:
    """Percent over the probability from which is acted; all of what was left out when the weights were fitted."""
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(svg(points), "utf-8")
    print(f"{FILE}: written")


def svg(points: Sequence[Mapping[str, Any]]) -> str:
    low, high = float(points[0]["act"]), float(points[-1]["act"])
    ships = DecisionThresholds().act

    def x(act: float) -> float:
        return LEFT + (act - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def y(percent: float) -> float:
        return HEIGHT - BOTTOM - percent / 100 * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"',
        ' font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for percent in range(0, 101, 20):
        parts.append(f'<path d="M{LEFT} {y(percent):.0f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y(percent) + 4:.0f}" text-anchor="end">{percent} %</text>')
    for point in points:
        act = point["act"]
        parts.append(f'<text x="{x(act):.0f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{act:g}</text>')
    parts.append(f'<path d="M{x(ships):.0f} {TOP}V{HEIGHT - BOTTOM}" stroke="#888" stroke-dasharray="4 3"/>')
    counts = [
        f"{points[0][name]['heard']} {what}" for name, what in (("commands_varied", "commands"), ("talk", "talk"))
    ]
    caption = f"probability from which is acted; left out of the fit (n = {', '.join(counts)})"
    parts.append(f'<text x="{WIDTH / 2:.0f}" y="{HEIGHT - 12}" text-anchor="middle">{caption}</text>')
    for row, (group, verdict, colour, label) in enumerate(LINES):
        line = " ".join(f"{x(p['act']):.1f},{y(p[group][verdict]['percent']):.1f}" for p in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{LEFT + 12}" y="{TOP + 130 + 16 * row}" fill="{colour}">{label}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
