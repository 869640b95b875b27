// [data-tabs] holds buttons with data-tab="id of a panel". Without JavaScript every panel shows.
export function setUpTabs(within) {
  for (const box of within.querySelectorAll("[data-tabs]")) {
    const tabs = [...box.querySelectorAll("[data-tab]")];
    for (const tab of tabs) {
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", tab.dataset.tab);
      document.getElementById(tab.dataset.tab)?.setAttribute("role", "tabpanel");
    }
    tabs[0]?.parentElement.setAttribute("role", "tablist");
    const first = tabs.find((tab) => tab.getAttribute("aria-selected") === "true") ?? tabs[0];
    if (first) selectTab(first);
  }
}

export function selectTab(tab) {
  for (const other of tab.closest("[data-tabs]").querySelectorAll("[data-tab]")) {
    const isChosen = other === tab;
    other.setAttribute("aria-selected", String(isChosen));
    other.tabIndex = isChosen ? 0 : -1;
    const panel = document.getElementById(other.dataset.tab);
    if (panel) panel.hidden = !isChosen;
  }
}

export function moveTab(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const tab = event.target.closest?.('[role="tab"]');
  if (!step || !tab) return;
  const tabs = [...tab.closest("[data-tabs]").querySelectorAll("[data-tab]")];
  const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
  next.focus();
  selectTab(next);
}
