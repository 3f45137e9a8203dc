"""What is wrong with a page for somebody who reads, listens, tabs or zooms: the rules of WCAG that a machine can check."""

from typing import Any

from playwright.sync_api import Page

#: every fault of the structure, as a sentence; `strict` adds what our own markup promises beyond the theme of the admin
_STRUCTURE = r"""
(strict) => {
  const faults = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const shown = (node) => node.checkVisibility({ visibilityProperty: true });
  const said = (node) => node.outerHTML.replace(/\s+/g, " ").slice(0, 110);
  const text = (ids) => ids.split(/\s+/).map((id) => document.getElementById(id)?.textContent ?? "").join(" ").trim();
  const name = (node) => (node.getAttribute("aria-label") || text(node.getAttribute("aria-labelledby") || "")
    || [...(node.labels ?? [])].map((label) => label.textContent).join(" ").trim() || node.getAttribute("title") || (!strict && node.getAttribute("placeholder")) || "").trim();

  const headings = all("h1").filter(shown);
  if (strict ? headings.length !== 1 : !headings.length) faults.push(`${headings.length} h1`);
  if (!document.title.trim()) faults.push("no title");
  const seen = new Set();
  for (const node of all("[id]")) {
    if (seen.has(node.id)) faults.push(`the id ${node.id} stands twice`);
    seen.add(node.id);
  }
  for (const node of all("input:not([type=hidden]), select, textarea")) {
    if (shown(node) && !node.disabled && !name(node)) faults.push(`no label: ${said(node)}`);
  }
  for (const node of all("img")) {
    if (!node.hasAttribute("alt")) faults.push(`no alt: ${said(node)}`);
    if (shown(node) && node.complete && !node.naturalWidth) faults.push(`no picture: ${said(node)}`);
  }
  for (const node of all("a[href], button, summary")) {
    const alt = [...node.querySelectorAll("img[alt]")].map((img) => img.alt).join("");
    if (shown(node) && !(node.textContent.trim() || name(node) || alt)) faults.push(`no name: ${said(node)}`);
  }
  if (strict) {
    for (const attribute of ["aria-describedby", "aria-labelledby", "aria-controls", "for"]) {
      for (const node of all(`[${attribute}]`)) {
        for (const id of node.getAttribute(attribute).split(/\s+/).filter(Boolean)) {
          if (!document.getElementById(id)) faults.push(`${attribute}="${id}" names nothing: ${said(node)}`);
        }
      }
    }
    let level = 0;
    for (const node of all("h1, h2, h3, h4").filter(shown)) {
      const next = Number(node.tagName[1]);
      if (next > level + 1) faults.push(`h${next} after h${level}: ${node.textContent.trim().slice(0, 40)}`);
      level = next;
    }
    for (const node of all("[style]")) {
      if (!node.closest("svg") && !node.style.transform) faults.push(`style in the markup: ${said(node)}`);
    }
    for (const node of all("a[href], button, input:not([type=hidden]), select, textarea, summary").filter(shown)) {
      if (node.tabIndex > 0) faults.push(`a tab order of its own: ${said(node)}`);
    }
    for (const node of all("main:not(:has(.specimen)) a[href='#']")) faults.push(`leads nowhere: ${said(node)}`);
  }
  return faults;
}
"""

_OVERFLOW = r"""
() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return null;
  const hidden = (node) => {
    for (let up = node; up && up !== document.body; up = up.parentElement) {
      if (/auto|scroll|hidden|clip/.test(getComputedStyle(up).overflowX)) return true;
    }
    return false;
  };
  const guilty = [...document.querySelectorAll("body *")].filter((node) => node.getBoundingClientRect().right > wide + 1 && !hidden(node));
  return guilty.slice(-2).map((node) => node.outerHTML.replace(/\s+/g, " ").slice(0, 110)).join(" | ") || "?";
}
"""

#: every text whose colour is too near to what lies under it: 4.5 to 1, for large text 3 to 1 (WCAG 2.2, 1.4.3)
_CONTRAST = r"""
() => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const rgba = (colour) => {
    if (!known.has(colour)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      known.set(colour, [r, g, b, a / 255]);
    }
    return known.get(colour);
  };
  const over = (top, under) => top.slice(0, 3).map((part, i) => part * top[3] + under[i] * (1 - top[3])).concat(1);
  const light = (colour) => {
    const [r, g, b] = colour.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    const layers = [];
    for (let up = node; up; up = up.parentElement) {
      const style = getComputedStyle(up);
      if (style.backgroundImage !== "none" && !/^(SELECT)$/.test(up.tagName)) return null;
      const colour = rgba(style.backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reduceRight((under, top) => over(top, under), [255, 255, 255, 1]);
  };
  const faults = new Set();
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    if (!own || !node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (node.closest("[disabled], [aria-disabled=true], svg, option, .visually-hidden")) continue;
    const style = getComputedStyle(node);
    const under = ground(node);
    if (!under) continue;
    const [a, b] = [light(over(rgba(style.color), under)), light(under)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    if (ratio < needed) faults.add(`contrast ${ratio.toFixed(2)}: <${node.tagName.toLowerCase()} class="${node.className}"> ${node.textContent.trim().slice(0, 30)}`);
  }
  return [...faults];
}
"""


def structure(page: Page, *, strict: bool = True) -> list[str]:
    """Headings, labels, names, ids, alternatives: what somebody with a screen reader stumbles over."""
    return page.evaluate(_STRUCTURE, strict)


def overflow(page: Page, *widths: int) -> list[str]:
    """What sticks out to the right at these widths, so that the page scrolls sideways."""
    before: Any = page.viewport_size
    faults = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 844})
        if guilty := page.evaluate(_OVERFLOW):
            faults.append(f"wider than {width} pixels: {guilty}")
    page.set_viewport_size(before)
    return faults


def contrast(page: Page) -> list[str]:
    """Text that is hard to see, by day and by night."""
    faults = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        faults += [f"{scheme}: {fault}" for fault in page.evaluate(_CONTRAST)]
    page.emulate_media(color_scheme="light")
    return faults
