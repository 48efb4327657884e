"""Draws the decision's curve, wrong actions against questions asked, as an SVG for docs/hearing.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[1] / "docs" / "hearing.svg"
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 680, 360, 60, 30, 20, 60
LINES = (
    ("right", "#2a7f4f", "commands acted on rightly"),
    ("asked", "#b8860b", "commands asked about"),
    ("wrong", "#b22222", "commands acted on wrongly"),
    ("talk_acted", "#5b3fa0", "talk acted on"),
)


def draw(points: Sequence[Mapping[str, Any]], commands: int, talk: int) -> None:
    """Percent over how many nats the limit of the gap is moved; 0 is the setting that ships."""
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(svg(points, commands, talk), "utf-8")
    print(f"{FILE}: written")


def svg(points: Sequence[Mapping[str, Any]], commands: int, talk: int) -> str:
    low, high = float(points[0]["shift_nats"]), float(points[-1]["shift_nats"])

    def x(shift: float) -> float:
        return LEFT + (shift - low) / (high - low) * (WIDTH - LEFT - RIGHT)

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
    for point in points[::2]:
        shift = point["shift_nats"]
        parts.append(f'<text x="{x(shift):.0f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{shift:+d}</text>')
    parts.append(f'<path d="M{x(0):.0f} {TOP}V{HEIGHT - BOTTOM}" stroke="#888" stroke-dasharray="4 3"/>')
    caption = f"limit of the gap, nats from the setting that ships (n = {commands} commands, {talk} recordings of talk)"
    parts.append(f'<text x="{WIDTH / 2:.0f}" y="{HEIGHT - 12}" text-anchor="middle">{caption}</text>')
    for row, (name, colour, label) in enumerate(LINES):
        of = talk if name.startswith("talk") else commands
        line = " ".join(f"{x(p['shift_nats']):.1f},{y(100 * p[name] / of):.1f}" for p in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{LEFT + 12}" y="{TOP + 60 + 16 * row}" fill="{colour}">{label}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
