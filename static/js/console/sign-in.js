// Credentials. They live in this object and in the form's own fields, and end with the page: nothing of them is
// stored, logged or sent anywhere but to the address they are for.
import { copyText } from "../copy.js";
import { Refused, ask } from "./ask.js";

const SHORTEST = 4; // letters of a credential that is looked for in what is kept
const EARLY = 15_000; // milliseconds before its end at which a token is replaced

export class SignIn {
  #token = null; // {value, ends, client, of}
  #isSettled = false;

  constructor(root) {
    this.root = root;
    this.box = root.querySelector("[data-sign-in]");
    this.source = this.box.querySelector("[data-source]");
    this.box.addEventListener("change", (event) => {
      if (event.target.matches("[data-way]")) this.showWay();
      if (event.target.matches("[data-source]")) this.showSource();
      if (event.target.matches("[data-source], [data-scope], [data-all-scopes], [data-client], [data-secret], [data-way]")) this.forget();
    });
    this.box.querySelector("[data-authorize]").addEventListener("click", () => this.authorize());
    this.box.querySelector("[data-token-show]").addEventListener("click", () => this.display(true));
    this.box.querySelector("[data-token-copy]").addEventListener("click", (event) => copyText(this.#token.value, event.currentTarget));
    this.showWay();
    this.showSource();
    setInterval(() => this.tick(), 1000);
  }

  get way() {
    return this.box.querySelector("[data-way-block]:not([hidden])");
  }

  showWay() {
    const chosen = this.box.querySelector("[data-way]")?.value ?? "0";
    for (const block of this.box.querySelectorAll("[data-way-block]")) block.hidden = block.dataset.wayBlock !== chosen;
  }

  showSource() {
    for (const more of this.box.querySelectorAll("[data-more]")) more.hidden = more.dataset.more !== this.source.value;
    this.box.querySelector("[data-authorize]").hidden = this.source.value === "paste";
  }

  // Everything that was typed or fetched as a credential: none of it is kept, wherever else it was typed too.
  get secrets() {
    const typed = [...this.box.querySelectorAll("[data-secret], [data-pasted], [data-credential]")].map((one) => one.value.trim());
    return [...typed, this.#token?.value ?? ""].filter((one) => one.length >= SHORTEST);
  }

  // Once it has worked it makes room for the body; its heading tells how long the token lives.
  settle() {
    if (this.#isSettled) return;
    this.#isSettled = true;
    if (this.box.contains(document.activeElement)) this.box.querySelector("summary").focus();
    this.box.open = false;
  }

  forget() {
    this.#token = null;
    this.box.querySelector("[data-token-short]").textContent = "";
    this.box.querySelector("[data-token]").hidden = true;
    this.tell(this.source.value === "paste" ? "" : "No token yet. Send gets one by itself.");
  }

  tell(text, isBad = false) {
    const line = this.box.querySelector("[data-token-state]");
    line.textContent = text;
    line.classList.toggle("error", isBad);
  }

  async authorize() {
    this.#token = null;
    try {
      await this.token();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.tell(error.message, true);
    }
  }

  // Exactly these scopes, or null for all that the app may have.
  scopes() {
    if (this.box.querySelector("[data-all-scopes]")?.checked ?? true) return null;
    return [...this.way.querySelectorAll("[data-scope]:checked")].map((one) => one.value);
  }

  async token() {
    if (this.source.value === "paste") {
      const value = this.box.querySelector("[data-pasted]").value.trim();
      if (!value) throw new Refused("Paste a token under Authentication, or choose one of your apps.");
      return { value, client: "client" };
    }
    if (this.#token && this.#token.ends > Date.now() + EARLY) return this.#token;
    this.tell("Asking for a token …");
    const got = this.source.value === "secret" ? await this.fromSecret() : await this.fromPortal();
    this.#token = got;
    this.tell("");
    this.display(false);
    return got;
  }

  async fromPortal() {
    const app = this.source.value === "client" ? "" : this.source.value;
    const got = await ask(this.root.dataset.tokenUrl, { app, scopes: this.scopes() });
    return { value: got.token, ends: Date.now() + got.seconds * 1000, of: got.app, client: got.client };
  }

  async fromSecret() {
    const client = this.box.querySelector("[data-client]").value.trim();
    const secret = this.box.querySelector("[data-secret]").value.trim();
    if (!client || !secret) throw new Refused("Fill in the Client ID and the Client Secret.");
    const form = new URLSearchParams({ grant_type: "client_credentials" });
    const scopes = this.scopes();
    if (scopes?.length) form.set("scope", scopes.join(" "));
    let answer;
    try {
      answer = await fetch("/oauth2/token", { method: "POST", body: form, headers: { Authorization: `Basic ${base64(`${encodeURIComponent(client)}:${encodeURIComponent(secret)}`)}` }, credentials: "omit" });
    } catch {
      throw new Refused("The portal cannot be reached. Check your connection.");
    }
    const got = await answer.json();
    if (!answer.ok) throw new Refused(got.error === "invalid_client" ? "These credentials are not right: unknown, mistyped, or replaced by newer ones." : got.error_description || got.error);
    return { value: got.access_token, ends: Date.now() + got.expires_in * 1000, of: client, client };
  }

  display(isOpen) {
    const { value, of } = this.#token;
    this.box.querySelector("[data-token]").hidden = false;
    this.box.querySelector("[data-token-value]").textContent = isOpen ? value : `${value.slice(0, 5)}…${value.slice(-4)}`;
    this.box.querySelector("[data-token-of]").textContent = of;
    this.tick();
  }

  tick() {
    if (!this.#token) return;
    const left = Math.round((this.#token.ends - Date.now()) / 1000);
    const words = left > 0 ? `ends in ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` : "has ended; Send gets a new one";
    this.box.querySelector("[data-token-left]").textContent = words;
    this.box.querySelector("[data-token-short]").textContent = `${this.#token.of}, ${words}`;
  }

  // What the call carries. In the sandbox the portal's token stands in for a key that was left empty.
  async credentials(environment, variables) {
    const schemes = [...this.way.querySelectorAll("[data-scheme]")].map((one) => this.typed(one, variables));
    const found = { headers: [], query: [], cookies: [], auth: [] };
    const isLive = environment === "live";
    const isOwn = !isLive && schemes.every((one) => one.kind !== "token" && one.value);
    const token = isOwn ? null : await this.token();
    for (const one of schemes) place(found, one, one.value || (isLive ? "" : one.stand(token)));
    const isTold = found.headers.some(([name]) => name.toLowerCase() === "authorization");
    if (token && (isLive || !isTold) && (isLive || schemes.some((one) => one.kind === "token"))) {
      if (!isTold) found.headers.push(["Authorization", `Bearer ${token.value}`]);
      found.auth.unshift(["Authorization", "Bearer ", "TOKEN"]);
    }
    return found;
  }

  // What samples say instead: a variable of the shell.
  shown(environment) {
    const found = { headers: [], query: [], cookies: [], auth: [] };
    const schemes = [...this.way.querySelectorAll("[data-scheme]")].map((one) => this.typed(one, {}));
    for (const one of schemes) if (one.kind !== "token") place(found, one, "x");
    if (environment === "live" || schemes.some((one) => one.kind === "token")) {
      found.auth = [["Authorization", "Bearer ", "TOKEN"], ...found.auth.filter(([name]) => name.toLowerCase() !== "authorization")];
    }
    found.query = found.query.map(([name]) => [name, "YOUR_API_KEY"]);
    return found;
  }

  typed(element, variables) {
    const { scheme: kind, place: where, key } = element.dataset;
    const [first, second] = [...element.querySelectorAll("[data-credential]")].map((one) => one.value.replace(/\{\{\s*([\w.-]+)\s*\}\}/g, (whole, name) => variables[name] ?? whole));
    if (kind === "basic") {
      return { kind, where: "header", key: "Authorization", value: first || second ? `Basic ${base64(`${first}:${second}`)}` : "", stand: (token) => `Basic ${base64(`${token.client}:${token.value}`)}` };
    }
    return { kind, where, key, value: first ?? "", stand: (token) => token.value };
  }
}

function place(found, { kind, where, key }, value) {
  if (kind === "token" || !value) return;
  if (where === "query") found.query.push([key, value]);
  else if (where === "cookie") {
    found.cookies.push([key, value]);
    found.auth.push(["Cookie", `${key}=`, "SESSION"]);
  } else {
    found.headers.push([key, value]);
    found.auth.push(kind === "basic" ? [key, "Basic ", "BASIC"] : [key, "", "API_KEY"]);
  }
}

function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
