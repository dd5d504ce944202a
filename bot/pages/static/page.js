// What makes the page livelier; everything works without it.

const REFRESH = 4000;
const LEFT = /data-left="-?\d+"/g;
const SHORT = 600;
let begin = performance.now();

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
  setInterval(count, 1000);
  count();
  document.addEventListener("visibilitychange", refresh);
}

// The last minutes of a round are counted down.
function count() {
  const gone = Math.floor((performance.now() - begin) / 1000);
  for (const one of live.querySelectorAll("[data-left]")) {
    const left = Number(one.dataset.left) - gone;
    if (left < 0 || left > SHORT) continue;
    const minutes = left >= 60 ? `${Math.floor(left / 60)} 分 ` : "";
    one.textContent = `，还有 ${minutes}${left % 60} 秒`;
  }
}

async function refresh() {
  if (document.hidden || live.contains(document.activeElement)) return;
  if (live.querySelector("[data-sent]")) return;
  try {
    const answer = await fetch(`${location.pathname}?part=live`, { credentials: "same-origin" });
    if (answer.redirected || (answer.status >= 401 && answer.status <= 410)) {
      location.reload(); // the session is over: the page says what to do
      return;
    }
    if (!answer.ok) return;
    const text = await answer.text();
    const same = text.replace(LEFT, "");
    if (same === refresh.last || live.querySelector("[data-sent]")) return;
    refresh.last = same;
    live.replaceChildren(...new DOMParser().parseFromString(text, "text/html").body.childNodes);
    begin = performance.now();
    count();
  } catch {
    // The next one may come through.
  }
}
