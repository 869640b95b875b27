// The rows of an answer in view, whatever its size: a tall empty box, and in it only what can be seen.
const LINE = 20; // pixels; as in console.css
const SPARE = 12; // rows above and below

const element = (name, classes, text = "") => {
  const made = document.createElement(name);
  made.className = classes;
  made.textContent = text;
  return made;
};

function kindOf(value) {
  if (value.startsWith('"')) return "string";
  return /^[-\d]|^(true|false|null)$/.test(value) ? "number" : "plain";
}

export class Tree {
  constructor(box, keeper, onValue) {
    Object.assign(this, { box, keeper, onValue, count: 0, at: 0, hits: new Set(), drawn: 0 });
    this.tall = element("div", "tree-tall");
    this.inner = element("div", "tree-rows");
    this.tall.append(this.inner);
    box.replaceChildren(this.tall);
    box.addEventListener("scroll", () => this.draw(), { passive: true });
    box.addEventListener("click", (event) => this.click(event));
    box.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.draw()).observe(box);
  }

  show({ count, kind }) {
    this.at = 0;
    this.kind = kind;
    this.box.scrollTop = this.box.scrollLeft = 0;
    this.resize(count);
  }

  resize(count) {
    this.count = count;
    this.tall.style.height = `${count * LINE}px`;
    return this.draw();
  }

  async draw() {
    const number = ++this.drawn;
    const from = Math.max(0, Math.floor(this.box.scrollTop / LINE) - SPARE);
    const to = Math.min(this.count, from + Math.ceil(this.box.clientHeight / LINE) + 2 * SPARE);
    const rows = await this.keeper.ask("rows", { from, to });
    if (number !== this.drawn) return;
    this.inner.style.transform = `translateY(${from * LINE}px)`;
    this.inner.replaceChildren(...rows.map((row, place) => this.line(row, from + place)));
    this.point();
  }

  line(row, place) {
    const line = element("div", "tree-row");
    line.id = `tree-${place}`;
    line.dataset.row = row.row;
    line.dataset.place = place;
    line.setAttribute("role", "treeitem");
    line.setAttribute("aria-level", row.depth + 1);
    if (row.fold) line.setAttribute("aria-expanded", String(row.fold === "open"));
    line.style.paddingLeft = `${row.depth * 16 + 20}px`;
    line.dataset.fold = row.fold;
    if (row.isValue) line.dataset.takes = "";
    if (this.hits.has(row.row)) line.dataset.hit = "";
    if (row.key) line.append(element("span", "tok-key", row.key), ": ");
    line.append(element("span", `tree-value tok-${kindOf(row.value)}`, row.value));
    if (row.comma) line.append(",");
    if (row.count) line.append(element("span", "tree-count", `${row.count} inside`));
    if (row.mark) {
      line.dataset.off = "";
      line.append(element("span", "tree-mark", `← ${row.mark}`));
    }
    return line;
  }

  point() {
    for (const line of this.inner.children) line.toggleAttribute("data-here", Number(line.dataset.place) === this.at);
    if (this.here) this.box.setAttribute("aria-activedescendant", this.here.id);
    else this.box.removeAttribute("aria-activedescendant");
  }

  get here() {
    return this.inner.querySelector("[data-here]");
  }

  click(event) {
    const line = event.target.closest(".tree-row");
    if (!line) return;
    this.at = Number(line.dataset.place);
    this.point();
    if (event.target.closest(".tree-value") && "takes" in line.dataset) this.take(line);
    else if (line.dataset.fold) this.fold(line);
  }

  async fold(line) {
    this.resize((await this.keeper.ask("fold", { row: Number(line.dataset.row) })).count);
  }

  async take(line) {
    if (!getSelection().isCollapsed) return; // somebody is marking text
    this.onValue(await this.keeper.ask("value", { row: Number(line.dataset.row) }));
  }

  key(event) {
    const page = Math.floor(this.box.clientHeight / LINE) - 1;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[event.key];
    const line = this.here;
    if (step) this.go(this.at + step);
    else if (event.key === "ArrowRight" && line?.dataset.fold === "shut") this.fold(line);
    else if (event.key === "ArrowLeft" && line?.dataset.fold === "open") this.fold(line);
    else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && line && "takes" in line.dataset) this.take(line);
    else return;
    event.preventDefault();
  }

  go(place) {
    this.at = Math.min(Math.max(place, 0), this.count - 1);
    const top = this.at * LINE;
    if (top < this.box.scrollTop) this.box.scrollTop = top;
    else if (top + LINE > this.box.scrollTop + this.box.clientHeight) this.box.scrollTop = top + 2 * LINE - this.box.clientHeight;
    this.point(); // what is in view already: the next key may come before the rows are drawn again
    return this.draw();
  }

  async reveal(row) {
    const { count, place } = await this.keeper.ask("reveal", { row });
    this.count = count;
    this.tall.style.height = `${count * LINE}px`;
    this.box.scrollTop = Math.max(0, place * LINE - this.box.clientHeight / 2);
    await this.go(place);
  }
}
