/* Prepared reasons: what is chosen is put where the writer stands in the box beside it. Alt+M leads from a box to its
   choices and Escape back. Without this script the choices stay hidden, and reasons are written by hand. */
(() => {
  "use strict";
  if (document.documentElement.hasAttribute("data-macros")) return;
  document.documentElement.setAttribute("data-macros", "");

  const fieldOf = (choice) => document.getElementById(choice.dataset.macroFor);
  const insert = (field, text) => {
    const at = field.selectionStart ?? field.value.length;
    const before = field.value.slice(0, at).trimEnd();
    const after = field.value.slice(field.selectionEnd ?? at).trimStart();
    const start = before ? `${before}\n\n${text}` : text;
    field.value = after ? `${start}\n\n${after}` : start;
    field.setSelectionRange(start.length, start.length);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  };

  document.addEventListener("change", (event) => {
    const choice = event.target.closest?.("[data-macro-for]");
    if (!choice || !choice.value) return;
    const field = fieldOf(choice);
    if (field) insert(field, choice.value);
    choice.value = "";
  });
  document.addEventListener("keydown", (event) => {
    if (event.altKey && event.code === "KeyM") {
      const all = [...document.querySelectorAll("[data-macro-for]")].filter((choice) => choice.offsetParent);
      const choice = all.find((one) => one.dataset.macroFor === document.activeElement?.id) || all[0];
      if (choice) { event.preventDefault(); choice.focus(); }
    } else if (event.key === "Escape" && event.target.matches?.("[data-macro-for]")) {
      fieldOf(event.target)?.focus();
    }
  });
  const show = () => document.querySelectorAll(".macros[hidden]").forEach((one) => { one.hidden = false; });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", show);
  else show();
})();
