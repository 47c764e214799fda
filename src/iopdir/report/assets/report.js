"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const facts = JSON.parse(byId("facts").textContent);

  // ---- the table: its rows are the data; sorting moves them, filtering hides them ----
  const body = byId("table").tBodies[0];
  const rows = [...body.rows];
  const heads = [...byId("table").tHead.rows[0].cells];
  const rowOf = new Map(rows.map((row) => [row.id.slice(1), row]));
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const searched = new Map(rows.map((row) => [row, fold(`${row.cells[0].textContent} ${row.dataset.state} ${row.id.slice(1)}`)]));
  const printed = 60;
  const atOnce = 200; // more rows make a page slow to lay out and to check; one press shows them all
  let all = rows.length <= atOnce + 50;

  function value(row, column) {
    const cell = row.cells[column];
    if (!("v" in cell.dataset)) return cell.textContent;
    return cell.dataset.v === "" ? null : Number(cell.dataset.v);
  }

  function sort(column, direction) {
    const factor = direction === "ascending" ? 1 : -1;
    const keyed = rows.map((row) => [value(row, column), row]);
    keyed.sort(([a], [b]) => {
      if (a === null || b === null) return (a === null) - (b === null); // blanks last, either way
      return factor * (typeof a === "string" ? a.localeCompare(b) : a - b);
    });
    rows.splice(0, rows.length, ...keyed.map(([, row]) => row));
    body.append(...rows);
    heads.forEach((head, i) => {
      if (i === column) head.setAttribute("aria-sort", direction);
      else head.removeAttribute("aria-sort");
    });
    mark();
  }

  function mark() {
    const words = fold(byId("search").value).split(/[\s,]+/).filter(Boolean);
    const state = byId("state").value;
    const gapsOnly = byId("gaps-only").checked;
    let found = 0;
    for (const row of rows) {
      const fits = (!state || row.dataset.state === state) && (!gapsOnly || Number(row.dataset.gap) > 0) &&
        words.every((word) => searched.get(row).includes(word));
      found += fits;
      row.hidden = !fits || (!all && found > atOnce);
      row.dataset.fits = fits;
      row.classList.toggle("beyond-print", fits && found > printed);
    }
    const cut = !all && found > atOnce;
    const number = (n) => n.toLocaleString("en-US");
    byId("count").textContent = (found === rows.length ? `${number(found)} counties` : `${number(found)} of ${number(rows.length)} counties`) +
      (cut ? `, the first ${atOnce} of them below` : "");
    byId("all").hidden = !cut;
  }
  byId("all").addEventListener("click", () => {
    all = true;
    mark();
    body.closest(".scroll").focus();
  });

  heads.forEach((head, column) => head.firstElementChild.addEventListener("click", () => {
    const first = head.classList.contains("n") ? "descending" : "ascending";
    const other = first === "descending" ? "ascending" : "descending";
    sort(column, head.getAttribute("aria-sort") === first ? other : first);
  }));
  byId("search").addEventListener("input", mark);
  byId("state").addEventListener("change", mark);
  byId("gaps-only").addEventListener("change", mark);

  function quoted(text) {
    const safe = /^[=+\-@\t\r]/.test(text) ? "'" + text : text; // a spreadsheet must not run it
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  }
  byId("save").addEventListener("click", () => {
    const made = facts.source ? [quoted(facts.source)] : []; // made-up rows say so one by one
    const lines = [[...facts.csv_columns, ...made.map(() => "source")].join(",")];
    for (const row of rows) {
      if (row.dataset.fits !== "true") continue;
      const cells = [...row.cells].map((cell) => ("v" in cell.dataset ? cell.dataset.v : quoted(cell.textContent)));
      lines.push([row.id.slice(1), facts.vintage, ...cells, ...made].join(","));
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([lines.join("\r\n") + "\r\n"], { type: "text/csv" }));
    link.download = facts.csv_name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  });

  // ---- the map ----
  const map = byId("map");
  const tip = byId("tip");
  const cursor = byId("cursor");
  const shapes = [...byId("counties").children];
  const centres = new Map();
  const centre = (shape) => {
    if (!centres.has(shape)) {
      const box = shape.getBBox();
      centres.set(shape, [box.x + box.width / 2, box.y + box.height / 2]);
    }
    return centres.get(shape);
  };

  function show(shape) {
    const row = rowOf.get(shape.dataset.fips);
    tip.replaceChildren();
    const name = document.createElement("b");
    name.textContent = `${row.cells[0].textContent}, ${row.dataset.state}`;
    tip.append(name);
    for (const text of row.dataset.tip.split("|")) {
      const line = document.createElement("span");
      line.textContent = text;
      tip.append(line);
    }
    tip.hidden = false;
    cursor.setAttribute("d", shape.getAttribute("d"));
    const frame = map.getBoundingClientRect();
    const box = shape.getBoundingClientRect();
    const x = box.left + box.width / 2 - frame.left - tip.offsetWidth / 2;
    let y = box.top - frame.top - tip.offsetHeight - 10;
    if (y + frame.top < 4) y = box.bottom - frame.top + 10;
    tip.style.left = `${Math.max(0, Math.min(x, frame.width - tip.offsetWidth))}px`;
    tip.style.top = `${y}px`;
  }
  function hide() {
    tip.hidden = true;
    cursor.setAttribute("d", "");
  }
  function choose(shape) {
    const row = rowOf.get(shape.dataset.fips);
    if (row.hidden) {
      byId("search").value = "";
      byId("state").value = "";
      byId("gaps-only").checked = false;
      all = true;
      mark();
    }
    for (const other of body.querySelectorAll(".chosen")) other.classList.remove("chosen");
    row.classList.add("chosen");
    row.cells[0].tabIndex = -1;
    row.cells[0].focus({ preventScroll: true });
    row.scrollIntoView({ block: "center" });
  }

  let stop = shapes[0];
  function moveTo(shape) {
    stop.tabIndex = -1;
    stop = shape;
    stop.tabIndex = 0;
    stop.focus({ preventScroll: true });
  }
  const ways = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
  function neighbour([dx, dy]) {
    const [x, y] = centre(stop);
    let best = null;
    let least = Infinity;
    for (const shape of shapes) {
      const [u, v] = centre(shape);
      const ahead = (u - x) * dx + (v - y) * dy;
      const aside = Math.abs((u - x) * dy) + Math.abs((v - y) * dx);
      if (ahead <= 0 || aside > 2 * ahead) continue;
      const cost = ahead + 2 * aside;
      if (cost < least) [best, least] = [shape, cost];
    }
    return best;
  }

  const counties = byId("counties");
  counties.addEventListener("pointerover", (event) => show(event.target));
  counties.addEventListener("pointerout", () => (counties.contains(document.activeElement) ? show(stop) : hide()));
  counties.addEventListener("focusin", (event) => {
    stop.tabIndex = -1;
    stop = event.target;
    stop.tabIndex = 0;
    show(stop);
  });
  counties.addEventListener("focusout", hide);
  counties.addEventListener("click", (event) => {
    if (event.pointerType === "touch") moveTo(event.target); // a finger cannot hover: first show the figures
    else choose(event.target);
  });
  counties.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
    else if (event.key === "Enter") choose(stop);
    else if (event.key === "Home") moveTo(shapes[0]);
    else if (event.key === "End") moveTo(shapes[shapes.length - 1]);
    else if (event.key in ways) {
      const next = neighbour(ways[event.key]);
      if (next) moveTo(next);
    } else return;
    event.preventDefault();
  });
  byId("show-sites").addEventListener("change", (event) => map.classList.toggle("bare", !event.target.checked));
  if (shapes.length) shapes[0].tabIndex = 0;
  mark();
})();
