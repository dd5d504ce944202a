// The people of the open chat: act as one of them, let customers join, leave and be added.

import { api } from "./api.js";
import { personAvatar } from "./avatar.js";
import { coalesced, el, fill, toast } from "./dom.js";
import { store } from "./store.js";

const pane = document.getElementById("people");
const form = document.getElementById("join");
const field = document.getElementById("join-name");
let opened = null;

/** Wires the tab to the store; `onActed` is called after another person was chosen. */
export function startPeople(onActed) {
  const refresh = coalesced(() => draw(onActed));
  store.on("state", refresh);
  store.on("speaker", refresh);
  store.on("chat", () => {
    opened = null;
    refresh();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const name = field.value.trim();
    if (name && (await tried(() => api.join(store.current, { name })))) field.value = "";
  });
}

/** Puts the keyboard where a newcomer's name is typed. */
export const focusJoin = () => field.focus();

async function tried(action) {
  try {
    await action();
    return true;
  } catch (error) {
    toast(error.message);
    return false;
  }
}

function draw(onActed) {
  const chat = store.chat();
  if (!chat) return;
  const group = chat.kind === "group";
  form.hidden = !group;
  const here = chat.people.map((id) => store.people.get(id)).filter(Boolean);
  const away = [...store.people.values()].filter((person) => !chat.people.includes(person.id));
  const is = (kind) => (person) => person.kind === kind;
  fill(
    pane,
    chat.muted_note && el("p", { class: "note" }, chat.muted_note),
    part("工作人员", here.filter(is("staff")), chat, onActed),
    part("客户", here.filter(is("member")), chat, onActed),
    part(group ? "不在本群" : "其他人", away, chat, onActed),
  );
}

function part(label, people, chat, onActed) {
  if (people.length === 0) return null;
  const id = `people-${label}`;
  return [
    el("h3", { id }, label, el("span", { class: "count" }, String(people.length))),
    el("ul", { role: "list", "aria-labelledby": id }, people.map((p) => row(p, chat, onActed))),
  ];
}

function row(person, chat, onActed) {
  const speaks = store.speaker()?.id === person.id;
  const act = () => {
    if (store.actAs(person)) onActed();
    else toast(`${person.name} 不在任何群里，请先入群。`, "info");
  };
  const open = opened === person.id;
  const toggle = () => {
    opened = open ? null : person.id;
    draw(onActed);
    document.getElementById(`more-${person.id}`)?.focus();
  };
  const extra = actions(person, chat);
  return el(
    "li",
    { class: "person" },
    el(
      "button",
      { type: "button", class: "act", "aria-pressed": String(speaks), on: { click: act } },
      personAvatar(person),
      el("span", { class: "person-name" }, person.name),
      el("small", {}, role(person, chat)),
      speaks && el("span", { class: "speaking" }, "正在扮演"),
    ),
    extra.length > 0 &&
      el(
        "button",
        {
          type: "button",
          id: `more-${person.id}`,
          class: "more",
          "aria-expanded": String(open),
          "aria-label": `对 ${person.name} 的操作`,
          on: { click: toggle },
        },
        "⋯",
      ),
    open && el("div", { class: "person-actions" }, extra),
  );
}

function role(person, chat) {
  if (person.kind === "member") return "客户";
  const title = person.title || "员工";
  return chat.owner === person.id && chat.kind === "group" ? `${title} · 群主` : title;
}

/** What can be done with somebody; every one of these is a human act with its callback. */
function actions(person, chat) {
  if (person.kind !== "member" || chat.kind !== "group") return [];
  const button = (label, action) =>
    el("button", { type: "button", on: { click: () => tried(action) } }, label);
  if (!chat.people.includes(person.id)) {
    return [button("入群", () => api.join(chat.id, { member: person.id }))];
  }
  const owner = store.people.get(chat.owner);
  return [
    owner && button(`与 ${owner.name} 加为好友`, () => api.addContact(owner.id, person.id)),
    button("退群", () => api.leave(chat.id, person.id)),
  ].filter(Boolean);
}
