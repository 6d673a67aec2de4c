// What was chosen before htmx was ready, or kept by the browser over a reload, is told as soon as htmx listens.
const asServed = (one) => {
  if (one.tagName !== "SELECT") return one.value === one.defaultValue && one.checked === one.defaultChecked;
  const served = [...one.options].find((option) => option.defaultSelected) ?? one.options[0];
  return one.multiple || one.selectedOptions[0] === served;
};
const tell = () => {
  for (const one of document.querySelectorAll("select, input, textarea")) {
    if (asServed(one)) continue;
    for (const name of ["input", "change"]) one.dispatchEvent(new Event(name, { bubbles: true }));
  }
};
document.addEventListener("htmx:after:process", tell, { once: true });
