// The body of the request: media type, named examples, format, a file instead, the editor.
import { bytes } from "./answer.js";
import { edit, isTooLarge } from "./editor.js";
import { activeBody, bodiesOf, chooseBody } from "./fields.js";

export class Body {
  #editor = null;

  constructor(root, keeper) {
    this.root = root;
    this.keeper = keeper;
    this.data = JSON.parse(root.querySelector("#console-data").textContent);
    root.querySelector("[data-media]")?.addEventListener("change", (event) => {
      this.plain();
      chooseBody(root, event.target.value);
    });
    for (const box of bodiesOf(root)) this.listen(box);
    root.addEventListener("console:filled", () => this.#editor?.set(this.area.value));
  }

  get area() {
    return activeBody(this.root)?.querySelector("[data-text]");
  }

  listen(box) {
    box.querySelector("[data-example]")?.addEventListener("change", (event) => {
      this.write(event.target.selectedOptions[0].dataset.fill);
      event.target.selectedIndex = 0;
    });
    box.querySelector("[data-format]")?.addEventListener("click", () => this.format(box));
    box.querySelector("[data-editor]")?.addEventListener("click", (event) => this.toggle(box, event.currentTarget));
    box.querySelector("[data-file-drop]")?.addEventListener("click", () => {
      box.querySelector("[data-file]").value = "";
      this.told(box);
    });
    box.querySelector("[data-file]")?.addEventListener("change", () => this.told(box));
    if (box.querySelector("[data-text]")) box.addEventListener("paste", (event) => this.pasted(box, event), { capture: true });
    box.querySelector("[data-text]")?.addEventListener("input", () => {
      if (this.#editor && isTooLarge(this.area.value)) this.plain("Too large for the editor: this is the plain field.");
    });
  }

  say(box, text, isBad = false) {
    const line = box.querySelector("[data-body-state]");
    line.textContent = text;
    line.classList.toggle("error", isBad);
  }

  // A field of megabytes takes a browser seconds to lay out, so a long text is held as a file instead.
  pasted(box, event) {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!isTooLarge(text)) return;
    event.preventDefault();
    event.stopPropagation();
    this.plain();
    const held = new DataTransfer();
    held.items.add(new File([text], "pasted.txt", { type: box.dataset.body }));
    box.querySelector("[data-file]").files = held.files;
    this.told(box);
    box.querySelector("[data-file-drop]").focus();
  }

  told(box) {
    const file = box.querySelector("[data-file]").files[0];
    box.querySelector("[data-file-drop]").hidden = !file;
    const area = box.querySelector("[data-text]");
    if (area) area.disabled = Boolean(file);
    this.say(box, file ? `${file.name}, ${bytes(file.size)}, is sent as it is, instead of the text.` : "");
    this.root.dispatchEvent(new Event("input", { bubbles: true }));
  }

  write(text) {
    this.area.value = text;
    this.#editor?.set(text);
    this.area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  async format(box) {
    const { text, error } = await this.keeper.ask("format", { given: this.area.value });
    if (text !== undefined) this.write(text);
    this.say(box, error ? `Not JSON yet: ${error}` : "Formatted.", Boolean(error));
  }

  async toggle(box, button) {
    if (this.#editor) return this.plain();
    if (isTooLarge(this.area.value)) return this.say(box, "Too large for the editor: this is the plain field.");
    const { kind } = box.dataset;
    const known = this.data.bodies.find((one) => one.type === box.dataset.body);
    button.setAttribute("aria-busy", "true");
    try {
      this.#editor = await edit(this.area, { paths: JSON.parse(this.root.dataset.ace), kind, schema: known?.schema, root: this.data });
      button.setAttribute("aria-pressed", "true");
      this.#editor.focus();
    } catch {
      this.say(box, "The editor could not be loaded. The plain field works as well.", true);
    }
    return button.removeAttribute("aria-busy");
  }

  plain(words = "") {
    if (!this.#editor) return;
    const box = activeBody(this.root);
    this.#editor.close();
    this.#editor = null;
    box.querySelector("[data-editor]").setAttribute("aria-pressed", "false");
    this.say(box, words);
  }

  // What goes out; `{{names}}` are replaced by the caller.
  current() {
    const box = activeBody(this.root);
    if (!box) return null;
    return { type: box.dataset.body, kind: box.dataset.kind, text: box.querySelector("[data-text]")?.value ?? "", file: box.querySelector("[data-file]")?.files[0] };
  }
}
