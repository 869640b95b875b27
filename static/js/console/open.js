// The button “Test Request”: fetches the console when it is first asked for, and shows it beside the page,
// or over it where there is no room.
import { toast } from "../toasts.js";

const dialog = document.getElementById("console");
const button = document.querySelector("[data-test-request]");
const wide = matchMedia("(min-width: 1280px)");
let loading = null;

function load() {
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = dialog.dataset.styles;
  const styled = new Promise((done, failed) => { sheet.onload = done; sheet.onerror = failed; });
  document.head.append(sheet);
  const wanted = new URL(dialog.dataset.panel, location.href);
  wanted.search = location.search; // which app, which shared request
  const filled = fetch(wanted, { redirect: "error" }).then(async (answer) => {
    if (!answer.ok) throw new Error(answer.status);
    return answer.text();
  });
  return Promise.all([filled, import("./console.js"), styled]).then(([html, { start }]) => {
    dialog.innerHTML = html;
    start(dialog.firstElementChild);
  });
}

function show() {
  if (dialog.open) return;
  document.querySelector(".reference").toggleAttribute("data-console", wide.matches);
  if (wide.matches) dialog.show();
  else dialog.showModal();
  button.setAttribute("aria-expanded", "true");
}

async function open() {
  button.setAttribute("aria-busy", "true");
  try {
    await (loading ??= load());
    show();
  } catch {
    loading = null;
    toast("Test Request could not be opened. Check your connection, or sign in again by reloading the page.", "error");
  } finally {
    button.removeAttribute("aria-busy");
  }
}

if (dialog && button) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    open();
  });
  dialog.addEventListener("close", () => {
    document.querySelector(".reference").removeAttribute("data-console");
    button.setAttribute("aria-expanded", "false");
    button.focus();
  });
  wide.addEventListener("change", () => {
    if (!dialog.open) return;
    dialog.close();
    show();
  });
  if (location.hash === "#test") open();
}
