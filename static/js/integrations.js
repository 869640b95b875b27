// The mapping of time-off types: rows come and go, and a chosen account type brings its unit along.
const form = document.querySelector("[data-pairs]");

function total() {
  return form.querySelector('[name="pair-TOTAL_FORMS"]');
}

function add() {
  const number = Number(total().value);
  const blank = form.querySelector("[data-pair-blank]").innerHTML.replaceAll("__prefix__", String(number));
  form.querySelector("[data-pair-rows]").insertAdjacentHTML("beforeend", blank);
  total().value = String(number + 1);
  const rows = form.querySelectorAll("[data-pair]");
  const row = rows[rows.length - 1];
  const first = form.querySelector('[name$="-hours_per_day"]');
  if (first) row.querySelector('[name$="-hours_per_day"]').value = first.value;
  row.querySelector("select")?.focus();
}

// The row stays in the form, marked as removed, so that the numbers of the others hold.
function remove(row) {
  row.querySelector('[name$="-DELETE"]').checked = true;
  row.hidden = true;
  for (const field of row.querySelectorAll("select, input:not([type=checkbox])")) field.required = false;
  form.dispatchEvent(new CustomEvent("pairs:changed"));
}

function bringUnit(select) {
  const unit = /\((hours|days)\)$/.exec(select.selectedOptions[0]?.textContent ?? "")?.[1];
  const field = select.closest("[data-pair]").querySelector('[name$="-unit"]');
  if (unit) field.value = unit;
}

form?.addEventListener("click", (event) => {
  if (event.target.closest("[data-pair-add]")) add();
  const button = event.target.closest("[data-pair-remove]");
  if (button) remove(button.closest("[data-pair]"));
});
form?.addEventListener("change", (event) => {
  if (event.target.name?.endsWith("-target")) bringUnit(event.target);
});

// Start and interval matter only for a schedule.
const schedule = document.querySelector("[data-schedule]");
function showSchedule() {
  const chosen = schedule.querySelector('[name="mode"]:checked')?.value;
  schedule.querySelector("[data-schedule-fields]").hidden = chosen !== "schedule";
}
if (schedule) {
  schedule.addEventListener("change", showSchedule);
  showSchedule();
}
