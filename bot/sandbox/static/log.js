// The conversation: bubbles, time separators, and a window over long histories.

import { personAvatar } from "./avatar.js";
import { cardNode } from "./card.js";
import { coalesced, el, fill, icon } from "./dom.js";
import { excerpt, markdown, plain } from "./markdown.js";
import { store } from "./store.js";
import { fullTime, hourMinute, monthDay, startOfDay, weekdayName } from "./time.js";

const WINDOW = 300;
const SLACK = 100;
const PAUSE = 3 * 60_000;
const BADGES = { robot: "群机器人", app: "应用", aibot: "智能机器人" };

const list = document.getElementById("log");
const scroller = document.getElementById("scroller");
const pill = document.getElementById("newer");
let from = 0;
let shown = 0;
let waiting = 0;
let pinned = true;
let height = 0;

const messages = () => store.messages.get(store.current) ?? [];
const atBottom = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;

/** Wires the pane to the store. */
export function startLog() {
  const catchUp = coalesced(append);
  store.on("chat", () => openAtEnd());
  store.on("message", catchUp);
  store.on("card", (message) => message.chat === store.current && redrawOne(message));
  let drawn = "";
  const key = () => `${store.current} ${store.speaker()?.id} ${[...store.people.keys()].length}`;
  store.on("speaker", () => {
    if (drawn !== key()) redraw();
    drawn = key();
  });
  pill.addEventListener("click", toNewest);
  scroller.addEventListener("scroll", onScroll, { passive: true });
  // The composer grows, the window changes, a phone's keyboard opens: the end stays in view.
  const resized = new ResizeObserver(() => pinned && toEnd());
  resized.observe(scroller);
  resized.observe(list);
}

function onScroll() {
  // A scroll event that a change of height brought along is not the reader's wish.
  if (scroller.clientHeight !== height) return;
  pinned = atBottom();
  if (pinned) toNewest();
}

/** To the last message, also when the window was left standing while more came in. */
function toNewest() {
  if (shown < messages().length) openAtEnd();
  else toEnd();
}

function openAtEnd() {
  from = Math.max(0, messages().length - WINDOW);
  redraw();
  toEnd();
}

function toEnd() {
  scroller.scrollTop = scroller.scrollHeight;
  pinned = true;
  height = scroller.clientHeight;
  showWaiting(0);
}

function showWaiting(count) {
  waiting = count;
  pill.hidden = count === 0;
  pill.querySelector("span").textContent = `${count} 条新消息`;
}

/** Draws the window afresh and keeps the distance to the end. */
function redraw() {
  const distance = scroller.scrollHeight - scroller.scrollTop;
  const all = messages();
  const nodes = [from > 0 && earlier()];
  for (let i = from; i < all.length; i++) nodes.push(...item(all[i], i > from ? all[i - 1] : null));
  if (all.length === 0) nodes.push(el("li", { class: "empty" }, "还没有消息，说第一句话吧。"));
  fill(list, nodes);
  shown = all.length;
  scroller.scrollTop = scroller.scrollHeight - distance;
}

function earlier() {
  const button = el("button", { type: "button", class: "earlier" }, `更早的消息（还有 ${from} 条）`);
  button.addEventListener("click", () => {
    from = Math.max(0, from - WINDOW);
    redraw();
    list.querySelector(".earlier, .message")?.focus({ preventScroll: true });
  });
  return el("li", { class: "earlier-row" }, button);
}

/** Adds what is new. A window grown too long is cut back at the end, left alone further up. */
function append() {
  const all = messages();
  const fresh = all.length - shown;
  if (fresh === 0) return;
  const follow = pinned || all.at(-1).from.id === store.speaker()?.id;
  const long = all.length - from > WINDOW + SLACK;
  if (follow && long) return openAtEnd();
  if (long && fresh > SLACK) return showWaiting(fresh);
  if (shown === 0) list.replaceChildren();
  for (let i = shown; i < all.length; i++) list.append(...item(all[i], all[i - 1] ?? null));
  shown = all.length;
  if (follow) toEnd();
  else showWaiting(waiting + fresh);
  return undefined;
}

function redrawOne(message) {
  const old = list.querySelector(`[data-n="${Number(message.n)}"] .bubble`);
  if (old) old.replaceWith(bubble(message));
}

/** A message with the time line before it where the talk had paused. */
function item(message, previous) {
  const at = Date.parse(message.at);
  const before = previous ? Date.parse(previous.at) : null;
  const nodes = [];
  if (before === null || startOfDay(at) !== startOfDay(before)) {
    nodes.push(el("li", { class: "day" }, el("span", {}, `${monthDay(at)} ${weekdayName(at)}`)));
  }
  const pause = before === null || at - before > PAUSE || startOfDay(at) !== startOfDay(before);
  if (pause) nodes.push(el("li", { class: "time" }, hourMinute(at)));
  const joined = !pause && previous.from.id === message.from.id && previous.type !== "system";
  nodes.push(message.type === "system" ? systemLine(message) : row(message, joined, at));
  return nodes;
}

function systemLine(message) {
  return el("li", { class: "system", data: { n: message.n } }, el("span", {}, message.text));
}

function row(message, joined, at) {
  const own = message.from.id === store.speaker()?.id;
  const { name, kind } = message.from;
  return el(
    "li",
    {
      class: `message${own ? " own" : ""}${joined ? " joined" : ""}`,
      data: { n: message.n, kind },
      tabindex: "-1",
    },
    joined ? el("span", { class: "avatar-gap" }) : personAvatar(message.from),
    el(
      "div",
      { class: "body" },
      !joined && el("p", { class: "who" }, el("span", {}, name), badge(message.from)),
      bubble(message),
    ),
    el("time", { class: "stamp", datetime: message.at, title: fullTime(at) }, hourMinute(at)),
  );
}

/** What kind of sender it is: customers carry none, so that they stay the quiet majority. */
function badge({ id, kind }) {
  if (BADGES[kind]) return el("span", { class: `badge ${kind}` }, BADGES[kind]);
  const title = store.people.get(id)?.title;
  if (kind === "staff") return el("span", { class: "badge staff" }, title || "员工");
  return null;
}

function bubble(message) {
  return el(
    "div",
    { class: `bubble ${message.type}` },
    message.quote && quoted(message.quote),
    content(message),
  );
}

function quoted(quote) {
  const text = typeof quote === "string" ? quote : (quote.text ?? "");
  const who = typeof quote === "string" ? "" : (quote.from?.name ?? quote.from ?? "");
  return el("p", { class: "quoted" }, who ? `${who}：` : "", excerpt(text));
}

function content(message) {
  if (message.type === "card" && message.card) return cardNode(message);
  if (message.type === "markdown") return el("div", { class: "md" }, markdown(message.text));
  // Pictures are shown only where the sandbox holds them; no outside address is ever loaded.
  if (message.image?.startsWith("data:image/")) {
    return el("img", { class: "picture", src: message.image, alt: message.text || "图片" });
  }
  const text = el("p", { class: "text" }, plain(message.text));
  if (["image", "news", "file"].includes(message.type)) {
    return el("div", { class: "attachment" }, icon(message.type), text);
  }
  return text;
}
