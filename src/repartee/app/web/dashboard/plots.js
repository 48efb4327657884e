// Lines over time, drawn by uPlot; colours are the page's own, so that light and dark fit.

import { number } from "./format.js";

const { uPlot } = window;
const DAY = 86_400;

export class Plot {
  #box;
  #plot = null;
  #series;
  #unit;

  /** `series`: [{label, colour, fill?, width?}] in the order of the columns. */
  constructor(box, series, unit) {
    this.#box = box;
    this.#series = series;
    this.#unit = unit;
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(box);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#again());
  }

  /** `columns`: Unix seconds, then one column a series; null where there is nothing. */
  show(columns) {
    if (this.#plot) return this.#plot.setData(columns);
    this.#plot = new uPlot(this.#options(columns[0]), columns, this.#box);
  }

  #again() {
    if (!this.#plot) return;
    const columns = this.#plot.data;
    this.#plot.destroy();
    this.#plot = null;
    this.show(columns);
  }

  #size() {
    return { width: Math.max(200, this.#box.clientWidth), height: this.#box.classList.contains("small") ? 160 : 240 };
  }

  #options(times) {
    const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
    const axis = { stroke: colour("soft"), grid: { stroke: colour("line"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    const long = times.at(-1) - times[0] > 1.5 * DAY;
    const clock = (seconds) => new Date(seconds * 1000).toLocaleString([], long ? { weekday: "short", hour: "2-digit" } : { hour: "2-digit", minute: "2-digit", hour12: false });
    return {
      ...this.#size(),
      cursor: { y: false, points: { size: 6 } },
      legend: { live: true, isolate: false },
      scales: { x: { time: true }, y: { range: (_, __, most) => [0, Math.max(1e-6, (most ?? 1) * 1.1)] } },
      axes: [
        { ...axis, space: 70, values: (_, ticks) => ticks.map(clock) },
        { ...axis, size: 56, values: (_, ticks) => ticks.map((tick) => number(tick)) },
      ],
      series: [
        { label: "at", value: (_, seconds) => (seconds == null ? "" : new Date(seconds * 1000).toLocaleString([], { weekday: "short", hour: "2-digit", minute: "2-digit" })) },
        ...this.#series.map(({ label, colour: name, fill, width }) => ({
          label,
          stroke: colour(name),
          fill: fill ? `${colour(name)}22` : undefined,
          width: width ?? 1.5,
          spanGaps: false,
          points: { show: true, size: 4, fill: colour(name) },
          value: (_, value) => (value == null ? "–" : `${number(value)} ${this.#unit}`),
        })),
      ],
    };
  }
}
