// Messages that come and go. Errors stay until they are dismissed.
const STAY = 6000;
const place = document.querySelector("[data-toasts]");

export function toast(text, kind = "info") {
  const box = document.createElement("div");
  box.className = kind === "quiet" ? "visually-hidden" : `toast toast-${kind}`;
  box.dataset.toast = "";
  const line = document.createElement("p");
  line.textContent = text;
  box.append(line);
  place.append(box);
  settle(box, kind);
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
  if (kind === "error") return void box.addEventListener("click", () => dismiss(box));
  const leave = () => setTimeout(() => dismiss(box), STAY);
  let clock = leave();
  box.addEventListener("pointerenter", () => clearTimeout(clock));
  box.addEventListener("pointerleave", () => (clock = leave()));
}
