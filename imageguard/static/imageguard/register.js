/* Handing in images one by one, with progress; without this file the form sends them at once.
   What is still to be sent is kept in the browser's own database, so that a page that was closed goes on. */
(() => {
  "use strict";
  const AT_ONCE = 2;
  const LONGEST_WAIT = 30000;
  const LONGEST_KEPT = 7 * 86400000;

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-tick-all]");
    if (!button) return;
    for (const box of document.querySelectorAll(`input[type=checkbox][name="${button.dataset.tickAll}"]`)) box.checked = true;
  });

  const form = document.querySelector("form[data-uploader]");
  if (!form || !window.FormData || !window.DataTransfer) return;
  const word = (name) => form.dataset[`word${name[0].toUpperCase()}${name.slice(1)}`] || "";
  const input = form.querySelector("input[type=file][name=images]");
  const folder = form.querySelector("[data-folder]");
  const list = form.querySelector("[data-queue]");
  const state = form.querySelector("[data-state]");
  const token = form.querySelector("input[name=csrfmiddlewaretoken]").value;
  // What is sent says for whom this page was made, as its form would.
  const marks = { "X-CSRFToken": token, "X-Acting": form.querySelector("input[name=acting]")?.value ?? "", Accept: "application/json" };
  const person = document.body.dataset.person ?? "";
  let places = form.dataset.files ? { page: form.dataset.page, files: form.dataset.files, items: form.dataset.items } : null;
  /* Where a reload goes on: an archive alone begins its own intake, and until then only the page that sends it knows of it. */
  const here = () => places?.page ?? window.location.pathname;
  let known = new Set();
  let beginning = null;
  let total = 0;
  let done = 0;
  let running = 0;
  const queue = [];
  form.classList.add("is-ready");

  /* --- what is still to be sent, across reloads ----------------------------------------------------- */
  const store = (() => {
    let opened;
    const open = () => (opened ??= new Promise((resolve) => {
      try {
        const asked = indexedDB.open("ippro-uploads", 1);
        asked.onupgradeneeded = () => asked.result.createObjectStore("files", { autoIncrement: true });
        asked.onsuccess = () => {
          // Another tab has signed out: let go, so that it can be cleared away.
          asked.result.onversionchange = () => asked.result.close();
          resolve(asked.result);
        };
        asked.onerror = () => resolve(null);
      } catch { resolve(null); }
    }));
    const run = async (mode, act) => {
      const database = await open();
      if (!database) return undefined;
      return new Promise((resolve) => {
        try {
          const transaction = database.transaction("files", mode);
          const asked = act(transaction.objectStore("files"));
          // Only then it lasts: where there is no room left, a request that succeeded is taken back.
          transaction.oncomplete = () => resolve(asked.result);
          transaction.onabort = () => resolve(undefined);
        } catch { resolve(undefined); }
      });
    };
    return {
      add: (page, file, chosen) => run("readwrite", (files) => files.add({ page, file, choices: chosen, by: person, acting: marks["X-Acting"], at: Date.now() })),
      remove: (key) => key !== undefined && run("readwrite", (files) => files.delete(key)),
      async of(page) {
        const found = [];
        await run("readwrite", (files) => {
          const asked = files.openCursor();
          asked.onsuccess = () => {
            const at = asked.result;
            if (!at) return;
            const { file, choices: chosen, ...row } = at.value;
            if (row.by !== person || Date.now() - row.at > LONGEST_KEPT) at.delete();
            // What this person handed in for another organisation waits until they act for that one again.
            else if (row.page === page && row.acting === marks["X-Acting"]) found.push({ file, choices: chosen, key: at.primaryKey });
            at.continue();
          };
          return asked;
        });
        return found;
      },
    };
  })();

  /* --- rows ---------------------------------------------------------------------------------------- */
  function row(file) {
    const item = document.createElement("li");
    item.className = "upload";
    const text = document.createElement("div");
    text.className = "upload__text";
    const name = document.createElement("span");
    name.className = "upload__name";
    name.textContent = file.name;
    const bar = document.createElement("progress");
    bar.className = "bar";
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    const message = document.createElement("span");
    message.className = "upload__message";
    message.textContent = word("waiting");
    text.append(name, bar, message);
    item.append(text);
    list.append(item);
    return { item, bar, message };
  }
  function say(job, text, refused = false) {
    job.row.message.textContent = text;
    job.row.item.classList.toggle("is-refused", refused);
  }
  function unoffer(job) {
    for (const button of job.row.item.querySelectorAll("button")) button.remove();
  }
  function offer(job, label, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button--quiet button--small";
    button.textContent = label;
    button.setAttribute("aria-label", `${label}: ${job.file.name}`);
    button.addEventListener("click", () => {
      unoffer(job);
      act();
    });
    job.row.item.append(button);
  }
  function tell() {
    state.hidden = total === 0;
    const left = total - done;
    state.querySelector("[data-state-text]").textContent = left ? `${left} ${word("left")}` : word("done");
    state.querySelector("[data-state-hint]").textContent = left ? word("stay") : "";
    const bar = state.querySelector("[data-state-bar]");
    bar.max = Math.max(total, 1);
    bar.value = done;
  }

  /* --- results, drawn by the server ------------------------------------------------------------------ */
  let refreshing;
  function refresh() {
    clearTimeout(refreshing);
    refreshing = setTimeout(() => {
      if (places?.items && window.htmx) window.htmx.ajax("GET", places.items, { target: "#results", swap: "innerHTML" });
    }, 400);
  }

  /* --- sending --------------------------------------------------------------------------------------- */
  async function post(address, fields) {
    const data = new FormData();
    for (const [name, value] of Object.entries(fields)) data.append(name, value);
    const answer = await fetch(address, { method: "POST", body: data, headers: marks });
    const said = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
    return { status: answer.redirected ? 401 : answer.status, said };
  }
  const choices = () => Object.fromEntries([...new FormData(form)].filter(([name]) => name === "is_public" || name === "wants_timestamp"));

  /* One intake for all files of this page; its address is where a reload goes on. */
  function begun() {
    if (places) return Promise.resolve(places);
    beginning ??= post(form.dataset.begin, choices()).then(({ status, said }) => {
      if (status !== 201) throw Object.assign(new Error(said.message || ""), { status });
      places = said;
      window.history.replaceState(null, "", places.page);
      alone(here());
      for (const job of queue) keep(job);
      return places;
    }).finally(() => { beginning = null; });
    return beginning;
  }
  function keep(job) {
    job.kept = (job.kept ?? Promise.resolve()).then(() => keepAt(job));
  }
  async function keepAt(job) {
    const page = here();
    if (page !== job.page && !job.over && (places || isArchive(job.file))) {
      const key = await store.add(page, job.file, job.choices ?? choices());
      if (key !== undefined) {
        store.remove(job.key);
        job.page = page;
        job.key = key;
      }
    }
    if (job.over) store.remove(job.key);
  }
  async function hash(file) {
    if (!window.crypto?.subtle || file.size > 64 * 1048576) return "";
    const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  function upload(job, address, fields) {
    return new Promise((resolve) => {
      const request = job.request = new XMLHttpRequest();
      const data = new FormData();
      for (const [name, value] of Object.entries(fields)) data.append(name, value);
      request.open("POST", address);
      request.responseType = "json";
      for (const [name, value] of Object.entries(marks)) request.setRequestHeader(name, value);
      request.upload.addEventListener("progress", (event) => {
        if (!event.lengthComputable) return;
        job.row.bar.value = event.loaded / event.total;
        say(job, event.loaded < event.total ? `${word("sending")} ${Math.round((event.loaded / event.total) * 100)} %` : word("checking"));
      });
      request.addEventListener("load", () => {
        const away = request.responseURL && new URL(request.responseURL).pathname !== new URL(address, window.location.href).pathname;
        resolve({ status: away ? 401 : request.status, said: request.response ?? {} });
      });
      for (const name of ["error", "abort", "timeout"]) request.addEventListener(name, () => resolve({ status: 0, said: {} }));
      request.send(data);
    });
  }
  const isArchive = (file) => /\.zip$/i.test(file.name) || file.type === "application/zip";

  /* What is too large anyway is not sent first: it would be refused after minutes. */
  const mostBytes = (file) => Number(isArchive(file) ? form.dataset.mostArchive : form.dataset.most) || Infinity;

  async function send(job) {
    if (job.file.size > mostBytes(job.file)) return { status: 413, said: { message: word(isArchive(job.file) ? "largeArchive" : "large") } };
    if (isArchive(job.file)) return sendArchive(job);
    try {
      await begun();
    } catch (failure) {
      return { status: failure.status ?? 0, said: { message: failure.message } };
    }
    if (job.over) return { status: 0, said: {} };
    if (known.size && known.has(await hash(job.file))) return { status: 201, said: { state: "taken", message: word("known") } };
    say(job, word("sending"));
    return upload(job, places.files, { file: job.file });
  }
  async function sendArchive(job) {
    say(job, word("sending"));
    const answer = await upload(job, form.dataset.begin, { ...(job.choices ?? choices()), archive: job.file });
    if (answer.status === 201) job.link = answer.said.page;
    return answer;
  }

  function finish(job) {
    if (!job.over) done += 1;
    job.over = true;
    store.remove(job.key);
    tell();
    refresh();
  }
  function work() {
    while (running < AT_ONCE) {
      const job = queue.find((one) => !one.over && !one.busy && !one.stopped && one.after <= Date.now());
      if (!job) return;
      job.busy = true;
      running += 1;
      send(job).then(({ status, said }) => settle(job, status, said)).finally(() => {
        job.busy = false;
        running -= 1;
        work();
      });
    }
  }
  function settle(job, status, said) {
    if (job.over) return; // removed while it was sent
    const isRetried = status === 0 || status === 429 || status >= 500;
    if (!isRetried) unoffer(job);
    if (status === 201) {
      job.row.bar.value = 1;
      if (said?.key) known.add(said.key);
      if (job.link) {
        const link = document.createElement("a");
        link.href = job.link;
        link.textContent = job.file.name;
        say(job, `${word("archive")} `);
        job.row.message.append(link);
      } else job.row.item.remove();
      finish(job);
    } else if (isRetried) {
      job.tries += 1;
      const wait = Math.min(LONGEST_WAIT, 1000 * 2 ** job.tries);
      job.after = Date.now() + wait;
      job.row.bar.value = 0;
      say(job, status === 0 ? word("again") : said?.message || word("busy"));
      if (!job.row.item.querySelector("button")) offer(job, word("remove"), () => { job.row.item.remove(); finish(job); job.request?.abort(); });
      setTimeout(work, wait + 20);
    } else if (status === 401) {
      job.stopped = true;
      say(job, word("signedOut"), true);
    } else if (status === 413) {
      // Sent again it is as large as before: the row stays with its reason, and nothing waits for it.
      job.row.bar.value = 0;
      say(job, said?.message || `${status}`, true);
      offer(job, word("remove"), () => job.row.item.remove());
      finish(job);
    } else {
      job.stopped = true;
      job.row.bar.value = 0;
      say(job, said?.message || `${status}`, true);
      store.remove(job.key);
      job.key = job.page = undefined;
      offer(job, word("retry"), () => { job.stopped = false; say(job, word("waiting")); keep(job); work(); });
      offer(job, word("remove"), () => { job.row.item.remove(); finish(job); });
    }
  }
  window.addEventListener("online", () => {
    for (const job of queue) job.after = 0;
    work();
  });

  /* `left`: what was kept of it before, with the choices that were made then. */
  function add(files, left) {
    for (const file of files) {
      const job = { file, key: left?.key, choices: left?.choices, page: left && here(), row: row(file), tries: 0, after: 0, over: false, busy: false, stopped: false };
      queue.push(job);
      total += 1;
      keep(job);
    }
    tell();
    work();
  }

  /* --- choosing and dropping --------------------------------------------------------------------------- */
  const looksRight = (file) => /\.(jpe?g|png|webp|gif|zip)$/i.test(file.name) || /^image\//.test(file.type);
  function chosen(source, filter) {
    const files = [...source.files].filter(filter);
    source.value = "";
    if (files.length) add(files);
  }
  // Before the list of the drop zone is drawn: the files are taken over here.
  input.addEventListener("change", () => chosen(input, () => true));
  input.required = false;
  folder?.addEventListener("change", () => chosen(folder, looksRight));
  form.querySelector("[data-choose-folder]")?.addEventListener("click", () => folder.click());

  async function inside(entry) {
    if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
    const reader = entry.createReader();
    const found = [];
    for (;;) {
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!some.length) return found;
      for (const one of some) found.push(...(await inside(one)).filter((file) => one.isDirectory || looksRight(file)));
    }
  }
  async function dropped(transfer) {
    const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    if (!entries.length) return [...transfer.files];
    const found = [];
    for (const entry of entries) found.push(...(await inside(entry).catch(() => [])));
    return found;
  }
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) form.addEventListener(name, (event) => {
    event.preventDefault();
    event.stopPropagation();
    form.classList.toggle("is-over", name === "dragenter" || name === "dragover");
    if (name === "drop") dropped(event.dataTransfer).then((files) => files.length && add(files));
  }, true);

  /* --- going on ---------------------------------------------------------------------------------------- */
  async function goOn() {
    if (places) try {
      const answer = await fetch(places.files, { headers: { Accept: "application/json" } });
      if (answer.ok) known = new Set((await answer.json()).keys);
    } catch { /* then every file is sent, and recognised there */ }
    // What was chosen since the page opened is kept too, and already on its way.
    for (const left of await store.of(here())) if (!queue.some((job) => job.key === left.key)) add([left.file], left);
  }
  // The same page in two tabs: what the first sends, the second goes on with once the first is closed.
  function alone(page, act = () => {}) {
    if (!navigator.locks) return act();
    return navigator.locks.request(`ippro-uploads ${page}`, () => {
      if (here() !== page) return undefined; // until it was this tab's turn its files began an intake of their own
      act();
      return new Promise(() => {});
    });
  }
  alone(here(), goOn);
})();
