// Virtual time: what it is, what comes next, and moving it.

import { el, fill, icon, toast } from "./dom.js";
import { store } from "./store.js";
import {
  DAY, fromField, fullTime, hourMinute, monthDay, parts, relativeTime, startOfDay, startOfWeek,
  toField, until, weekdayName,
} from "./time.js";

const byId = (id) => document.getElementById(id);
const MORNING = 8 * 3600_000;

/** Wires the bar and the tab to the store. */
export function startClock() {
  store.on("clock", draw);
  setInterval(() => store.clock.running && !store.moving && draw(), 1000);
  for (const button of document.querySelectorAll("[data-advance]")) {
    button.addEventListener("click", () => move({ advance: Number(button.dataset.advance) }));
  }
  for (const button of document.querySelectorAll("[data-next]")) {
    button.addEventListener("click", () => move({ next: true }));
  }
  for (const button of document.querySelectorAll("[data-run]")) {
    button.addEventListener("click", () => move({ run: !store.clock.running }));
  }
  byId("goto").addEventListener("submit", (event) => {
    event.preventDefault();
    if (byId("goto-at").value) move({ to: fromField(byId("goto-at").value) });
  });
}

/** Moves the clock; a failure is shown, never thrown. */
export async function move(how) {
  try {
    await store.moveClock(how);
  } catch (error) {
    toast(error.message);
  }
}

function draw() {
  const now = store.now();
  const { second } = parts(now);
  const { running, nextDue } = store.clock;
  for (const node of document.querySelectorAll("[data-time]")) {
    fill(
      node,
      hourMinute(now),
      el("span", { class: "seconds" }, `:${String(second).padStart(2, "0")}`),
    );
  }
  for (const node of document.querySelectorAll("[data-date]")) {
    node.textContent = `${monthDay(now)} ${weekdayName(now)}`;
  }
  document.body.classList.toggle("moving", store.moving);
  byId("progress").hidden = !store.moving;
  for (const controls of document.querySelectorAll(".clock-controls")) {
    if (controls.disabled !== store.moving) setDisabled(controls, store.moving);
  }
  for (const node of document.querySelectorAll("[data-next-at]")) {
    node.textContent = nextDue === null ? "没有安排了" : relativeTime(nextDue, now);
  }
  byId("next-full").textContent = nextDue === null ? "后面没有安排了" : fullTime(nextDue);
  byId("next-until").textContent = nextDue === null ? "" : until(nextDue, now);
  for (const button of document.querySelectorAll("[data-run]")) {
    const label = running ? "暂停" : "让时间自己走";
    if (button.getAttribute("aria-label") === label) continue;
    button.setAttribute("aria-label", label);
    button.title = label;
    fill(button, icon(running ? "pause" : "play"), el("span", { class: "label" }, label));
  }
  drawGoal(now);
  drawWeek(now);
}

/** The moment to go to starts from now; one that is being typed is left alone. */
function drawGoal(now) {
  const field = byId("goto-at");
  field.min = toField(now);
  if (field !== document.activeElement && field.value < field.min) field.value = field.min;
}

/** Disables while moving, and gives the keyboard back to the button it was on. */
function setDisabled(controls, disabled) {
  const focused = controls.contains(document.activeElement) ? document.activeElement : null;
  if (disabled && focused) controls.focused = focused;
  controls.disabled = disabled;
  if (!disabled && controls.focused && document.activeElement === document.body) {
    controls.focused.focus({ preventScroll: true });
  }
  if (!disabled) controls.focused = null;
}

/** Seven days: past ones quiet, today with its progress, coming ones lead there. */
function drawWeek(now) {
  const ribbon = byId("week");
  const monday = startOfWeek(now);
  if (ribbon.dataset.monday !== String(monday)) {
    ribbon.dataset.monday = monday;
    fill(ribbon, [0, 1, 2, 3, 4, 5, 6].map((i) => dayCell(monday + i * DAY)));
  }
  const today = startOfDay(now);
  const due = store.clock.nextDue;
  [...ribbon.children].forEach((item, i) => {
    const day = monday + i * DAY;
    const cell = item.firstChild;
    cell.disabled = day <= today;
    cell.classList.toggle("past", day < today);
    cell.toggleAttribute("aria-current", day === today);
    if (day === today) cell.setAttribute("aria-current", "date");
    cell.classList.toggle("due", due !== null && startOfDay(due) === day);
    const share = day < today ? 1 : day === today ? (now - today) / DAY : 0;
    cell.querySelector(".fill").style.width = `${(share * 100).toFixed(1)}%`;
  });
}

function dayCell(day) {
  const label = `走到 ${monthDay(day)} ${weekdayName(day)} 08:00`;
  const to = new Date(day + MORNING).toISOString();
  const bar = el("span", { class: "bar" }, el("span", { class: "fill" }));
  return el(
    "li",
    {},
    el(
      "button",
      { type: "button", title: label, "aria-label": label, on: { click: () => move({ to }) } },
      el("span", { class: "weekday" }, weekdayName(day).slice(1)),
      el("span", { class: "date" }, String(parts(day).day)),
      bar,
    ),
  );
}
