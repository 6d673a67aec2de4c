// A form that is being sent is not sent again by a second click, which would do everything twice.
{
  let sent = new WeakMap();
  // What answers with a file leaves the page as it is: later it may be sent again.
  const WAIT = 10000;
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (Date.now() - (sent.get(form) ?? -WAIT) < WAIT) event.preventDefault();
    else sent.set(form, Date.now());
  });
  // The browser may show the page again as it was left.
  window.addEventListener("pageshow", () => { sent = new WeakMap(); });
}
