// Help: a link to a topic opens it, and all topics open for reading through and for print.
const topics = () => [...document.querySelectorAll(".topic > details")];
const all = document.querySelector("[data-open-all]");

function openGoal() {
  const goal = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const topic = goal?.closest("details") ?? goal?.querySelector("details");
  if (!topic) return;
  topic.open = true;
  goal.scrollIntoView();
}

addEventListener("hashchange", openGoal);
if (location.hash) openGoal();

all?.addEventListener("click", () => {
  const open = all.getAttribute("aria-pressed") !== "true";
  all.setAttribute("aria-pressed", String(open));
  all.textContent = open ? "Close all topics" : "Open all topics";
  for (const one of topics()) one.open = open;
});

let closed = [];
addEventListener("beforeprint", () => {
  closed = topics().filter((one) => !one.open);
  for (const one of closed) one.open = true;
});
addEventListener("afterprint", () => {
  for (const one of closed) one.open = false;
});
