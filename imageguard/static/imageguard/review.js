/* Keys for the pages of images: a key presses the button or follows the link that names it. Without this script every
   step is a plain form or link on the same page. */
(() => {
  "use strict";
  const typing = (node) => node.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || typing(event.target)) return;
    const named = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (named && !named.disabled) { event.preventDefault(); named.click(); }
  });

  // A second click, or a key held down, does nothing while the first is under way.
  let isSent = false;
  document.addEventListener("submit", (event) => {
    if (!event.target.closest(".ig")) return;
    if (isSent) event.preventDefault();
    isSent = true;
  });
  addEventListener("pageshow", () => { isSent = false; });
})();
