"use strict";
// One person at a time fills the form in; what is finished waits on this device until it is saved
// to a file. Nothing is sent anywhere.
const form = JSON.parse(document.getElementById("form").textContent);
const place = `survey-psychometrics/${form.id}/${form.release}/${form.site || ""}`;
const make = (tag, told = {}, ...parts) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(told)) {
    if (value === false || value === null || value === undefined) { continue; }
    made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...parts);
  return made;
};
const empty = { language: form.languages[0].locale, answers: {}, done: [], start: null, order: null,
                respondent: null };
let state = load();

function load() {
  try {
    const kept = JSON.parse(localStorage.getItem(place));
    return kept ? { ...empty, ...kept } : { ...empty };
  } catch { return { ...empty }; }
}
function keep() {
  try { localStorage.setItem(place, JSON.stringify(state)); }
  catch { document.getElementById("kept").textContent = words().not_kept; }
}
function language() { return form.languages.find(each => each.locale === state.language); }
function words() { return form.words[state.language]; }
function told(texts) { return texts[state.language]; }

function begin() {
  if (state.start) { return; }
  state.start = new Date().toISOString();
  state.respondent = crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2);
  state.order = form.blocks.map(block => shuffled(block.questions.map(each => each.key)));
  keep();
}
function shuffled(keys) {
  if (!form.random_order) { return keys; }
  const mixed = [...keys];
  for (let last = mixed.length - 1; last > 0; last -= 1) {
    const other = crypto.getRandomValues(new Uint32Array(1))[0] % (last + 1);
    [mixed[last], mixed[other]] = [mixed[other], mixed[last]];
  }
  return mixed;
}
const questions = new Map(form.blocks.flatMap(block => block.questions).map(q => [q.key, q]));

function answer(key, value) {
  if (value === "") { delete state.answers[key]; } else { state.answers[key] = value; }
  keep();
  progress();
}
function progress() {
  const all = [...questions.keys()];
  const given = all.filter(key => key in state.answers).length;
  const bar = document.getElementById("progress");
  bar.max = all.length;
  bar.value = given;
  bar.setAttribute("aria-valuetext", `${given} / ${all.length}`);
  document.getElementById("count").textContent = `${given} / ${all.length}`;
}

function choices(question, shown) {
  const list = make("div", { class: "answers" });
  for (const choice of shown) {
    const id = `${question.key}-${choice.code}`;
    const box = make("input", {
      type: "radio", name: question.key, id, value: String(choice.code),
      checked: state.answers[question.key] === String(choice.code),
    });
    box.addEventListener("change", () => answer(question.key, box.value));
    list.append(make("label", { for: id, class: choice.missing ? "missing" : "" }, box,
                     make("span", {}, told(choice.texts))));
  }
  return list;
}
function number(question) {
  const set = form.sets[question.answers] || { missing: [] };
  const given = state.answers[question.key] || "";
  const codes = set.missing.map(choice => String(choice.code));
  const fault = make("p", { class: "fault", id: `${question.key}-fault`, role: "alert" });
  const field = make("input", {
    type: "text", inputmode: question.kind === "text" ? "text" : "decimal", dir: "auto",
    id: `${question.key}-value`, "aria-labelledby": `${question.key}-asked`,
    "aria-describedby": `${question.key}-hint ${question.key}-fault`, autocomplete: "off",
    value: codes.includes(given) ? "" : given,
  });
  const made = make("div", { class: "written" }, field,
    make("span", { class: "hint", id: `${question.key}-hint` }, question.hints ? told(question.hints) : ""),
    fault);
  const boxes = [];
  field.addEventListener("input", () => {
    for (const box of boxes) { box.checked = false; }
    const said = western(field.value.trim());
    const right = question.kind === "text" || said === "" || allowed(said, set);
    fault.textContent = right ? "" : `${words().not_possible} ${question.hints ? told(question.hints) : ""}`;
    field.setAttribute("aria-invalid", String(!right));
    answer(question.key, right ? said : "");
  });
  if (codes.length) {
    const list = make("div", { class: "answers" });
    for (const choice of set.missing) {
      const id = `${question.key}-${choice.code}`;
      const box = make("input", { type: "radio", name: question.key, id,
                                  checked: given === String(choice.code) });
      box.addEventListener("change", () => {
        field.value = "";
        fault.textContent = "";
        answer(question.key, String(choice.code));
      });
      boxes.push(box);
      list.append(make("label", { for: id, class: "missing" }, box, make("span", {}, told(choice.texts))));
    }
    made.append(list);
  }
  return made;
}
function western(text) {
  // Digits as they are written in Devanagari and in Arabic script.
  return text.replace(/[\u0966-\u096F]/g, c => c.charCodeAt(0) - 0x0966)
    .replace(/[\u0660-\u0669]/g, c => c.charCodeAt(0) - 0x0660).replace(",", ".");
}
function allowed(text, set) {
  if (!/^-?\d+(\.\d+)?$/.test(text)) { return false; }
  const value = Number(text);
  if (set.whole && !Number.isInteger(value)) { return false; }
  return (set.low === null || value >= set.low) && (set.high === null || value <= set.high);
}

function ask(key, at) {
  const question = questions.get(key);
  const set = form.sets[question.answers];
  const asked = make("span", { id: `${key}-asked` }, make("span", { class: "at" }, `${at}.`), " ", told(question.texts));
  if (question.kind === "choice") {
    return make("fieldset", { id: `q-${key}`, tabindex: "-1" }, make("legend", {}, asked),
                choices(question, set.choices));
  }
  return make("fieldset", { id: `q-${key}`, tabindex: "-1" }, make("legend", {}, asked), number(question));
}

function draw() {
  begin();
  const own = language();
  document.documentElement.lang = own.tag;
  document.documentElement.dir = own.direction;
  document.title = form.mark + told(form.titles);
  const main = make("main", {});
  if (form.languages.length > 1) {
    const chosen = make("select", { id: "language", "aria-label": words().language });
    for (const each of form.languages) {
      chosen.append(make("option", { value: each.locale, lang: each.tag, selected: each.locale === state.language }, each.name));
    }
    chosen.addEventListener("change", () => { state.language = chosen.value; keep(); draw(); document.getElementById("language").focus(); });
    main.append(make("p", {}, chosen));
  }
  if (form.mark) { main.append(make("p", { class: "draft", lang: "en", dir: "ltr" }, form.mark.trim())); }
  main.append(make("h1", {}, told(form.titles)));
  for (const text of [form.instructions, form.recall_periods]) {
    if (text[state.language]) { main.append(make("p", {}, told(text))); }
  }
  let at = 0;
  if (form.sites.length) {
    const names = form.sites.map(each => each.name).join(" · ");
    const list = make("select", { id: "site", "aria-label": names });
    list.append(make("option", { value: "" }, "–"));
    for (const site of form.sites) { list.append(make("option", { value: site.id, selected: state.site === site.id }, site.name)); }
    list.addEventListener("change", () => { state.site = list.value; keep(); });
    main.append(make("p", {}, list));
  }
  state.order.forEach(keys => { for (const key of keys) { at += 1; main.append(ask(key, at)); } });
  const finish = make("button", { type: "button", id: "finish" }, words().finish);
  finish.addEventListener("click", end);
  main.append(make("p", { id: "missing", role: "alert" }), make("p", {}, finish));
  const foot = make("footer", {},
    make("progress", { id: "progress", "aria-label": words().progress }), " ",
    make("span", { id: "count", "aria-hidden": "true", dir: "ltr" }), " ",
    make("span", { id: "kept" }, words().kept));
  main.append(files());
  document.body.replaceChildren(main, foot);
  progress();
}

function end() {
  const open = state.order.flat().filter(key => questions.get(key).required && !(key in state.answers));
  const alone = document.getElementById("missing");
  if (form.sites.length && !state.site) {
    alone.textContent = words().unanswered.replace("{count}", "1");
    document.getElementById("site").focus();
    return;
  }
  if (open.length) {
    alone.textContent = words().unanswered.replace("{count}", String(open.length));
    const first = document.getElementById(`q-${open[0]}`);
    first.scrollIntoView({ block: "center" });
    (first.querySelector("input") || first).focus();
    return;
  }
  state.done.push({
    respondent: state.respondent, site: form.site || state.site || "", language: state.language,
    form_version: form.release, mode: form.mode, start: state.start, end: new Date().toISOString(),
    item_order: form.random_order ? state.order.flat().join(" ") : "", ...state.answers,
  });
  Object.assign(state, { answers: {}, start: null, order: null, respondent: null });
  keep();
  draw();
  document.getElementById("thanks").focus();
  window.scrollTo(0, document.body.scrollHeight);
}

function files() {
  const box = make("section", { id: "files" });
  if (!state.done.length) { return box; }
  const thanks = make("p", { id: "thanks", tabindex: "-1", role: "status" },
    `${words().thanks} ${words().finished.replace("{count}", String(state.done.length))}`);
  const csv = make("button", { type: "button", id: "csv" }, words().save_csv);
  const json = make("button", { type: "button", id: "json" }, words().save_json);
  const drop = make("button", { type: "button", id: "drop", class: "quiet" }, words().remove);
  csv.addEventListener("click", () => save("csv", "text/csv", "\uFEFF" + table()));
  json.addEventListener("click", () => save("json", "application/json", JSON.stringify(state.done, null, 1)));
  drop.addEventListener("click", () => {
    if (window.confirm(words().remove_sure)) { state.done = []; keep(); draw(); }
  });
  box.append(thanks, make("p", {}, csv, " ", json, " ", drop));
  return box;
}
function table() {
  const columns = ["respondent", "site", "language", "form_version", "mode", "start", "end", "item_order", ...questions.keys()];
  const cell = value => {
    const text = String(value ?? "");
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [columns, ...state.done.map(row => columns.map(name => row[name]))]
    .map(row => row.map(cell).join(",")).join("\r\n") + "\r\n";
}
function save(ending, type, text) {
  const link = make("a", { download: `${form.id}_${new Date().toISOString().slice(0, 16).replaceAll(":", "")}.${ending}`,
                           href: URL.createObjectURL(new Blob([text], { type })) });
  document.body.append(link);
  link.click();
  link.remove();
}
draw();
