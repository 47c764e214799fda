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
