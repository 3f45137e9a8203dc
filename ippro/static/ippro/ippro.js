/* Progressive enhancement of ippro's pages: every page works without this file.
   Behaviour hangs on data attributes; the style guide lists them. */
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("has-script");
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const words = () => document.getElementById("words")?.dataset ?? {};
  const announce = (text) => {
    const place = document.querySelector("[data-announce]");
    if (place) place.textContent = text;
  };

  /* --- what the browser keeps of one person's work is nobody else's: unsent files of imageguard/register.js --------- */
  const person = document.body.dataset.person ?? "";
  const kept = "ippro-person";
  const SIGNED_OUT = "-";
  try {
    const last = localStorage.getItem(kept);
    if (last && last !== person && (person || last === SIGNED_OUT)) indexedDB.deleteDatabase("ippro-uploads");
    if (person) localStorage.setItem(kept, person);
    else if (last === SIGNED_OUT) localStorage.removeItem(kept);
  } catch { /* then there is no such place, and nothing in it */ }
  document.addEventListener("submit", (event) => {
    if (!new URL(event.target.action, location.href).pathname.endsWith("/logout/")) return;
    // The next page clears it away: this one may have it open.
    try { localStorage.setItem(kept, SIGNED_OUT); } catch { /* as above */ }
  });

  /* --- menus, dialogs, messages ------------------------------------------------------------------- */
  document.addEventListener("click", (event) => {
    for (const menu of all("details[data-menu][open]")) if (!menu.contains(event.target)) menu.open = false;
    const opener = event.target.closest("[data-open-dialog]");
    if (opener) openDialog(opener.dataset.openDialog);
    const dismiss = event.target.closest("[data-dismiss]");
    if (dismiss) dismiss.closest(".alert")?.remove();
    const copy = event.target.closest("[data-copy]");
    if (copy) copyText(copy);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of all("details[data-menu][open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  // Enter in a part of a form that has a button of its own presses that one, and not the form's first.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !event.target.matches("[data-enter] input")) return;
    event.preventDefault();
    document.querySelector(event.target.closest("[data-enter]").dataset.enter).click();
  });
  function openDialog(id) {
    const dialog = document.getElementById(id);
    if (!dialog?.showModal) return;
    if (id === "shortcuts") listShortcuts(dialog);
    dialog.showModal();
  }
  async function copyText(button) {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      const area = document.createElement("textarea");
      area.value = button.dataset.copy;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    button.classList.add("is-copied");
    announce(words().copied);
  }

  /* --- data-confirm: ask before a form is sent or a link followed ------------------------------------ */
  function confirmFirst(element, go) {
    const dialog = document.getElementById("confirm");
    if (!dialog?.showModal) {
      if (window.confirm(element.dataset.confirm)) go();
      return;
    }
    const title = dialog.querySelector(".dialog__title");
    const yes = dialog.querySelector("[data-confirm-yes]");
    dialog.querySelector("[data-confirm-text]").textContent = element.dataset.confirm;
    title.textContent = element.dataset.confirmTitle || title.dataset.default;
    yes.textContent = element.dataset.confirmAction || yes.dataset.default;
    yes.className = element.dataset.confirmTone === "danger" ? "button button--danger-solid" : "button button--primary";
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => dialog.returnValue === "yes" && go(), { once: true });
    dialog.showModal();
  }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const asker = event.submitter?.dataset.confirm ? event.submitter : form.dataset.confirm ? form : null;
    if (asker && !form.dataset.confirmed) {
      event.preventDefault();
      event.stopImmediatePropagation();
      const submitter = event.submitter;
      confirmFirst(asker, () => {
        form.dataset.confirmed = "yes";
        form.requestSubmit(submitter);
        delete form.dataset.confirmed;
      });
    }
  }, true);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-confirm]");
    if (!link) return;
    event.preventDefault();
    confirmFirst(link, () => window.location.assign(link.href));
  });

  /* --- one click sends once ----------------------------------------------------------------------- */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.target || form.hasAttribute("hx-post")) return;
    // After the browser has read which button sent the form.
    setTimeout(() => all("button:not([type=button]), input[type=submit]", form).forEach((button) => {
      button.disabled = true;
      button.setAttribute("aria-busy", "true");
      button.dataset.held = "yes";
    }), 0);
  });
  window.addEventListener("pageshow", () => all("[data-held]").forEach((button) => {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }));

  /* --- data-guard: do not lose what was typed -------------------------------------------------------- */
  const dirty = new Set();
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-guard]");
    if (form) dirty.add(form);
  });
  document.addEventListener("submit", (event) => dirty.delete(event.target));
  window.addEventListener("beforeunload", (event) => {
    if (dirty.size) event.preventDefault();
  });

  /* --- data-autosave="address": drafts keep themselves ------------------------------------------------ */
  const timers = new WeakMap();
  const saving = new WeakMap();
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-autosave]");
    if (!form || event.target.type === "file") return;
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => saving.set(form, autosave(form)), 1200));
  });
  // What is sent by hand waits for the save under way, and is based on the version that it makes.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    clearTimeout(timers.get(form));
    if (event.defaultPrevented || !saving.has(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const submitter = event.submitter;
    saving.get(form).then(() => form.requestSubmit(submitter));
  }, true);
  async function autosave(form) {
    const status = form.querySelector("[data-autosave-status]");
    const say = (text) => status && (status.textContent = text);
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    say(words().saving);
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body: data, headers: { "X-Autosave": "1" }, redirect: "error" });
      if (!answer.ok) throw new Error(answer.status);
      const version = answer.headers.get("X-Version");
      if (version && form.elements.version) form.elements.version.value = version;
      dirty.delete(form);
      say(words().saved);
    } catch {
      say(words().saveFailed);
    } finally {
      saving.delete(form);
    }
  }

  /* --- data-dropzone: files by drag, by paste, with a list -------------------------------------------- */
  const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1024))} kB` : `${(bytes / 1048576).toFixed(1)} MB`);
  function setFiles(input, files) {
    const transfer = new DataTransfer();
    for (const file of input.multiple ? files : files.slice(-1)) transfer.items.add(file);
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }
  function listFiles(zone) {
    const input = zone.querySelector("input[type=file]");
    const list = zone.querySelector("[data-dropzone-files]");
    const limit = Number(input.dataset.maxBytes || 0);
    list.replaceChildren(...[...input.files].map((file, index) => {
      const row = document.createElement("li");
      const text = document.createElement("span");
      text.textContent = `${file.name} · ${size(file.size)}`;
      if (limit && file.size > limit) text.textContent += ` – ${words().tooLarge}`;
      const remove = document.createElement("button");
      remove.type = "button";
      remove.className = "button button--quiet button--small";
      remove.textContent = words().remove;
      remove.setAttribute("aria-label", `${words().remove}: ${file.name}`);
      remove.addEventListener("click", () => setFiles(input, [...input.files].filter((_, at) => at !== index)));
      row.append(text, remove);
      return row;
    }));
  }
  document.addEventListener("change", (event) => {
    const zone = event.target.type === "file" && event.target.closest("[data-dropzone]");
    if (zone) listFiles(zone);
  });
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) document.addEventListener(name, (event) => {
    const zone = event.target.closest?.("[data-dropzone]");
    if (!zone) return;
    event.preventDefault();
    zone.classList.toggle("is-over", name === "dragenter" || name === "dragover");
    if (name !== "drop") return;
    const input = zone.querySelector("input[type=file]");
    setFiles(input, [...(input.multiple ? input.files : []), ...event.dataTransfer.files]);
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    const zone = document.activeElement?.closest("[data-dropzone]") ?? document.querySelector("[data-dropzone]");
    const input = zone?.querySelector("input[type=file]");
    if (!files.length || !input) return;
    event.preventDefault();
    setFiles(input, [...(input.multiple ? input.files : []), ...files]);
  });

  /* --- data-count-lines="500": how many links have been pasted ------------------------------------------ */
  function countLines(area) {
    const limit = Number(area.dataset.countLines);
    let place = area.nextElementSibling;
    if (!place?.classList.contains("field__count")) {
      place = document.createElement("p");
      place.className = "field__count";
      area.after(place);
    }
    const count = area.value.split(/\n/).filter((line) => line.trim()).length;
    place.textContent = `${count} / ${limit}`;
    place.classList.toggle("is-over", count > limit);
  }
  document.addEventListener("input", (event) => event.target.matches?.("[data-count-lines]") && countLines(event.target));

  /* --- data-key="a": single-key shortcuts, which can be switched off ------------------------------------ */
  const shortcutsOn = () => {
    try { return localStorage.getItem("shortcuts") !== "off"; } catch { return true; }
  };
  const visible = (element) => element.getClientRects().length > 0;
  const nameOf = (element) => element.dataset.keyLabel || element.getAttribute("aria-label") || element.textContent.trim();
  function listShortcuts(dialog) {
    const list = dialog.querySelector("[data-shortcut-list]");
    all("[data-added]", list).forEach((row) => row.remove());
    for (const element of all("[data-key]").filter(visible)) {
      const row = document.createElement("div");
      row.dataset.added = "yes";
      const key = document.createElement("kbd");
      key.textContent = element.dataset.key;
      const term = document.createElement("dt");
      term.append(key);
      const meaning = document.createElement("dd");
      meaning.textContent = nameOf(element);
      row.append(term, meaning);
      list.append(row);
    }
    dialog.querySelector("[data-shortcut-switch]").checked = shortcutsOn();
  }
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-shortcut-switch]")) return;
    try { localStorage.setItem("shortcuts", event.target.checked ? "on" : "off"); } catch { /* private window */ }
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing || !shortcutsOn()) return;
    if (event.target.closest("input, textarea, select, [contenteditable], dialog[open]")) return;
    if (event.key === "?") {
      event.preventDefault();
      openDialog("shortcuts");
      return;
    }
    const target = all("[data-key]").find((element) => element.dataset.key === event.key && visible(element) && !element.disabled);
    if (!target) return;
    event.preventDefault();
    if (target.matches("input, textarea, select")) target.focus();
    else target.click();
  });

  /* --- on arrival, and after htmx has put something new --------------------------------------------------- */
  function arrive(within) {
    within.querySelector("form[method=post] [data-error-summary]")?.focus();
    for (const tab of all(".tabs [aria-current]", within)) tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.offsetLeft - 16;
    all("[data-count-lines]", within).forEach(countLines);
  }
  document.addEventListener("DOMContentLoaded", () => arrive(document));
  document.addEventListener("htmx:load", (event) => arrive(event.detail.elt));
})();
