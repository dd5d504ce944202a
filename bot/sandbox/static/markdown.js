// WeCom's markdown subset as DOM nodes: headings, bold, quote, inline code, links,
// <font color="info|comment|warning">, <@userid>. Anything else stays the text that it is.

import { el } from "./dom.js";
import { store } from "./store.js";

const INLINE = new RegExp(
  [
    "`([^`\\n]+)`",
    "\\*\\*([\\s\\S]+?)\\*\\*",
    "\\[([^\\]\\n]+)\\]\\(([^)\\s]+)\\)",
    "<font color=[\"'](info|comment|warning)[\"']>([\\s\\S]*?)</font>",
    "<@([^<>\\s]+)>",
    "(https?://[\\w\\-.~:/?#@!$&*+;=%]+[\\w/=])",
  ].join("|"),
  "g",
);
const PLAIN = /<@([^<>\s]+)>|(https?:\/\/[\w\-.~:/?#@!$&*+;=%]+[\w/=])/g;

/** Only web addresses become links; everything else (javascript:, data:) stays text. */
export function link(href, label) {
  if (!/^https?:\/\//i.test(href)) return el("span", {}, label);
  const node = el("a", { href, target: "_blank", rel: "noopener noreferrer" }, label);
  node.addEventListener("click", openAsSpeaker);
  return node;
}

/** What is opened from here is opened by whoever speaks: the page of /connect is told by a cookie. */
function openAsSpeaker() {
  const speaker = store.speaker();
  if (speaker) document.cookie = `sandbox_person=${encodeURIComponent(speaker.id)}; path=/connect; samesite=lax`;
}

function mention(id) {
  const name = id === "all" ? "所有人" : (store.people.get(id)?.name ?? id);
  return el("span", { class: "mention" }, `@${name}`);
}

function scan(text, pattern, build) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > from) nodes.push(text.slice(from, match.index));
    nodes.push(build(match));
    from = match.index + match[0].length;
  }
  if (from < text.length) nodes.push(text.slice(from));
  return nodes;
}

function inline(text, depth = 0) {
  if (depth > 6) return [text];
  return scan(text, INLINE, ([, code, bold, label, href, color, inner, id, url]) => {
    if (code !== undefined) return el("code", {}, code);
    if (bold !== undefined) return el("strong", {}, inline(bold, depth + 1));
    if (label !== undefined) return link(href, label);
    if (color !== undefined) return el("span", { class: `font-${color}` }, inline(inner, depth + 1));
    if (id !== undefined) return mention(id);
    return link(url, url);
  });
}

/** Plain text: only mentions (of people, and of the bot at the start) and addresses are marked. */
export function plain(text) {
  const call = `@${store.botName}`;
  const called = text.startsWith(call);
  const nodes = scan(called ? text.slice(call.length) : text, PLAIN, ([, id, url]) =>
    id === undefined ? link(url, url) : mention(id),
  );
  return called ? [el("span", { class: "mention" }, call), ...nodes] : nodes;
}

/** Blocks of a markdown message; neighbouring lines of one kind belong together. */
export function markdown(text) {
  const blocks = [];
  for (const line of text.replace(/\r\n?/g, "\n").split("\n")) {
    const heading = /^(#{1,6})\s+(.+)$/.exec(line);
    const quote = /^>\s?(.*)$/.exec(line);
    const last = blocks.at(-1);
    if (heading) blocks.push({ kind: `h${heading[1].length}`, lines: [heading[2]] });
    else if (quote && last?.kind === "quote") last.lines.push(quote[1]);
    else if (quote) blocks.push({ kind: "quote", lines: [quote[1]] });
    else if (line.trim() === "") blocks.push({ kind: "gap", lines: [] });
    else if (last?.kind === "p") last.lines.push(line);
    else blocks.push({ kind: "p", lines: [line] });
  }
  return blocks.filter((block) => block.lines.length).map(blockNode);
}

function blockNode({ kind, lines }) {
  const content = inline(lines.join("\n"));
  if (kind === "quote") return el("blockquote", {}, content);
  if (kind === "p") return el("p", {}, content);
  // Headings inside a message must not enter the page's own outline.
  return el("p", { class: `heading ${kind}` }, content);
}

/** One line for the chat list and quotes. */
export function excerpt(text) {
  return text
    .replace(/<font color=["']\w+["']>|<\/font>/g, "")
    .replace(/<@([^<>\s]+)>/g, (_, id) => `@${store.people.get(id)?.name ?? id}`)
    .replace(/\[([^\]\n]+)\]\([^)\s]+\)/g, "$1")
    .replace(/^(#{1,6}|>)\s*/gm, "")
    .replace(/\*\*|`/g, "")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 120);
}
