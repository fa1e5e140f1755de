// The search without a reload: fetches the page that a link or form leads to and puts its parts in place.
// The server decides everything; nothing is computed here. On any trouble the browser goes there itself.
"use strict";

(() => {
  const PARTS = ["filters", "results", "dock", "ask-carried"];
  const FEED = 'head > [type="application/atom+xml"]';
  const SLOW = 400; // ms until “searching” is announced
  const status = document.getElementById("status");
  const sheet = document.getElementById("filters");
  const narrow = matchMedia("(max-width: 60rem)");
  const isOpen = () => narrow.matches && location.hash === "#filters";
  const withoutHash = (address) => address.href.split("#")[0];
  let request = null;
  let shown = withoutHash(location);

  const isSearch = (address) =>
    address.origin === location.origin && address.pathname === location.pathname;

  // --- what the reader had: focus, folds, ticks ---

  const keyOf = (element) => {
    if (!element || !element.matches("a, summary, input, button")) return "";
    if (element.id) return `#${CSS.escape(element.id)}`;
    const { facet, value } = element.dataset;
    if (facet) return `[data-facet="${CSS.escape(facet)}"][data-value="${CSS.escape(value)}"]`;
    const fold = element.closest("[data-fold]");
    if (fold && element.matches("summary")) return `[data-fold="${CSS.escape(fold.dataset.fold)}"] > summary`;
    if (element.name === "reference") return `[name="reference"][value="${CSS.escape(element.value)}"]`;
    return "";
  };
  const folds = () => [...document.querySelectorAll(".facets [data-fold]")];
  const ticked = () => [...document.querySelectorAll("[name=reference]:checked")];

  const replace = (page) => {
    const focused = document.activeElement;
    const part = PARTS.find((id) => document.getElementById(id)?.contains(focused));
    const key = keyOf(focused);
    const open = new Map(folds().map((fold) => [fold.dataset.fold, fold.open]));
    const chosen = new Set(ticked().map((box) => box.value));
    const scrolled = sheet.scrollTop;
    const sideways = document.querySelector("#results .scroll")?.scrollLeft ?? 0;

    for (const id of PARTS) {
      const fresh = page.getElementById(id);
      document.getElementById(id).replaceChildren(...fresh.childNodes);
    }
    document.title = page.title;
    const address = page.querySelector("[data-language]").getAttribute("href");
    for (const link of document.querySelectorAll("[data-language]")) link.setAttribute("href", address);
    document.querySelector(FEED)?.remove();
    document.head.append(page.querySelector(FEED));
    const words = page.getElementById("q").value;
    const query = document.getElementById("q");
    if (query !== focused) query.value = words;

    for (const fold of folds()) {
      if (open.get(fold.dataset.fold)) fold.open = true;
    }
    for (const box of document.querySelectorAll("[name=reference]")) box.checked = chosen.has(box.value);
    sheet.scrollTop = scrolled;
    document.querySelector("#results .scroll")?.scrollTo(sideways, 0);
    if (!part) return;
    const same = key && document.querySelector(key);
    (same || document.getElementById(part === "filters" ? "filters" : "results")).focus({ preventScroll: true });
  };

  // --- going there ---

  const show = async (address, { push }) => {
    request?.abort();
    request = new AbortController();
    const own = request;
    const slow = setTimeout(() => {
      status.textContent = status.dataset.loading;
      document.body.classList.add("is-loading");
    }, SLOW);
    try {
      const answer = await fetch(withoutHash(address), { signal: own.signal, credentials: "same-origin" });
      const arrived = new URL(answer.url);
      if (!answer.ok || !isSearch(arrived)) throw new Error(`not a search: ${answer.status}`);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (PARTS.some((id) => !page.getElementById(id))) throw new Error("not a search page");
      if (own.signal.aborted) return;
      replace(page);
      shown = withoutHash(arrived);
      if (push && shown !== withoutHash(location)) {
        history.pushState(null, "", shown + (isOpen() ? "#filters" : ""));
      }
      status.textContent = document.querySelector("#results h1").textContent;
    } catch (error) {
      if (!own.signal.aborted) location.assign(address.href);
    } finally {
      clearTimeout(slow);
      if (own === request) document.body.classList.remove("is-loading");
    }
  };

  const isPlain = (event) =>
    event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || !isPlain(event)) return;
    link.closest(".pop")?.removeAttribute("open");
    // Not link.href: in a drawing that is an object.
    const address = new URL(link.getAttribute("href"), location);
    if (!link.closest("#filters, #results, #dock") || !isSearch(address)) return;
    if (link.getAttribute("href").startsWith("#")) return;
    event.preventDefault();
    const turns = link.closest(".pager") !== null;
    show(address, { push: true }).then(() => {
      if (turns) document.getElementById("results").scrollIntoView();
    });
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.id !== "range" && form.id !== "ask") return;
    const address = new URL(form.action);
    for (const [name, value] of new FormData(form)) {
      if (value) address.searchParams.append(name, value);
    }
    event.preventDefault();
    if (form.id === "ask") document.activeElement.blur();
    show(address, { push: true });
  });

  addEventListener("popstate", () => {
    if (withoutHash(location) !== shown) show(new URL(location.href), { push: false });
  });

  // --- the sheet of a phone: focus stays inside, Escape closes it; an open menu closes too ---

  addEventListener("hashchange", () => {
    if (isOpen()) sheet.focus();
    else if (narrow.matches) document.querySelector("#dock a").focus({ preventScroll: true });
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      document.querySelectorAll(".pop[open]").forEach((menu) => {
        menu.open = false;
        menu.querySelector("summary").focus();
      });
      if (isOpen()) location.hash = "#results";
    }
    if (event.key !== "Tab" || !isOpen()) return;
    const stops = [...sheet.querySelectorAll("a[href], summary, input:not([type=hidden]), button")].filter(
      (stop) => stop.getClientRects().length,
    );
    const [first, last] = [stops[0], stops.at(-1)];
    const leaves = event.shiftKey
      ? document.activeElement === first || document.activeElement === sheet
      : document.activeElement === last;
    if (!leaves) return;
    event.preventDefault();
    (event.shiftKey ? last : first).focus();
  });

  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll(".pop[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
})();
