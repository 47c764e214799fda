// What is on screen, and what a person does.
const PAGE = 20;
const levelName = () => byId("level").selectedOptions[0].textContent;
const wide = matchMedia("(min-width: 62rem)");

function helpline() {
  const line = byId("call-helpline");
  return element("a", { href: line.href }, line.querySelector("b span").textContent);
}
function problem(text) {
  byId("place-problem").textContent = text;
  byId("place").toggleAttribute("aria-invalid", Boolean(text));
  if (text) {
    byId("place").setAttribute("aria-invalid", "true");
    byId("place").focus();
  }
}

const page = {
  place: null, hits: [], shown: 0, people: 0,

  fillList() {
    const near = this.place.kind !== "state";
    const nodes = [];
    let last = null;
    this.hits.slice(0, this.shown).forEach((hit, order) => {
      const name = cityName(hit.i) ?? say("no_town");
      if (!near && name !== last) {
        last = name;
        nodes.push(element("li", { class: "town-head" }, name));
      }
      nodes.push(listing(hit, near ? order + 1 : 0, this.place, this.people));
    });
    byId("list").replaceChildren(...nodes);
    this.watch();
    const left = this.hits.length - this.shown;
    byId("more").hidden = left <= 0;
    byId("more").textContent = say("show_more", { n: count(Math.min(PAGE, left)), left: count(left) });
  },
  // On wide screens the map follows the list: the listing that is read stands out on it.
  watch() {
    this.watcher?.disconnect();
    this.watcher = new IntersectionObserver((entries) => {
      const read = entries.find((entry) => entry.isIntersecting);
      if (read && wide.matches && !byId("map").hidden) marks.choose(Number(read.target.id.slice(1)));
    }, { rootMargin: "-15% 0px -75% 0px" });
    for (const card of document.querySelectorAll("#list .listing")) this.watcher.observe(card);
  },
  drawMap() {
    const near = this.place.kind !== "state";
    const visible = (near ? this.hits.slice(0, this.shown) : this.hits).filter(({ i }) => !Number.isNaN(lon[i]));
    if (!visible.length) {
      map.hide();
      return;
    }
    const points = visible.map(({ i }) => [lon[i], lat[i]]);
    const centre = near ? this.place : middleOf(points);
    marks.show(visible, near ? this.place : null, near);
    map.show(centre, points, near ? choices().range : Infinity, !near);
    byId("map-title").textContent = say("map_title", { n: count(visible.length), place: this.place.label });
  },
  choose(i) {
    const order = this.hits.findIndex((hit) => hit.i === i);
    if (order >= this.shown) {
      this.shown = order + 1;
      this.fillList();
    }
    for (const other of document.querySelectorAll(".listing.chosen")) other.classList.remove("chosen");
    const card = byId(`f${i}`);
    card.classList.add("chosen");
    card.scrollIntoView({ block: "nearest" });
    marks.choose(i);
  },

  offerWider(beyond, wanted) {
    const widen = byId("widen");
    widen.replaceChildren();
    widen.hidden = this.hits.length > 0;
    if (this.hits.length) return;
    if (!beyond) {
      widen.append(`${say("none_fits")} `, helpline(), ".");
      return;
    }
    const step = [10, 25, 50, 100].find((range) => range > wanted.range && range * MILE >= beyond.distance) ?? "";
    const button = element("button", { class: "button", type: "button" }, step ? say("search_within", { n: step }) : say("search_any"));
    button.addEventListener("click", () => {
      byId("range").value = String(step);
      this.refresh(true);
    });
    widen.append(`${say("nearest_beyond", { miles: miles(beyond.distance), town: town(beyond.i) })} `, button, ` ${say("or_call")} `, helpline(), ".");
  },
  offerOthers() {
    const others = byId("others");
    others.hidden = this.place.others.length === 0;
    others.replaceChildren(`${say("another")} `);
    this.place.others.forEach((other, order) => {
      const text = other.kind === "state" ? say("state_of", { state: other.label }) : other.label;
      const link = element("a", { href: "#results" }, text);
      link.addEventListener("click", (event) => {
        event.preventDefault();
        byId("place").value = other.label;
        this.start(other);
      });
      others.append(order ? ", " : "", link);
    });
  },
  showPlace(wanted) {
    const { inside, beyond } = search(this.place, wanted);
    this.hits = inside;
    this.people = peopleAround(this.place);
    this.offerWider(beyond, wanted);
    byId("results-note").textContent = this.place.note ?? "";
    const place = this.place.device ? say("you") : this.place.label;
    return many(Number.isFinite(wanted.range) ? "within" : "anywhere", inside.length, { miles: wanted.range, place });
  },
  showState(wanted) {
    this.hits = searchState(this.place.code, wanted);
    byId("results-note").textContent = say(this.hits.length ? "by_town" : "look_around");
    byId("widen").hidden = true;
    return many("in_state", this.hits.length, { state: this.place.label, level: levelName() });
  },
  refresh(move) {
    countChoices();
    if (byId("by-state").open) countStates();
    if (!this.place) return;
    const wanted = choices();
    this.shown = PAGE;
    const title = this.place.kind === "state" ? this.showState(wanted) : this.showPlace(wanted);
    this.offerOthers();
    byId("results").hidden = false;
    byId("link-line").hidden = true;
    byId("results-title").textContent = byId("print-title").textContent = title;
    for (const name of ["three", "print"]) byId(name).hidden = !this.hits.length;
    this.fillList();
    this.drawMap();
    if (move) {
      byId("results-title").focus({ preventScroll: true });
      byId("results").scrollIntoView({ behavior: "instant" });
    } else byId("announce").textContent = title;
  },
  start(found) {
    this.place = found;
    if (found.kind !== "state" && location.hash) history.replaceState(null, "", " ");
    problem("");
    this.refresh(true);
  },
};

// The middle of points that lie on one side of the globe.
function middleOf(points) {
  const sum = [0, 0, 0];
  for (const point of points) unit(...point).forEach((part, k) => { sum[k] += part; });
  return { lon: Math.atan2(sum[1], sum[0]) / RAD, lat: Math.atan2(sum[2], Math.hypot(sum[0], sum[1])) / RAD };
}
function countChoices() {
  const set = ASKED.filter((name) => byId("more-choices").contains(byId(name)) && byId(name).value).length;
  byId("choices-set").textContent = set ? `(${say("choices_set", { n: set })})` : "";
}
function countStates() {
  const wanted = choices();
  const numbers = new Array(data.states.length).fill(0);
  for (let i = 0; i < total; i += 1) if (fits(i, wanted)) numbers[data.state[i]] += 1;
  for (const link of byId("states").querySelectorAll("a")) {
    link.lastElementChild.textContent = count(numbers[data.states.indexOf(link.dataset.state)]);
    if (link.dataset.state === page.place?.code) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  byId("states-note").textContent = say("states_note", { level: levelName() });
}
const listed = new Set(data.state);
byId("states").append(...Object.entries(data.state_names)
  .filter(([code]) => listed.has(data.states.indexOf(code)))
  .sort((a, b) => a[1].localeCompare(b[1]))
  .map(([code, name]) => element("li", {},
    element("a", { href: `#state=${code}`, "data-state": code }, name, element("span", {}, "0")))));
byId("language").append(...[...new Set(data.languages.flat())]
  .map((name) => [languageName(name), name]).sort((a, b) => a[0].localeCompare(b[0], speech.lang))
  .map(([text, name]) => element("option", { value: name }, text[0].toUpperCase() + text.slice(1))));

function followLink() {
  const found = readLink();
  if (found === undefined) { // back from a state's list
    if (page.place?.kind === "state") {
      page.place = null;
      byId("results").hidden = true;
      map.hide();
    }
    return;
  }
  if (!found) {
    page.refresh(false);
    return;
  }
  byId("by-state").open = false;
  if (found.kind !== "state") byId("place").value = found.query ?? found.label;
  page.start(found);
}
addEventListener("hashchange", followLink);
byId("states").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (link && link.hash === location.hash) followLink(); // the hash stays, so no event would come
});
byId("by-state").addEventListener("toggle", countStates);

byId("search-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = byId("place").value.trim();
  if (!text) return problem(say("type_first"));
  const found = findPlace(text);
  if (!found) return problem(say("unknown", { text }));
  return page.start(found);
});
byId("near-me").addEventListener("click", () => {
  if (!navigator.geolocation) return problem(say("no_location"));
  byId("near-me").disabled = true;
  return navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      byId("near-me").disabled = false;
      byId("place").value = "";
      page.start({ kind: "point", device: true, lon: coords.longitude, lat: coords.latitude, label: say("you"), others: [] });
    },
    (error) => {
      byId("near-me").disabled = false;
      problem(say(error.code === 1 ? "location_kept" : "location_lost"));
    },
    { maximumAge: 600000, timeout: 15000 },
  );
});
byId("place").addEventListener("input", () => {
  byId("suggestions").replaceChildren(...suggestions(byId("place").value).map((value) => element("option", { value })));
});
for (const name of [...ASKED, "range"]) byId(name).addEventListener("change", () => page.refresh(false));
byId("list").addEventListener("focusin", (event) => {
  const card = event.target.closest(".listing");
  if (card && wide.matches && !byId("map").hidden) marks.choose(Number(card.id.slice(1)));
});
byId("more").addEventListener("click", () => {
  const first = page.shown;
  page.shown += PAGE;
  page.fillList();
  page.drawMap();
  const heading = byId(`f${page.hits[first].i}`).querySelector("h3");
  heading.tabIndex = -1;
  heading.focus();
});
byId("link").addEventListener("click", () => {
  byId("link-line").hidden = false;
  byId("link-text").value = linkText(page.place);
  byId("link-text").select();
});
byId("three").addEventListener("click", () => {
  shortlist.three(page.hits);
  byId("short-title").focus({ preventScroll: true });
  byId("short").scrollIntoView({ behavior: "instant" });
});
byId("print").addEventListener("click", () => print());
byId("short-empty").addEventListener("click", () => shortlist.empty());
byId("short-print").addEventListener("click", () => {
  document.body.classList.add("short-only");
  print();
});
addEventListener("beforeprint", () => map.measure([680, 218]));
addEventListener("afterprint", () => {
  document.body.classList.remove("short-only");
  map.measure();
});
byId("leave").addEventListener("click", () => {
  document.body.replaceChildren(); // nothing is on screen while the empty page opens
  document.title = "";
  location.replace("about:blank");
});
addEventListener("pageshow", ({ persisted }) => persisted && location.reload()); // back brings no choices back

// A chat needs the network: its address is a link only while there is one.
function offerChat() {
  const site = byId("chat-site");
  const text = site.textContent;
  site.replaceChildren(navigator.onLine ? outside(`https://${text}`, text) : text);
}
offerChat();
countStates();
followLink();
setTimeout(unpack, 300); // while the person types
