// Reading the form and filling it. Nothing here knows of credentials: their fields are not rows.
export function rowsOf(root) {
  const active = activeBody(root);
  return [...root.querySelectorAll(".console-row[data-row]")]
    .filter((row) => row.dataset.place !== "field" || active?.contains(row))
    .map(read);
}

function read(row) {
  const input = row.querySelector("[data-value]");
  const own = row.querySelector("[data-own-name]");
  const box = row.querySelector("[data-on]");
  return {
    element: row,
    input,
    place: row.dataset.place,
    name: own ? own.value.trim() : row.dataset.name,
    value: input.type === "file" ? "" : input.value,
    files: input.type === "file" ? [...input.files] : [],
    on: box ? box.checked : true,
    own: Boolean(own),
    kind: row.dataset.kind ?? "string",
    style: row.dataset.style ?? "form",
    explode: row.dataset.explode !== "False",
    isFile: input.type === "file",
  };
}

export const bodiesOf = (root) => [...root.querySelectorAll("[data-body]")];
export const activeBody = (root) => bodiesOf(root).find((body) => !body.hidden);

export function chooseBody(root, type) {
  const all = bodiesOf(root);
  const chosen = all.find((body) => body.dataset.body === type) ?? all[0];
  for (const body of all) body.hidden = body !== chosen;
  const select = root.querySelector("[data-media]");
  if (select && chosen) select.value = chosen.dataset.body;
}

// What was typed means: send it.
export function switchOn(event) {
  if (!event.target.matches("[data-value]")) return;
  const box = event.target.closest(".console-row")?.querySelector("[data-on]");
  if (box && (event.target.value || event.target.files?.length)) box.checked = true;
}

export function addRow(root, place, name = "", value = "") {
  const made = root.querySelector(`template[data-own="${place}"]`).content.firstElementChild.cloneNode(true);
  made.querySelector("[data-own-name]").value = name;
  made.querySelector("[data-value]").value = value;
  root.querySelector(`[data-rows="${place}"]`).append(made);
  return made;
}

// The values to keep in history; files are known by nothing but their rows.
export function contentOf(root) {
  const body = activeBody(root);
  const text = body?.querySelector("[data-text]");
  return {
    rows: rowsOf(root).filter((row) => !row.isFile && (row.name || row.value)).map(({ place, name, value, on, own }) => ({ place, name, value, on, own })),
    type: body?.dataset.body ?? "",
    accept: root.querySelector("[data-accept]")?.value ?? "",
    body: text && !text.disabled ? text.value : "",
  };
}

const GONE = "(not kept)"; // as in catalog/console/redaction.py

// The same without these words, as they are and as JSON writes them.
export function without(content, words) {
  const all = new Set(words.flatMap((word) => [word, JSON.stringify(word).slice(1, -1)]));
  const clean = (text) => [...all].reduce((left, word) => left.replaceAll(word, GONE), text);
  return { ...content, body: clean(content.body), rows: content.rows.map((row) => ({ ...row, name: clean(row.name), value: clean(row.value) })) };
}

export function fill(root, content) {
  chooseBody(root, content.type);
  for (const made of root.querySelectorAll(".console-row:has([data-own-name])")) made.remove();
  const rows = rowsOf(root);
  for (const kept of content.rows) {
    const row = rows.find((one) => !one.own && one.place === kept.place && one.name === kept.name);
    if (!row && kept.own) addRow(root, kept.place, kept.name, kept.value).querySelector("[data-on]").checked = kept.on;
    if (!row || row.isFile) continue;
    row.input.value = kept.value;
    const box = row.element.querySelector("[data-on]");
    if (box) box.checked = kept.on;
  }
  const accept = root.querySelector("[data-accept]");
  if (accept && [...accept.options].some((one) => one.value === content.accept)) accept.value = content.accept;
  const text = activeBody(root)?.querySelector("[data-text]");
  if (text) text.value = content.body;
  root.dispatchEvent(new CustomEvent("console:filled"));
}
