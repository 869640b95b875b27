// The answer: status, headers, the body as a tree, its search, its comparison with the document.
import { copyText } from "../copy.js";
import { Keeper } from "./keeper.js";
import { isText } from "./send.js";
import { Tree } from "./tree.js";

const grouped = new Intl.NumberFormat("en");
export const bytes = (size) => (size < 1000 ? `${size} B` : size < 1e6 ? `${(size / 1000).toFixed(1)} kB` : `${(size / 1e6).toFixed(2)} MB`);
export const spent = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`);
const NAMES = { 200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 304: "Not Modified", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable", 409: "Conflict", 413: "Content Too Large", 415: "Unsupported Media Type", 422: "Unprocessable Content", 429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout" };
const TONES = { 2: "ok", 3: "info", 4: "warn", 5: "bad" };

export class Answer {
  constructor(root, onValue) {
    this.root = root;
    this.part = (name) => root.querySelector(`[data-answer="${name}"]`);
    this.keeper = new Keeper(root.dataset.worker);
    this.tree = new Tree(this.part("tree"), this.keeper, onValue);
    this.hits = [];
    this.hit = -1;
    this.listen();
  }

  listen() {
    this.part("find").addEventListener("input", () => this.find());
    this.part("find").addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.next(event.shiftKey ? -1 : 1);
    });
    this.part("copy").addEventListener("click", async (event) => copyText(await this.keeper.ask("text"), event.currentTarget));
    this.part("fold").addEventListener("click", async (event) => {
      const on = event.currentTarget.getAttribute("aria-pressed") !== "true";
      event.currentTarget.setAttribute("aria-pressed", String(on));
      this.tree.at = 0;
      await this.tree.resize((await this.keeper.ask("foldAll", { on })).count);
    });
    this.part("download").addEventListener("click", () => this.download());
    this.part("mismatches").addEventListener("click", (event) => {
      const line = event.target.closest("[data-goto]");
      if (line) this.tree.reveal(Number(line.dataset.goto));
    });
  }

  say(text) {
    this.part("status").textContent = text;
  }

  begin() {
    this.root.dataset.state = "waiting";
    this.part("head").replaceChildren("Waiting for the answer …");
    for (const name of ["failure", "body", "headers", "check"]) this.part(name).hidden = true;
    this.part("live").hidden = true;
    this.say("Sent. Waiting for the answer.");
  }

  head(got) {
    const badge = document.createElement("span");
    badge.className = `badge badge-${TONES[String(got.status)[0]] ?? "neutral"}`;
    badge.textContent = got.isRedirect ? "Redirect" : `${got.status} ${got.words || NAMES[got.status] || ""}`.trim();
    this.facts = document.createElement("span");
    this.facts.className = "muted";
    this.part("head").replaceChildren(badge, this.facts);
    const list = this.part("header-list");
    list.replaceChildren(...[...got.headers, ...(got.cookies ? [["set-cookie", got.cookies]] : [])].flatMap(([name, value]) => {
      const term = document.createElement("dt");
      const words = document.createElement("dd");
      term.textContent = name;
      words.textContent = value;
      return [term, words];
    }));
    this.part("header-count").textContent = got.headers.length;
    this.part("headers").hidden = got.headers.length === 0;
  }

  // While it still comes: how much there is, and the end of a text.
  progress(size, tail) {
    this.pending = [size, tail];
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      if (this.root.dataset.state !== "waiting") return;
      const [much, words] = this.pending;
      this.facts.textContent = `${bytes(much)} so far`;
      const live = this.part("live");
      live.hidden = !words;
      live.textContent = words;
      live.scrollTop = live.scrollHeight;
    });
  }

  async show(got) {
    this.root.dataset.state = "done";
    this.got = got;
    this.part("live").hidden = true;
    this.facts.textContent = `${spent(got.total)} · ${bytes(got.size)}`;
    this.facts.title = `First byte after ${spent(got.first)}. ${grouped.format(got.size)} bytes, uncompressed.`;
    const hasBody = got.size > 0;
    this.part("body").hidden = !hasBody;
    if (!hasBody) return this.empty(got);
    const isReadable = isText(got.type);
    for (const name of ["tree", "find-box", "copy", "fold"]) this.part(name).hidden = !isReadable;
    this.part("binary").hidden = isReadable;
    this.part("binary").textContent = `${got.type || "Data of no stated type"}, ${bytes(got.size)}. It is no text: download it to look at it.`;
    if (!isReadable) return undefined;
    const opened = await this.keeper.ask("open", { blob: got.blob, type: got.type });
    this.part("fold").hidden = opened.kind === "text";
    this.part("fold").setAttribute("aria-pressed", "false");
    this.part("find").value = "";
    this.tree.hits = new Set();
    this.part("hits").textContent = "";
    return this.tree.show(opened);
  }

  empty(got) {
    if (!got.isRedirect) return;
    this.fail({ title: "The answer is a redirect", text: "Browsers keep from scripts where a redirect leads, and the console follows none: it could carry your token elsewhere. Try the cURL sample with -i to see it." });
  }

  fail({ title, text }) {
    this.root.dataset.state = "failed";
    this.part("live").hidden = true;
    const box = this.part("failure");
    box.hidden = false;
    box.querySelector("b").textContent = title;
    box.querySelector("p").textContent = text;
    if (!this.part("head").querySelector(".badge")) this.part("head").replaceChildren("No answer");
    this.say(`${title}. ${text}`);
  }

  async compare(report) {
    const box = this.part("check");
    box.hidden = false;
    const list = report.mismatches;
    const found = list.length && this.got.size && isText(this.got.type) ? await this.keeper.ask("mark", { mismatches: list }) : list.map(() => null);
    const verdict = list.length === 0
      ? report.checked ? `Matches the document’s ${report.documented} answer.` : `The document describes ${report.documented}; a body of this type is not compared.`
      : `${list.length}${list.length === 100 ? " or more" : ""} ${list.length === 1 ? "place differs" : "places differ"} from the document.`;
    box.className = `notice ${list.length ? "notice-warn" : "notice-ok"} console-check`;
    this.part("verdict").textContent = verdict;
    this.part("mismatches").replaceChildren(...list.map((one, number) => this.mismatch(one, found[number])));
    if (list.length) await this.tree.draw();
    return verdict;
  }

  mismatch({ path, message }, row) {
    const item = document.createElement("li");
    const place = path?.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("").replace(/^\./, "");
    const line = document.createElement(row === null ? "span" : "button");
    if (row !== null) Object.assign(line, { type: "button", className: "link-button" }).dataset.goto = row;
    if (path) {
      const code = document.createElement("code");
      code.textContent = place || "the whole body";
      line.append(code, " ");
    }
    line.append(message);
    item.append(line);
    return item;
  }

  async find() {
    const { hits } = await this.keeper.ask("find", { words: this.part("find").value });
    this.hits = hits;
    this.hit = -1;
    this.tree.hits = new Set(hits);
    if (hits.length) await this.next(1);
    else await this.tree.draw();
    if (!hits.length) this.part("hits").textContent = this.part("find").value ? "nothing found" : "";
  }

  async next(step) {
    if (!this.hits.length) return;
    this.hit = (this.hit + step + this.hits.length) % this.hits.length;
    this.part("hits").textContent = `${this.hit + 1} of ${this.hits.length}${this.hits.length === 5000 ? "+" : ""}`;
    await this.tree.reveal(this.hits[this.hit]);
  }

  download() {
    const address = URL.createObjectURL(this.got.blob);
    const link = document.createElement("a");
    const named = this.got.headers.find(([name]) => name === "content-disposition")?.[1].match(/filename="?([^";]+)/)?.[1];
    const kind = this.got.type.split(";")[0].split("/").at(-1).split("+").at(-1).replace("plain", "txt") || "bin";
    link.href = address;
    link.download = named?.replace(/[\\/]/g, "_") ?? `${this.root.dataset.operation}.${kind.replace(/[^\w]/g, "") || "bin"}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }
}
