// A list of options that opens beside a control and is used by the arrows, Enter, Escape and the mouse while the focus stays
// in a text: what the field picker and the completion of fields share.
const openPopupList = ({ label, options, at, choose, empty, active }) => {
  const box = document.createElement("div");
  box.className = "popup-list";
  const list = document.createElement("div");
  Object.assign(list, { id: "popup-list", role: "listbox" });
  list.setAttribute("aria-label", label);
  const none = document.createElement("p");
  none.className = "popup-none";
  none.setAttribute("role", "status");
  box.append(list, none);
  let shown = [];
  let current = -1;
  let text = null;

  const mark = (place) => {
    current = shown.length ? (place + shown.length) % shown.length : -1;
    for (const [number, { element }] of shown.entries()) element.setAttribute("aria-selected", String(number === current));
    const element = shown[current]?.element;
    element?.scrollIntoView({ block: "nearest" });
    if (element) text?.setAttribute("aria-activedescendant", element.id);
    else text?.removeAttribute("aria-activedescendant");
  };
  const element = (option, number) => {
    const made = document.createElement("div");
    Object.assign(made, { className: "popup-option", role: "option", id: `popup-option-${number}` });
    made.append(option.label);
    made.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays
    made.addEventListener("click", () => choose(option));
    return made;
  };
  const group = (heading) => {
    const made = document.createElement("div");
    made.setAttribute("role", "group");
    made.setAttribute("aria-label", heading);
    made.append(Object.assign(document.createElement("div"), { className: "subheader", textContent: heading, ariaHidden: "true" }));
    return made;
  };
  // Every word has to begin a word of the label, the group or the other names.
  const filter = (typed) => {
    const wanted = typed.toLowerCase().split(/[\s.]+/).filter(Boolean);
    const fits = ({ words }) => wanted.every((word) => words.some((other) => other.startsWith(word)));
    const rank = ({ label: name }) => (name.toLowerCase().startsWith(typed.trim().toLowerCase()) ? 0 : 1);
    const found = options.filter(fits);
    shown = found.map((option, number) => ({ option, element: element(option, number) }));
    list.replaceChildren();
    let last = null;
    for (const { option, element: made } of shown) {
      if (option.group && last?.getAttribute("aria-label") !== option.group) list.append((last = group(option.group)));
      (option.group ? last : list).append(made);
    }
    none.textContent = shown.length ? "" : empty;
    const start = typed.trim() ? found.findIndex((option) => rank(option) === 0) : found.findIndex((option) => option === active);
    mark(Math.max(start, 0));
    return found.length;
  };
  const key = (event) => {
    const act = {
      ArrowDown: () => mark(current + 1),
      ArrowUp: () => mark(current - 1),
      Enter: shown[current] && (() => choose(shown[current].option)),
    }[event.key];
    if (!act || event.isComposing) return false;
    event.preventDefault();
    event.stopPropagation();
    act();
    return true;
  };
  const place = () => {
    const { left, top, bottom } = at();
    const below = innerHeight - bottom > 240 || bottom < innerHeight / 2;
    box.style.left = `${Math.max(8, Math.min(left, innerWidth - box.offsetWidth - 8))}px`;
    box.style.top = below ? `${bottom + 2}px` : "auto";
    box.style.bottom = below ? "auto" : `${innerHeight - top + 2}px`;
    box.style.maxHeight = `${Math.min(352, (below ? innerHeight - bottom : top) - 12)}px`;
  };
  const control = (input) => {
    text = input;
    for (const [name, value] of [["aria-controls", "popup-list"], ["aria-autocomplete", "list"]]) input.setAttribute(name, value);
  };
  const show = () => {
    // Within the main part, as everything that is read belongs to a part of the page.
    (document.getElementById("main") ?? document.body).append(box);
    // Wide enough for all, so that it does not shrink while somebody types.
    box.style.width = `${Math.min(Math.max(at().width, box.offsetWidth, 224), innerWidth - 16)}px`;
    place();
  };
  const close = () => {
    box.remove();
    for (const name of ["aria-controls", "aria-autocomplete", "aria-activedescendant"]) text?.removeAttribute(name);
  };
  return { box, control, show, close, filter, key, place };
};
// The words by which an option is found.
const wordsToFind = (...texts) => texts.join(" ").toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);
