"""What every page is held to in a browser, as scripts that give what is wrong.

CONTRAST: text below 4.5:1 (large text 3:1) on backgrounds and gradients. FAINT: the same for text
in drawings as well. MARKS: lines, bars and dots of a chart below 3:1. LABELS: what a screen reader
or a thumb does not find.
"""

CONTRAST = """
() => {
  const channel = (v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const parse = (text) => {
    const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const light = ({ r, g, b }) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const over = (top, below) => ({
    r: top.r * top.a + below.r * (1 - top.a),
    g: top.g * top.a + below.g * (1 - top.a),
    b: top.b * top.a + below.b * (1 - top.a), a: 1 });
  const ground = (node) => {
    const layers = [];
    for (let one = node; one; one = one.parentElement) {
      const style = getComputedStyle(one);
      const image = style.backgroundImage.match(/rgba?\\([^)]+\\)/g);
      if (image && style.backgroundImage.includes("linear")) {
        return image.map(parse);
      }
      const color = parse(style.backgroundColor);
      layers.push(color);
      if (color.a === 1) break;
    }
    return [layers.reverse().reduce((below, top) => over(top, below), { r: 255, g: 255, b: 255 })];
  };
  const bad = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const node = walker.currentNode.parentElement;
    const hidden = ".skip, details:not([open]) > :not(summary)";
    if (!text || !node.checkVisibility() || node.closest(hidden)) continue;
    const style = getComputedStyle(node);
    const ink = parse(style.color);
    const large = parseFloat(style.fontSize) >= 24;
    for (const paper of ground(node)) {
      const [a, b] = [light(over(ink, paper)), light(paper)].sort((x, y) => y - x);
      const ratio = (a + 0.05) / (b + 0.05);
      if (ratio < (large ? 3 : 4.5)) bad.push(`${text.slice(0, 20)} ${ratio.toFixed(2)}`);
    }
  }
  return bad;
}
"""
LABELS = """
() => {
  const bad = [];
  for (const one of document.querySelectorAll("button, a, input:not([type=hidden]), textarea")) {
    const label = one.labels?.[0]?.textContent ?? "";
    const name = (one.getAttribute("aria-label") ?? label + one.textContent).trim();
    if (!name) bad.push(one.outerHTML);
    const box = one.getBoundingClientRect();
    const inline = getComputedStyle(one).display === "inline";
    if (one.checkVisibility() && !inline && !one.matches(".skip") && box.height < 44) {
      bad.push(`${name} ${box.height}px`);
    }
  }
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  for (const id of new Set(ids)) if (ids.filter((one) => one === id).length > 1) bad.push(`#${id}`);
  for (const one of document.querySelectorAll("[aria-labelledby], [aria-describedby]")) {
    for (const id of [one.getAttribute("aria-labelledby"), one.getAttribute("aria-describedby")]) {
      if (id && !document.getElementById(id)) bad.push(`no #${id}`);
    }
  }
  if (document.querySelectorAll("h1").length !== 1) bad.push("h1");
  if (document.querySelectorAll("main").length !== 1) bad.push("main");
  if (document.documentElement.lang !== "zh-CN") bad.push("lang");
  if (document.documentElement.scrollWidth > innerWidth) bad.push("scrolls sideways");
  return bad;
}
"""
FAINT = """
() => {
  const parts = (colour) => (colour.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const over = ([r, g, b, a = 1], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a)];
  const behind = (element) => {
    if (!element) return parts(getComputedStyle(document.documentElement).colorScheme.includes("dark")
      && matchMedia("(prefers-color-scheme: dark)").matches ? "rgb(18,18,18)" : "rgb(255,255,255)");
    const own = parts(getComputedStyle(element).backgroundColor);
    return own[3] === 0 ? behind(element.parentElement) : over(own, behind(element.parentElement));
  };
  const under = (text) => {
    const svg = text.closest("svg"), box = text.getBoundingClientRect();
    const x = box.x + box.width / 2, y = box.y + box.height / 2;
    let ground = behind(svg.parentElement);
    for (const shape of svg.querySelectorAll("rect, circle")) {
      const { left, right, top, bottom } = shape.getBoundingClientRect();
      const before = shape.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING;
      const style = getComputedStyle(shape);
      if (!before || style.fill === "none" || x < left || x > right || y < top || y > bottom) continue;
      const [r, g, b, a = 1] = parts(style.fill);
      ground = over([r, g, b, a * style.fillOpacity * style.opacity], ground);
    }
    return ground;
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [a, b] = [light(one), light(other)];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  const faint = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement, text = texts.currentNode.textContent.trim();
    if (!text || !element.checkVisibility() || element.matches("svg title")) continue;
    const style = getComputedStyle(element), drawn = element.closest("svg") !== null;
    const ground = drawn ? under(element) : behind(element);
    const found = contrast(over(parts(drawn ? style.fill : style.color), ground), ground);
    if (found < 4.5) faint.push(`${found.toFixed(2)} ${text.slice(0, 30)}`);
  }
  return [...new Set(faint)];
}
"""  # noqa: E501
MARKS = """
() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = colour.map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const faint = [];
  for (const mark of document.querySelectorAll("svg [fill^='var(--p'], svg [stroke^='var(--p'], svg [stroke='var(--mark)']")) {
    const style = getComputedStyle(mark), card = getComputedStyle(mark.closest(".card"));
    const named = mark.getAttribute("fill")?.startsWith("var(--p");
    if (mark.hasAttribute("fill-opacity")) continue;
    const [a, b] = [light(parts(named ? style.fill : style.stroke)), light(parts(card.backgroundColor))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 3) faint.push(`${contrast.toFixed(2)} ${mark.outerHTML}`);
  }
  return faint;
}
"""  # noqa: E501
