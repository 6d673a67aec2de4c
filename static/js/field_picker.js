// A long list of choices is searched once it is open: a click, Space, Enter or Alt with an arrow opens a text in which part
// of a name is typed. Closed it is the browser's own list, as it is without this script and under a finger.
{
  const LONG = 10;
  let picker = null;
  let pointer = "mouse";
  let typed = -1000;
  const isLong = (select) => select.matches("form.builder select") && !select.multiple && !select.disabled && select.options.length >= LONG;
  const labelOf = (select) => select.getAttribute("aria-label") ?? select.labels[0]?.textContent.trim() ?? "";
  const optionsOf = (select) =>
    [...select.options].map((option) => {
      const group = option.parentElement.tagName === "OPTGROUP" ? option.parentElement.label : "";
      return { label: option.label, value: option.value, group, words: option.value ? wordsToFind(option.label, group, option.dataset.words ?? "") : [] };
    });
  const close = (focus) => {
    if (!picker) return;
    const { popup, id } = picker;
    picker = null;
    popup.close();
    if (focus) document.getElementById(id)?.focus();
  };
  const choose = ({ value }) => {
    const select = document.getElementById(picker.id);
    close(true);
    if (!select || select.value === value) return;
    select.value = value;
    for (const kind of ["input", "change"]) select.dispatchEvent(new Event(kind, { bubbles: true }));
  };
  const open = (select) => {
    const options = optionsOf(select);
    const popup = openPopupList({
      label: "Choices",
      options,
      active: options[select.selectedIndex],
      at: () => (document.getElementById(select.id) ?? select).getBoundingClientRect(),
      choose,
      empty: "Nothing here is called that.",
    });
    const input = Object.assign(document.createElement("input"), { type: "text", className: "form-control", role: "combobox", autocomplete: "off", placeholder: "Type to find" });
    input.setAttribute("aria-label", `Find: ${labelOf(select)}`);
    input.setAttribute("aria-expanded", "true");
    popup.box.prepend(input);
    popup.control(input);
    picker = { popup, input, id: select.id };
    popup.filter("");
    popup.show();
    input.focus();
    popup.filter("");
    input.addEventListener("input", () => popup.filter(input.value));
    input.addEventListener("focusout", () => close(false));
    input.addEventListener("keydown", (event) => {
      if (popup.key(event)) return;
      if (event.key === "Escape" || event.key === "Tab") {
        if (event.key === "Escape") event.preventDefault();
        event.stopPropagation();
        close(true);
      }
    });
  };
  document.addEventListener("pointerdown", ({ pointerType }) => (pointer = pointerType), true);
  document.addEventListener("mousedown", (event) => {
    const select = event.target.closest?.("select");
    if (!select || event.button || pointer === "touch" || !isLong(select)) return;
    event.preventDefault();
    const again = picker?.id === select.id;
    close(false);
    if (again) select.focus();
    else open(select);
  });
  document.addEventListener("keydown", (event) => {
    const select = event.target;
    if (event.key.length === 1 && event.key !== " ") typed = event.timeStamp;
    // In a closed list a blank soon after a letter is part of the word that is typed.
    if (event.key === " " && event.timeStamp - typed < 1000) return;
    const opens = ["Enter", " ", "F4"].includes(event.key) || (event.altKey && event.key.startsWith("Arrow"));
    if (select.tagName !== "SELECT" || !opens || event.ctrlKey || event.metaKey || !isLong(select)) return;
    event.preventDefault();
    open(select);
  });
  for (const kind of ["scroll", "resize"]) addEventListener(kind, () => picker?.popup.place(), { capture: true, passive: true });
}
