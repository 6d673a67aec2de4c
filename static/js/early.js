// Fields that were changed before htmx was ready, or restored by the browser on reload, fire their events once it is.
const asServed = (control) => {
  if (control.tagName !== "SELECT") return control.value === control.defaultValue && control.checked === control.defaultChecked;
  const served = [...control.options].find((option) => option.defaultSelected) ?? control.options[0];
  return control.multiple || control.selectedOptions[0] === served;
};
const fireEvents = () => {
  for (const control of document.querySelectorAll("select, input, textarea")) {
    if (asServed(control)) continue;
    for (const name of ["input", "change"]) control.dispatchEvent(new Event(name, { bubbles: true }));
  }
};
document.addEventListener("htmx:after:process", fireEvents, { once: true });
