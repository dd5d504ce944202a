// Building DOM nodes. Nothing in this page ever parses text as HTML.

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element. `props`: `class`, `on: {event: handler}`, `data: {…}`, everything else is an
 * attribute (true: present and empty; false, null, undefined: absent). Children: nodes, text,
 * arrays of them; null and false are left out.
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "on") {
      for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    } else if (name === "data") {
      Object.assign(node.dataset, value);
    } else if (value === true) {
      node.setAttribute(name, "");
    } else if (value !== false && value != null) {
      node.setAttribute(name, value);
    }
  }
  node.append(...flatten(children));
  return node;
}

function flatten(children) {
  return children.flat(Infinity).filter((child) => child != null && child !== false);
}

/** Replaces everything inside `node`. */
export function fill(node, ...children) {
  node.replaceChildren(...flatten(children));
  return node;
}

/** A decorative icon from icons.svg; the button around it carries the name. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/static/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/** Runs `work` once per frame however often it is asked for; also while the tab is hidden. */
export function coalesced(work) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    const run = () => {
      waiting = false;
      work();
    };
    if (document.hidden) setTimeout(run, 200);
    else requestAnimationFrame(run);
  };
}

/** A short notice at the bottom of the page, read out by screen readers. */
export function toast(text, kind = "error") {
  const line = el("p", { class: `toast ${kind}` }, text);
  document.getElementById("toasts").append(line);
  setTimeout(() => line.remove(), 6000);
}
