/* A field that names a watch profile offers what fits while somebody types. Without this script one types the number or
   a part of the name, and the page says what fits. */
(() => {
  "use strict";
  const WAIT = 200;
  for (const field of document.querySelectorAll("input[data-suggest]")) {
    const list = document.createElement("datalist");
    list.id = `${field.id}-list`;
    field.after(list);
    field.setAttribute("list", list.id);
    let timer = 0;
    let asked = 0;
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        asked += 1;
        const mine = asked;
        const answer = await fetch(`${field.dataset.suggest}?q=${encodeURIComponent(field.value)}`);
        if (!answer.ok || mine !== asked) return;
        const { profiles } = await answer.json();
        list.replaceChildren(...profiles.map(({ value, label }) => {
          const option = new Option(label, value);
          option.label = `${value} · ${label}`;
          return option;
        }));
      }, WAIT);
    });
  }
})();
