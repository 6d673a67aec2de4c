// Keys of every page: / searches, c creates, ? shows them all, Ctrl+S (⌘S on a Mac) saves. Single keys do nothing in
// fields, while an input method composes, in dialogs, together with other keys, or where a person switched them off.
const isField = (element) => Boolean(element.closest?.("input, select, textarea, [contenteditable], [role=textbox], [role=combobox]"));
const isOn = () => document.body.dataset.singleKeys !== "off";
const single = {
  "/": () => {
    const field = document.querySelector("main input[type=search]:not(:disabled)");
    if (!field) return document.querySelector('[data-opens="palette"]').click();
    field.focus();
    field.select();
  },
  c: () => {
    const link = document.querySelector('main .page-head-actions a.btn-primary[href$="/new"]');
    const address = link?.href ?? document.body.dataset.create;
    if (address) location.assign(address);
  },
  "?": () => document.querySelector('[data-opens="keys"]').click(),
};
// Where several forms can be saved, the one in which the focus is.
const saver = () => {
  const buttons = [...document.querySelectorAll('main [data-key="save"]')].filter((button) => !button.disabled);
  const form = document.activeElement?.form ?? document.activeElement?.closest?.("form");
  return buttons.find((button) => form && button.form === form) ?? (buttons.length === 1 ? buttons[0] : null);
};
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.keyCode === 229 || event.altKey) return;
  if (document.querySelector("dialog:modal")) return;
  const mac = /mac|iphone|ipad/i.test(navigator.userAgentData?.platform ?? navigator.platform);
  const held = mac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  if (held && !event.shiftKey && event.key.toLowerCase() === "s") {
    const button = saver();
    if (!button) return; // Then the browser saves the page, as it always does.
    event.preventDefault();
    if (!event.repeat) button.click();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.repeat || !isOn() || isField(event.target)) return;
  // A capital letter is somebody's Shift or caps lock; the signs need Shift on some keyboards.
  const act = Object.hasOwn(single, event.key) && single[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
