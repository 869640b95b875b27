// History and saved requests. The lists are the server's own fragment; here is only what its buttons do.
import { toast } from "../toasts.js";
import { copyText } from "../copy.js";
import { Refused, ask } from "./ask.js";

const LONGEST = 64 * 1024; // letters of a body; as in catalog/console/content.py

export class Kept {
  constructor(root, fill) {
    this.root = root;
    this.box = root.querySelector("[data-kept]");
    this.fill = fill;
    this.box.addEventListener("click", (event) => {
      const button = event.target.closest("[data-do]");
      if (button) this.act(button).catch(report);
    });
    this.box.addEventListener("submit", (event) => {
      event.preventDefault();
      this.change(event.target.dataset.url, "save", event.target.elements.name.value).catch(report);
    });
    root.querySelector('[data-tab="console-kept"]').addEventListener("click", () => this.load().catch(report));
    root.querySelector("[data-save-last]").addEventListener("click", () => this.saveLast());
  }

  async load() {
    this.box.innerHTML = await ask(this.root.dataset.requestsUrl);
  }

  async note(environment, content, status, took) {
    this.root.querySelector("[data-kept-state]").textContent = "";
    if (content.body.length > LONGEST) return this.tell("its body is longer than 64 kB.");
    try {
      const { id } = await ask(this.root.dataset.requestsUrl, {
        api: this.root.dataset.slug, operation: this.root.dataset.operation, environment, content, status, took: Math.round(took),
      });
      this.last = id;
      this.root.querySelector("[data-save-last]").hidden = false;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.tell(error.message);
    }
  }

  tell(why) {
    this.root.querySelector("[data-save-last]").hidden = true;
    this.root.querySelector("[data-kept-state]").textContent = `Not in your history: ${why}`;
  }

  async saveLast() {
    this.root.querySelector('[data-tab="console-kept"]').click();
    await this.load();
    const form = this.box.querySelector(`form[data-id="${this.last}"]`);
    if (!form) return;
    form.hidden = false;
    form.elements.name.focus();
  }

  async act(button) {
    const { do: deed, url, address } = button.dataset;
    if (deed === "name") {
      const form = button.closest("li").querySelector("form");
      form.hidden = !form.hidden;
      if (!form.hidden) form.elements.name.select();
    } else if (deed === "open") {
      if (new URL(address, location.href).pathname !== location.pathname) location.assign(`${address}?kept=${button.dataset.id}#test`);
      else this.fill((await ask(url)).content);
    } else {
      await this.change(url, deed);
    }
  }

  async change(url, deed, name) {
    const told = await ask(url, { do: deed, name });
    await this.load();
    if (deed === "share") await copyText(new URL(told.link, location.href).href);
  }
}

function report(error) {
  if (!(error instanceof Refused)) throw error;
  toast(error.message, "error");
}
