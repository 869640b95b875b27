// From what the form says to one call: address, headers, body. {{names}} are replaced on the way.
const BOUNDARY = "portal-test-request";
const FORBIDDEN = /^(accept-charset|accept-encoding|connection|content-length|cookie2?|date|dnt|expect|host|keep-alive|origin|referer|te|trailer|transfer-encoding|upgrade|via|proxy-.*|sec-.*)$/i;

export function substitute(text, variables) {
  return text.replace(/\{\{\s*([\w.-]+)\s*\}\}/g, (whole, name) => (name in variables ? variables[name] : whole));
}

export function unknownNames(text, variables) {
  return [...text.matchAll(/\{\{\s*([\w.-]+)\s*\}\}/g)].map((found) => found[1]).filter((name) => !(name in variables));
}

function pairs(row) {
  if (row.kind === "array") {
    const parts = row.value.split(",").map((part) => part.trim()).filter(Boolean);
    if (row.explode && row.style === "form") return parts.map((part) => [row.name, part]);
    return [[row.name, parts.join({ spaceDelimited: " ", pipeDelimited: "|" }[row.style] ?? ",")]];
  }
  if (row.kind === "object" && row.style === "deepObject") {
    try {
      return Object.entries(JSON.parse(row.value)).map(([key, value]) => [`${row.name}[${key}]`, String(value)]);
    } catch {
      return [[row.name, row.value]];
    }
  }
  return [[row.name, row.value]];
}

// rows, body: {type, kind, text, file}; credentials: {headers, query, cookies}.
export function build({ method, path, base, rows, body, accept, credentials }) {
  const sent = rows.filter((row) => row.on && row.name);
  const of = (place) => sent.filter((row) => row.place === place);
  const empty = rows.filter((row) => row.place === "path" && !row.value);
  const address = path.replace(/\{([^}]+)\}/g, (whole, name) => {
    const row = rows.find((one) => one.place === "path" && one.name === name);
    return row?.value ? encodeURIComponent(row.value) : whole;
  });
  const query = new URLSearchParams([...of("query").flatMap(pairs), ...credentials.query]).toString();
  const headers = [...(accept ? [["Accept", accept]] : []), ...of("header").map((row) => [row.name, row.value]), ...credentials.headers];
  const cookies = [...of("cookie").map((row) => [row.name, row.value]), ...credentials.cookies];
  return {
    method,
    url: base + address + (query ? `?${query}` : ""),
    headers: headers.filter(([name]) => !FORBIDDEN.test(name)),
    dropped: headers.map(([name]) => name).filter((name) => FORBIDDEN.test(name)),
    cookies,
    empty,
    ...bodyOf(body, of("field")),
  };
}

function bodyOf(body, fields) {
  if (!body) return { body: null, shown: null };
  if (body.kind === "form") {
    const text = new URLSearchParams(fields.flatMap(pairs)).toString();
    return { body: text, shown: text, type: body.type };
  }
  if (body.kind === "multipart") return multipart(fields);
  if (body.file) return { body: body.file, shown: `<contents of ${body.file.name}>`, type: body.type, file: body.file.name };
  return body.text ? { body: body.text, shown: body.text, type: body.type } : { body: null, shown: null };
}

// The browser writes the real body and its boundary; `shown` is the same for the samples, files by name.
function multipart(fields) {
  const form = new FormData();
  const parts = [];
  for (const row of fields) {
    for (const file of row.files ?? []) {
      form.append(row.name, file, file.name);
      parts.push([row.name, file.name, true]);
    }
    if (!row.isFile) {
      for (const [name, value] of row.kind === "array" ? pairs({ ...row, style: "form", explode: true }) : [[row.name, row.value]]) {
        form.append(name, row.kind === "object" ? new Blob([value], { type: "application/json" }) : value);
        parts.push([name, value, false]);
      }
    }
  }
  const shown = parts.map(([name, value, isFile]) => {
    const file = isFile ? `; filename="${value}"\r\nContent-Type: application/octet-stream` : "";
    return `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${isFile ? `<contents of ${value}>` : value}\r\n`;
  }).join("") + `--${BOUNDARY}--\r\n`;
  return { body: form, shown, parts, type: null, shownType: `multipart/form-data; boundary=${BOUNDARY}` };
}
