// The list of conversations: groups first, then the 1:1 chats with the application.

import { chatAvatar } from "./avatar.js";
import { coalesced, el, fill } from "./dom.js";
import { excerpt } from "./markdown.js";
import { isAppChat, isTaskChat, store } from "./store.js";
import { hourMinute, monthDay, startOfDay } from "./time.js";

const nav = document.getElementById("chats");
const rows = new Map();
let choose = () => {};

/** `onChoose(id)` is called for a click or key on a conversation. */
export function startChats(onChoose) {
  choose = onChoose;
  const refresh = coalesced(update);
  let drawn = "";
  store.on("state", () => {
    const key = JSON.stringify(store.chats.map((c) => [c.id, c.name, c.people.slice(0, 4)]));
    if (key !== drawn) build();
    drawn = key;
    refresh();
  });
  store.on("message", refresh);
  // The day may have changed: yesterday's hour becomes a date.
  store.on("clock", refresh);
  store.on("chat", update);
  nav.addEventListener("keydown", onKey);
}

/** The neighbour of the open conversation, for the keyboard. */
export function neighbour(step) {
  const ids = [...rows.keys()];
  const index = ids.indexOf(store.current);
  return ids[Math.min(ids.length - 1, Math.max(0, index + step))];
}

/** Puts the keyboard on the open conversation. */
export function focusCurrent() {
  rows.get(store.current)?.button.focus();
}

function onKey(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  event.stopPropagation();
  choose(neighbour(step), { byKey: true });
  focusCurrent();
}

function build() {
  rows.clear();
  const section = (label, id, belongs) => {
    const chats = store.chats.filter(belongs);
    if (chats.length === 0) return null;
    return [
      el("h2", { id, class: "section" }, label),
      el("ul", { role: "list", "aria-labelledby": id }, chats.map(row)),
    ];
  };
  fill(
    nav,
    section("社群", "chats-groups", (chat) => chat.kind === "group"),
    section("与群运助手的 1:1", "chats-app", isAppChat),
    section("企业群发（待本人确认）", "chats-tasks", isTaskChat),
    section("员工与客户", "chats-private", isPrivate),
  );
}

function row(chat) {
  const last = el("span", { class: "chat-last" });
  const time = el("time", { class: "chat-time" });
  const unread = el("span", { class: "unread", hidden: true });
  const button = el(
    "button",
    { type: "button", class: "chat", on: { click: () => choose(chat.id, {}) } },
    chatAvatar(chat),
    el("span", { class: "chat-name" }, label(chat)),
    time,
    last,
    unread,
  );
  rows.set(chat.id, { button, last, time, unread });
  return el("li", {}, button);
}

const isPrivate = (chat) => chat.kind !== "group" && !isAppChat(chat) && !isTaskChat(chat);

/** In a 1:1 the person matters, the assistant is the same for all. */
function label(chat) {
  if (!isAppChat(chat)) return chat.name;
  const person = store.speaker(chat);
  if (!person) return chat.name;
  return [person.name, " ", el("small", {}, person.title)];
}

function update() {
  for (const [id, { button, last, time, unread }] of rows) {
    const message = store.last(id);
    const count = id === store.current && !document.hidden ? 0 : store.unread(id);
    last.textContent = message ? lastLine(message) : "还没有消息";
    time.textContent = message ? shortTime(Date.parse(message.at)) : "";
    unread.hidden = count === 0;
    unread.textContent = count > 99 ? "99+" : String(count);
    unread.setAttribute("aria-label", `${count} 条未读`);
    if (id === store.current) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

function lastLine(message) {
  const text = message.type === "card" ? `[卡片] ${cardTitle(message)}` : excerpt(message.text);
  const named = message.type !== "system" && store.chat(message.chat)?.kind === "group";
  return named ? `${message.from.name}：${text}` : text;
}

const cardTitle = (message) => message.card?.main_title?.title ?? excerpt(message.text);

function shortTime(at) {
  return startOfDay(at) === startOfDay(store.now()) ? hourMinute(at) : monthDay(at);
}
