"""Loss curve of a run as a small PNG, drawn from its loss.csv."""

from __future__ import annotations

import csv
from pathlib import Path

from PIL import Image, ImageDraw

WIDTH, HEIGHT, MARGIN = 640, 320, 40


def draw_curve(table: Path, picture: Path) -> None:
    """Loss against samples seen; the y axis spans the smallest and the largest loss after the first tenth."""
    with open(table) as file:
        rows = list(csv.DictReader(file))
    points = [(float(row["samples"]), float(row["loss"])) for row in rows]
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen = ImageDraw.Draw(image)
    settled = [loss for _, loss in points[len(points) // 10 :]]
    low, high = min(settled), max(settled)
    span = max(high - low, 1e-9)
    last = max(points[-1][0], 1.0)

    def place(samples: float, loss: float) -> tuple[float, float]:
        x = MARGIN + (WIDTH - 2 * MARGIN) * samples / last
        y = HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (min(loss, high) - low) / span
        return x, y

    pen.rectangle((MARGIN, MARGIN, WIDTH - MARGIN, HEIGHT - MARGIN), outline="#999999")
    if len(points) > 1:
        pen.line([place(*point) for point in points], fill="#1f5fbf", width=2)
    pen.text((MARGIN, MARGIN - 16), f"loss {high:.4f}", fill="black")
    pen.text((MARGIN, HEIGHT - MARGIN + 4), f"loss {low:.4f}", fill="black")
    pen.text((WIDTH - MARGIN - 140, HEIGHT - MARGIN + 4), f"{int(last):,} samples", fill="black")
    image.save(picture)
