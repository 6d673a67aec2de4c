// The builder saves its draft by itself: a moment after something was typed or chosen, and when the page is left. The saves
// wait in the form's queue, so they never cross a redraw. What they answer goes into the line beside the buttons; nothing that
// somebody types into is touched.
const SOON = { input: 1500, change: 600 };
const AGAIN = [5000, 15000, 30000, 60000];
const LEFT = "left-builder";
const JUST_NOW = 120000;
const NOT_PART = ["csrf_token", "revision", "sitting", "save-number", "record", "record-number", "period", "removed"];
const form = () => document.querySelector("form.builder[data-keeps]");
const line = () => document.getElementById("save-state");
const bodyOf = (kept) => {
  const body = new FormData(kept);
  return [...body].filter(([name]) => !NOT_PART.includes(name) && !name.startsWith("answer")).map(([name, value]) => `${name}=${value}`).join("\n");
};
let saved = "";
let sent = "";
let problem = "";
let halted = false;
let leaves = false;
let failures = 0;
let nextSave = 0;

const unread = (kept) => [...kept.elements].find((control) => control.validity?.badInput);
const isUnsaved = () => Boolean(form()) && (bodyOf(form()) !== saved || Boolean(unread(form())));
const say = (words) => {
  problem = words;
  const text = document.getElementById("not-saved").content.cloneNode(true);
  text.querySelector(".save-why").textContent = words;
  line().replaceChildren(text);
};
const mirror = () => {
  const parts = [...line().children].filter((part) => part.tagName !== "BUTTON");
  for (const copy of document.querySelectorAll(".save-state-copy")) copy.replaceChildren(...parts.map((part) => part.cloneNode(true)));
};
const number = (kept) => (kept.elements["save-number"].value = String(Date.now()));
const save = () => {
  clearTimeout(nextSave);
  const kept = form();
  if (!kept || halted) return;
  if (!isUnsaved()) {
    // It is again as it was saved.
    if (problem) line().replaceChildren();
    problem = "";
    return;
  }
  if (unread(kept)) return say(`${unread(kept).getAttribute("aria-label") ?? "A field"} cannot be read. Write it another way.`);
  htmx.trigger(document.getElementById("autosave"), "autosave");
};
const saveIn = (delay) => {
  clearTimeout(nextSave);
  nextSave = setTimeout(save, delay);
};
const tryAgain = (words) => {
  say(`${words} What you typed is still here; it will be tried again in a moment.`);
  saveIn(AGAIN[Math.min(failures++, AGAIN.length - 1)]);
};

// What was sent while a page was left may not have come before the next page was drawn: it is sent again, and shown.
const bring = async () => {
  const { url, body, at } = JSON.parse(sessionStorage.getItem(LEFT) ?? "{}");
  sessionStorage.removeItem(LEFT);
  if (!url || Date.now() - at > JUST_NOW) return;
  const { status, headers } = await fetch(url, { method: "POST", body: new URLSearchParams(body), headers: { "HX-Request": "true" } });
  const here = `/automations/${headers.get("Draft-Id")}`;
  if (status !== 200 || isUnsaved()) return;
  if (form().hasAttribute("data-new") || (location.pathname === here && headers.get("Draft-Revision") !== form().elements.revision.value)) location.replace(here);
};
document.addEventListener("DOMContentLoaded", () => {
  if (!form()) return;
  saved = bodyOf(form());
  bring();
  new MutationObserver(mirror).observe(line(), { childList: true, subtree: true, characterData: true });
  // The line stands again at the foot of the window while the head with it is out of sight.
  const follows = (seen) => document.body.classList.toggle("head-is-away", !seen.at(-1).isIntersecting);
  new IntersectionObserver(follows).observe(line().closest(".builder-head"));
});
for (const kind of ["input", "change"]) {
  document.addEventListener(kind, ({ target }) => {
    if (!form() || target.form !== form()) return;
    if (isUnsaved()) saveIn(SOON[kind]);
    else if (problem && !halted) saveIn(SOON[kind]);
  });
}
// Something was added, removed or redrawn.
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (form() && !ctx.keeps && isUnsaved()) saveIn(SOON.change);
});

// A new automation has got its number: every address and id of the page takes it on, in its place.
let ownNumber = null;
const numbered = (text) => text.replace(/\/automations\/0(?=[/?#"]|$)/g, `/automations/${ownNumber}`).replace(/\bautomation-0(?=-|$)/g, `automation-${ownNumber}`);
const nameAll = (id) => {
  ownNumber = id;
  for (const element of document.querySelectorAll("*")) {
    for (const { name, value } of [...element.attributes]) if (numbered(value) !== value) element.setAttribute(name, numbered(value));
  }
  for (const hidden of document.querySelectorAll("[data-once-kept]")) hidden.hidden = false;
  form().removeAttribute("data-new");
  history.replaceState(history.state, "", `/automations/${id}`);
};
const took = (headers) => {
  const [revision, id] = [headers.get("Draft-Revision"), headers.get("Draft-Id")];
  if (revision) form().elements.revision.value = revision;
  if (id && form().hasAttribute("data-new")) nameAll(id);
};
const answered = (status, headers) => {
  failures = 0;
  took(headers);
  problem = status < 400 ? "" : "refused";
  // A refused name keeps back only itself; it counts as unsaved until it is another one.
  if (status < 400) saved = sent;
  halted = status === 409;
  if (status < 400 && isUnsaved()) saveIn(SOON.input);
};
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  if (!form() || ctx.request.form !== form()) return;
  ctx.keeps = ctx.sourceElement.id === "autosave";
  ctx.explicit = !ctx.keeps && ctx.sourceElement.hasAttribute("data-saves");
});
// A choice that waited in the queue while a new automation was saved was made before it had its number.
const catchUp = (ctx) => {
  ctx.request.action = numbered(ctx.request.action);
  for (const name of ["select", "selectOOB"]) if (typeof ctx[name] === "string") ctx[name] = numbered(ctx[name]);
};
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (ownNumber && ctx.request.form === form()) catchUp(ctx);
  if (!ctx.keeps && !ctx.explicit) return;
  number(form());
  ctx.request.body = new URLSearchParams(new FormData(form()));
  const { name, value } = ctx.sourceElement;
  if (ctx.explicit && name) ctx.request.body.append(name, value);
  sent = bodyOf(form());
});
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  if (!ctx.keeps) return;
  const { status, headers } = ctx.response;
  if ([200, 409, 422].includes(status) && headers.has("Draft-State")) return answered(status, headers);
  event.preventDefault();
  if (status === 401 || status === 403 || status === 419) return say("You are signed out, or may no longer do this. Sign in in another tab, then press Save.");
  tryAgain("The server had a problem.");
});
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (!ctx.explicit || !form()) return;
  if (ctx.response?.status < 300) saved = sent;
  else halted = ctx.response?.status === 409;
});
document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (ctx?.keeps) tryAgain("There is no connection.");
});
window.addEventListener("online", () => problem && saveIn(0));

// Without htmx a form is sent by leaving the page.
document.addEventListener("submit", (event) => {
  leaves ||= !event.defaultPrevented;
});
const saveAtOnce = async () => {
  const kept = form();
  number(kept);
  const leaving = bodyOf(kept);
  const url = document.getElementById("autosave").getAttribute("hx-post");
  const body = new URLSearchParams(new FormData(kept));
  sessionStorage.setItem(LEFT, JSON.stringify({ url, body: String(body), at: Date.now() }));
  try {
    const { status, headers } = await fetch(url, { method: "POST", body, keepalive: true, headers: { "HX-Request": "true" } });
    if (status !== 200) return;
    saved = leaving;
    took(headers);
  } catch {
    // The page is left, or asks first; what follows is saved as usual.
  }
};
const canSave = () => !halted && !problem && !unread(form()) && navigator.onLine;
document.addEventListener("visibilitychange", () => {
  if (document.hidden && isUnsaved() && canSave()) saveAtOnce();
});
window.addEventListener("beforeunload", (event) => {
  if (leaves || !isUnsaved()) return;
  if (canSave()) saveAtOnce();
  else event.preventDefault();
});
