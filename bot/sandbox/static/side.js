// The side pane: people, clock, faults and wire log as tabs.

import { drawFaults } from "./faults.js";
import { drawWire } from "./wire.js";

const tabs = [...document.querySelectorAll("[role=tab]")];
const onShow = { faults: drawFaults, wire: drawWire };

/** Wires the tabs: click, arrow keys, Home and End. */
export function startSide() {
  for (const tab of tabs) tab.addEventListener("click", () => showTab(tab.dataset.tab));
  document.querySelector("[role=tablist]").addEventListener("keydown", (event) => {
    const index = tabs.indexOf(document.activeElement);
    const target = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: -1 }[event.key];
    if (index < 0 || target === undefined) return;
    event.preventDefault();
    const tab = tabs.at(target % tabs.length);
    showTab(tab.dataset.tab);
    tab.focus();
  });
}

/** Shows one tab by name: people, clock, faults, wire. */
export function showTab(name) {
  for (const tab of tabs) {
    const chosen = tab.dataset.tab === name;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    document.getElementById(`tab-${tab.dataset.tab}`).hidden = !chosen;
  }
  onShow[name]?.();
}
