// The samples of the page follow what is typed: they move into the console while it is open.
import { ask } from "./ask.js";

const LONGEST = 100_000; // letters of a body; as in catalog/console/code.py

export class Code {
  constructor(root, current) {
    this.root = root;
    this.current = current; // the call as typed, with variables in place of credentials
    this.box = document.querySelector('[data-choice="sample"]');
    this.home = this.box?.parentElement;
    this.note = root.querySelector("[data-code-note]");
    this.clock = null;
    if (this.box) root.querySelector("[data-code]").append(this.box);
    root.closest("dialog").addEventListener("close", () => this.box && this.home.prepend(this.box));
    new MutationObserver(() => {
      if (root.closest("dialog").open && this.box) root.querySelector("[data-code]").append(this.box);
    }).observe(root.closest("dialog"), { attributeFilter: ["open"] });
    this.follow();
  }

  follow() {
    clearTimeout(this.clock);
    this.clock = setTimeout(() => this.write(), 200);
  }

  async write() {
    if (!this.box) return;
    const call = this.current();
    const isLong = (call.shown ?? "").length > LONGEST;
    this.note.hidden = !isLong;
    const type = call.shownType ?? call.type;
    const cookies = call.cookies.map(([name, value]) => `${name}=${value}`).join("; ");
    const auth = call.auth.map(([name, prefix, variable]) => [name, name === "Cookie" && cookies ? `${cookies}; ${prefix}` : prefix, variable]);
    const isCookieTold = auth.some(([name]) => name === "Cookie");
    const asked = {
      method: call.method,
      url: call.url,
      headers: [...call.headers, ...(cookies && !isCookieTold ? [["Cookie", cookies]] : []), ...(type && call.shown !== null ? [["Content-Type", type]] : [])],
      body: isLong ? "" : call.shown,
      parts: call.parts ?? [],
      file: call.file ?? "",
      auth,
    };
    const words = JSON.stringify(asked);
    if (words === this.last) return;
    this.last = words;
    const code = await ask(this.root.dataset.codeUrl, asked).catch(() => null);
    if (!code || words !== this.last) return;
    for (const one of this.box.querySelectorAll("[data-option]")) one.querySelector("code").textContent = code[one.dataset.option] ?? "";
  }
}
