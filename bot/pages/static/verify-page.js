/* The page /m/verify: takes an evidence file, shows every check. Nothing leaves the browser. */

import { CHECKS, cardOf, read, receipts, shown, utf8, verify } from "./verify.js";

function element(tag, className, content) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...[content].flat());
  return made;
}

function outcome(check, title, problems) {
  const wrong = problems.filter(([name]) => name === check).map(([, said]) => said);
  const skipped = check !== "file" && problems[0]?.[0] === "file";
  const [mark, word] = wrong.length > 0 ? ["✗", "wrong"] : skipped ? ["–", "skipped"] : ["✓", "right"];
  const lines = [element("span", "mark", mark), element("span", "title", title)];
  if (wrong.length > 0) lines.push(element("ul", "", wrong.map((one) => element("li", "", one))));
  return element("li", word, lines);
}

async function own(evidence, wanted) {
  const mine = await receipts(evidence, wanted);
  if (mine.length === 0) return [`✗ 这一期里没有凭证 ${wanted}`];
  return mine.map((one) => `✓ 您的凭证在第 ${one.position + 1} 张：${shown(cardOf(one))}`);
}

async function judge(bytes, wanted) {
  let evidence;
  let problems;
  try {
    evidence = read(bytes);
    problems = await verify(evidence);
  } catch (error) {
    problems = [["file", error.message]];
  }
  const checks = Array.from(CHECKS, ([check, title]) => outcome(check, title, problems));
  if (problems.length > 0) {
    return [element("p", "verdict wrong", "证据有误，请向主办方询问。"), element("ol", "checks", checks)];
  }
  const drawn = evidence.log.filter((entry) => entry.type === "draw").length;
  const facts = [
    `“${evidence.rules.title ?? evidence.campaign}”共抽出 ${drawn} 张，全部对得上。`,
    ...(wanted ? await own(evidence, wanted) : []),
  ];
  return [
    element("p", "verdict right", facts[0]),
    ...facts.slice(1).map((one) => element("p", "own", one)),
    element("ol", "checks", checks),
    element("p", "compare", "请把下面两个值与群里开始、结束时的公告核对："),
    element("dl", "values", [
      element("dt", "", "承诺值"),
      element("dd", "", evidence.commitment),
      element("dt", "", "日志末尾"),
      element("dd", "", evidence.head),
      element("dt", "", "活动和期号"),
      element("dd", "", `${evidence.campaign} / ${evidence.round}`),
    ]),
  ];
}

function start(page) {
  const form = page.querySelector("form");
  const result = page.querySelector("[aria-live]");
  const { file, pasted, receipt } = form.elements;
  let turn = 0;

  async function run() {
    const mine = (turn += 1);
    const chosen = file.files[0];
    const typed = pasted.value.trim();
    if (!chosen && !typed) {
      result.replaceChildren(element("p", "verdict", "请先选择证据文件，或把它的内容粘贴进来。"));
      return;
    }
    result.replaceChildren(element("p", "verdict", "正在验证……"));
    const bytes = chosen ? await chosen.arrayBuffer() : utf8.encode(typed).buffer;
    const shownNow = await judge(bytes, receipt.value.trim().toLowerCase());
    if (mine === turn) result.replaceChildren(...shownNow);
  }

  // From the page of a round: /m/verify?deck=3&receipt=…
  async function fetched(deck) {
    const back = element("a", "", "回到这一期");
    back.href = `/m/draw/${deck}`;
    form.before(element("p", "", back));
    result.replaceChildren(element("p", "verdict", "正在取这一期的证据文件……"));
    try {
      const answer = await fetch(`/m/evidence/${deck}`, { credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      pasted.value = await answer.text();
      await run();
      result.scrollIntoView({ block: "start" });
    } catch {
      const said = "没有取到证据文件。请从群里的链接重新进入，或向主办方要文件，再放到这里。";
      result.replaceChildren(element("p", "verdict", said));
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  file.addEventListener("change", () => {
    if (file.files.length > 0) run();
  });
  pasted.addEventListener("input", () => {
    file.value = "";
  });
  form.addEventListener("dragover", (event) => event.preventDefault());
  form.addEventListener("drop", (event) => {
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    file.files = event.dataTransfer.files;
    run();
  });
  if (!globalThis.crypto?.subtle) {
    result.replaceChildren(element("p", "verdict wrong", "这个浏览器不能计算哈希，请用 https 地址打开本页。"));
    form.querySelector("button").disabled = true;
  }
  const asked = new URLSearchParams(location.search);
  const deck = asked.get("deck") ?? "";
  if (globalThis.crypto?.subtle && /^[0-9]{1,18}$/.test(deck)) {
    receipt.value = asked.get("receipt") ?? "";
    fetched(deck);
  }
  document.body.classList.add("ready");
}

start(document.querySelector("#verify"));
