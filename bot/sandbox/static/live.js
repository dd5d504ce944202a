// The event stream: what happens appears without asking, and nothing is lost over a reconnect.

import { store } from "./store.js";

let source = null;
let missed = false;

/** Opens the stream; reconnects for ever, and then fetches what was missed. */
export function connect() {
  source = new EventSource("/sandbox/events");
  const listen = (name, handle) =>
    source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
  listen("message", (message) => store.take([message]));
  listen("card", (message) => store.update(message));
  listen("clock", (clock) => store.setClock(clock));
  listen("state", (state) => store.setState(state));
  source.addEventListener("open", async () => {
    if (missed) await store.load().catch(() => {});
    missed = false;
    store.setOnline(true);
  });
  source.addEventListener("error", () => {
    missed = true;
    store.setOnline(false);
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 2000);
  });
}
