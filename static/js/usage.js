// The bars of the usage page come drawn. Once somebody points at them, Plotly draws them again, with the
// figures under the pointer and in the colours of the current theme: it is large, so nobody waits for it.
const OTHER = 0;

// A custom property may hold light-dark(): only a real property gives its colour of now.
function colours(names) {
  const probe = document.createElement("span");
  document.body.append(probe);
  const found = {};
  for (const name of names) {
    probe.style.color = `var(--${name})`;
    found[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return found;
}

function dressed(figure, isNarrow) {
  const now = colours(["chart-1", "chart-2", "chart-3", "chart-4", "chart-5", "chart-6", "chart-other",
    "chart-text", "chart-grid", "surface", "surface-raised", "text", "line-strong"]);
  const family = getComputedStyle(document.body).fontFamily;
  const font = { family, size: 12, color: now["chart-text"] };
  const data = figure.data.map((trace) => ({
    ...trace,
    marker: {
      color: now[trace.meta === OTHER ? "chart-other" : `chart-${trace.meta}`],
      line: { color: now.surface, width: figure.data.length > 1 ? 1 : 0 },
      cornerradius: 2,
    },
  }));
  const axis = { tickfont: font, linecolor: now["line-strong"], zeroline: false };
  const layout = {
    ...figure.layout,
    font,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    hoverlabel: { bgcolor: now["surface-raised"], bordercolor: now["line-strong"], font: { ...font, color: now.text } },
    xaxis: { ...figure.layout.xaxis, ...axis, showgrid: false, showspikes: false, showline: true, nticks: isNarrow ? 4 : 13 },
    yaxis: { ...figure.layout.yaxis, ...axis, gridcolor: now["chart-grid"], showline: false },
    dragmode: false,
  };
  return { data, layout };
}

function draw() {
  const place = document.querySelector("[data-figure]");
  if (!place || !window.Plotly) return;
  if (!place.classList.contains("js-plotly-plot")) place.replaceChildren();
  const { data, layout } = dressed(JSON.parse(place.dataset.figure), place.clientWidth < 560);
  Plotly.react(place, data, layout, { displayModeBar: false, responsive: true, showTips: false });
}

let isAsked = false;
document.addEventListener("pointerover", (event) => {
  const place = event.target.closest?.("[data-figure]");
  if (!place || isAsked) return;
  isAsked = true;
  const script = document.createElement("script");
  script.src = place.dataset.plotly;
  script.addEventListener("load", draw);
  script.addEventListener("error", () => { isAsked = false; });
  document.head.append(script);
});

document.addEventListener("portal:theme", draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
document.addEventListener("htmx:beforeSwap", (event) => {
  const old = event.detail.target.querySelector?.("[data-figure]");
  if (old && window.Plotly) Plotly.purge(old);
});
document.addEventListener("htmx:afterSettle", draw);
// A live log is a window, not an archive: what scrolled far down leaves.
document.addEventListener("htmx:afterSettle", () => {
  for (const row of [...document.querySelectorAll("#log-lines > tr")].slice(300)) row.remove();
});
for (const trouble of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(trouble, (event) => {
    if (event.detail.elt?.matches(".usage-asker, [data-quiet]")) return; // asks again by itself
    const text = "The figures could not be loaded. Check the connection and try again.";
    document.dispatchEvent(new CustomEvent("portal:toast", { detail: { text, kind: "error" } }));
  });
}
