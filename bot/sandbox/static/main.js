// The page: puts the parts together, decides what is visible, and listens to the keyboard.

import { closePicker, focusComposer, openPicker, startComposer } from "./composer.js";
import { startChats, neighbour } from "./chats.js";
import { move, startClock } from "./clock.js";
import { toast } from "./dom.js";
import { closeGuide, startGuide } from "./guide.js";
import { connect } from "./live.js";
import { startLog } from "./log.js";
import { focusJoin, startPeople } from "./people.js";
import { showTab, startSide } from "./side.js";
import { isAppChat, store } from "./store.js";
import { DAY, fromField, startOfWeek, toField } from "./time.js";
import { startWire } from "./wire.js";

const byId = (id) => document.getElementById(id);
const narrow = matchMedia("(max-width: 760px)");

/** On a phone one pane is visible: list, chat or side; a desk shows all (side may be hidden). */
function view(name, { back = false } = {}) {
  const changed = document.body.dataset.view !== name;
  document.body.dataset.view = name;
  byId("side-toggle").setAttribute("aria-expanded", String(name === "side"));
  if (changed && !back && narrow.matches) history.pushState({ view: name }, "");
}

function choose(id, { byKey = false } = {}) {
  if (!id) return;
  store.open(id);
  view("chat");
  // On a phone the keyboard would cover the messages that one came to read.
  if (!byKey && !narrow.matches) focusComposer();
}

function drawHeader() {
  const chat = store.chat();
  if (!chat) return;
  const person = store.speaker(chat);
  const app = isAppChat(chat);
  byId("chat-title").textContent = app ? `群运助手与 ${person?.name ?? ""}` : chat.name;
  byId("chat-sub").textContent = app
    ? "自建应用 · 1:1，只有这位同事看得到"
    : `${chat.people.length} 人${chat.note ? ` · ${chat.note}` : ""}`;
  document.title = `${chat.name} · 群运沙箱`;
  byId("corp").textContent = store.corp.name;
}

function guideActions() {
  const group = () => store.chats.find((chat) => chat.kind === "group")?.id;
  const toGroup = () => {
    if (store.chat()?.kind !== "group") choose(group());
  };
  const moment = (weekday, time) => {
    const day = startOfWeek(store.now()) + (weekday - 1) * DAY;
    return fromField(toField(day).replace(/T.*/, `T${time}`));
  };
  return {
    pickSpeaker: () => {
      toGroup();
      view("chat");
      openPicker();
    },
    reviewer: () => {
      const theirs = (chat) => isAppChat(chat) && store.speaker(chat)?.title === "合规审核";
      choose(store.chats.find(theirs)?.id);
    },
    canGo: (weekday, time) => Date.parse(moment(weekday, time)) > store.now(),
    to: (weekday, time) => move({ to: moment(weekday, time) }),
    join: () => {
      toGroup();
      showTab("people");
      view("side");
      focusJoin();
    },
  };
}

function escape() {
  if (closePicker()) return;
  if (document.body.dataset.view === "side") view("chat");
  else if (narrow.matches && document.body.dataset.view === "chat") view("list");
  else if (byId("guide").contains(document.activeElement)) closeGuide();
  else document.activeElement?.blur();
}

function onKey(event) {
  if (event.isComposing) return;
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
  const arrow = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape") escape();
  else if (arrow && (event.altKey || event.target === document.body)) {
    event.preventDefault();
    choose(neighbour(arrow), { byKey: true });
  } else if (event.key === "/" && !typing) {
    event.preventDefault();
    if (document.body.dataset.view !== "chat") view("chat");
    focusComposer();
  }
}

function wire() {
  startChats(choose);
  startLog();
  startComposer();
  startPeople(() => narrow.matches && view("chat"));
  startClock();
  startSide();
  startWire();
  for (const topic of ["state", "chat", "speaker"]) store.on(topic, drawHeader);
  store.on("connection", () => (byId("offline").hidden = store.online));
  byId("side-toggle").addEventListener("click", () =>
    view(document.body.dataset.view === "side" ? "chat" : "side"),
  );
  byId("side-close").addEventListener("click", () => view("chat"));
  byId("to-list").addEventListener("click", () => view("list"));
  byId("to-clock").addEventListener("click", () => {
    showTab("clock");
    view("side");
  });
  document.addEventListener("keydown", onKey);
  document.addEventListener("visibilitychange", () => store.take([]));
  addEventListener("popstate", (event) => view(event.state?.view ?? "list", { back: true }));
}

async function start() {
  wire();
  try {
    await store.load();
  } catch (error) {
    toast(error.message);
    setTimeout(() => location.reload(), 3000);
    return;
  }
  const first = store.chats.find((chat) => chat.kind === "group") ?? store.chats[0];
  if (first) store.open(first.id);
  view(narrow.matches ? "list" : "chat", { back: true });
  startGuide(guideActions());
  document.body.classList.add("ready");
  connect();
}

start();
