// Figures as people read them.

/** `0.42`, `4.2`, `42`, `1,250`: three digits are enough to compare. */
export function number(value) {
  if (value == null || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  return value.toLocaleString("en", { maximumFractionDigits: size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3 });
}

/** With its unit: `174 ms`, `2.1 s`, `332 MB`, `96.8 %`. */
export function figure(value, unit) {
  if (value == null) return "–";
  if (unit === "ms" && value >= 10_000) return `${number(value / 1000)} s`;
  if (unit === "MB" && value >= 10_000) return `${number(value / 1000)} GB`;
  return unit ? `${number(value)} ${unit}` : number(value);
}

/** `action_closed.p95` → `action closed, p95`. */
export function title(key) {
  const [name, statistic] = key.split(".");
  return `${name.replaceAll("_", " ")}${statistic && statistic !== "value" ? `, ${statistic}` : ""}`;
}

/** `512 B`, `4.1 kB`, `3.2 MB`. */
export function bytes(count) {
  if (count < 1000) return `${count} B`;
  return count < 1e6 ? `${number(count / 1e3)} kB` : `${number(count / 1e6)} MB`;
}
