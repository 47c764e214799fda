"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("directory").textContent);
  const zipTable = JSON.parse(byId("zips").textContent);
  const cityTable = JSON.parse(byId("cities").textContent);
  const outlines = JSON.parse(byId("outlines").textContent);
  const RAD = Math.PI / 180;
  const MILE = 1609.344;
  const PAGE = 20;
  const { format: count } = new Intl.NumberFormat("en-US");

  // ---- tables: columns of whole numbers, each the step from the one before ----
  function summed(steps, scale) {
    const out = new Float64Array(steps.length);
    let at = 0;
    for (let i = 0; i < steps.length; i += 1) {
      if (steps[i] === null) out[i] = NaN;
      else out[i] = (at += steps[i]) / scale;
    }
    return out;
  }
  const total = data.name.length;
  const lon = summed(data.lon, 1e6);
  const lat = summed(data.lat, 1e6);
  const zips = summed(zipTable.zip, 1);
  const zipLon = summed(zipTable.lon, 1e6);
  const zipLat = summed(zipTable.lat, 1e6);
  const cityLon = summed(cityTable.lon, 1e4);
  const cityLat = summed(cityTable.lat, 1e4);
  const unit = (east, north) => {
    const around = Math.cos(north * RAD);
    return [around * Math.cos(east * RAD), around * Math.sin(east * RAD), Math.sin(north * RAD)];
  };
  const xyz = new Float64Array(3 * total);
  for (let i = 0; i < total; i += 1) xyz.set(unit(lon[i], lat[i]), 3 * i);

  function element(tag, about = {}, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(about)) {
      if (key === "class") node.className = value;
      else if (value !== null) node.setAttribute(key, value);
    }
    node.append(...children.filter((child) => child !== null && child !== ""));
    return node;
  }
  function drawn(tag, about, text) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(about)) node.setAttribute(key, value);
    if (text) node.textContent = text;
    return node;
  }

  // ---- where: a ZIP, a city, or degrees ----
  const SHORT = { st: "saint", ste: "sainte", ft: "fort", mt: "mount" }; // in cities; MT alone is Montana
  const split = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/['’.]/g, "")
    .split(/[^a-z0-9]+/).filter(Boolean);
  const city = (words) => words.map((word) => SHORT[word] ?? word).join(" ");
  const stateCodes = new Map();
  for (const [code, name] of Object.entries(data.state_names)) {
    stateCodes.set(code.toLowerCase(), code);
    stateCodes.set(split(name).join(" "), code);
  }
  const citiesByName = new Map();
  const cityKeys = cityTable.name.map((name) => city(split(name)));
  cityKeys.forEach((key, i) => {
    if (citiesByName.has(key)) citiesByName.get(key).push(i);
    else citiesByName.set(key, [i]);
  });
  const cityLabel = (i) => `${cityTable.name[i]}, ${data.states[cityTable.state[i]]}`;
  const cityPlace = (i, others = []) => ({ lon: cityLon[i], lat: cityLat[i], label: cityLabel(i), others });

  function zipPlace(text) {
    const wanted = Number(text);
    let low = 0;
    let high = zips.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (zips[middle] < wanted) low = middle + 1;
      else high = middle;
    }
    if (zips[low] === wanted) return { lon: zipLon[low], lat: zipLat[low], label: text, others: [] };
    const near = [low - 1, low].filter((i) => i in zips && Math.floor(zips[i] / 100) === Math.floor(wanted / 100));
    if (!near.length) return null;
    near.sort((a, b) => Math.abs(zips[a] - wanted) - Math.abs(zips[b] - wanted));
    const other = String(zips[near[0]]).padStart(5, "0");
    const note = `ZIP ${text} has no area of its own on our map; distances are from its neighbor ${other}.`;
    return { lon: zipLon[near[0]], lat: zipLat[near[0]], label: text, others: [], note };
  }

  function findPlace(text) {
    const trimmed = text.trim();
    const zip = /^(\d{5})(?:-?\d{4})?$/.exec(trimmed);
    if (zip) return zipPlace(zip[1]);
    const degrees = /^(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)$/.exec(trimmed);
    if (degrees) {
      const [north, east] = [Number(degrees[1]), Number(degrees[2])];
      return Math.abs(north) <= 90 && Math.abs(east) <= 180
        ? { lon: east, lat: north, label: trimmed, others: [] } : null;
    }
    const words = split(trimmed);
    for (let cut = words.length; cut > 0; cut -= 1) {
      const state = stateCodes.get(words.slice(cut).join(" "));
      if (cut < words.length && !state) continue;
      let found = citiesByName.get(city(words.slice(0, cut))) ?? [];
      if (state) found = found.filter((i) => data.states[cityTable.state[i]] === state);
      if (found.length) return cityPlace(found[0], found.slice(1, 7));
    }
    return null;
  }

  function suggest() {
    const words = split(byId("place").value);
    const wanted = [...city(words.slice(0, -1)).split(" ").filter(Boolean), ...words.slice(-1)].join(" ");
    const options = [];
    if (wanted.length > 1 && !/^\d/.test(wanted)) {
      for (let i = 0; i < cityTable.name.length && options.length < 8; i += 1) {
        const key = `${cityKeys[i]} ${data.states[cityTable.state[i]].toLowerCase()}`;
        if (key.startsWith(wanted)) options.push(element("option", { value: cityLabel(i) }));
      }
    }
    byId("suggestions").replaceChildren(...options);
  }

  // ---- the search ----
  const ASKED = ["level", "payment", "age", "medication", "population", "setting", "telehealth"];
  function choices() {
    const bit = (id) => (byId(id).value === "" ? 0 : 1 << Number(byId(id).value));
    return {
      ...Object.fromEntries(ASKED.map((name) => [name, bit(name)])),
      range: byId("range").value === "" ? Infinity : Number(byId("range").value),
    };
  }
  const fits = (i, wanted) => ASKED.every((name) => !wanted[name] || data[name][i] & wanted[name]);

  // Every listing within the range, nearest first, and the nearest beyond it. Directions whose chord is too
  // long for the smallest radius of curvature of the ellipsoid (6,335 km) cannot be inside; the radii differ
  // by 1.02 at most; the rest are measured on the ellipsoid.
  function search(place, wanted) {
    const [x, y, z] = unit(place.lon, place.lat);
    const limit = wanted.range * MILE;
    const reach = Number.isFinite(limit) ? 2 * Math.sin(Math.min(limit / 2 / 6335000, Math.PI / 2)) + 1e-9 : 2;
    const inside = [];
    let beyond = null;
    let shortest = Infinity;
    for (let i = 0; i < total; i += 1) {
      if (!fits(i, wanted) || Number.isNaN(lon[i])) continue;
      const [dx, dy, dz] = [xyz[3 * i] - x, xyz[3 * i + 1] - y, xyz[3 * i + 2] - z];
      const chord = Math.sqrt(dx * dx + dy * dy + dz * dz);
      if (chord > reach && chord > shortest * 1.02) continue;
      const distance = geodesicMetres(place.lon, place.lat, lon[i], lat[i]);
      if (distance <= limit) inside.push({ i, distance });
      else if (!beyond || distance < beyond.distance) {
        beyond = { i, distance };
        shortest = chord;
      }
    }
    inside.sort((a, b) => a.distance - b.distance || a.i - b.i);
    return { inside, beyond };
  }

  // ---- words ----
  const WINDS = ["north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest"];
  function wind(place, i) {
    const dLon = (lon[i] - place.lon) * RAD;
    const [a, b] = [place.lat * RAD, lat[i] * RAD];
    const east = Math.sin(dLon) * Math.cos(b);
    const north = Math.cos(a) * Math.sin(b) - Math.sin(a) * Math.cos(b) * Math.cos(dLon);
    return WINDS[Math.round(Math.atan2(east, north) / (Math.PI / 4) + 8) % 8];
  }
  function miles(distance) {
    const far = distance / MILE;
    if (far < 0.1) return "less than 0.1 miles";
    const text = far < 9.95 ? far.toFixed(1) : count(Math.round(far));
    return `${text} ${text === "1.0" ? "mile" : "miles"}`;
  }
  const named = (mask, names) => names.filter((name, bit) => mask & (1 << bit)).join(", ");
  function dial(phone) {
    const [number, extension] = phone.split(/\s*x\s*/);
    const digits = number.replace(/\D/g, "");
    if (digits.length < 10) return null;
    return `tel:+${digits.length === 10 ? "1" : ""}${digits}${extension ? `;ext=${extension.replace(/\D/g, "")}` : ""}`;
  }
  function call(phone, className, text) {
    const link = dial(phone);
    return link ? element("a", { href: link, class: className }, text) : element("span", {}, text);
  }
  function website(text) {
    let address;
    try {
      address = new URL(text);
    } catch {
      return null;
    }
    if (address.protocol !== "https:" && address.protocol !== "http:") return null;
    const host = address.hostname.replace(/^www\./, "");
    return element("a", { href: address.href, target: "_blank", rel: "noopener noreferrer" }, host,
      element("span", { class: "hidden-text" }, " (website, opens a new tab)"));
  }

  function listing({ i, distance }, rank) {
    const street = [data.street[i], data.city[i] < 0 ? "" : data.cities[data.city[i]]].filter(Boolean).join(", ");
    const address = [street, [data.states[data.state[i]] ?? "", data.zip[i]].filter(Boolean).join(" ")].filter(Boolean).join(", ");
    const where = element("p", {});
    if (distance !== null) {
      const away = `${miles(distance)} ${wind(place, i)}`;
      const far = !data.rough[i] ? away : distance < MILE ? "within about a mile" : `about ${away}`;
      where.append(element("span", { class: "far" }, far), " · ");
    }
    where.append(address || "address not listed");
    const reach = element("p", { class: "reach" });
    if (data.phone[i]) reach.append(call(data.phone[i], "button", `Call ${data.phone[i]}`));
    if (data.intake[i] && data.intake[i] !== data.phone[i]) {
      reach.append(element("span", {}, "Intake ", call(data.intake[i], "", data.intake[i])));
    }
    const site = data.website[i] ? website(data.website[i]) : null;
    if (site) reach.append(site);
    if (!reach.childNodes.length) reach.append("No phone number listed");
    const pair = (name, text) => [element("dt", {}, name), element("dd", {}, text || "not stated")];
    const facts = element("dl", {}, ...pair("Services", named(data.service[i], data.services)),
      ...pair("Medications", named(data.medication[i], data.medications)),
      ...pair("Payment", named(data.payment[i], data.payments)));
    const more = element("details", {}, element("summary", {}, "Kinds of care, ages, languages"), element("dl", {},
      ...pair("Care", named(data.level[i], data.levels)), ...pair("For", named(data.age[i], data.ages)),
      ...pair("Programs for", named(data.population[i], data.populations)),
      ...pair("Kind of place", named(data.setting[i], data.settings)),
      ...pair("Telehealth", data.telehealth[i] ? "yes" : ""),
      ...pair("Languages", data.languages[data.language[i]])));
    const rough = data.rough[i] ? " Placed by its ZIP code, so the distance is rough." : "";
    const card = element("li", {}, element("article", { class: "listing", id: `f${i}` },
      element("h3", {}, rank ? element("span", { class: "rank" }, String(rank)) : "", data.name[i]),
      data.program[i] ? element("p", {}, data.program[i]) : "",
      where, reach, facts, more,
      element("p", { class: "quiet" }, element("b", {}, "Call to confirm."),
        ` Listed in ${data.sources[data.source[i]]}.${rough}`)));
    if (distance !== null) card.dataset.distanceM = distance.toFixed(2);
    return card;
  }

  // ---- the map: an azimuthal equidistant sheet around the place, drawn from outlines in this page ----
  const WIDTH = 640;
  const HEIGHT = 520;
  let decoded = null;
  const rings = (shapes) => shapes.map((steps) => {
    const points = new Float64Array(steps.length);
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    let [x, y] = [0, 0];
    for (let i = 0; i < steps.length; i += 2) {
      points[i] = (x += steps[i]) / outlines.scale;
      points[i + 1] = (y += steps[i + 1]) / outlines.scale;
      box[0] = Math.min(box[0], points[i]);
      box[1] = Math.min(box[1], points[i + 1]);
      box[2] = Math.max(box[2], points[i]);
      box[3] = Math.max(box[3], points[i + 1]);
    }
    return { points, box };
  });

  function unpack() {
    decoded ??= { counties: rings(outlines.counties), states: rings(outlines.states) };
  }

  // What the sheet can show, in degrees; east and west wrap around the globe.
  function view(centre, metres) {
    const high = metres / 110000;
    const wide = Math.min(180, (1.3 * high) / Math.max(0.05, Math.cos(Math.min(89, Math.abs(centre.lat) + high) * RAD)));
    const apart = (a, b) => Math.abs(((a - b + 540) % 360) - 180);
    return {
      point: (east, north) => Math.abs(north - centre.lat) <= high && apart(east, centre.lon) <= wide,
      box: ([west, south, east, north]) => south <= centre.lat + high && north >= centre.lat - high &&
        apart((west + east) / 2, centre.lon) <= wide + (east - west) / 2,
    };
  }
  function sheet(centre, metres) {
    const [sin0, cos0] = [Math.sin(centre.lat * RAD), Math.cos(centre.lat * RAD)];
    const scale = (HEIGHT / 2) / metres;
    return (east, north) => {
      const [sin1, cos1] = [Math.sin(north * RAD), Math.cos(north * RAD)];
      const turn = (east - centre.lon) * RAD;
      const along = sin0 * sin1 + cos0 * cos1 * Math.cos(turn);
      const angle = Math.acos(Math.max(-1, Math.min(1, along)));
      const k = (angle < 1e-9 ? 1 : angle / Math.sin(angle)) * 6371009 * scale;
      return [
        WIDTH / 2 + k * cos1 * Math.sin(turn),
        HEIGHT / 2 - k * (cos0 * sin1 - sin0 * cos1 * Math.cos(turn)),
      ];
    };
  }
  function land(put, seen, metres) {
    unpack();
    const path = (shapes) => shapes.filter(({ box }) => seen.box(box)).map(({ points }) => {
      let text = "";
      for (let i = 0; i < points.length; i += 2) {
        const [x, y] = put(points[i], points[i + 1]);
        text += `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
      }
      return `${text}Z`;
    }).join("");
    const far = metres > 400 * MILE;
    byId("map-land").replaceChildren(
      drawn("path", { class: "land", d: path(far ? decoded.states : decoded.counties) }),
      drawn("path", { class: "line", d: far ? "" : path(decoded.states) }),
    );
  }
  function towns(put, seen, taken) {
    const nodes = [];
    const small = matchMedia("(max-width: 40rem)").matches;
    const [letter, half] = small ? [11.5, 15] : [7, 10];
    for (let i = 0; i < cityTable.name.length && nodes.length < (small ? 12 : 20); i += 1) { // most people first
      if (!seen.point(cityLon[i], cityLat[i])) continue;
      const [x, y] = put(cityLon[i], cityLat[i]);
      if (x < 12 || x > WIDTH - 12 || y < 16 || y > HEIGHT - 12) continue;
      const width = letter * cityTable.name[i].length;
      const left = x + 6 + width > WIDTH ? x - 6 - width : x + 6;
      const box = [left - 3, y - half, left + width + 3, y + half];
      if (taken.some((t) => t[0] < box[2] && t[2] > box[0] && t[1] < box[3] && t[3] > box[1])) continue;
      taken.push(box);
      nodes.push(drawn("circle", { class: "town-dot", cx: x, cy: y, r: 2 }),
        drawn("text", { class: "town", x: left, y: y + 4 }, cityTable.name[i]));
    }
    byId("map-towns").replaceChildren(...nodes);
  }
  function draw(found, shown, range) {
    const figure = byId("map");
    figure.hidden = place === null || found.length === 0;
    if (figure.hidden) return;
    const visible = found.slice(0, shown);
    const farthest = Math.max(...visible.map((hit) => hit.distance), 800);
    const metres = Number.isFinite(range) && farthest > 0.45 * range * MILE ? range * MILE * 1.06 : farthest * 1.12;
    const [put, seen] = [sheet(place, metres), view(place, metres)];
    land(put, seen, metres);
    const marks = [];
    const taken = [];
    if (Number.isFinite(range)) {
      const radius = (range * MILE / metres) * (HEIGHT / 2);
      marks.push(drawn("circle", { class: "ring", cx: WIDTH / 2, cy: HEIGHT / 2, r: radius }));
      if (radius < HEIGHT / 2) marks.push(drawn("text", { class: "ring-label", x: WIDTH / 2, y: HEIGHT / 2 - radius + 14 }, `${range} miles`));
    }
    marks.push(drawn("circle", { class: "here", cx: WIDTH / 2, cy: HEIGHT / 2, r: 8 }));
    const dots = visible.map((hit, order) => {
      const [x, y] = put(lon[hit.i], lat[hit.i]);
      taken.push([x - 14, y - 14, x + 14, y + 14]);
      const mark = drawn("g", { class: order < 20 ? "mark" : "mark small" });
      mark.append(drawn("circle", { cx: x, cy: y }));
      if (order < 20) mark.append(drawn("text", { x, y }, String(order + 1)));
      mark.addEventListener("click", () => {
        for (const other of document.querySelectorAll(".listing.chosen")) other.classList.remove("chosen");
        const card = byId(`f${hit.i}`);
        card.classList.add("chosen");
        card.scrollIntoView({ block: "nearest" });
      });
      return mark;
    });
    marks.push(...dots.reverse());
    byId("map-marks").replaceChildren(...marks);
    towns(put, seen, taken);
    byId("map-title").textContent = `Map of ${visible.length} places around ${place.label}; the list holds them all`;
  }

  // ---- what is on screen ----
  let place = null;
  let state = "";
  let hits = [];
  let shown = PAGE;
  const levelName = () => byId("level").selectedOptions[0].textContent;

  function helpline() {
    const { href, textContent } = byId("call-helpline");
    return element("a", { href }, textContent);
  }

  function problem(text) {
    byId("place-problem").textContent = text;
    byId("place").toggleAttribute("aria-invalid", Boolean(text));
    if (text) {
      byId("place").setAttribute("aria-invalid", "true");
      byId("place").focus();
    }
  }

  function fillList() {
    const list = byId("list");
    const nodes = [];
    let town = null;
    hits.slice(0, shown).forEach((hit, order) => {
      const name = data.cities[data.city[hit.i]] ?? "Town not listed";
      if (place === null && name !== town) {
        town = name;
        nodes.push(element("li", { class: "town-head" }, name));
      }
      nodes.push(listing(hit, place === null ? 0 : order + 1));
    });
    list.replaceChildren(...nodes);
    const left = hits.length - shown;
    byId("more").hidden = left <= 0;
    byId("more").textContent = `Show ${count(Math.min(PAGE, left))} more of ${count(left)}`;
  }

  function widenTo(beyond, range) {
    const step = [10, 25, 50, 100].find((miles) => miles > range && miles * MILE >= beyond.distance) ?? "";
    const button = element("button", { class: "button", type: "button" }, step ? `Search within ${step} miles` : "Search any distance");
    button.addEventListener("click", () => {
      byId("range").value = String(step);
      refresh(true);
    });
    return button;
  }

  function showPlace(wanted) {
    const { inside, beyond } = search(place, wanted);
    hits = inside;
    const range = Number.isFinite(wanted.range) ? `within ${wanted.range} miles of ` : "listed, nearest first, from ";
    const title = hits.length
      ? `${count(hits.length)} ${hits.length === 1 ? "place" : "places"} ${range}${place.label}`
      : `No place ${range}${place.label}`;
    byId("results-note").textContent = place.note ?? "";
    const widen = byId("widen");
    widen.replaceChildren();
    widen.hidden = hits.length > 0;
    if (!hits.length && beyond) {
      widen.append(`The nearest listing that fits is ${miles(beyond.distance)} away, in ${[data.cities[data.city[beyond.i]], data.states[data.state[beyond.i]]].filter(Boolean).join(", ")}. `,
        widenTo(beyond, wanted.range), " You can also change the choices above, or call the helpline: ",
        helpline(), ".");
    } else if (!hits.length) {
      widen.append("No listing fits these choices at any distance. Change them, or call the helpline: ",
        helpline(), ".");
    }
    const others = byId("others");
    others.hidden = place.others.length === 0;
    others.replaceChildren("Another one? ");
    place.others.forEach((i, order) => {
      const link = element("a", { href: "#results" }, cityLabel(i));
      link.addEventListener("click", (event) => {
        event.preventDefault();
        byId("place").value = cityLabel(i);
        place = cityPlace(i);
        refresh(true);
      });
      others.append(order ? ", " : "", link);
    });
    return title;
  }

  function showState(wanted) {
    hits = [];
    for (let i = 0; i < total; i += 1) {
      if (data.states[data.state[i]] === state && fits(i, wanted)) hits.push({ i, distance: null });
    }
    const name = (i) => data.cities[data.city[i]] ?? "\uffff";
    hits.sort((a, b) => name(a.i).localeCompare(name(b.i)) || data.name[a.i].localeCompare(data.name[b.i]));
    byId("results-note").textContent = hits.length ? "By town." : "Change the choices above, or look in the states around.";
    byId("widen").hidden = true;
    byId("others").hidden = true;
    return `${data.state_names[state]}: ${count(hits.length)} ${hits.length === 1 ? "place" : "places"} for ${levelName()}`;
  }

  function refresh(move) {
    countStates();
    if (place === null && !state) return;
    const wanted = choices();
    shown = PAGE;
    const title = place ? showPlace(wanted) : showState(wanted);
    byId("results").hidden = false;
    byId("results-title").textContent = title;
    fillList();
    draw(hits, shown, wanted.range);
    if (move) {
      byId("results-title").focus({ preventScroll: true });
      byId("results").scrollIntoView();
    } else byId("announce").textContent = title;
  }

  function countStates() {
    const wanted = choices();
    const numbers = new Array(data.states.length).fill(0);
    for (let i = 0; i < total; i += 1) if (fits(i, wanted)) numbers[data.state[i]] += 1;
    for (const link of byId("states").querySelectorAll("a")) {
      link.lastElementChild.textContent = count(numbers[data.states.indexOf(link.dataset.state)]);
      if (link.dataset.state === state) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    byId("states-note").textContent = `Places that fit the choices above (${levelName()}), for each state.`;
  }

  const listed = new Set(data.state);
  byId("states").append(...Object.entries(data.state_names)
    .filter(([code]) => listed.has(data.states.indexOf(code)))
    .sort((a, b) => a[1].localeCompare(b[1]))
    .map(([code, name]) => element("li", {},
      element("a", { href: `#state=${code}`, "data-state": code }, name, element("span", {}, "0")))));

  function goToState() {
    const code = /^#state=([A-Z]{2})$/.exec(location.hash)?.[1];
    if (!code || !(code in data.state_names)) {
      if (state) { // back from a state's list
        state = "";
        byId("results").hidden = true;
        countStates();
      }
      return;
    }
    state = code;
    place = null;
    problem("");
    refresh(true);
  }
  addEventListener("hashchange", goToState);
  byId("states").addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (link && link.hash === location.hash) goToState(); // the hash stays, so no event would come
  });

  function start(found) {
    place = found;
    state = "";
    if (location.hash) history.replaceState(null, "", " ");
    problem("");
    refresh(true);
  }
  byId("search-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = byId("place").value;
    if (!text.trim()) return problem("Type a ZIP code or a city first.");
    const found = findPlace(text);
    if (!found) return problem(`No place “${text.trim()}” is known here. Try a five-digit ZIP code, or a city with its state, such as Chicago, IL.`);
    return start(found);
  });
  byId("near-me").addEventListener("click", () => {
    if (!navigator.geolocation) return problem("This browser gives no location. Type a ZIP code or a city.");
    byId("near-me").disabled = true;
    return navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        byId("near-me").disabled = false;
        byId("place").value = "";
        start({ lon: coords.longitude, lat: coords.latitude, label: "you", others: [] });
      },
      (error) => {
        byId("near-me").disabled = false;
        problem(error.code === 1
          ? "The browser did not share your location, which is fine. Type a ZIP code or a city."
          : "Your location could not be found. Type a ZIP code or a city.");
      },
      { maximumAge: 600000, timeout: 15000 },
    );
  });
  byId("leave").addEventListener("click", () => {
    document.body.replaceChildren(); // nothing is on screen while the empty page opens
    document.title = "";
    location.replace("about:blank");
  });
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload()); // back brings no choices back
  byId("place").addEventListener("input", suggest);
  for (const id of [...ASKED, "range"]) byId(id).addEventListener("change", () => refresh(false));
  byId("more").addEventListener("click", () => {
    const first = shown;
    shown += PAGE;
    fillList();
    draw(hits, shown, choices().range);
    const heading = byId(`f${hits[first].i}`).querySelector("h3");
    heading.tabIndex = -1;
    heading.focus();
  });
  countStates();
  goToState();
  setTimeout(unpack, 300); // while the person types
})();
