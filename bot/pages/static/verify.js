/* Checks the evidence of a closed draw, in the browser and nowhere else.
 *
 * Written from docs/fair-draw.md alone, so that a mistake of the program is not repeated here.
 * WebCrypto does the hashing; it needs https (or this very computer).
 */

export const CHECKS = new Map([
  ["file", "文件完整可读"],
  ["rules", "规则没有被改动"],
  ["commitment", "承诺值对得上"],
  ["log", "日志一环扣一环"],
  ["course", "抽奖的先后合规"],
  ["entrants", "参加名单没有变"],
  ["draws", "每张奖品都对得上"],
]);

const KINDS = new Map([
  ["cash", "现金"],
  ["coupon", "券码"],
  ["gift", "实物"],
  ["points", "积分"],
]);
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_CARDS = 1_000_000;
const DEEPEST = 32;
const MOST_SHOWN = 20;
const WORDS = 2n ** 64n;
export const utf8 = new TextEncoder();

/* ---- what JSON says -------------------------------------------------------------------- */

/** The value of a JSON file given as bytes. Throws an Error that says in Chinese what is wrong. */
export function read(bytes) {
  if (bytes.byteLength > MOST_BYTES) throw new Error("文件超过 64 MB");
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error("文件不是 UTF-8 编码");
  }
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error("这不是 JSON 文件");
  }
  if (hasFraction(text)) throw new Error("数字必须是整数");
  return value;
}

/** Whether a number of this JSON is written with a point or an exponent: JSON.parse hides it. */
function hasFraction(text) {
  for (let from = 0; ; ) {
    const opening = text.indexOf('"', from);
    const between = opening < 0 ? text.slice(from) : text.slice(from, opening);
    if (/\d[.eE]/.test(between)) return true;
    if (opening < 0) return false;
    from = closingQuote(text, opening) + 1;
  }
}

/** Where a text ends: the next quote that an even number of backslashes stands before. */
function closingQuote(text, opening) {
  for (let at = opening; ; ) {
    at = text.indexOf('"', at + 1);
    let escapes = 0;
    while (text[at - 1 - escapes] === "\\") escapes += 1;
    if (escapes % 2 === 0) return at;
  }
}

const isObject = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Fractions, huge numbers, half characters, too deep: empty when there is nothing of it. */
function notPlain(evidence) {
  const waiting = [[evidence, 1]];
  while (waiting.length > 0) {
    const [value, depth] = waiting.pop();
    if (typeof value === "number" && !Number.isSafeInteger(value)) {
      return "数字必须是整数，且不超过 2 的 53 次方";
    }
    if (typeof value === "string" && /\p{Surrogate}/u.test(value)) return "文字里有残缺的字符";
    if (typeof value !== "object" || value === null) continue;
    if (depth > DEEPEST) return `嵌套超过 ${DEEPEST} 层`;
    if (Array.isArray(value)) {
      for (const inner of value) waiting.push([inner, depth + 1]);
    } else {
      for (const both of Object.entries(value)) {
        for (const inner of both) waiting.push([inner, depth + 1]);
      }
    }
  }
  return "";
}

/* ---- the shape ------------------------------------------------------------------------- */

const text = (value) => typeof value === "string";
const whole = (value) => Number.isInteger(value) && value >= 0;
const like = (pattern) => (value) => text(value) && pattern.test(value);
const hash64 = like(/^[0-9a-f]{64}$/);
const code16 = like(/^[0-9a-f]{16}$/);
const time = like(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
const kind = (value) => KINDS.has(value);
const listOf = (fits) => (value) => Array.isArray(value) && value.every(fits);
const card = (value) =>
  Array.isArray(value) &&
  value.length === 5 &&
  kind(value[0]) &&
  text(value[1]) &&
  value.slice(2).every(whole) &&
  value[4] >= 1;

const SHAPE = new Map([
  ["format", text],
  ["campaign", text],
  ["round", text],
  ["mode", like(/^(instant|entrants)$/)],
  ["public_value", text],
  ["rules", () => true],
  ["rules_hash", hash64],
  ["seed", hash64],
  ["cards", listOf(card)],
  ["commitment", hash64],
  ["entrants", listOf(code16)],
  ["log", Array.isArray],
  ["head", hash64],
]);
const LINK = [["type", text], ["number", whole], ["previous", hash64], ["at", time]];
const CARD = [["kind", kind], ["prize", text], ["amount_fen", whole], ["points", whole]];
const ENTRY = new Map([
  ["draw", new Map([...LINK, ["position", whole], ["code", code16], ...CARD])],
  [
    "amendment",
    new Map([...LINK, ["rules", () => true], ["rules_hash", hash64], ["changes", listOf(text)]]),
  ],
  ["freeze", new Map([...LINK, ["count", whole], ["entrants_hash", hash64]])],
  ["decide", new Map([...LINK, ["value", text]])],
  ["close", new Map([...LINK, ["reason", text]])],
]);

/** Keys that are missing or do not fit, and keys that should not be there. */
function misfits(value, shape) {
  const bad = [];
  for (const [key, fits] of shape) {
    if (!Object.hasOwn(value, key) || !fits(value[key])) bad.push(`${key} 缺少或者格式不对`);
  }
  for (const key of Object.keys(value)) {
    if (!shape.has(key)) bad.push(`多出了不认识的 ${key}`);
  }
  return bad;
}

function unreadable(evidence) {
  if (!isObject(evidence) || evidence.format !== "qunyun-evidence-2") {
    return ["这不是 qunyun-evidence-2 格式的证据文件"];
  }
  const strange = notPlain(evidence);
  if (strange) return [strange];
  const bad = misfits(evidence, SHAPE);
  if (bad.length > 0) return bad;
  const size = evidence.cards.reduce((sum, one) => sum + one[4], 0);
  if (size < 1 || size > MOST_CARDS) bad.push(`牌堆不在 1 到 ${MOST_CARDS} 张之间`);
  evidence.log.forEach((entry, number) => {
    const shape = isObject(entry) && ENTRY.get(entry.type);
    if (!shape || misfits(entry, shape).length > 0) {
      bad.push(`日志第 ${number} 条缺少内容或者格式不对`);
    }
  });
  return bad;
}

/* ---- hashing and chance ---------------------------------------------------------------- */

function byCodePoint(one, other) {
  const left = Array.from(one, (sign) => sign.codePointAt(0));
  const right = Array.from(other, (sign) => sign.codePointAt(0));
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    if (left[at] !== right[at]) return left[at] - right[at];
  }
  return left.length - right.length;
}

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const keys = Object.keys(value).sort(byCodePoint);
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
}

async function hash(value) {
  const digest = await crypto.subtle.digest("SHA-256", utf8.encode(canonical(value)));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const bytesOf = (hex) =>
  Uint8Array.from({ length: hex.length / 2 }, (_, at) => parseInt(hex.slice(2 * at, 2 * at + 2), 16));

const signing = (key) =>
  crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);

/** The words of a stream, as many blocks at once as `blocks` says: waiting for each one is slow. */
async function* stream(key, label, blocks) {
  const imported = await signing(key);
  const start = utf8.encode(label);
  for (let counter = 0; ; counter += blocks) {
    const made = await Promise.all(
      Array.from({ length: blocks }, (_, more) => {
        const message = new Uint8Array(start.length + 8);
        message.set(start);
        new DataView(message.buffer).setBigUint64(start.length, BigInt(counter + more));
        return crypto.subtle.sign("HMAC", imported, message);
      }),
    );
    yield made.flatMap((block) => {
      const view = new DataView(block);
      return [0, 8, 16, 24].map((at) => view.getBigUint64(at));
    });
  }
}

async function shuffled(things, key, label) {
  const result = [...things];
  const batches = stream(key, label, Math.min(256, Math.ceil(things.length / 4) || 1));
  let words = [];
  let next = 0;
  for (let place = result.length - 1; place > 0; place -= 1) {
    const bound = BigInt(place + 1);
    let word;
    do {
      if (next === words.length) {
        words = (await batches.next()).value;
        next = 0;
      }
      word = words[next];
      next += 1;
    } while (word >= WORDS - (WORDS % bound));
    const other = Number(word % bound);
    [result[place], result[other]] = [result[other], result[place]];
  }
  return result;
}

/* ---- the checks ------------------------------------------------------------------------ */

async function rules(evidence) {
  const bad = [];
  if ((await hash(evidence.rules)) !== evidence.rules_hash) {
    bad.push("规则与规则哈希不符：规则被改动过");
  }
  for (const entry of evidence.log) {
    if (entry.type === "amendment" && (await hash(entry.rules)) !== entry.rules_hash) {
      bad.push(`日志第 ${entry.number} 条的新规则与它的哈希不符`);
    }
  }
  return bad;
}

async function commitment(evidence) {
  const { campaign, cards, mode, public_value, round, rules_hash, seed } = evidence;
  const format = "qunyun-deck-2";
  const committed = { campaign, cards, format, mode, public_value, round, rules_hash, seed };
  return (await hash(committed)) === evidence.commitment
    ? []
    : ["承诺值不符：种子、活动、场次、规则或牌堆与开奖前公布的不一致"];
}

async function log(evidence) {
  const hashes = await Promise.all(evidence.log.map(hash));
  let previous = evidence.commitment;
  for (const [number, entry] of evidence.log.entries()) {
    if (entry.number !== number) return [`日志第 ${number} 条的编号却是 ${entry.number}`];
    if (entry.previous !== previous) {
      return [`日志第 ${number} 条与它的前一条接不上：之前有记录被改动、删除或插入`];
    }
    previous = hashes[number];
  }
  return previous === evidence.head ? [] : ["日志末尾的哈希不符：最后一条被改动或删除"];
}

function oneSpelling(value) {
  const words = value.split(" ");
  const sorted = [...words].sort((one, other) => one.length - other.length || byCodePoint(one, other));
  return (
    words.every((word) => /^(0|[1-9][0-9]*|[0-9]*[a-z][0-9a-z]*)$/.test(word)) &&
    words.join(" ") === sorted.join(" ")
  );
}

function course(evidence) {
  const bad = [];
  const instant = evidence.mode === "instant";
  if (instant !== (evidence.public_value === "")) {
    bad.push("名单开奖须事先说明用哪个公开值，即时抽奖不用公开值");
  }
  if (evidence.log.some((entry) => entry.type === "decide" && !oneSpelling(entry.value))) {
    bad.push("公开值的写法不是唯一的那一种：小写、无前导零、从短到长");
  }
  const types = evidence.log.map((entry) => entry.type).filter((type) => type !== "amendment");
  if (evidence.log.at(-1)?.type !== "close") return [...bad, "日志的最后一条不是结束"];
  const [first, second, ...rest] = types.slice(0, -1);
  const draws = (some) => some.every((type) => type === "draw");
  const fine = instant
    ? draws(types.slice(0, -1))
    : first === undefined ||
      (first === "freeze" && (second === undefined || (second === "decide" && draws(rest))));
  if (!fine) {
    bad.push(
      instant
        ? "即时抽奖的日志里只能有抽奖、规则变更和最后的结束"
        : "名单开奖须依次为：冻结名单、公开值、开奖、结束",
    );
  }
  return bad;
}

async function entrants(evidence) {
  const bad = [];
  const codes = evidence.entrants;
  if (codes.some((code, at) => at > 0 && byCodePoint(codes[at - 1], code) >= 0)) {
    bad.push("参加名单没有排序，或有人重复");
  }
  const frozen = evidence.log.filter((entry) => entry.type === "freeze");
  if (frozen.length === 0 && codes.length > 0) bad.push("没有冻结过名单，却有参加名单");
  const hashed = await hash(codes);
  for (const entry of frozen) {
    if (entry.count !== codes.length || entry.entrants_hash !== hashed) {
      bad.push("参加名单与冻结时公布的人数或哈希不符");
    }
  }
  return bad;
}

/** A card as [kind, prize, fen, points], for a person to read. */
export function shown([kind, prize, fen, points]) {
  const worth = [KINDS.get(kind)];
  if (fen > 0) worth.push(`${(fen - (fen % 100)) / 100}.${String(fen % 100).padStart(2, "0")} 元`);
  if (points > 0) worth.push(`${points} 分`);
  return `“${prize}”（${worth.join(" ")}）`;
}
export const cardOf = (entry) => [entry.kind, entry.prize, entry.amount_fen, entry.points];

async function draws(evidence) {
  const bad = [];
  const ordered = evidence.cards.flatMap((one) => Array(one[4]).fill(one.slice(0, 4)));
  const deck = await shuffled(ordered, bytesOf(evidence.seed), "qunyun/deck/1");
  const drawn = evidence.log.filter((entry) => entry.type === "draw");
  if (drawn.some((entry, at) => entry.position !== at)) {
    bad.push("抽出的位置不是从 0 起逐张相连，有缺漏、重复或颠倒");
  }
  for (const entry of drawn) {
    const there = deck[entry.position];
    if (there === undefined) {
      bad.push(`位置 ${entry.position} 超出牌堆（共 ${deck.length} 张）`);
    } else if (canonical(there) !== canonical(cardOf(entry))) {
      bad.push(`位置 ${entry.position} 应为${shown(there)}，记录却是${shown(cardOf(entry))}`);
    }
  }
  return [...bad, ...(await winners(evidence, drawn, deck.length))];
}

async function winners(evidence, drawn, cards) {
  const decided = evidence.log.filter((entry) => entry.type === "decide");
  if (evidence.mode !== "entrants" || decided.length !== 1) return [];
  const bad = [];
  const codes = [...evidence.entrants].sort(byCodePoint);
  const mixed = `qunyun/public/1/${await hash(codes)}/${decided[0].value}`;
  const seed = await signing(bytesOf(evidence.seed));
  const key = await crypto.subtle.sign("HMAC", seed, utf8.encode(mixed));
  const order = await shuffled(codes, key, "qunyun/entrants/1");
  const due = Math.min(order.length, cards);
  if (drawn.length !== due) bad.push(`应有 ${due} 人中奖，记录却有 ${drawn.length} 人`);
  drawn.slice(0, order.length).forEach((entry, at) => {
    if (entry.code !== order[at]) {
      bad.push(`位置 ${entry.position} 的中奖者应为 ${order[at]}，记录却是 ${entry.code}`);
    }
  });
  return bad;
}

const PARTS = new Map(Object.entries({ rules, commitment, log, course, entrants, draws }));

/** Everything that is wrong, as [check, text] pairs; empty when all of it holds. */
export async function verify(evidence) {
  const bad = unreadable(evidence);
  if (bad.length > 0) return bad.slice(0, MOST_SHOWN).map((one) => ["file", one]);
  const problems = [];
  for (const [check, part] of PARTS) {
    const found = await part(evidence);
    problems.push(...found.slice(0, MOST_SHOWN).map((one) => [check, one]));
  }
  return problems;
}

/** The draws with this code (16 hex digits) or receipt (64), of evidence that was verified. */
export async function receipts(evidence, wanted) {
  const drawn = evidence.log.filter((entry) => entry.type === "draw");
  const hashes = await Promise.all(drawn.map(hash));
  return drawn.filter((entry, at) => entry.code === wanted || hashes[at] === wanted);
}
