// The sandbox's control interface. Every failure becomes an Error with a text fit to be shown.

async function call(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("连不上沙箱，请确认 make demo 还在运行。");
  }
  const text = await response.text();
  let body = null;
  try {
    body = text ? JSON.parse(text) : null;
  } catch {
    // Not JSON: the status below tells enough.
  }
  if (!response.ok) {
    const reason = body?.error ?? body?.message;
    throw new Error(reason ?? `沙箱拒绝了这次操作（${response.status}）。`);
  }
  return body;
}

const post = (path, body) =>
  call(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

export const api = {
  state: () => call("/sandbox/state"),
  messages: (chat, after) =>
    call(`/sandbox/messages?chat=${encodeURIComponent(chat)}&after=${after}`),
  say: (as, chat, text, atBot) => post("/sandbox/say", { as, chat, text, at_bot: atBot }),
  press: (as, message, key, selected) =>
    post("/sandbox/press", selected ? { as, message, key, selected } : { as, message, key }),
  join: (chat, who) => post("/sandbox/join", { chat, ...who }),
  leave: (chat, member) => post("/sandbox/leave", { chat, member }),
  addContact: (staff, member) => post("/sandbox/add_contact", { staff, member, state: "" }),
  clock: (move) => post("/sandbox/clock", move),
  faults: () => call("/sandbox/faults"),
  setFaults: (knobs) => post("/sandbox/faults", knobs),
  log: (limit) => call(`/sandbox/log?limit=${limit}`),
};
