// The wire log: every request to WeCom and every callback, as it went over HTTP.

import { api } from "./api.js";
import { coalesced, el, fill } from "./dom.js";
import { store } from "./store.js";
import { hourMinute } from "./time.js";

const LIMIT = 100;
const pane = document.getElementById("wire");
const tab = document.getElementById("tab-wire");
let newest = -1;

/** Keeps the tab fresh while it is open. */
export function startWire() {
  const refresh = coalesced(() => !tab.hidden && drawWire());
  store.on("message", refresh);
  store.on("clock", () => !store.moving && refresh());
  document.getElementById("wire-refresh").addEventListener("click", drawWire);
}

/** Reads the newest entries; those already shown keep whether they are unfolded. */
export async function drawWire() {
  let answer;
  try {
    answer = await api.log(LIMIT);
  } catch (error) {
    fill(pane, el("li", { class: "note" }, error.message));
    return;
  }
  const entries = Array.isArray(answer) ? answer : answer.log;
  const last = entries.at(-1)?.n ?? 0;
  if (entries.length && last === newest) return;
  if (entries.length === 0) fill(pane, el("li", { class: "note" }, "还没有请求。"));
  else if (newest <= 0 || last < newest) fill(pane, [...entries].reverse().map(row));
  else {
    for (const entry of entries) if (entry.n > newest) pane.prepend(row(entry));
    while (pane.childElementCount > LIMIT) pane.lastElementChild.remove();
  }
  newest = last;
}

function row(entry) {
  const { direction, method, path, status, at } = entry;
  const good = status !== null && status < 400 && !(entry.response?.errcode > 0);
  const shown = path.replace(/^https?:\/\/[^/]+/, "").replace(/\?.*$/, "");
  const details = el(
    "details",
    { class: `entry ${direction}` },
    el(
      "summary",
      {},
      el("span", { class: "way", title: WAYS[direction] }, direction === "out" ? "回调" : "调用"),
      el("span", { class: "path", title: `${method} ${path}` }, shown, " ", gist(entry)),
      el("span", { class: good ? "status" : "status bad" }, verdict(entry)),
      el("time", {}, hourMinute(Date.parse(at))),
    ),
  );
  details.addEventListener("toggle", () => unfold(details, entry), { once: true });
  return el("li", {}, details);
}

const WAYS = { in: "程序调用企业微信", out: "企业微信回调程序" };

/** What kind of message or event it is: callbacks of one receiver share one path. */
function gist({ request }) {
  const tags = ["Event", "MsgType"];
  const kind =
    typeof request === "object"
      ? request?.msgtype
      : tags.map((tag) => request.match(`<${tag}><!\\[CDATA\\[(\\w+)`)?.[1]).find(Boolean);
  return kind && el("span", { class: "gist" }, kind);
}

function verdict({ status, response }) {
  if (status === null) return "无应答";
  return response?.errcode ? String(response.errcode) : String(status);
}

function unfold(details, entry) {
  details.append(
    el("p", { class: "line" }, `${entry.method} ${entry.path}`),
    ...block("请求", entry.request),
    ...block("应答", entry.response),
  );
}

function block(label, body) {
  const text = typeof body === "string" ? body : JSON.stringify(body, null, 2);
  return [el("h4", {}, label), el("pre", { tabindex: "0" }, text || "（空）")];
}
