// Messages that come and go. Errors stay until they are dismissed.
const STAY = 6000;
const place = document.querySelector("[data-toasts]");

export function toast(text, kind = "info") {
  for (const box of [...place.children]) {
    if (box.querySelector("p").textContent === text) dismiss(box); // said again, not twice
  }
  const box = kind === "quiet" ? onlyHeard() : shape(kind);
  box.querySelector("p").textContent = text;
  place.append(box);
  settle(box, kind);
}

function shape(kind) {
  return document.querySelector(`[data-toast-shape="${kind}"]`).content.firstElementChild.cloneNode(true);
}

function onlyHeard() {
  const box = document.createElement("div");
  box.className = "visually-hidden";
  box.append(document.createElement("p"));
  return box;
}

export function dismiss(box) {
  box?.remove();
}

export function settleToasts() {
  for (const box of place.querySelectorAll("[data-toast]")) {
    settle(box, box.classList.contains("toast-error") ? "error" : "info");
  }
}

function settle(box, kind) {
  if (kind === "error") return;
  setTimeout(() => (box.matches(":hover, :focus-within") ? settle(box, kind) : dismiss(box)), STAY);
}
