/* The reviewers' desk, made quicker: one link at a time, keys, kept choices, images side by side.
   Without this script every step is a plain form on the same page. */
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  const buttonsOf = (form) => [...form.elements].filter((field) => field.type === "submit");

  // A second click does nothing while the first is under way.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches("[data-once], #rv-form")) return;
    setTimeout(() => buttonsOf(form).forEach((button) => { button.disabled = true; }));
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) all("form[data-once], #rv-form").flatMap(buttonsOf).forEach((button) => { button.disabled = false; });
  });

  const typing = (node) => node.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName);

  function start() {
    const page = document.querySelector(".rv[data-review]");
    if (!page) return;
    page.classList.add("rv-js");
    const form = document.getElementById("rv-form");
    const chips = all("[data-chip]", page);
    const panels = all("[data-panel]", page);
    const panelOf = (key) => panels.find((panel) => panel.dataset.panel === key);
    let current = panels.find((panel) => panel.classList.contains("is-current")) || panels[0];

    // --- one link at a time ------------------------------------------------------------------
    function show(panel, { focus = true } = {}) {
      if (!panel) return;
      current = panel;
      panels.forEach((other) => other.classList.toggle("is-current", other === panel));
      chips.forEach((chip) => {
        if (chip.dataset.chip === panel.dataset.panel) {
          chip.setAttribute("aria-current", "true");
          chip.scrollIntoView({ block: "nearest" });
        } else chip.removeAttribute("aria-current");
      });
      if (focus) {
        history.replaceState(null, "", `#${panel.dataset.panel}`);
        panel.focus({ preventScroll: true });
        if (panel.getBoundingClientRect().top < 0) panel.scrollIntoView({ block: "start" });
      }
    }
    function go(chip) {
      if (!chip) return;
      if (chip.hasAttribute("data-away")) chip.click();
      else show(panelOf(chip.dataset.chip));
    }
    const place = () => chips.findIndex((chip) => current && chip.dataset.chip === current.dataset.panel);
    const step = (by) => { if (chips.length) go(chips[place() + by]); };
    chips.forEach((chip) => chip.addEventListener("click", (event) => {
      if (chip.hasAttribute("data-away")) return;
      event.preventDefault();
      go(chip);
    }));
    show(panelOf(location.hash.slice(1)) || current, { focus: false });

    // --- choosing ------------------------------------------------------------------------------
    const store = `ippro-review:${page.dataset.review}`;
    const rule = (panel) => panel && panel.querySelector("[data-rule]");
    const outcomeOf = (select) => {
      const option = select.selectedOptions[0];
      const group = option && option.value && option.closest("optgroup");
      return group ? (group === select.querySelector("optgroup") ? "uphold" : "dismiss") : "";
    };
    function paint(panel) {
      const select = rule(panel);
      if (!select) return;
      const outcome = outcomeOf(select);
      all("[data-choose]", panel).forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.choose === outcome)));
      const chip = chips.find((one) => one.dataset.chip === panel.dataset.panel);
      if (chip) chip.className = `rv-chip rv-chip--${outcome || "open"}`;
    }
    function count() {
      const said = page.querySelector("[data-total]");
      if (!said) return;
      const total = Number(said.dataset.total);
      const values = all("select[data-rule]", page).filter((select) => select.value).length
        + all('#rv-form input[type="hidden"][name^="rule-"]').length;
      said.textContent = said.dataset.words.replace("%d", values).replace("%t", total);
    }
    function choose(panel, outcome) {
      const select = rule(panel);
      if (!select) return;
      select.value = page.dataset[outcome];
      changed(panel);
      const here = place();
      const later = [...chips.slice(here + 1), ...chips.slice(0, here)];
      const next = later.find((chip) => chip.classList.contains("rv-chip--open"));
      if (next) go(next);
      else document.getElementById(outcome === "uphold" ? "facts-uphold" : "facts-dismiss")?.scrollIntoView({ block: "nearest" });
    }
    function changed(panel) { if (panel) paint(panel); count(); keep(); }

    // --- keeping: what was chosen survives a reload and a look at another page ---------------------
    const fields = () => form ? [...form.elements].filter((field) => /^(rule|facts)-/.test(field.name)) : [];
    function keep() {
      if (!form) return;
      const kept = {};
      fields().forEach((field) => { if (field.value) kept[field.name] = field.value; });
      try { sessionStorage.setItem(store, JSON.stringify({ since: page.dataset.since, kept })); } catch { /* full or forbidden: the form itself still holds everything */ }
    }
    function bring() {
      let found = null;
      try { found = JSON.parse(sessionStorage.getItem(store)); } catch { return; }
      if (!found || found.since !== page.dataset.since) return;
      const known = new Set(chips.map((chip) => chip.dataset.chip));
      for (const [name, value] of Object.entries(found.kept)) {
        const field = form.elements.namedItem(name);
        if (field) { if (!field.value) field.value = value; continue; }
        const key = name.replace(/^(rule|facts)-/, "");
        if (!known.has(key)) continue;
        const carried = Object.assign(document.createElement("input"), { type: "hidden", name, value });
        form.append(carried);
        const chip = chips.find((one) => one.dataset.chip === key);
        if (chip && name.startsWith("rule-")) {
          const option = page.querySelector(`select[data-rule] option[value="${CSS.escape(value)}"]`);
          const first = option && option.closest("select").querySelector("optgroup");
          chip.className = `rv-chip rv-chip--${option && option.closest("optgroup") === first ? "uphold" : "dismiss"}`;
        }
      }
    }
    if (form) {
      if (!page.hasAttribute("data-posted")) bring();
      panels.forEach(paint);
      count();
      keep();
      page.addEventListener("change", (event) => { if (event.target.form === form) changed(event.target.closest("[data-panel]")); });
      page.addEventListener("input", (event) => { if (event.target.form === form) keep(); });
      all("[data-choose]", page).forEach((button) => button.addEventListener("click", () => choose(button.closest("[data-panel]"), button.dataset.choose)));
      if (!page.hasAttribute("data-posted")) {
        const open = chips.find((chip) => chip.classList.contains("rv-chip--open") && !chip.hasAttribute("data-away"));
        if (open && !location.hash) show(panelOf(open.dataset.chip), { focus: false });
      }
    } else {
      try { sessionStorage.removeItem(store); } catch { /* nothing to forget */ }
    }

    // --- images ----------------------------------------------------------------------------------
    const zoom = document.getElementById("rv-zoom");
    const pane = (side) => zoom.querySelector(`[data-pane="${side}"] img`);
    let scale = 1, x = 0, y = 0;
    const draw = () => all("figure img", zoom).forEach((img) => { img.style.transform = `translate(${x}px, ${y}px) scale(${scale})`; });
    const reset = () => { scale = 1; x = 0; y = 0; draw(); };
    const main = (side) => side === "right" ? page.querySelector('.rv-main > .rv-side [data-zoom="right"] img') : current && current.querySelector('[data-zoom="target"] img');
    function large(instead) {
      for (const side of ["right", "target"]) {
        const img = side === "right" && instead ? instead : main(side);
        const frame = pane(side).closest("figure");
        frame.hidden = !img;
        if (img) pane(side).src = img.src;
      }
      reset();
      zoom.showModal();
    }
    all("[data-zoom]", page).forEach((link) => link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || !link.querySelector("img")) return;
      event.preventDefault();
      large(link.dataset.zoom === "evidence" ? link.querySelector("img") : null);
    }));
    all("[data-side]", page).forEach((thumb) => thumb.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      const frame = thumb.closest(".rv-side").querySelector("[data-zoom]");
      if (!frame || !frame.querySelector("img")) return;
      event.preventDefault();
      frame.href = thumb.href;
      frame.querySelector("img").src = thumb.querySelector("img").src;
      all("[data-side]", thumb.parentElement).forEach((other) => other.toggleAttribute("aria-current", false));
      thumb.setAttribute("aria-current", "true");
    }));
    const scaled = (by) => { if (!by) { reset(); return; } scale = Math.min(12, Math.max(0.5, scale * by)); draw(); };
    all("[data-zoom-by]", zoom).forEach((button) => button.addEventListener("click", () => scaled(Number(button.dataset.zoomBy))));
    zoom.addEventListener("wheel", (event) => { event.preventDefault(); scaled(event.deltaY < 0 ? 1.15 : 1 / 1.15); }, { passive: false });
    zoom.addEventListener("pointerdown", (event) => {
      const frame = event.target.closest("figure");
      if (!frame) return;
      frame.setPointerCapture(event.pointerId);
      const from = { x: event.clientX - x, y: event.clientY - y };
      const move = (moved) => { x = moved.clientX - from.x; y = moved.clientY - from.y; draw(); };
      frame.addEventListener("pointermove", move);
      frame.addEventListener("pointerup", () => frame.removeEventListener("pointermove", move), { once: true });
    });
    all("img", page).forEach((img) => img.addEventListener("error", () => {
      const frame = img.closest(".rv-image");
      if (frame) frame.classList.add("rv-image--none");
    }));

    // --- keys --------------------------------------------------------------------------------------
    const help = document.getElementById("rv-help");
    all("[data-template-for]").forEach((choice) => choice.addEventListener("change", () => {
        const field = document.getElementById(choice.dataset.templateFor);
        if (field && choice.value) { field.value = field.value.trim() ? `${field.value.trim()}\n\n${choice.value}` : choice.value; field.focus(); }
        choice.value = "";
    }));
    const helpButton = page.querySelector("[data-help]");
    if (helpButton) helpButton.addEventListener("click", () => help.showModal());
    const open = (id) => {
      const box = document.getElementById(id);
      if (!box) return;
      box.open = true;
      box.scrollIntoView({ block: "nearest" });
      box.querySelector("input[type=checkbox], textarea")?.focus();
    };
    const keys = {
      j: () => step(1),
      k: () => step(-1),
      u: () => choose(current, "uphold"),
      d: () => choose(current, "dismiss"),
      p: () => page.querySelector("[data-preview]")?.click(),
      a: () => page.querySelector('[data-step="accept"]')?.requestSubmit(),
      r: () => open("return"),
      n: () => page.querySelector("#notes textarea")?.focus(),
      z: () => large(),
      "?": () => help.showModal(),
    };
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event.target)) return;
      if (document.querySelector("dialog[open]")) return;
      const act = keys[event.key];
      if (!act || (event.repeat && event.key !== "j" && event.key !== "k")) return;
      event.preventDefault();
      act();
    });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
