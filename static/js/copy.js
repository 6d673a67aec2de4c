// Buttons that copy what stands in another element. Without this script they stay hidden, and the text can be selected.
document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("button[data-copy]")) button.hidden = !navigator.clipboard;
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("button[data-copy]");
  if (!button) return;
  const label = button.lastChild;
  const words = button.dataset.words ?? label.textContent;
  button.dataset.words = words;
  try {
    await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent.trim());
    label.textContent = "Copied";
  } catch {
    label.textContent = "Select it and copy it by hand";
  }
  setTimeout(() => { label.textContent = words; }, 3000);
});
