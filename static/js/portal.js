// Behaviour of the frame, on every page: theme, drawer, menus, copy buttons, dialogs, tabs, toasts.
// One listener per event on the document, so that fragments swapped in by htmx work at once.
import { closeDrawer, openDrawer } from "./drawer.js";
import { copy } from "./copy.js";
import { dismiss, settleToasts, toast } from "./toasts.js";
import { moveTab, selectTab, setUpTabs } from "./tabs.js";

const system = matchMedia("(prefers-color-scheme: dark)");

function switchTheme() {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : system.matches;
  const next = isDark ? "light" : "dark";
  root.dataset.theme = next;
  try {
    // The same as the system's: follow the system again.
    if ((next === "dark") === system.matches) {
      delete root.dataset.theme;
      localStorage.removeItem("theme");
    } else {
      localStorage.setItem("theme", next);
    }
  } catch {
    // Storage is switched off: the choice lasts as long as the page.
  }
  document.dispatchEvent(new CustomEvent("portal:theme"));
}

const clicks = [
  ["[data-theme-switch]", switchTheme],
  ["[data-drawer-open]", openDrawer],
  ["[data-drawer-close]", closeDrawer],
  ["[data-copy]", (button) => copy(button)],
  ["[data-toast-close]", (button) => dismiss(button.closest("[data-toast]"))],
  ["[data-dialog]", (opener) => document.querySelector(opener.dataset.dialog)?.showModal()],
  ["dialog [data-close]", (button) => button.closest("dialog").close()],
  ["[data-tab]", selectTab],
  ["[data-print]", () => print()],
];

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  if (event.target instanceof HTMLDialogElement) event.target.close();
  for (const [selector, act] of clicks) {
    const found = event.target.closest?.(selector);
    if (found) act(found, event);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    closeDrawer();
    for (const menu of document.querySelectorAll("[data-menu][open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }
  if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.closest("input, textarea, select, [contenteditable]")) {
    const search = document.querySelector("[data-search]");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  }
  moveTab(event);
});

// A filter acts when it is chosen; without JavaScript its form has a button.
document.addEventListener("change", (event) => {
  event.target.closest("form[data-submit-on-change]")?.requestSubmit();
});

// A second click on a slow form would send it twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || "download" in form.dataset) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

setUpTabs(document);
settleToasts();
document.addEventListener("htmx:afterSwap", (event) => setUpTabs(event.target));
document.addEventListener("portal:toast", (event) => toast(event.detail.text, event.detail.kind));
