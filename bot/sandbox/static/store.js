// What the page knows, and who wants to hear of changes.
//
// Topics: `state` (people, chats), `clock`, `message` (detail: messages), `card` (detail: one
// message), `chat` (another chat is open), `speaker`, `connection`.

import { api } from "./api.js";

const READ_KEY = "qunyun.read";
const SPEAKER_KEY = "qunyun.speakers";

function stored(storage, key) {
  try {
    return JSON.parse(storage.getItem(key)) ?? {};
  } catch {
    return {};
  }
}

/** A 1:1 between one colleague and the self-built application. */
export const isAppChat = (chat) => chat.id.startsWith("app:");

/** The group-send tasks of one colleague: to be confirmed, not to be answered. */
export const isTaskChat = (chat) => chat.id.startsWith("tasks:");

class Store extends EventTarget {
  corp = { name: "" };
  botName = "群运";
  people = new Map();
  chats = [];
  messages = new Map();
  clock = { now: Date.now(), running: false, moving: false, nextDue: null, readAt: 0 };
  online = true;
  current = null;
  suggested = null;
  #moves = 0;
  #read = stored(sessionStorage, READ_KEY);
  #speakers = stored(localStorage, SPEAKER_KEY);

  on(topic, handler) {
    this.addEventListener(topic, (event) => handler(event.detail));
  }

  #tell(topic, detail) {
    this.dispatchEvent(new CustomEvent(topic, { detail }));
  }

  /** Loads everything, or what was missed while the connection was down. */
  async load() {
    this.setState(await api.state());
    await Promise.all(
      this.chats.map(async (chat) => {
        const first = !this.messages.has(chat.id);
        const fresh = await api.messages(chat.id, first ? 0 : this.#lastN(chat.id));
        this.take(fresh, chat.id);
        const last = this.#lastN(chat.id);
        // A sandbox that was started anew counts from one again.
        if (first && !((this.#read[chat.id] ?? Infinity) <= last)) this.#read[chat.id] = last;
      }),
    );
    this.#tell("state");
  }

  setState(state) {
    this.corp = state.corp ?? this.corp;
    this.botName = state.aibot?.name ?? this.botName;
    this.people = new Map(state.people.map((person) => [person.id, person]));
    this.chats = state.chats;
    this.suggested = state.me_suggested;
    this.setClock(state);
    this.#tell("state");
    this.#tell("speaker");
  }

  /** `{now, clock: {…}}` as in the state, or flat. */
  setClock(data) {
    const inner = data.clock ?? data;
    this.clock = {
      now: Date.parse(data.now ?? inner.now),
      running: Boolean(inner.running),
      moving: Boolean(inner.moving),
      nextDue: inner.next_due ? Date.parse(inner.next_due) : null,
      readAt: performance.now(),
    };
    this.#tell("clock");
  }

  /** The virtual instant, in milliseconds; a running clock is carried on between readings. */
  now() {
    const { now, running, readAt } = this.clock;
    return running && !this.moving ? now + (performance.now() - readAt) : now;
  }

  /** True from the click here, or whoever moves the clock, until everything due is done. */
  get moving() {
    return this.#moves > 0 || this.clock.moving;
  }

  /** Moves the clock and waits until everything due on the way is done. */
  async moveClock(move) {
    this.#moves++;
    this.#tell("clock");
    try {
      await api.clock(move);
      this.setClock(await api.state());
    } finally {
      this.#moves--;
      this.#tell("clock");
    }
  }

  setOnline(online) {
    if (this.online === online) return;
    this.online = online;
    this.#tell("connection");
  }

  /** Takes messages in, each once, in order. */
  take(messages, chat = null) {
    if (chat && !this.messages.has(chat)) this.messages.set(chat, []);
    const fresh = messages.filter((message) => {
      if (!this.messages.has(message.chat)) this.messages.set(message.chat, []);
      if (message.n <= this.#lastN(message.chat)) return false;
      this.messages.get(message.chat).push(message);
      return true;
    });
    if (this.current && !document.hidden) this.markRead();
    if (fresh.length) this.#tell("message", fresh);
  }

  /** A card was settled or replaced. */
  update(message) {
    const list = this.messages.get(message.chat) ?? [];
    const index = list.findIndex((one) => one.n === message.n);
    if (index < 0) return;
    list[index] = message;
    this.#tell("card", message);
  }

  #lastN(chat) {
    return this.messages.get(chat)?.at(-1)?.n ?? 0;
  }

  last(chat) {
    return this.messages.get(chat)?.at(-1);
  }

  chat(id = this.current) {
    return this.chats.find((chat) => chat.id === id);
  }

  open(id) {
    this.current = id;
    this.markRead();
    this.#tell("chat");
    this.#tell("speaker");
  }

  markRead() {
    if (!this.current) return;
    this.#read[this.current] = this.#lastN(this.current);
    sessionStorage.setItem(READ_KEY, JSON.stringify(this.#read));
  }

  unread(chat) {
    const seen = this.#read[chat] ?? 0;
    const list = this.messages.get(chat) ?? [];
    let count = 0;
    for (let i = list.length - 1; i >= 0 && list[i].n > seen; i--) {
      if (list[i].type !== "system") count++;
    }
    return count;
  }

  /** Who speaks in a chat: the chosen person who is still there; with the application, oneself. */
  speaker(chat = this.chat()) {
    if (!chat) return null;
    const wishes = [this.#speakers[chat.id], this.suggested, chat.owner, ...chat.people];
    const id = wishes.find((wish) => wish && chat.people.includes(wish) && this.people.has(wish));
    return this.people.get(id) ?? null;
  }

  /** Lets a person speak: here if present, otherwise in the chat where that person is. */
  actAs(person) {
    const here = this.chat();
    const theirs = this.chats.filter((chat) => chat.people.includes(person.id));
    const own = theirs.find(isAppChat);
    const target = theirs.includes(here) ? here : isAppChat(here) ? (own ?? theirs[0]) : theirs[0];
    if (!target) return false;
    this.#speakers[target.id] = person.id;
    localStorage.setItem(SPEAKER_KEY, JSON.stringify(this.#speakers));
    if (target !== here) this.open(target.id);
    else this.#tell("speaker");
    return true;
  }
}

export const store = new Store();
