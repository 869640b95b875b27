// {{names}} for values that are used again. Kept on the server; what looks like a credential only in this page.
import { Refused, ask } from "./ask.js";

export class Variables {
  constructor(root, changed) {
    this.root = root;
    this.changed = changed;
    this.kept = JSON.parse(root.querySelector("#console-variables").textContent);
    this.here = {};
    this.list = root.querySelector("[data-variables]");
    this.take = root.querySelector("[data-take]");
    root.querySelector("[data-variable-add]").addEventListener("click", () => this.add());
    this.list.addEventListener("click", (event) => {
      const name = event.target.closest("[data-forget]")?.dataset.forget;
      if (name !== undefined) this.forget(name);
    });
    this.take.querySelector("[data-take-keep]").addEventListener("click", () => this.keepTaken());
    this.take.querySelector("[data-take-name]").addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.keepTaken();
    });
    this.take.querySelector("[data-take-close]").addEventListener("click", () => this.closeTaken());
    this.draw();
  }

  get all() {
    return { ...this.kept, ...this.here };
  }

  async set(name, value) {
    try {
      this.kept = (await ask(this.root.dataset.variablesUrl, { name, value })).variables;
      delete this.here[name];
      this.say(`{{${name}}} is kept. Write it in any field.`);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.say(error.message);
      if (/credential/.test(error.message)) this.here[name] = value;
    }
    this.draw();
    this.changed();
  }

  async forget(name) {
    delete this.here[name];
    if (name in this.kept) this.kept = (await ask(this.root.dataset.variablesUrl, { name, delete: true })).variables;
    this.draw();
    this.changed();
  }

  say(text) {
    this.root.querySelector("[data-variable-state]").textContent = text;
    this.root.querySelector('[data-answer="status"]').textContent = text;
  }

  add() {
    const name = this.root.querySelector("[data-variable-name]");
    const value = this.root.querySelector("[data-variable-value]");
    if (name.value.trim()) this.set(name.value.trim(), value.value);
    name.value = value.value = "";
    name.focus();
  }

  // A value of an answer was clicked: its last name is a good name for it.
  offer({ path, text }) {
    this.taken = text;
    const names = path.filter((step) => typeof step === "string");
    const last = names.at(-1) ?? "value";
    const group = names.length > 1 ? names.at(-2).replace(/ies$/, "y").replace(/s$/, "") : "";
    const name = /^(id|name|key|code|number)$/i.test(last) && group ? group + last[0].toUpperCase() + last.slice(1) : last;
    this.take.hidden = false;
    this.take.querySelector("[data-take-value]").textContent = text.length > 60 ? `${text.slice(0, 60)}…` : text;
    const input = this.take.querySelector("[data-take-name]");
    input.value = name.replace(/[^\w.-]/g, "_").slice(0, 60);
    input.focus();
    input.select();
  }

  async keepTaken() {
    const name = this.take.querySelector("[data-take-name]").value.trim();
    if (!name) return;
    await this.set(name, this.taken);
    this.closeTaken();
  }

  closeTaken() {
    this.take.hidden = true;
    this.root.querySelector('[data-answer="tree"]').focus();
  }

  draw() {
    const lines = Object.entries(this.all).sort().map(([name, value]) => {
      const line = this.root.querySelector("template[data-variable]").content.firstElementChild.cloneNode(true);
      line.querySelector("code").textContent = `{{${name}}}`;
      line.querySelector("span").textContent = name in this.here ? "•••••• (this page only)" : value;
      const button = line.querySelector("button");
      button.dataset.forget = name;
      button.querySelector(".visually-hidden").textContent = `Delete ${name}`;
      return line;
    });
    this.list.replaceChildren(...lines);
    this.root.querySelector("[data-variables-none]").hidden = lines.length > 0;
    const known = this.root.querySelector("#console-names");
    known.replaceChildren(...Object.keys(this.all).sort().map((name) => new Option(`{{${name}}}`, `{{${name}}}`)));
  }
}
