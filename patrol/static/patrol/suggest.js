/* A field that names a watch profile offers what fits while somebody types. Without this script one types the number or
   a part of the name, and the page says what fits. */
(() => {
  "use strict";
  const WAIT = 200;
  let timer = 0;
  let asked = 0;

  const listOf = (field) => {
    if (!field.list) {
      const list = document.createElement("datalist");
      list.id = `${field.id}-list`;
      field.after(list);
      field.setAttribute("list", list.id);
    }
    return field.list;
  };

  const offer = async (field) => {
    asked += 1;
    const mine = asked;
    const answer = await fetch(`${field.dataset.suggest}?q=${encodeURIComponent(field.value)}`);
    if (!answer.ok || mine !== asked) return;
    const { profiles } = await answer.json();
    listOf(field).replaceChildren(...profiles.map(({ value, label }) => {
      const option = new Option(label, value);
      option.label = `${value} · ${label}`;
      return option;
    }));
  };

  document.addEventListener("input", (event) => {
    if (!event.target.matches?.("input[data-suggest]")) return;
    clearTimeout(timer);
    timer = setTimeout(offer, WAIT, event.target);
  });
})();
