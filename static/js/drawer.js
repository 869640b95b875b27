// The sidebar on narrow screens: everything behind it is out of reach while it is open.
const page = document.querySelector(".page");
const opener = document.querySelector("[data-drawer-open]");
const behind = document.querySelectorAll(".page-main, .skip-link");

export function openDrawer() {
  page.dataset.drawer = "open";
  for (const part of behind) part.inert = true;
  opener.setAttribute("aria-expanded", "true");
  (page.querySelector(".nav-link[aria-current]") ?? page.querySelector(".nav-link"))?.focus();
}

export function closeDrawer() {
  if (!page?.dataset.drawer) return;
  delete page.dataset.drawer;
  for (const part of behind) part.inert = false;
  opener.setAttribute("aria-expanded", "false");
  opener.focus();
}

matchMedia("(min-width: 1024px)").addEventListener("change", closeDrawer);
