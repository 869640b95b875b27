// Ace over the textarea of the body: colours, lint, completion. Without it the textarea does the same work.
import { offers, placeIn } from "./complete.js";

const LARGEST = 300_000; // letters; past them only the textarea, which does not mind
let loading = null;

function script(address) {
  return new Promise((done, failed) => {
    const made = document.createElement("script");
    Object.assign(made, { src: address, onload: done, onerror: failed });
    document.head.append(made);
  });
}

async function load(paths) {
  const sheet = Object.assign(document.createElement("link"), { rel: "stylesheet", href: paths["ace.css"] });
  document.head.append(sheet);
  await script(paths["ace.js"]);
  await script(paths["ext-language_tools.js"]);
  const { config } = window.ace;
  config.set("useStrictCSP", true);
  config.set("loadWorkerFromBlob", false);
  for (const [name, file] of [["ace/mode/json", "mode-json.js"], ["ace/mode/xml", "mode-xml.js"], ["ace/mode/json_worker", "worker-json.js"], ["ace/mode/xml_worker", "worker-xml.js"], ["ace/ext/searchbox", "ext-searchbox.js"]]) config.setModuleUrl(name, paths[file]);
}

export const isTooLarge = (text) => text.length > LARGEST;

// Edits `area` in place; its value stays the truth. Returns {close, set, focus}.
export async function edit(area, { paths, kind, schema, root }) {
  await (loading ??= load(paths));
  const box = document.createElement("div");
  box.className = "console-ace";
  area.after(box);
  area.hidden = true;
  const editor = window.ace.edit(box, { value: area.value, useSoftTabs: true, tabSize: 2, fontSize: 13, showPrintMargin: false, minLines: 8, maxLines: 28, highlightActiveLine: false, enableBasicAutocompletion: true, enableLiveAutocompletion: kind === "json", theme: { cssClass: "ace-portal", isDark: false, cssText: "" } });
  editor.session.setMode(kind === "json" ? "ace/mode/json" : kind === "xml" ? "ace/mode/xml" : "ace/mode/text");
  editor.commands.removeCommand("gotoline");
  // Tab leaves the field, as everywhere on the page; Ctrl-] and Ctrl-[ indent.
  editor.commands.bindKey("Tab", null);
  editor.commands.bindKey("Shift-Tab", null);
  editor.completers = kind === "json" && schema ? [completer(schema, root)] : [];
  const input = editor.textInput.getElement();
  input.setAttribute("aria-label", area.getAttribute("aria-label"));
  editor.session.on("change", () => {
    area.value = editor.getValue();
    area.dispatchEvent(new Event("input", { bubbles: true }));
  });
  return {
    set(text) { editor.session.setValue(text); },
    focus() { editor.focus(); },
    close() {
      editor.destroy();
      box.remove();
      area.hidden = false;
    },
  };
}

const completer = (schema, root) => ({
  identifierRegexps: [/[\w.$-]/],
  getCompletions(editor, session, at, prefix, done) {
    const before = session.getLines(0, at.row - 1).concat(session.getLine(at.row).slice(0, at.column)).join("\n");
    const place = placeIn(before);
    const after = session.getLine(at.row).slice(at.column);
    done(null, offers(place, schema, root).map((one) => ({
      caption: one.text,
      value: written(one, place, after),
      meta: one.about,
      score: one.isFirst ? 1000 : 500,
    })));
  },
  // Replaces what stands there now. Ace's own goes by what stood there when the list was last filtered, and
  // leaves letters behind when somebody types faster than that.
  insertMatch(editor, chosen) {
    const { row, column } = editor.getCursorPosition();
    const typed = editor.session.getLine(row).slice(0, column).match(/[\w.$-]*$/)[0];
    editor.session.remove(new window.ace.Range(row, column - typed.length, row, column));
    editor.execCommand("insertstring", chosen.value);
  },
});

function written(one, place, after) {
  const closing = after.startsWith('"') ? "" : '"';
  if (place.isKey) return place.isQuoted ? one.text + closing + (closing ? ": " : "") : `"${one.text}": `;
  if (!one.isText || place.isQuoted) return one.isText ? one.text + closing : one.text;
  return `"${one.text}"`;
}
