// A text as rows that can be shown a few at a time. Offsets into the text instead of copies: five megabytes of
// JSON are some 200,000 rows. Values are never parsed and written again, so numbers keep every digit.
const OPEN = 1;
const CLOSE = 2;
const VALUE = 3;
const TEXT = 4;
const LONGEST = 4000; // letters of a row

class Table {
  constructor(text, kind) {
    Object.assign(this, { text, kind, type: [], depth: [], keyFrom: [], keyTo: [], from: [], to: [], partner: [], parent: [] });
  }

  add(type, depth, from, to, parent, keyFrom = -1, keyTo = -1) {
    this.depth.push(depth);
    this.from.push(from);
    this.to.push(to);
    this.keyFrom.push(keyFrom);
    this.keyTo.push(keyTo);
    this.partner.push(-1);
    this.parent.push(parent);
    return this.type.push(type) - 1;
  }
}

export { CLOSE, OPEN, TEXT, VALUE };

const isSpace = (code) => code === 32 || code === 10 || code === 13 || code === 9;

function endOfString(text, at) {
  for (let i = at + 1; ; i++) {
    const code = text.charCodeAt(i);
    if (code === 92) i++;
    else if (code === 34) return i + 1;
  }
}

// Throws for what is not JSON.
export function jsonRows(text) {
  JSON.parse(text);
  const table = new Table(text, "json");
  const stack = []; // rows of the open brackets
  let keyFrom = -1;
  let keyTo = -1;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isSpace(code) || code === 44 || code === 58 || code === 0xfeff) continue;
    const parent = stack.at(-1) ?? -1;
    if (code === 125 || code === 93) {
      const row = table.add(CLOSE, stack.length - 1, i, i + 1, table.parent[parent]);
      table.partner[parent] = row;
      table.partner[row] = parent;
      stack.pop();
      continue;
    }
    if (code === 34 && keyFrom < 0 && parent >= 0 && text.charCodeAt(table.from[parent]) === 123) {
      keyFrom = i;
      keyTo = endOfString(text, i);
      i = keyTo - 1;
      continue;
    }
    if (code === 123 || code === 91) {
      let next = i + 1;
      while (isSpace(text.charCodeAt(next))) next++;
      if (text.charCodeAt(next) === code + 2) {
        table.add(VALUE, stack.length, i, next + 1, parent, keyFrom, keyTo);
        i = next;
      } else {
        stack.push(table.add(OPEN, stack.length, i, i + 1, parent, keyFrom, keyTo));
      }
    } else {
      let end = i + 1;
      if (code === 34) end = endOfString(text, i);
      else while (end < text.length && !/[\s,\]}]/.test(text[end])) end++;
      table.add(VALUE, stack.length, i, end, parent, keyFrom, keyTo);
      i = end - 1;
    }
    keyFrom = keyTo = -1;
  }
  return table;
}

// By its tags only; what is broken simply keeps its depth.
export function xmlRows(text) {
  const table = new Table(text, "xml");
  const stack = [];
  const pieces = [...text.matchAll(/<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<[^>]+>|[^<]+/g)].filter((piece) => piece[0].trim());
  for (let n = 0; n < pieces.length; n++) {
    const [piece] = pieces[n];
    const from = pieces[n].index;
    const to = from + piece.length;
    const parent = stack.at(-1) ?? -1;
    if (piece.startsWith("</")) {
      const row = table.add(CLOSE, Math.max(stack.length - 1, 0), from, to, table.parent[parent] ?? -1);
      if (parent >= 0) {
        table.partner[parent] = row;
        table.partner[row] = parent;
        stack.pop();
      }
    } else if (/^<[^!?]/.test(piece) && !piece.endsWith("/>")) {
      const closing = pieces.slice(n + 1, n + 3).findIndex((one) => one[0].startsWith("</"));
      if (closing >= 0 && !pieces.slice(n + 1, n + 1 + closing).some((one) => one[0].startsWith("<"))) {
        n += closing + 1;
        table.add(VALUE, stack.length, from, pieces[n].index + pieces[n][0].length, parent);
      } else {
        stack.push(table.add(OPEN, stack.length, from, to, parent));
      }
    } else {
      table.add(VALUE, stack.length, from, to, parent);
    }
  }
  return table;
}

export function textRows(text) {
  const table = new Table(text, "text");
  for (let from = 0; from <= text.length; ) {
    const line = text.indexOf("\n", from);
    const end = line < 0 ? text.length : line;
    for (let piece = from; piece === from || piece < end; piece += LONGEST) table.add(TEXT, 0, piece, Math.min(piece + LONGEST, end), -1);
    from = end + 1;
    if (line < 0) break;
  }
  return table;
}

export const keyOf = (table, row) => (table.keyFrom[row] < 0 ? "" : table.text.slice(table.keyFrom[row], table.keyTo[row]));

export function isLast(table, row) {
  const next = (table.type[row] === OPEN ? table.partner[row] : row) + 1;
  return next >= table.type.length || table.type[next] === CLOSE;
}

// The rows again as one text.
export function pretty(table) {
  if (table.kind === "text") return table.text;
  const lines = [];
  for (let row = 0; row < table.type.length; row++) {
    const key = keyOf(table, row);
    const comma = table.kind === "json" && table.type[row] !== OPEN && !isLast(table, row) ? "," : "";
    lines.push("  ".repeat(table.depth[row]) + (key ? `${key}: ` : "") + table.text.slice(table.from[row], table.to[row]).trim() + comma);
  }
  return lines.join("\n");
}
