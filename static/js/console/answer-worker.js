// Holds an answer, so that the page never has to: parses it, folds it, finds in it, hands out the rows in view.
import { CLOSE, OPEN, isLast, jsonRows, keyOf, pretty, textRows, xmlRows } from "./rows.js";

const WIDEST = 2000; // letters of a value in view
const MOST_HITS = 5000;
let table = null;
let shown = new Int32Array(0); // rows in view order, folded ones left out
let folded = new Set();
let marks = new Map(); // row → what is wrong with it

function layOut() {
  const rows = new Int32Array(table.type.length);
  let count = 0;
  for (let row = 0; row < table.type.length; row++) {
    rows[count++] = row;
    if (folded.has(row)) row = table.partner[row];
  }
  shown = rows.subarray(0, count);
}

const placeOf = (row) => {
  let low = 0;
  let high = shown.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (shown[middle] <= row) low = middle;
    else high = middle - 1;
  }
  return low;
};

const childrenOf = (row) => {
  const found = [];
  for (let child = row + 1; child < table.partner[row]; child = (table.type[child] === OPEN ? table.partner[child] : child) + 1) found.push(child);
  return found;
};

function pathOf(row) {
  const path = [];
  for (let one = row; table.parent[one] >= 0; one = table.parent[one]) {
    const key = keyOf(table, one);
    path.unshift(key ? JSON.parse(key) : childrenOf(table.parent[one]).indexOf(one));
  }
  return path;
}

// The nearest row there is: a property that is missing is shown at its object.
function rowAt(path) {
  let row = 0;
  for (const step of path) {
    if (table.type[row] !== OPEN) return row;
    let child;
    let number = 0;
    for (child = row + 1; child < table.partner[row]; child = (table.type[child] === OPEN ? table.partner[child] : child) + 1) {
      const key = keyOf(table, child);
      if (key ? JSON.parse(key) === step : number === Number(step)) break;
      number++;
    }
    if (child >= table.partner[row]) return row;
    row = child;
  }
  return row;
}

function describe(row) {
  const isOpen = table.type[row] === OPEN;
  const isFolded = folded.has(row);
  let value = table.text.slice(table.from[row], Math.min(table.to[row], table.from[row] + WIDEST));
  if (table.to[row] - table.from[row] > WIDEST) value += "…";
  if (isFolded) value += table.kind === "json" ? ` … ${table.text[table.from[table.partner[row]]]}` : " …";
  return {
    row,
    depth: table.depth[row],
    key: keyOf(table, row),
    value: table.kind === "text" ? value : value.trim(),
    comma: table.kind === "json" && (!isOpen || isFolded) && !isLast(table, row),
    fold: isOpen && table.partner[row] > 0 ? (isFolded ? "shut" : "open") : "",
    count: isFolded && table.kind === "json" ? childrenOf(row).length : 0,
    mark: marks.get(row) ?? "",
    isValue: table.kind === "json" && !isOpen && table.type[row] !== CLOSE,
  };
}

const text = new TextDecoder();
const deeds = {
  async open({ blob, type }) {
    const given = text.decode(await blob.arrayBuffer());
    folded = new Set();
    marks = new Map();
    table = null;
    if (/json/i.test(type) && !/ndjson|json-seq/i.test(type)) try { table = jsonRows(given); } catch { table = null; }
    if (/xml/i.test(type)) table = xmlRows(given);
    table ??= textRows(given);
    layOut();
    return { count: shown.length, kind: table.kind };
  },
  rows: ({ from, to }) => Array.from(shown.subarray(from, to), describe),
  fold({ row }) {
    if (!folded.delete(row)) folded.add(row);
    layOut();
    return { count: shown.length };
  },
  foldAll({ on }) {
    folded = new Set();
    if (on) table.type.forEach((type, row) => { if (type === OPEN && table.depth[row] > 0 && table.partner[row] > 0) folded.add(row); });
    layOut();
    return { count: shown.length };
  },
  find({ words }) {
    const wanted = words.toLowerCase();
    const hits = [];
    for (let row = 0; wanted && row < table.type.length && hits.length < MOST_HITS; row++) {
      const whole = table.text.slice(table.keyFrom[row] < 0 ? table.from[row] : table.keyFrom[row], table.to[row]);
      if (whole.toLowerCase().includes(wanted)) hits.push(row);
    }
    return { hits };
  },
  reveal({ row }) {
    for (let above = table.parent[row]; above >= 0; above = table.parent[above]) folded.delete(above);
    layOut();
    return { count: shown.length, place: placeOf(row) };
  },
  mark({ mismatches }) {
    marks = new Map();
    return mismatches.map(({ path, message }) => {
      if (!path || table.kind !== "json") return null;
      const row = rowAt(path);
      marks.set(row, marks.has(row) ? `${marks.get(row)} ${message}` : message);
      return row;
    });
  },
  value({ row }) {
    const raw = table.text.slice(table.from[row], table.to[row]);
    return { path: pathOf(row), text: raw.startsWith('"') ? JSON.parse(raw) : raw };
  },
  text: () => pretty(table),
  format({ given }) {
    try { return { text: pretty(jsonRows(given)) }; } catch (error) { return { error: error.message }; }
  },
};

addEventListener("message", async ({ data: { id, deed, ...more } }) => {
  try {
    postMessage({ id, result: await deeds[deed](more) });
  } catch (error) {
    postMessage({ id, error: error.message });
  }
});
