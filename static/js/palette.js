// The palette: Ctrl+K (⌘K on a Mac) opens it, the arrows choose, Enter opens. The dialog holds the focus and gives it
// back. Answers come out of order; only the one to what is typed now is shown. Without this script its link leads to
// the search page.
const isMac = /mac|iphone|ipad/i.test(navigator.userAgentData?.platform ?? navigator.platform);
const PAUSE = 150; // milliseconds without a letter before the server is asked
const palette = document.getElementById("palette");
const input = document.getElementById("palette-input");
const list = document.getElementById("palette-list");
const sentence = document.getElementById("palette-says");
let [timer, asked, shownFor] = [0, null, null];

const options = () => [...list.querySelectorAll("[role=option]")];
const chosen = () => list.querySelector("[aria-selected=true]");
const choose = (option) => {
  chosen()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  if (option) input.setAttribute("aria-activedescendant", option.id);
  else input.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
};
const draw = (hits, words) => {
  const before = chosen()?.href;
  list.replaceChildren(...hits);
  options().forEach((option, place) => (option.id = `palette-hit-${place}`));
  input.setAttribute("aria-expanded", String(options().length > 0));
  sentence.textContent = words;
  // A button changes something: where there are several, a person has to choose one first.
  const all = options();
  choose(all.find(({ href }) => before && href === before) ?? (all.length > 1 ? all.find(({ href }) => href) : all[0]));
};
const ask = async () => {
  asked?.abort();
  const mine = (asked = new AbortController());
  const text = input.value;
  try {
    const url = `${palette.dataset.hits}?${new URLSearchParams({ q: text })}`;
    const answer = await fetch(url, { signal: AbortSignal.any([mine.signal, AbortSignal.timeout(10000)]) });
    if (answer.redirected) throw new Error("signed out");
    if (!answer.ok) throw new Error(String(answer.status));
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== asked) return;
    shownFor = text;
    draw(found.getElementById("palette-hits").children, found.getElementById("palette-found").textContent);
  } catch (error) {
    if (mine !== asked) return;
    shownFor = null;
    draw([], error.message === "signed out" ? "You are signed out. Reload the page to sign in again." : "The search did not load. Press Enter to try again on the search page.");
  }
};
const later = (pause) => {
  clearTimeout(timer);
  timer = setTimeout(ask, pause);
};
const open = (dialog) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
  dialog.showModal();
  if (dialog !== palette) return;
  input.select();
  later(0);
};

for (const kbd of isMac ? document.querySelectorAll("kbd[data-ctrl]") : []) kbd.textContent = "⌘";
for (const dialog of document.querySelectorAll("dialog.palette")) {
  // A click on the backdrop is one on the dialog itself; what stands in it covers it.
  dialog.addEventListener("click", ({ target }) => (target === dialog || target.closest("[data-closes]")) && dialog.close());
}
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-opens]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(document.getElementById(link.dataset.opens));
});
document.addEventListener("keydown", (event) => {
  // On a Mac, Ctrl+K deletes to the end of the line in every field.
  const held = isMac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  if (!held || event.altKey || event.shiftKey || event.isComposing || event.key.toLowerCase() !== "k") return;
  event.preventDefault();
  if (palette.open) palette.close();
  else if (!document.querySelector("dialog:modal")) open(palette);
});
palette.addEventListener("close", () => clearTimeout(timer));
input.addEventListener("input", ({ isComposing }) => isComposing || later(PAUSE));
input.addEventListener("compositionend", () => later(PAUSE));
input.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return; // The keys belong to the input method.
  const all = options();
  const place = all.indexOf(chosen());
  const to = { ArrowDown: (place + 1) % all.length, ArrowUp: (Math.max(place, 0) - 1 + all.length) % all.length }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    return choose(all[to]);
  }
  // What is shown may belong to letters typed before: then Enter submits the field to the search page.
  if (event.key !== "Enter" || !chosen() || shownFor !== input.value) return;
  event.preventDefault();
  const apart = (event.ctrlKey || event.metaKey) && chosen().href;
  if (apart) window.open(apart, "_blank", "noopener");
  else chosen().click();
});
list.addEventListener("mousemove", ({ target }) => {
  const option = target.closest("[role=option]");
  if (option && option !== chosen()) choose(option);
});
document.documentElement.classList.add("can-search");
