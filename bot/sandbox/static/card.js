// Template cards: text_notice, news_notice, button_interaction, vote_interaction,
// multiple_interaction. Only what a WeCom client would show, with working buttons.

import { api } from "./api.js";
import { el, icon, toast } from "./dom.js";
import { link } from "./markdown.js";
import { store } from "./store.js";

/** A card; `message` is the chat message that holds it. */
export function cardNode(message) {
  const card = message.card;
  return el(
    "section",
    { class: "card", "aria-label": `卡片：${card.main_title?.title ?? message.text}` },
    source(card),
    title(card),
    emphasis(card),
    card.quote_area && quoteArea(card.quote_area),
    card.sub_title_text && el("p", { class: "card-sub" }, card.sub_title_text),
    vertical(card),
    rows(card),
    jumps(card),
    answers(message),
  );
}

function source({ source: from }) {
  if (!from?.desc) return null;
  const color = ["grey", "ink", "red", "green"][from.desc_color ?? 0] ?? "grey";
  return el("p", { class: `card-source ${color}` }, from.desc);
}

function title({ main_title: main }) {
  if (!main?.title && !main?.desc) return null;
  return [
    main.title && el("p", { class: "card-title" }, main.title),
    main.desc && el("p", { class: "card-desc" }, main.desc),
  ];
}

function emphasis({ emphasis_content: content }) {
  if (!content?.title) return null;
  return el(
    "div",
    { class: "card-emphasis" },
    el("strong", {}, content.title),
    content.desc && el("span", {}, content.desc),
  );
}

function quoteArea(area) {
  return el(
    "blockquote",
    {},
    area.title && el("strong", {}, area.title, " "),
    area.url ? link(area.url, area.quote_text ?? area.url) : area.quote_text,
  );
}

function vertical({ vertical_content_list: list }) {
  return (list ?? []).map((item) => [
    el("p", { class: "card-title small" }, item.title),
    item.desc && el("p", { class: "card-sub" }, item.desc),
  ]);
}

function rows({ horizontal_content_list: list }) {
  if (!list?.length) return null;
  return el(
    "dl",
    { class: "card-rows" },
    list.map((row) => [
      el("dt", {}, row.keyname),
      el("dd", {}, row.url ? link(row.url, row.value ?? row.url) : (row.value ?? "")),
    ]),
  );
}

function jumps({ jump_list: list }) {
  if (!list?.length) return null;
  return el(
    "ul",
    { class: "card-jumps" },
    list.map((jump) => el("li", {}, link(jump.url ?? "", jump.title))),
  );
}

/** Everything that answers: choices, buttons, and what became of them. */
function answers(message) {
  const { card } = message;
  const settled = settledText(card);
  const buttons = [...(card.button_list ?? []), card.submit_button].filter((one) => one?.text);
  const form = el("form", { class: "card-answer" });
  form.addEventListener("submit", (event) => event.preventDefault());
  const fields = [card.button_selection, ...(card.select_list ?? [])].filter(Boolean);
  form.append(...fields.map(selection));
  if (card.checkbox) form.append(choices(card.checkbox));
  if (settled) form.append(el("p", { class: "card-settled" }, icon("check"), settled));
  else if (buttons.length) {
    const row = el("div", { class: "card-buttons" });
    row.append(...buttons.map((button) => pressable(message, button, form)));
    form.append(row);
  }
  const menu = card.action_menu?.action_list ?? [];
  if (menu.length) {
    const row = el("div", { class: "card-menu" }, el("span", {}, card.action_menu.desc ?? ""));
    row.append(...menu.map((action) => pressable(message, action, form)));
    form.append(row);
  }
  return form.childElementCount ? form : null;
}

/** The text that replaced the buttons, wherever the update put it. */
function settledText(card) {
  return card.replace_name ?? card.button?.replace_name ?? card.submit_button?.replace_name ?? null;
}

function selection(field) {
  const options = field.option_list.map((option) =>
    el("option", { value: option.id, selected: option.id === field.selected_id }, option.text),
  );
  return el(
    "label",
    { class: "card-select" },
    el("span", {}, field.title ?? "请选择"),
    el("select", { name: field.question_key, disabled: field.disable === true }, options),
  );
}

function choices(box) {
  const type = box.mode === 1 ? "checkbox" : "radio";
  const items = box.option_list.map((option) =>
    el(
      "label",
      { class: "card-choice" },
      el("input", {
        type,
        name: box.question_key,
        value: option.id,
        checked: option.is_checked === true,
        disabled: box.disable === true,
      }),
      option.text,
    ),
  );
  return el("div", { class: "card-choices" }, items);
}

function selected(form) {
  const found = {};
  for (const [key, value] of new FormData(form)) (found[key] ??= []).push(value);
  const items = Object.entries(found).map(([question_key, option_ids]) => ({
    question_key,
    option_ids,
  }));
  return items.length ? items : null;
}

function pressable(message, { text, key, style, type, url }, form) {
  if (type === 1 && url) return link(url, text);
  const pressed = message.card.pressed === key;
  const button = el(
    "button",
    { type: "button", class: `card-button style-${style ?? 1}`, "aria-pressed": String(pressed) },
    pressed && icon("check"),
    text,
  );
  button.addEventListener("click", async () => {
    const row = button.parentElement;
    const all = [...row.querySelectorAll("button")];
    all.forEach((one) => (one.disabled = true));
    button.setAttribute("aria-pressed", "true");
    button.classList.add("busy");
    try {
      const speaker = store.speaker(store.chat(message.chat));
      await api.press(speaker.id, message.n, key, selected(form));
    } catch (error) {
      toast(error.message);
      button.setAttribute("aria-pressed", "false");
    }
    button.classList.remove("busy");
    all.forEach((one) => (one.disabled = false));
  });
  return button;
}
