// Says that a file is too large before it is sent: a server that refuses it early ends the connection, without a page.
document.addEventListener("change", (event) => {
  const input = event.target;
  if (!input.matches?.("input[type=file][data-largest]")) return;
  const most = Number(input.dataset.largest);
  const large = [...input.files].find((file) => file.size > most * 1024 * 1024);
  const size = large && Math.ceil(large.size / 1024 / 1024);
  input.setCustomValidity(large ? `“${large.name}” is ${size} MB. The limit is ${most} MB: split it, or choose another file.` : "");
  input.reportValidity();
});
