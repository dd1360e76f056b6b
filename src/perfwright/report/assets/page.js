// Draws each chart from the spec beside it. Colours of text and grid come from the page's style sheet,
// so a change between light and dark needs no new drawing.
"use strict";

function withScale(spec, type) {
  const layers = spec.layer.map((layer) => {
    const y = layer.encoding && layer.encoding.y;
    if (!y) return layer;
    const scale = type === "log" ? { type } : { type, zero: true };
    return { ...layer, encoding: { ...layer.encoding, y: { ...y, scale } } };
  });
  return { ...spec, layer: layers };
}

function draw(figure, spec) {
  const options = {
    mode: "vega-lite",
    renderer: "svg",
    actions: { export: { svg: true, png: true }, source: false, compiled: false, editor: false },
    downloadFileName: figure.id,
  };
  return vegaEmbed(figure.querySelector(".chart"), spec, options);
}

for (const figure of document.querySelectorAll("figure[data-chart]")) {
  const spec = JSON.parse(figure.querySelector("script").textContent);
  const toggle = figure.querySelector("input");
  if (toggle) {
    toggle.parentElement.hidden = false;
    toggle.checked = spec.layer.some((layer) => layer.encoding?.y?.scale?.type === "log");
    toggle.addEventListener("change", () => draw(figure, withScale(spec, toggle.checked ? "log" : "linear")));
  }
  draw(figure, spec);
}
