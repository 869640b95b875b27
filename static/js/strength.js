// A hint while a password is typed. Only a hint: the server decides (portal/tenancy/passwords.py).
const WORDS = ["Too short", "Easy to guess", "Could be better", "Good", "Very good"];
const LEAST = 15;

function strength(text) {
  if ([...text].length < LEAST) return 0;
  const different = new Set(text.toLowerCase()).size;
  const repeats = /^(.{1,8})\1+.{0,7}$/s.test(text);
  if (different < 5 || repeats) return 1;
  const words = text.split(/[^\p{L}\p{N}]+/u).filter((word) => word.length > 2).length;
  const points = (different > 9 ? 1 : 0) + ([...text].length > 19 ? 1 : 0) + (words > 3 || different > 14 ? 1 : 0);
  return Math.min(4, 2 + Math.max(0, points - 1));
}

for (const input of document.querySelectorAll("[data-strength]")) {
  const hint = document.querySelector(input.dataset.strength);
  const words = hint.querySelector("[data-strength-words]");
  const meter = hint.querySelector("meter");
  input.closest(".field").append(hint);
  input.addEventListener("input", () => {
    hint.hidden = input.value === "";
    meter.value = strength(input.value);
    const left = LEAST - [...input.value].length;
    words.textContent = left > 0 ? `${left} more character${left === 1 ? "" : "s"} needed` : WORDS[meter.value];
  });
}
