// What may be written at a place of a JSON text, by its schema: names of properties, values of an enum.
export function placeIn(text) {
  const stack = []; // {kind: "object" | "array", key, names}
  let isKey = false;
  for (let i = 0; i < text.length; i++) {
    const letter = text[i];
    const top = stack.at(-1);
    if (letter === '"') {
      let end = i + 1;
      while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
      const word = text.slice(i + 1, end);
      if (end >= text.length) return { path: pathOf(stack), isKey: isKey && top?.kind === "object", isQuoted: true, used: top?.names ?? [] };
      if (isKey && top?.kind === "object") {
        top.key = word;
        top.names.push(word);
      }
      i = end;
    } else if (letter === "{" || letter === "[") {
      stack.push({ kind: letter === "{" ? "object" : "array", key: null, names: [] });
      isKey = letter === "{";
    } else if (letter === "}" || letter === "]") {
      stack.pop();
      isKey = false;
    } else if (letter === ":") isKey = false;
    else if (letter === "," && top) {
      isKey = top.kind === "object";
      top.key = null;
    }
  }
  return { path: pathOf(stack), isKey: isKey && stack.at(-1)?.kind === "object", isQuoted: false, used: stack.at(-1)?.names ?? [] };
}

const pathOf = (stack) => stack.map((one) => (one.kind === "array" ? "[]" : one.key));

function resolved(schema, root, depth = 0) {
  if (!schema || typeof schema !== "object" || depth > 20) return [];
  if (schema.$ref) {
    const target = schema.$ref.slice(2).split("/").reduce((node, part) => node?.[decodeURIComponent(part).replace(/~1/g, "/").replace(/~0/g, "~")], root);
    return resolved(target, root, depth + 1);
  }
  const inside = ["allOf", "anyOf", "oneOf"].flatMap((word) => schema[word] ?? []).flatMap((one) => resolved(one, root, depth + 1));
  return [schema, ...inside];
}

// [{text, about}] for a place; the schemas of all choices are laid together.
export function offers(place, schema, root) {
  let here = resolved(schema, root);
  const steps = place.isKey ? place.path.slice(0, -1) : place.path;
  for (const step of steps) {
    if (step === null) return [];
    here = here.flatMap((one) => resolved(step === "[]" ? one.items : one.properties?.[step] ?? one.additionalProperties, root));
  }
  const about = (one) => [one.type, one.format].flat().filter(Boolean).join(" ") || "value";
  if (place.isKey) {
    const required = new Set(here.flatMap((one) => one.required ?? []));
    const names = here.flatMap((one) => Object.entries(one.properties ?? {}));
    return names.filter(([name]) => !place.used.includes(name)).map(([name, one]) => ({ text: name, about: resolved(one, root).map(about)[0] + (required.has(name) ? ", required" : ""), isFirst: required.has(name) }));
  }
  const values = here.flatMap((one) => [...(one.enum ?? []), ...("const" in one ? [one.const] : []), ...(one.type === "boolean" ? [true, false] : []), ...(one.default !== undefined ? [one.default] : [])]);
  return [...new Set(values)].filter((one) => typeof one !== "object").map((value) => ({ text: String(value), isText: typeof value === "string", about: "value" }));
}
