// How many records are ticked, on the button that goes on with them and beside the quick ways to tick. Without
// scripts the button speaks of the ticked ones, and the server counts.
{
  const form = document.querySelector("form[data-ticked]");
  const count = () => {
    const ticked = form.querySelectorAll("input[type=checkbox][name=record]:checked").length + Number(form.dataset.ticked);
    const button = form.querySelector("button[data-one]");
    const words = ticked === 1 ? button.dataset.one : button.dataset.many.replace(" 2 ", ` ${ticked.toLocaleString("en")} `);
    button.querySelector("span").textContent = words;
    button.disabled = ticked === 0;
    const elsewhere = Number(form.dataset.ticked) ? `, ${form.dataset.ticked} of them on other pages` : "";
    form.querySelector("[data-ticked-words]").textContent = `${ticked.toLocaleString("en")} ticked${elsewhere}`;
  };
  if (form) {
    form.addEventListener("change", count);
    // A page that comes back from the browser's memory still has its boxes.
    window.addEventListener("pageshow", count);
  }
}
