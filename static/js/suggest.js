// Suggestions under the search box, as an ARIA combobox. The server finds and counts them; one that is chosen
// is asked as if it had been typed. On any trouble the box stays the plain one it is without a script.
"use strict";

(() => {
  const PAUSE = 150; // ms without a key until the server is asked
  const box = document.getElementById("q");
  const status = document.getElementById("suggested");
  if (!box || !status) return;
  const words = status.dataset;
  const language = document.documentElement.lang === "en" ? "en" : "zh";
  const list = document.createElement("ul");
  let options = [];
  let active = -1;
  let timer = 0;
  let request = null;
  let isComposing = false;

  const numbered = (number, one, many) => (number === 1 ? one : many).replace("#", number);

  const element = (name, className, ...content) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...content);
    return made;
  };

  // --- what is shown ---

  const isOpen = () => !list.hidden;

  const close = () => {
    clearTimeout(timer);
    request?.abort();
    list.hidden = true;
    active = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
    status.textContent = "";
  };

  const open = () => {
    list.hidden = false;
    box.setAttribute("aria-expanded", "true");
    status.textContent = numbered(options.length, words.one, words.many);
  };

  const highlighted = (label, piece) => {
    const at = piece ? label.indexOf(piece) : -1;
    if (at < 0) return [label];
    return [label.slice(0, at), element("mark", "", piece), label.slice(at + piece.length)];
  };

  const option = (one, number) => {
    const shown = one.label[language] ? language : "zh";
    const label = element("span", "sug-name", ...highlighted(one.label[shown], one.matched[shown]));
    if (shown !== language) label.lang = "zh-Hans";
    const note = element("span", "sug-note", one.note[language] || one.note.zh);
    if (one.reference && words.sample) note.append(" ", element("span", "demo", words.sample));
    const made = element("li", "", label, " ", note);
    if (one.count !== null) {
      made.append(" ", element("span", "sug-count", numbered(one.count, words.foundOne, words.foundMany)));
    }
    made.id = `suggestion-${number}`;
    made.setAttribute("role", "option");
    made.setAttribute("aria-selected", "false");
    made.dataset.question = one.question[language] || one.question.zh;
    return made;
  };

  const show = (found) => {
    close();
    options = found.map(option);
    list.replaceChildren(...options);
    if (options.length && document.activeElement === box) open();
  };

  // --- what is asked ---

  // `then` is what follows once its suggestions are open.
  const fetchNow = async (typed, then) => {
    request = new AbortController();
    const { signal } = request;
    try {
      const address = new URL(document.querySelector("[data-suggest]").dataset.suggest, location);
      address.searchParams.set("q", typed);
      const answer = await fetch(address, { signal, credentials: "same-origin" });
      const found = answer.ok ? (await answer.json()).suggestions : [];
      if (signal.aborted) return;
      show(found);
      if (isOpen()) then?.();
    } catch {
      if (!signal.aborted) show([]);
    }
  };

  const ask = (pause, then) => {
    clearTimeout(timer);
    request?.abort();
    const typed = box.value.trim();
    if (typed) timer = setTimeout(fetchNow, pause, typed, then);
    else show([]);
  };

  // --- going through it ---

  const activate = (number) => {
    options[active]?.setAttribute("aria-selected", "false");
    active = number;
    const chosen = options[active];
    if (!chosen) {
      box.removeAttribute("aria-activedescendant");
      return;
    }
    chosen.setAttribute("aria-selected", "true");
    chosen.scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", chosen.id);
  };

  const choose = (chosen) => {
    box.value = chosen.dataset.question;
    show([]);
    box.form.querySelector("[type=submit]").click();
  };

  // Beyond either end stands the box itself, with nothing chosen.
  const step = (by) => {
    const places = options.length + 1;
    activate(((active + 1 + by + places) % places) - 1);
  };

  const KEYS = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    Home: () => active >= 0 && activate(0),
    End: () => active >= 0 && activate(options.length - 1),
    Enter: () => active >= 0 && choose(options[active]),
    Escape: close,
  };

  box.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!isOpen()) {
      if (event.key === "ArrowDown" && box.value.trim()) {
        event.preventDefault();
        ask(0, () => activate(0));
      }
      return;
    }
    if (event.key === "Tab") close();
    if (!(event.key in KEYS) || KEYS[event.key]() === false) return;
    event.preventDefault();
    event.stopPropagation();
  });
  box.addEventListener("compositionstart", () => {
    isComposing = true;
    close();
  });
  box.addEventListener("compositionend", () => {
    isComposing = false;
    ask(0);
  });
  box.addEventListener("input", () => {
    if (!isComposing) ask(PAUSE);
  });
  box.addEventListener("blur", close);
  box.form.addEventListener("submit", close);
  // A press does not take the focus away from the box: a finger may still scroll the list.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const chosen = event.target.closest("[role=option]");
    if (chosen) choose(chosen);
  });

  list.id = "suggestions";
  list.className = "sug";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", words.list);
  box.after(list);
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": list.id,
    "aria-haspopup": "listbox",
  })) {
    box.setAttribute(name, value);
  }
})();
