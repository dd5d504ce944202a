// Writing: who speaks, whether the bot is addressed, quick words, and the text itself.

import { api } from "./api.js";
import { personAvatar } from "./avatar.js";
import { el, fill, icon, toast } from "./dom.js";
import { isAppChat, isTaskChat, store } from "./store.js";

const QUICK = {
  staff: [["帮助"], ["今日"], ["本周"], ["开局", "开局 "], ["周报"]],
  合规审核: [["审核"], ["审核 全部"], ["帮助"]],
  member: [["抽奖"], ["签到"], ["我的奖品"], ["掷骰子", "掷"]],
};
const BOT_HINT = "智能机器人只听得到 @ 它的话。关掉后，这句话只有群里的人看得到。";

const form = document.getElementById("composer");
const field = document.getElementById("text");
const speakerButton = document.getElementById("speaker");
const picker = document.getElementById("picker");
const atBot = document.getElementById("at-bot");
const quick = document.getElementById("quick");
const drafts = new Map();
const mentions = new Map();
let draftOf = null;

/** Wires the composer to the store. */
export function startComposer() {
  store.on("chat", switchDraft);
  store.on("speaker", draw);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(field.value);
  });
  field.addEventListener("keydown", (event) => {
    // While an input method is composing, Enter chooses a candidate.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send(field.value);
  });
  field.addEventListener("input", grow);
  atBot.addEventListener("click", () => {
    mentions.set(store.current, !addressed());
    draw();
  });
  atBot.title = BOT_HINT;
  atBot.setAttribute("aria-description", BOT_HINT);
  speakerButton.addEventListener("click", () => showPicker(picker.hidden));
  document.addEventListener("pointerdown", (event) => {
    if (!picker.contains(event.target) && !speakerButton.contains(event.target)) showPicker(false);
  });
  picker.addEventListener("keydown", movePicker);
}

/** Closes the list of speakers; true if it was open. */
export function closePicker() {
  if (picker.hidden) return false;
  showPicker(false);
  speakerButton.focus();
  return true;
}

/** Opens the list of speakers. */
export const openPicker = () => showPicker(true);

export const focusComposer = () => field.focus();

function switchDraft() {
  if (draftOf) drafts.set(draftOf, field.value);
  draftOf = store.current;
  field.value = drafts.get(draftOf) ?? "";
  showPicker(false);
  grow();
}

const addressed = () => Boolean(store.chat()?.aibot) && (mentions.get(store.current) ?? true);

function draw() {
  const chat = store.chat();
  const person = store.speaker();
  form.hidden = !chat || !person || isTaskChat(chat);
  if (form.hidden) return;
  const choice = !isAppChat(chat);
  fill(
    speakerButton,
    personAvatar(person),
    el("span", { class: "speaker-name" }, person.name),
    choice && icon("down"),
  );
  speakerButton.disabled = !choice;
  speakerButton.setAttribute("aria-label", `发言身份：${person.name}${choice ? "，点此更换" : ""}`);
  atBot.textContent = `@${store.botName}`;
  atBot.hidden = !chat.aibot;
  atBot.setAttribute("aria-pressed", String(addressed()));
  field.placeholder = choice ? groupPrompt(chat, person) : "对群运助手说";
  const heard = chat.aibot || !choice;
  fill(quick, heard && (QUICK[person.title] ?? QUICK[person.kind]).map(quickWord));
  grow();
}

/** Who will speak, and whether the bot will hear it. */
function groupPrompt(chat, person) {
  if (!chat.aibot) return `以 ${person.name} 的身份发言`;
  const ear = addressed() ? "机器人听得到" : "没有 @，机器人听不到";
  return `以 ${person.name} 的身份发言（${ear}）`;
}

/** A word is sent at once; one that wants more is put into the field. */
function quickWord([label, words = label]) {
  const click = () => {
    if (!words.endsWith(" ")) return send(words, Boolean(store.chat()?.aibot));
    field.value = words;
    field.focus();
    return undefined;
  };
  return el("button", { type: "button", class: "chip", on: { click } }, label);
}

async function send(text, mention = addressed()) {
  if (text.trim() === "") return;
  const typed = field.value;
  if (text === typed) field.value = "";
  grow();
  try {
    await api.say(store.speaker().id, store.current, text.trim(), mention);
  } catch (error) {
    if (field.value === "") field.value = typed;
    toast(error.message);
  }
}

function grow() {
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, 160)}px`;
}

function showPicker(open) {
  picker.hidden = !open;
  speakerButton.setAttribute("aria-expanded", String(open));
  if (!open) return;
  const chat = store.chat();
  const people = chat.people.map((id) => store.people.get(id)).filter(Boolean);
  const current = store.speaker();
  const ordered = [...people].sort((a, b) => Number(b.kind === "staff") - Number(a.kind === "staff"));
  fill(
    picker,
    ordered.map((person) =>
      el(
        "button",
        {
          type: "button",
          role: "option",
          "aria-selected": String(person.id === current.id),
          on: { click: () => pick(person) },
        },
        personAvatar(person),
        el("span", {}, person.name),
        el("small", {}, person.kind === "staff" ? person.title || "员工" : "客户"),
      ),
    ),
  );
  picker.querySelector("[aria-selected=true]")?.focus();
}

function pick(person) {
  store.actAs(person);
  showPicker(false);
  field.focus();
}

function movePicker(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  event.stopPropagation();
  const items = [...picker.children];
  const index = items.indexOf(document.activeElement) + step;
  items[Math.min(items.length - 1, Math.max(0, index))]?.focus();
}
