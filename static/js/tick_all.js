// A box that ticks all records of the page. A record has a box in the table and one on its card, for phones; both
// say the same, so that turning the screen changes nothing.
{
  const list = () => document.getElementById("records");
  const boxes = () => [...list().querySelectorAll("input[type=checkbox][name=record]")];
  const show = () => {
    const ticked = boxes().filter((box) => box.checked).length;
    for (const head of list().querySelectorAll("[data-tick-all]")) {
      head.checked = ticked > 0 && ticked === boxes().length;
      head.indeterminate = ticked > 0 && !head.checked;
    }
  };
  document.addEventListener("change", ({ target }) => {
    if (!list()?.contains(target)) return;
    if (target.matches("[data-tick-all]")) for (const box of boxes()) box.checked = target.checked;
    else if (target.name === "record") for (const box of boxes()) if (box.value === target.value) box.checked = target.checked;
    show();
  });
  // A page that comes back from the browser's memory still has its boxes.
  window.addEventListener("pageshow", () => list() && show());
}
