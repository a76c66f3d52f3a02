// One line over time on a canvas. uPlot draws it and is loaded only where a chart is; the texts of
// the axes are the page's own, so that they keep their size.

import { html, useEffect, useRef } from "./vendor/preact.js";

const SHEET = new URL("vendor/uplot.css", import.meta.url).href;
const LINE_WIDTH = 1.5;

/**
 * `values` one a second up to `end` (seconds), the last `seconds` of them are seen; null is a hole.
 * `top` is the upper end of the scale, `lines` the number of grid lines, `spans` [{from, to}] are
 * tinted, `tint` fills below the line. `label` says the same in words.
 */
export function Chart({ label, low, ...drawing }) {
  const host = useRef();
  const plot = useRef();
  const latest = useRef(drawing);
  latest.current = drawing;

  useEffect(() => {
    let gone = false;
    load().then((uPlot) => {
      if (!gone) plot.current = start(uPlot, host.current, latest);
    });
    return () => {
      gone = true;
      plot.current?.stop();
    };
  }, []);
  useEffect(() => plot.current?.update());

  return html`<div class=${low ? "canvas low" : "canvas"} role="img" aria-label=${label} ref=${host}><${Colours} /></div>`;
}

/** The style sheet's colours are on hidden shapes, from which a canvas must read them. */
function Colours() {
  const shapes = ["plot", "plot second", "area", "grid", "span"];
  return html`<svg class="hidden" aria-hidden="true">${shapes.map((shape) => html`<path key=${shape} class=${shape} />`)}</svg>`;
}

let loading;
function load() {
  loading ??= Promise.all([import("./vendor/uplot.js"), sheet()]).then(([module]) => module.default);
  return loading;
}

function sheet() {
  if (document.querySelector(`link[href="${SHEET}"]`)) return Promise.resolve();
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: SHEET });
  return new Promise((loaded) => {
    link.addEventListener("load", loaded, { once: true });
    link.addEventListener("error", loaded, { once: true });
    document.head.append(link);
  });
}

function start(uPlot, host, latest) {
  const colour = (shape, property) => getComputedStyle(host.querySelector(`svg > .${shape}`))[property];
  const size = () => ({ width: host.clientWidth, height: host.clientHeight });
  const drawing = () => latest.current;
  const plot = new uPlot(options(size(), drawing, colour), data(drawing()), host);
  const resized = new ResizeObserver(() => plot.setSize(size()));
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const repaint = () => plot.redraw();
  resized.observe(host);
  scheme.addEventListener("change", repaint);
  return {
    update: () => plot.setData(data(drawing())),
    stop() {
      resized.disconnect();
      scheme.removeEventListener("change", repaint);
      plot.destroy();
    },
  };
}

function options(size, drawing, colour) {
  const { tint } = drawing();
  const line = tint ? "plot:not(.second)" : "second";
  const fill = tint ? () => colour("area", "fill") : undefined;
  return {
    ...size,
    padding: [1, 0, 1, 0],
    legend: { show: false },
    cursor: { show: false },
    axes: [{ show: false }, { show: false }],
    scales: {
      x: { time: false, range: () => [drawing().end - drawing().seconds, drawing().end] },
      y: { range: () => [0, drawing().top] },
    },
    series: [{}, { width: LINE_WIDTH, points: { show: false }, stroke: () => colour(line, "stroke"), fill }],
    hooks: { drawClear: [(plot) => background(plot, drawing(), colour)] },
  };
}

function data({ values, end }) {
  return [values.map((_, index) => end - values.length + 1 + index), values];
}

function background(plot, { spans, end, seconds, lines, top }, colour) {
  const { ctx, bbox } = plot;
  ctx.save(); // uPlot remembers the styles it set
  ctx.fillStyle = colour("span", "fill");
  for (const { from, to } of spans) {
    const [left, right] = [Math.max(from, end - seconds), Math.min(to, end)].map((second) => plot.valToPos(second, "x", true));
    if (right > left) ctx.fillRect(left, bbox.top, right - left, bbox.height);
  }
  ctx.fillStyle = colour("grid", "stroke");
  for (let line = 0; line < lines; line += 1) {
    const y = plot.valToPos((top * line) / (lines - 1), "y", true);
    ctx.fillRect(bbox.left, Math.round(y) - devicePixelRatio / 2, bbox.width, devicePixelRatio);
  }
  ctx.restore();
}
