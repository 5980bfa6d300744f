// Lets each route be tried. The token stays in its field: it is not kept, and goes to this host only.
"use strict";

const make = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

const tell = (response, text, ms) => {
  let body = text;
  try {
    body = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // It is no JSON, and shown as it came.
  }
  const names = ["content-type", "location", "retry-after", "allow", "x-request-id"];
  const headers = names.filter((name) => response.headers.has(name));
  const lines = headers.map((name) => `${name}: ${response.headers.get(name)}`);
  return [`${response.status} ${response.statusText} (${ms} ms)`, ...lines, "", body].join("\n");
};

const send = async (article, form) => {
  const { method, path } = article.dataset;
  const query = new URLSearchParams();
  const headers = {};
  let target = path;
  for (const input of form.querySelectorAll("input[data-in]")) {
    if (input.value === "") continue;
    if (input.dataset.in === "path") target = target.replace(`{${input.name}}`, encodeURIComponent(input.value));
    if (input.dataset.in === "query") query.set(input.name, input.value);
    if (input.dataset.in === "header") headers[input.name] = input.value;
  }
  if (target.includes("{")) return "Fill in what stands in the path.";
  const token = document.getElementById("token").value.trim();
  if (path.startsWith("/api/") && token !== "") headers.Authorization = `Bearer ${token}`;
  const body = form.querySelector("textarea")?.value.trim();
  if (body) headers["Content-Type"] = "application/json";
  const began = performance.now();
  const address = target + (query.size > 0 ? `?${query}` : "");
  const options = { method: method.toUpperCase(), headers, body: body || undefined, cache: "no-store", credentials: "omit" };
  const response = await fetch(address, options);
  return tell(response, await response.text(), Math.round(performance.now() - began));
};

const open = (article, button) => {
  const form = make("form", { className: "tryit", autocomplete: "off" });
  for (const row of article.querySelectorAll("tr[data-in]")) {
    const { name, in: place } = row.dataset;
    const input = make("input", { name, autocomplete: "off", spellcheck: false });
    input.dataset.in = place;
    if (name === "Idempotency-Key") input.value = crypto.randomUUID?.() ?? "";
    form.append(make("label", {}, name, input));
  }
  const example = article.querySelector("pre.example");
  if (example) {
    form.append(make("textarea", { value: example.textContent, spellcheck: false, ariaLabel: "Body" }));
  }
  const go = make("button", { type: "submit", className: `go ${article.dataset.method}`, textContent: "Send" });
  const answer = make("pre", { hidden: true });
  answer.setAttribute("aria-live", "polite");
  form.append(make("div", {}, go), answer);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    go.disabled = true;
    answer.hidden = false;
    answer.textContent = "…";
    answer.textContent = await send(article, form).catch((error) => `No answer: ${error.message}`);
    go.disabled = false;
  });
  button.replaceWith(form);
  (form.querySelector("input") ?? go).focus();
};

for (const article of document.querySelectorAll("article[data-path]")) {
  const button = make("button", { type: "button", textContent: "Try it" });
  button.addEventListener("click", () => open(article, button));
  article.append(button);
}
document.getElementById("key").addEventListener("submit", (event) => event.preventDefault());
