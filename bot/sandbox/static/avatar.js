// Avatars without pictures: a colour and one or two characters, stable for an id.

import { el, icon } from "./dom.js";
import { isAppChat, store } from "./store.js";

const HUES = 10;

function hue(id) {
  // FNV-1a: ids that differ in one digit get colours that differ.
  let hash = 0x811c9dc5;
  for (const char of id) hash = Math.imul(hash ^ char.codePointAt(0), 0x01000193);
  return `hue-${(hash >>> 8) % HUES}`;
}

/** 李建国 → 建国, 王芳 → 芳, Kevin Lau → K. */
function initials(name) {
  const chars = [...name.trim()];
  if (chars.length === 0) return "?";
  if (!/\p{Script=Han}/u.test(name)) return chars[0].toUpperCase();
  return chars.slice(chars.length > 2 ? -2 : -1).join("");
}

export function personAvatar(person) {
  if (["robot", "app", "aibot"].includes(person.kind)) {
    return el("span", { class: `avatar bot ${person.kind}`, "aria-hidden": "true" }, icon("seal"));
  }
  const text = initials(person.name);
  const wide = [...text].length > 1 ? " wide" : "";
  return el("span", { class: `avatar ${hue(person.id)}${wide}`, "aria-hidden": "true" }, text);
}

/** Up to four people as a mosaic; one alone; in a 1:1 with the application the person under its seal. */
export function chatAvatar(chat) {
  if (isAppChat(chat)) {
    const person = store.speaker(chat) ?? { id: chat.id, name: chat.name, kind: "staff" };
    const seal = el("span", { class: "mini-seal" }, icon("seal"));
    return el("span", { class: "sealed", "aria-hidden": "true" }, personAvatar(person), seal);
  }
  const alone = chat.people.length === 1 && store.people.get(chat.people[0]);
  if (alone) return personAvatar(alone);
  const tiles = chat.people.slice(0, 4).map((id) => {
    const name = store.people.get(id)?.name ?? "";
    return el("span", { class: hue(id) }, [...initials(name)][0]);
  });
  const few = tiles.length < 3 ? " few" : "";
  return el("span", { class: `avatar mosaic${few}`, "aria-hidden": "true" }, tiles);
}
