// “第一次来？”: six hints through the demo week, dismissed once and for all.

import { move } from "./clock.js";
import { el, fill, icon } from "./dom.js";
import { store } from "./store.js";

const KEY = "qunyun.guide";
const box = document.getElementById("guide");
const reopen = document.getElementById("guide-open");
let step = 0;
let go = {};

const HINTS = [
  {
    title: "这里是一个本地的企业微信",
    text: "左边是社群和 1:1，中间是聊天。您可以扮演任何人：点输入框上方的头像，换一个人说话。",
    action: ["换一个人", () => go.pickSpeaker()],
  },
  {
    title: "时间由您推动",
    text: "点“下一件事”，时钟会停在下一件到期的事上。周一早上，客户经理的 1:1 先收到提醒和话术，随后内容发到群里。",
    action: ["走到下一件事", () => move({ next: true })],
  },
  {
    title: "客户群的话，先盖审核章",
    text: "合规审核发“审核”看清单，再发“审核”加编号看内容，点“通过”。没有章的步骤到点不发；财富体验群是训练群，不用盖章。",
    action: ["打开合规审核的 1:1", () => go.reviewer()],
  },
  {
    title: "周二骰子局，周四问答",
    text: "开局后扮演几位客户，点输入框上方的“掷骰子”，就是说“@群运 掷”。十分钟后自动结束，名次和奖励发在群里。",
    action: ["走到周二 19:30", () => go.to(2, "19:30"), () => go.canGo(2, "19:30")],
  },
  {
    title: "新客户入群，玩过就能抽",
    text: "在“成员”里请一位新客户入群，玩一局游戏，再说“@群运 抽奖”：张张有奖，五个工作日后到账。周五 20:00 人人可抽。",
    action: ["请一位新客户", () => go.join()],
  },
  {
    title: "下周一看周报",
    text: "下周一 09:00，主管的 1:1 里会收到周报。“报文”里能看到刚才每一次真实的请求。",
    action: ["走到下周一 09:00", () => go.to(8, "09:00")],
  },
];

/**
 * `actions`: pickSpeaker, reviewer, join, to(weekday, "HH:MM"), canGo(weekday, "HH:MM"). Weekdays count
 * from this week's Monday, 1; 8 is the next one.
 */
export function startGuide(actions) {
  go = actions;
  reopen.addEventListener("click", () => open(true));
  store.on("clock", () => !box.hidden && drawAction());
  open(localStorage.getItem(KEY) !== "done");
}

/** Closes the guide; true if it was open. */
export function closeGuide() {
  if (box.hidden) return false;
  localStorage.setItem(KEY, "done");
  open(false);
  reopen.focus();
  return true;
}

function open(visible) {
  box.hidden = !visible;
  reopen.hidden = visible;
  if (visible) draw();
}

function show(next) {
  step = next;
  draw();
}

function draw() {
  const hint = HINTS[step];
  const last = step === HINTS.length - 1;
  const dots = HINTS.map((_, i) => el("span", { class: i === step ? "dot on" : "dot" }));
  const button = (label, props, click) =>
    el("button", { type: "button", ...props, on: { click } }, label);
  fill(
    box,
    el(
      "header",
      {},
      el("span", { class: "guide-label" }, "第一次来？"),
      el("span", { class: "dots", "aria-label": `第 ${step + 1} 步，共 ${HINTS.length} 步` }, dots),
      button(icon("close"), { class: "icon-button", "aria-label": "不再显示" }, closeGuide),
    ),
    el("h2", {}, hint.title),
    el("p", {}, hint.text),
    el(
      "footer",
      {},
      button(hint.action[0], { class: "guide-action" }, () => hint.action[1]()),
      step > 0 && button("上一步", { class: "quiet" }, () => show(step - 1)),
      last
        ? button("知道了", { class: "quiet" }, closeGuide)
        : button("下一步", { class: "quiet next" }, () => show(step + 1)),
    ),
  );
  drawAction();
}

function drawAction() {
  const possible = HINTS[step].action[2] ?? (() => true);
  box.querySelector(".guide-action").disabled = store.moving || !possible();
}
