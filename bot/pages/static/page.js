// What makes the page livelier; everything works without it.

const REFRESH = 4000;

// A second press while the first is under way is nobody's wish.
addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  const pressed = event.submitter;
  if (pressed) pressed.setAttribute("aria-busy", "true");
});

// Coming back by the phone's back button finds the page as it was left.
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
  for (const one of document.querySelectorAll("[aria-busy]")) one.removeAttribute("aria-busy");
});

addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const code = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(code.textContent.trim());
    button.textContent = "已复制";
  } catch {
    getSelection().selectAllChildren(code);
    button.textContent = "请长按复制";
  }
});

const copies = document.querySelectorAll("[data-copy]");
for (const one of copies) one.hidden = false;

// A round goes on while the page is open: its part of the page is fetched anew.
const live = document.getElementById("live");
if (live) {
  for (const one of document.querySelectorAll("[data-refresh]")) one.hidden = true;
  setInterval(refresh, REFRESH);
  document.addEventListener("visibilitychange", refresh);
}

async function refresh() {
  if (document.hidden || live.contains(document.activeElement)) return;
  if (live.querySelector("[data-sent]")) return;
  try {
    const answer = await fetch(`${location.pathname}?part=live`, { credentials: "same-origin" });
    if (!answer.ok) return;
    const text = await answer.text();
    if (text === refresh.last || live.querySelector("[data-sent]")) return;
    refresh.last = text;
    live.replaceChildren(...new DOMParser().parseFromString(text, "text/html").body.childNodes);
  } catch {
    // The next one may come through.
  }
}
