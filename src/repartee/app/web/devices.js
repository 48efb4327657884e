// What can be seen of a device, and what can be done with it: for each domain how its state is said, whether that means "on",
// the service behind a click, and what can be set on a scale. Names of services and attributes are Home Assistant's.

import { t } from "./words.js";

const percent = (value, full = 100) => (value == null ? null : Math.round((value / full) * 100));
const plain = (value) => t(value == null || value === "None" ? "Unknown" : capital(String(value).replaceAll("_", " ")));
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const joined = (...parts) => parts.filter((part) => part != null && part !== "").join(" · ");
const call = (service, data) => ({ service, data: data ?? {} });

const onOff = (domain) => ({
  on: ({ value }) => value === "on",
  click: ({ value }) => call(`${domain}.${value === "on" ? "turn_off" : "turn_on"}`),
});

const OPENINGS = { door: "Open", window: "Open", garage_door: "Open", opening: "Open" };
const BINARY = {
  motion: ["Motion", "No motion"], occupancy: ["Somebody is there", "Nobody is there"], presence: ["Home", "Away"],
  moisture: ["Wet", "Dry"], smoke: ["Smoke", "No smoke"], battery: ["Low", "Full enough"], connectivity: ["Connected", "Away"],
  running: ["Running", "Not running"], lock: ["Unlocked", "Locked"], plug: ["Plugged in", "Unplugged"], problem: ["Problem", "Fine"],
};

const WEATHER = { partlycloudy: "Partly cloudy", "clear-night": "Clear night", exceptional: "Take care" };
const PRESENCE = { home: "At home", not_home: "Away" };

const DOMAINS = {
  light: {
    ...onOff("light"),
    says: ({ value, attributes }) => joined(plain(value), value === "on" && attributes.brightness ? `${percent(attributes.brightness, 255)} %` : null),
    scale: ({ value, attributes }) =>
      value === "on" && attributes.brightness != null
        ? { label: t("Brightness"), value: percent(attributes.brightness, 255), min: 1, max: 100, unit: "%", set: (brightness_pct) => call("light.turn_on", { brightness_pct }) }
        : null,
    colour: ({ value, attributes }) => (value === "on" && Array.isArray(attributes.rgb_color) ? `rgb(${attributes.rgb_color.join(" ")})` : null),
  },
  switch: { ...onOff("switch") },
  input_boolean: { ...onOff("input_boolean"), icon: "switch" },
  fan: {
    ...onOff("fan"),
    says: ({ value, attributes }) => joined(plain(value), value === "on" && attributes.percentage ? `${attributes.percentage} %` : null),
    scale: ({ value, attributes }) =>
      value === "on" && attributes.percentage != null
        ? { label: t("Speed"), value: attributes.percentage, min: 1, max: 100, unit: "%", set: (percentage) => call("fan.set_percentage", { percentage }) }
        : null,
  },
  cover: {
    on: ({ value }) => value === "open",
    click: ({ value }) => call(`cover.${value === "open" ? "close_cover" : "open_cover"}`),
    says: ({ value, attributes: { current_position: at } }) => joined(plain(value), at > 0 && at < 100 ? `${at} %` : null),
    scale: ({ attributes }) =>
      attributes.current_position != null
        ? { label: t("Open"), value: attributes.current_position, min: 0, max: 100, unit: "%", set: (position) => call("cover.set_cover_position", { position }) }
        : null,
  },
  valve: {
    on: ({ value }) => value === "open",
    click: ({ value }) => call(`valve.${value === "open" ? "close_valve" : "open_valve"}`),
    icon: "switch",
  },
  lock: {
    on: ({ value }) => value === "unlocked",
    click: ({ value }) => call(`lock.${value === "locked" ? "unlock" : "lock"}`),
    icon: ({ value }) => (value === "unlocked" ? "unlocked" : "lock"),
  },
  climate: {
    on: ({ value }) => value != null && value !== "off",
    click: ({ value }) => call(`climate.${value === "off" ? "turn_on" : "turn_off"}`),
    says: ({ value, attributes: { current_temperature: now } }) => joined(now == null ? null : `${now}°`, plain(value)),
    scale: ({ value, attributes }) =>
      value !== "off" && attributes.temperature != null
        ? { label: t("Target"), value: attributes.temperature, min: attributes.min_temp ?? 7, max: attributes.max_temp ?? 30, step: 0.5, unit: "°", set: (temperature) => call("climate.set_temperature", { temperature }) }
        : null,
  },
  media_player: {
    on: ({ value }) => value === "playing",
    click: ({ value }) => call(`media_player.${value === "playing" ? "media_pause" : value === "off" ? "turn_on" : "media_play"}`),
    says: ({ value, attributes }) => joined(plain(value), value === "playing" ? attributes.media_title : null),
    scale: ({ value, attributes }) =>
      value === "playing" && attributes.volume_level != null
        ? { label: t("Volume"), value: percent(attributes.volume_level, 1), min: 0, max: 100, unit: "%", set: (volume) => call("media_player.volume_set", { volume_level: volume / 100 }) }
        : null,
  },
  scene: { on: () => false, once: true, click: () => call("scene.turn_on"), says: () => t("Scene") },
  script: { on: ({ value }) => value === "on", once: true, click: () => call("script.turn_on"), says: () => t("Script"), icon: "scene" },
  button: { on: () => false, once: true, click: () => call("button.press"), says: () => t("Button"), icon: "switch" },
  vacuum: {
    on: ({ value }) => value === "cleaning",
    click: ({ value }) => call(`vacuum.${value === "cleaning" ? "return_to_base" : "start"}`),
  },
  lawn_mower: {
    on: ({ value }) => value === "mowing",
    click: ({ value }) => call(`lawn_mower.${value === "mowing" ? "dock" : "start_mowing"}`),
    icon: "vacuum",
  },
  sensor: {
    says: ({ value, attributes: { unit_of_measurement: unit } }) => (value == null ? t("Unknown") : `${t(capital(value))}${unit ? ` ${unit}` : ""}`),
  },
  binary_sensor: {
    on: ({ value }) => value === "on",
    says: ({ value }, kind) => t(value == null ? "Unknown" : (BINARY[kind] ?? (OPENINGS[kind] ? ["Open", "Closed"] : ["On", "Off"]))[value === "on" ? 0 : 1]),
  },
  weather: {
    says: ({ value, attributes: { temperature, temperature_unit: unit } }) => joined(t(WEATHER[value] ?? "") || plain(value?.replaceAll("-", " ")), temperature == null ? null : `${temperature} ${unit ?? "°"}`),
  },
  todo: {
    says: ({ attributes: { items } }) => {
      const open = (items ?? []).filter((item) => item.status !== "completed").map((item) => item.summary ?? item);
      return open.length ? open.join(", ") : t("Nothing on it");
    },
  },
  person: { on: ({ value }) => value === "home", says: ({ value }) => t(PRESENCE[value] ?? "") || plain(value) },
  timer: {},
};

/** How this entity is shown now: {icon, text, on, click, once, scale, colour}; `click` null where it only tells. */
export function look({ id, device_class: kind, state }) {
  const domain = id.split(".", 1)[0];
  const way = DOMAINS[domain] ?? {};
  const gone = state.value === "unavailable";
  const icon = typeof way.icon === "function" ? way.icon(state) : (way.icon ?? (domain in DOMAINS ? domain : "thing"));
  return {
    icon,
    text: gone ? t("Does not answer") : (way.says ?? (({ value }) => plain(value)))(state, kind),
    on: !gone && (way.on?.(state) ?? false),
    click: way.click ? () => way.click(state) : null,
    once: way.once ?? false,
    scale: gone ? null : (way.scale?.(state) ?? null),
    colour: way.colour?.(state) ?? null,
  };
}
