// The catalog: choices that are remembered, search by keyboard, links that open what they lead to.
import { copy } from "./copy.js";

const remembered = {
  get: (name) => { try { return localStorage.getItem(`catalog:${name}`); } catch { return null; } },
  set: (name, value) => { try { localStorage.setItem(`catalog:${name}`, value); } catch { /* not kept */ } },
};

// ------------------------------------------------------------ one of several code blocks
const options = (box) => [...box.querySelectorAll(":scope > [data-option]")];

function choose(box, value) {
  for (const one of options(box)) one.open = one.dataset.option === value;
  box.querySelector("[data-choose]").value = value;
}

for (const box of document.querySelectorAll("[data-choice]")) {
  const all = options(box);
  if (!all.length) continue;
  const kept = box.dataset.choice && remembered.get(box.dataset.choice);
  const first = all.find((one) => one.dataset.option === kept) ?? all.find((one) => one.open) ?? all[0];
  box.dataset.ready = "";
  choose(box, first.dataset.option);
  box.querySelector("[data-choose]").addEventListener("change", (event) => {
    choose(box, event.target.value);
    if (box.dataset.choice) remembered.set(box.dataset.choice, event.target.value);
  });
  box.querySelector("[data-copy-chosen]").addEventListener("click", (event) => {
    const button = event.currentTarget;
    button.dataset.copy = box.querySelector("[data-option][open] code").textContent;
    copy(button);
    delete button.dataset.copy;
  });
}

// ------------------------------------------------------------ a permalink opens what holds its goal
function openGoal() {
  const goal = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!goal) return;
  for (let one = goal; one; one = one.parentElement) if (one instanceof HTMLDetailsElement) one.open = true;
  goal.scrollIntoView();
}
addEventListener("hashchange", openGoal);
if (location.hash) openGoal();
document.querySelector(".reference-nav [aria-current]")?.scrollIntoView({ block: "nearest" });

// ------------------------------------------------------------ search
const dialog = document.getElementById("search-dialog");
const question = document.getElementById("search-question");
const results = document.getElementById("search-results");
let chosen = -1;

const found = () => [...results.querySelectorAll("a.result")];

function point(number) {
  const all = found();
  chosen = all.length ? (number + all.length) % all.length : -1;
  all.forEach((one, place) => one.setAttribute("aria-selected", String(place === chosen)));
  question.setAttribute("aria-expanded", String(all.length > 0));
  if (chosen < 0) question.removeAttribute("aria-activedescendant");
  else {
    question.setAttribute("aria-activedescendant", all[chosen].id);
    all[chosen].scrollIntoView({ block: "nearest" });
  }
}

function openSearch() {
  if (!dialog.open) dialog.showModal();
  question.select();
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-search-open]") && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    openSearch();
  }
  if (event.target.closest?.("#search-results a")) dialog.close();
});
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]");
  const isSlash = event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey;
  const isK = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
  if (isK || (isSlash && !event.defaultPrevented && !document.querySelector("[data-search]"))) {
    event.preventDefault();
    openSearch();
  }
});
question?.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    point(chosen + step);
  } else if (event.key === "Escape") {
    event.preventDefault(); // a search field would only empty itself
    question.blur(); // at once: a browser takes the focus off what it hides only when it next draws
    dialog.close();
  } else if (event.key === "Enter" && chosen >= 0) {
    event.preventDefault();
    found()[chosen].click();
  }
});
results?.addEventListener("htmx:afterSwap", () => point(0));
