// Test Request: puts the parts together. Each part knows one thing; what is sent comes from here.
import { setUpTabs } from "../tabs.js";
import { Answer, bytes, spent } from "./answer.js";
import { Refused, ask, setCsrf } from "./ask.js";
import { Body } from "./body.js";
import { build, substitute, unknownNames } from "./call.js";
import { Code } from "./code.js";
import { addRow, contentOf, fill, rowsOf, switchOn, without } from "./fields.js";
import { Kept } from "./kept.js";
import { explain, send } from "./send.js";
import { SignIn } from "./sign-in.js";
import { Variables } from "./variables.js";

const LARGEST_CHECK = 10_000_000; // bytes of an answer that are compared with the document

export function start(root) {
  setCsrf(root.dataset.csrf);
  setUpTabs(root);
  new Console(root);
}

class Console {
  constructor(root) {
    this.root = root;
    this.running = null;
    this.environment = root.querySelector("[data-environment]");
    this.signIn = new SignIn(root);
    this.variables = new Variables(root, () => this.changed());
    this.answer = new Answer(root, (value) => this.variables.offer(value));
    this.body = new Body(root, this.answer.keeper);
    this.kept = new Kept(root, (content) => this.fill(content));
    this.code = new Code(root, () => this.call(this.signIn.shown(this.where), { quiet: true }));
    this.listen();
    this.prefill();
    this.changed();
  }

  get where() {
    return this.environment?.value ?? "sandbox";
  }

  listen() {
    const { root } = this;
    root.addEventListener("input", (event) => {
      switchOn(event);
      this.changed();
    });
    root.addEventListener("change", () => this.changed());
    root.addEventListener("click", (event) => {
      const add = event.target.closest("[data-add]");
      if (add) addRow(root, add.dataset.add).querySelector("[data-own-name]").focus();
      const drop = event.target.closest("[data-drop]");
      if (drop) drop.closest(".console-row").remove();
      if (add || drop) this.changed();
    });
    root.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    root.querySelector("[data-cancel]").addEventListener("click", () => this.running?.abort());
    root.closest("dialog").addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        this.send();
      }
    }, { capture: true });
  }

  // A shared request comes with the page; one's own is asked for.
  prefill() {
    const shared = this.root.querySelector("#console-shared");
    const mine = new URLSearchParams(location.search).get("kept");
    if (shared) this.fill(JSON.parse(shared.textContent));
    else if (/^\d+$/.test(mine ?? "")) ask(`${this.root.dataset.requestsUrl}${mine}/`).then((told) => this.fill(told.content), () => {});
  }

  fill(content) {
    fill(this.root, content);
    this.changed();
    this.answer.say("The form is filled from the kept request.");
  }

  changed() {
    const call = this.call(this.signIn.shown(this.where), { quiet: true });
    this.root.querySelector("[data-address]").textContent = call.url;
    this.root.dataset.environment = this.where;
    for (const part of this.root.querySelectorAll("[data-sum]")) {
      const on = rowsOf(this.root).filter((row) => row.place === part.dataset.sum && row.on && row.name).length;
      part.textContent = on ? `${on} sent` : "";
    }
    this.code.follow();
  }

  call(credentials, { quiet = false } = {}) {
    const { dataset } = this.root;
    const known = this.variables.all;
    const rows = rowsOf(this.root).map((row) => ({ ...row, value: substitute(row.value, known) }));
    const body = this.body.current();
    if (body) body.text = quiet && body.text.length > 200_000 ? body.text : substitute(body.text, known);
    const accept = this.root.querySelector("[data-accept]")?.value ?? "";
    const base = this.where === "live" ? dataset.liveUrl : dataset.sandboxUrl;
    return { ...build({ method: dataset.method, path: dataset.path, base, rows, body, accept, credentials }), auth: credentials.auth };
  }

  problems(call) {
    for (const row of rowsOf(this.root)) row.input.removeAttribute("aria-invalid");
    if (call.empty.length) {
      call.empty[0].input.setAttribute("aria-invalid", "true");
      call.empty[0].input.focus();
      return `Fill in ${call.empty.map((row) => row.name).join(" and ")}: the address needs it.`;
    }
    const typed = [...rowsOf(this.root).filter((row) => row.on).map((row) => row.value), this.body.current()?.text ?? ""].join("\n");
    const unknown = unknownNames(typed, this.variables.all);
    if (unknown.length) return `There is no variable {{${unknown[0]}}}. Add it under Variables, or write a value.`;
    return "";
  }

  async send() {
    if (this.running) return;
    const problem = this.problems(this.call(this.signIn.shown(this.where)));
    if (problem) return this.answer.fail({ title: "Not sent", text: problem });
    if (this.where === "live" && this.root.dataset.writes && !(await this.confirmed())) return;
    this.running = new AbortController();
    this.root.toggleAttribute("data-running", true);
    this.root.querySelector('[data-tab="console-answer"]').click();
    this.answer.begin();
    if (!matchMedia("(min-width: 1280px)").matches) this.root.querySelector(".console-results").scrollIntoView({ block: "start" });
    try {
      await this.exchange(this.running.signal);
    } catch (error) {
      await this.failed(error);
    } finally {
      this.running = null;
      this.root.toggleAttribute("data-running", false);
    }
  }

  async exchange(signal) {
    const credentials = await this.signIn.credentials(this.where, this.variables.all);
    const call = this.call(credentials);
    this.sent = { content: without(contentOf(this.root), this.signIn.secrets), where: this.where };
    const got = await send(call, { signal, onHead: (head) => this.answer.head(head), onPart: (size, tail) => this.answer.progress(size, tail) });
    this.signIn.settle();
    await this.answer.show(got);
    const verdict = await this.compare(got);
    if (!got.isRedirect) this.answer.say(`${got.status} ${got.words}. ${spent(got.total)}, ${bytes(got.size)}. ${verdict}`);
    if (call.dropped.length) this.answer.say(`Browsers set ${call.dropped.join(", ")} themselves, so your value was not sent.`);
    await this.kept.note(this.sent.where, this.sent.content, got.status || null, got.total);
  }

  async compare(got) {
    if (got.isRedirect) return "";
    if (got.size > LARGEST_CHECK) return "Too large to be compared with the document.";
    const asked = new URLSearchParams({ status: got.status, type: got.type, headers: got.headers.map(([name]) => name).join(",") });
    try {
      return await this.answer.compare(await ask(`${this.root.dataset.checkUrl}?${asked}`, got.blob, { raw: true }));
    } catch (error) {
      if (error instanceof Refused) return error.message;
      throw error;
    }
  }

  async failed(error) {
    if (error.name === "AbortError") this.answer.fail({ title: "Cancelled", text: "You stopped waiting. The server may still have done what the call asked for." });
    else if (error instanceof Refused) this.answer.fail({ title: "Not sent", text: error.message });
    else {
      this.answer.fail(await explain(error));
      if (this.sent) await this.kept.note(this.sent.where, this.sent.content, null, 0);
    }
  }

  confirmed() {
    const box = this.root.querySelector("[data-confirm]");
    box.returnValue = "";
    box.showModal();
    return new Promise((done) => box.addEventListener("close", (event) => {
      event.stopPropagation();
      done(box.returnValue === "yes");
    }, { once: true }));
  }
}
