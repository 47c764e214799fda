// A short list to call and to print. It lives in this page only: nothing is stored.
const shortlist = {
  kept: [],

  button(i) {
    const button = element("button", { class: "button plain keep no-print", type: "button", "data-keep": i });
    button.addEventListener("click", () => this.toggle(i));
    this.mark(button);
    return button;
  },
  mark(button) {
    const kept = this.kept.includes(Number(button.dataset.keep));
    button.setAttribute("aria-pressed", String(kept));
    button.textContent = say(kept ? "kept" : "keep");
  },
  toggle(i) {
    this.kept = this.kept.includes(i) ? this.kept.filter((other) => other !== i) : [...this.kept, i];
    this.draw();
  },
  three(hits) {
    this.kept = hits.filter(({ i }) => dial(data.phone[i] || data.intake[i])).slice(0, 3).map(({ i }) => i);
    this.draw();
  },
  empty() {
    this.kept = [];
    this.draw();
  },
  draw() {
    for (const button of document.querySelectorAll("[data-keep]")) this.mark(button);
    byId("short").hidden = byId("short-link").hidden = !this.kept.length;
    byId("short-link").textContent = say("your_list", { n: this.kept.length });
    byId("short-list").replaceChildren(...this.kept.map((i) => this.entry(i)));
  },
  entry(i) {
    const remove = element("button", { class: "link no-print", type: "button" }, say("remove"), element("span", { class: "hidden-text" }, ` ${data.name[i]}`));
    remove.addEventListener("click", () => this.toggle(i));
    const phones = [data.phone[i], data.intake[i]].filter((phone, n, both) => phone && both.indexOf(phone) === n);
    return element("li", {}, element("h3", {}, data.name[i]),
      data.program[i] ? element("p", {}, data.program[i]) : "",
      element("p", { class: "phones" }, ...(phones.length ? phones.map((phone) => call(phone, "", phone)) : [say("no_phone")])),
      element("p", {}, address(i) || say("no_address")),
      element("p", { class: "quiet" }, `${say("payment")}: ${named(data.payment[i], "payment") || say("not_stated")}`),
      element("p", { class: "quiet" }, `${say("confirm")} ${say("listed_in", { source: data.sources[data.source[i]] })}`),
      remove, element("p", { class: "print-only notes" }, byId("short").dataset.notes));
  },
};
