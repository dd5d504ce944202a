// Faults to switch on: what WeCom, the network and the payer may do wrong.

import { api } from "./api.js";
import { el, fill, toast } from "./dom.js";

const pane = document.getElementById("faults");

/** Reads the knobs afresh and shows them, in the families that their labels name. */
export async function drawFaults() {
  try {
    show(await api.faults());
  } catch (error) {
    fill(pane, el("p", { class: "note" }, error.message));
  }
}

function show(answer) {
  const knobs = Array.isArray(answer) ? answer : answer.faults;
  const families = Map.groupBy(knobs, (knob) => knob.label.split("：")[0]);
  fill(
    pane,
    [...families].map(([family, members]) => [
      el("h3", {}, family),
      el("ul", { role: "list" }, members.map(row)),
    ]),
  );
}

function row(knob) {
  const label = knob.label.split("：").slice(1).join("：") || knob.label;
  const on = Number(knob.value) > 0;
  return el(
    "li",
    {},
    el(
      "label",
      { class: `knob${on ? " on" : ""}` },
      el("span", {}, label),
      knob.kind === "switch" ? toggle(knob) : counter(knob),
    ),
  );
}

async function set(name, value) {
  try {
    await api.setFaults({ [name]: value });
  } catch (error) {
    toast(error.message);
  }
  await drawFaults();
  document.getElementById(`knob-${name}`)?.focus();
}

function toggle({ name, value }) {
  return el("input", {
    id: `knob-${name}`,
    type: "checkbox",
    role: "switch",
    checked: Boolean(value),
    on: { change: (event) => set(name, event.target.checked) },
  });
}

/** How many of the next occasions go wrong. */
function counter({ name, value }) {
  return el(
    "span",
    { class: "times" },
    el("input", {
      id: `knob-${name}`,
      type: "number",
      min: "0",
      max: "10000",
      value: String(value),
      on: { change: (event) => set(name, Math.max(0, Number(event.target.value) || 0)) },
    }),
    "次",
  );
}
