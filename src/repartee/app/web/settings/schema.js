// The schema of the settings, as one flat list of what can be set.

/** Every key: {key, section, kind, description, fallback, least, most, options, optional}; `kind` is one of flag, number, choice, text, secret, lines, pairs. */
export function fields(schema) {
  return Object.entries(schema.properties).flatMap(([name, property]) => inside(schema, resolved(schema, property), name));
}

function inside(schema, model, place) {
  return Object.entries(model.properties ?? {}).flatMap(([name, property]) => {
    const own = resolved(schema, property);
    const key = `${place}.${name}`;
    return own.properties ? inside(schema, own, key) : [field(key, own, property)];
  });
}

/** What a property is, past references and "or none". */
function resolved(schema, property) {
  const one = (property.anyOf ?? []).find(({ type }) => type !== "null");
  const target = property.$ref ?? one?.$ref ?? property.allOf?.[0]?.$ref;
  const own = target ? schema.$defs[target.split("/").at(-1)] : (one ?? property);
  return { ...own, description: property.description ?? own.description, default: property.default, optional: Boolean(property.anyOf) };
}

function field(key, own) {
  return {
    key,
    section: key.slice(0, key.lastIndexOf(".")),
    kind: kind(own),
    description: own.description ?? "",
    fallback: own.default ?? null,
    least: own.minimum ?? own.exclusiveMinimum,
    most: own.maximum ?? own.exclusiveMaximum,
    whole: own.type === "integer",
    options: own.enum ?? null,
    optional: own.optional,
  };
}

function kind({ type, format, writeOnly, enum: options }) {
  if (options) return "choice";
  if (type === "boolean") return "flag";
  if (type === "number" || type === "integer") return "number";
  if (type === "array") return "lines";
  if (type === "object") return "pairs";
  return format === "password" || writeOnly ? "secret" : "text";
}

/** The value under `brain.language` in what the server told; undefined where a table on the way is none. */
export const valueOf = (values, key) => key.split(".").reduce((at, part) => at?.[part], values);
