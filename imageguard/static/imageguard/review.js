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

/* Pictures that a worker is still drawing are asked for again until they are there. */
(() => {
  "use strict";
  const TRIES = 60;
  for (const picture of document.querySelectorAll("img[data-drawn-later]")) {
    const address = picture.src;
    const note = picture.closest("figure")?.querySelector("[data-being-drawn]");
    let tried = 0;
    const again = () => {
      if (note) note.hidden = false;
      picture.hidden = true;
      tried += 1;
      if (tried <= TRIES) setTimeout(() => { picture.src = `${address}?again=${tried}`; }, 2000);
    };
    picture.addEventListener("error", again);
    picture.addEventListener("load", () => {
      if (note) note.hidden = true;
      picture.hidden = false;
    });
    if (picture.complete && !picture.naturalWidth && picture.loading !== "lazy") again();
  }
})();
