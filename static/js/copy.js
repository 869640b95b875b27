// data-copy="text" copies that text; data-copy="#id" copies what the element with that id shows or holds.
import { toast } from "./toasts.js";

export async function copy(button) {
  const wanted = button.dataset.copy;
  const source = /^#[\w-]+$/.test(wanted) ? document.querySelector(wanted) : null;
  await copyText(source ? source.value ?? source.textContent : wanted, button);
}

export async function copyText(text, button) {
  if (!(await write(text))) {
    toast("Your browser did not allow copying. Select the text and copy it with the keyboard.", "error");
    return;
  }
  toast("Copied to the clipboard.", button ? "quiet" : "info");
  if (!button) return;
  button.dataset.done = "";
  setTimeout(() => delete button.dataset.done, 2000);
}

async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return writeTheOldWay(text); // no clipboard outside https and localhost
  }
}

function writeTheOldWay(text) {
  const field = document.createElement("textarea");
  field.className = "visually-hidden";
  field.value = text;
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}
