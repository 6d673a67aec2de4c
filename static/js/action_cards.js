// The actions of a rule: dragged by their handles, and told in a few words that follow what is chosen. Without this script
// the buttons beside the handle move them.
{
  const cardOf = ({ target }) => target.closest?.(".action-card");
  const numberOf = (card) => Number(card.dataset.place);
  let dragged = null;
  const clear = () => {
    for (const card of document.querySelectorAll(".action-card")) card.classList.remove("dragged", "drop-before", "drop-after");
  };
  const isBelow = (card, { clientY }) => {
    const { top, height } = card.getBoundingClientRect();
    return clientY > top + height / 2;
  };

  document.addEventListener("dragstart", (event) => {
    if (!event.target.closest?.(".action-handle")) return;
    const card = cardOf(event);
    dragged = numberOf(card);
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.getAttribute("aria-label"));
    event.dataTransfer.setDragImage(card, 20, 20);
    setTimeout(() => card.classList.add("dragged"));
  });
  document.addEventListener("dragover", (event) => {
    const card = cardOf(event);
    if (dragged === null || !card) return;
    event.preventDefault();
    for (const other of document.querySelectorAll(".action-card")) other.classList.remove("drop-before", "drop-after");
    if (numberOf(card) !== dragged) card.classList.add(isBelow(card, event) ? "drop-after" : "drop-before");
  });
  document.addEventListener("drop", (event) => {
    const card = cardOf(event);
    if (dragged === null || !card) return;
    event.preventDefault();
    const place = numberOf(card) + (isBelow(card, event) ? 1 : 0);
    const to = place > dragged ? place - 1 : place;
    const button = document.getElementById(`move-action-${dragged}`);
    clear();
    if (to === dragged || !button) return;
    button.value = `move-action-${dragged}-${to}`;
    button.click();
  });
  document.addEventListener("dragend", () => {
    dragged = null;
    clear();
  });

  // The rail comes with every response; it carries the words of each action.
  document.addEventListener("htmx:after:swap", () => {
    const words = JSON.parse(document.getElementById("action-words")?.dataset.words ?? "{}");
    for (const [id, text] of Object.entries(words)) {
      const place = document.getElementById(id);
      if (place && place.textContent !== text) place.textContent = text;
    }
  });
}
