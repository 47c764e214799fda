// ---- the maps: one, or two side by side; they look at the same place ----
const maps = byId("maps");
const atlases = [maps.querySelector(".atlas")];
const first = atlases[0].querySelector("svg");
const [, , wide, high] = first.getAttribute("viewBox").split(" ").map(Number);
const shapes = [...byId("counties").children];
const colourOf = new Map([[atlases[0], 0]]);
const look = { x: 0, y: 0, scale: 1 };
const nearest = 40;
const levels = [0.36, 0.9, 1.8, 3.6, 7.2]; // screen pixels a pixel of the sheet at which more towns have a name

function paint(atlas) {
  const colour = colourOf.get(atlas);
  atlas.querySelectorAll(".county").forEach((shape) => {
    shape.setAttribute("class", `county c${shape.dataset.colours[colour]}`);
  });
  for (const legend of atlas.querySelectorAll(".legend")) legend.hidden = Number(legend.dataset.colour) !== colour;
  atlas.querySelector(".colour").value = colour;
}

function draw() {
  const [w, h] = [wide / look.scale, high / look.scale];
  look.x = Math.max(0, Math.min(look.x, wide - w));
  look.y = Math.max(0, Math.min(look.y, high - h));
  for (const atlas of atlases) {
    const svg = atlas.querySelector("svg");
    svg.setAttribute("viewBox", `${look.x} ${look.y} ${w} ${h}`);
    const box = svg.getBoundingClientRect();
    const unit = Math.max(w / (box.width || 960), h / (box.height || 640));
    const seen = 10 / unit;
    svg.style.setProperty("--unit", unit);
    svg.dataset.level = levels.filter((level) => seen >= level).length;
    const map = svg.parentElement;
    map.classList.toggle("close", look.scale >= Number(maps.dataset.near));
    map.classList.toggle("moved", look.scale > 1);
    atlas.querySelector("[data-zoom='0']").disabled = look.scale === 1;
  }
}

function zoom(factor, x = look.x + wide / look.scale / 2, y = look.y + high / look.scale / 2) {
  const scale = Math.max(1, Math.min(nearest, factor ? look.scale * factor : 1));
  look.x = x - ((x - look.x) * look.scale) / scale;
  look.y = y - ((y - look.y) * look.scale) / scale;
  look.scale = scale;
  byId("place").value = "";
  draw();
}

function zoomTo(boxes) {
  if (!boxes.length) return zoom(0);
  const left = Math.min(...boxes.map((box) => box.x));
  const top = Math.min(...boxes.map((box) => box.y));
  const w = Math.max(...boxes.map((box) => box.x + box.width)) - left;
  const h = Math.max(...boxes.map((box) => box.y + box.height)) - top;
  look.scale = Math.max(1, Math.min(nearest, 0.9 * Math.min(wide / w, high / h)));
  look.x = left + w / 2 - wide / look.scale / 2;
  look.y = top + h / 2 - high / look.scale / 2;
  draw();
}

// where a point of the screen lies on the sheet
function spot(svg, event) {
  const matrix = svg.getScreenCTM().inverse();
  return new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix);
}

const centres = new Map();
function centre(shape) {
  if (!centres.has(shape)) {
    const box = shape.getBBox();
    centres.set(shape, [box.x + box.width / 2, box.y + box.height / 2]);
  }
  return centres.get(shape);
}

function show(shape) {
  const row = rowOf.get(shape.dataset.fips);
  const map = shape.closest(".map");
  const tip = map.querySelector(".tip");
  hide();
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
  for (const atlas of atlases) atlas.querySelector(".cursor").setAttribute("d", shape.getAttribute("d"));
  const frame = map.getBoundingClientRect();
  const box = shape.getBoundingClientRect();
  const [top, bottom] = [Math.max(box.top, frame.top), Math.min(box.bottom, frame.bottom)];
  const x = box.left + box.width / 2 - frame.left - tip.offsetWidth / 2;
  let y = top - frame.top - tip.offsetHeight - 10;
  if (y + frame.top < 4) y = bottom - frame.top + 10;
  tip.style.left = `${Math.max(0, Math.min(x, frame.width - tip.offsetWidth))}px`;
  tip.style.top = `${y}px`;
}
function hide() {
  for (const atlas of atlases) {
    atlas.querySelector(".tip").hidden = true;
    atlas.querySelector(".cursor").setAttribute("d", "");
  }
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
  const [x, y] = centre(stop);
  const [w, h] = [wide / look.scale, high / look.scale];
  if (x < look.x || x > look.x + w || y < look.y || y > look.y + h) {
    look.x = x - w / 2;
    look.y = y - h / 2;
    draw();
  }
  stop.focus({ preventScroll: true });
  show(stop);
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
counties.addEventListener("focusin", (event) => {
  stop.tabIndex = -1;
  stop = event.target;
  stop.tabIndex = 0;
  show(stop);
});
counties.addEventListener("focusout", hide);
counties.addEventListener("keydown", (event) => {
  const nearer = { "+": 2, "=": 2, "-": 0.5, _: 0.5, 0: 0 }[event.key];
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") hide();
  else if (nearer !== undefined) {
    zoom(nearer, ...centre(stop));
    moveTo(stop);
  } else if (event.key === "Enter") choose(stop);
  else if (event.key === "Home") moveTo(shapes[0]);
  else if (event.key === "End") moveTo(shapes[shapes.length - 1]);
  else if (event.key in ways) {
    const next = neighbour(ways[event.key]);
    if (next) moveTo(next);
  } else return;
  event.preventDefault();
});

// a wheel that scrolls the page goes on scrolling it over a map, until the pointer moves there
let pointed = false;
window.addEventListener("scroll", () => (pointed = false), { passive: true });

function handle(atlas) {
  const svg = atlas.querySelector("svg");
  const fingers = new Map();
  let dragged = 0;
  svg.addEventListener("pointerover", (event) => {
    if (event.target.matches(".county") && !fingers.size) show(event.target);
  });
  svg.addEventListener("pointerout", () => {
    if (counties.contains(document.activeElement)) show(stop);
    else hide();
  });
  svg.addEventListener("wheel", (event) => {
    const wanted = event.ctrlKey || event.metaKey || pointed;
    if (!wanted || (look.scale === 1 && event.deltaY > 0)) return;
    event.preventDefault();
    const { x, y } = spot(svg, event);
    zoom(2 ** (-event.deltaY / 300), x, y);
  }, { passive: false });
  svg.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, spot(svg, event));
    if (fingers.size === 1) dragged = 0;
  });
  svg.addEventListener("pointermove", (event) => {
    pointed = true;
    const from = fingers.get(event.pointerId);
    if (!from || (fingers.size === 1 && look.scale === 1)) return;
    const to = spot(svg, event);
    dragged += (Math.abs(to.x - from.x) + Math.abs(to.y - from.y)) * (look.scale / wide) * 1000;
    if (fingers.size === 2) {
      const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
      const apart = Math.hypot(to.x - other.x, to.y - other.y) / (Math.hypot(from.x - other.x, from.y - other.y) || 1);
      zoom(apart, other.x, other.y);
    } else if (dragged > 6) {
      if (!svg.hasPointerCapture(event.pointerId)) svg.setPointerCapture(event.pointerId);
      look.x -= to.x - from.x;
      look.y -= to.y - from.y;
      draw();
      hide();
    }
    fingers.set(event.pointerId, spot(svg, event));
  });
  for (const end of ["pointerup", "pointercancel"]) svg.addEventListener(end, (event) => fingers.delete(event.pointerId));
  svg.addEventListener("click", (event) => {
    if (dragged > 6 || !event.target.matches(".county")) return;
    const shape = shapes.find((each) => each.dataset.fips === event.target.dataset.fips);
    if (event.pointerType === "touch") moveTo(shape); // a finger cannot hover: first show the figures
    else choose(shape);
  });
  atlas.querySelector(".colour").addEventListener("change", (event) => {
    colourOf.set(atlas, Number(event.target.value));
    paint(atlas);
  });
  for (const button of atlas.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => zoom(Number(button.dataset.zoom)));
  }
}

byId("second").addEventListener("change", (event) => {
  if (atlases.length > 1) {
    colourOf.delete(atlases[1]);
    atlases.pop().remove();
  }
  if (event.target.checked) {
    const copy = atlases[0].cloneNode(true);
    for (const part of copy.querySelectorAll("[id]")) part.removeAttribute("id");
    copy.querySelector("defs").remove();
    copy.querySelectorAll(".county").forEach((shape) => {
      for (const name of ["tabindex", "role", "aria-label"]) shape.removeAttribute(name);
    });
    copy.querySelector("svg").setAttribute("aria-label", `Second map. ${first.getAttribute("aria-label")}`);
    copy.querySelector(".colour").setAttribute("aria-label", "Colour of the second map shows");
    const choices = copy.querySelector(".colour").options.length;
    colourOf.set(copy, (colourOf.get(atlases[0]) + 2) % choices);
    atlases.push(copy);
    maps.append(copy);
    handle(copy);
    paint(copy);
  }
  maps.classList.toggle("two", event.target.checked);
  hide();
  draw();
});
byId("place").addEventListener("change", (event) => {
  const state = event.target.value;
  zoomTo(state ? shapes.filter((shape) => rowOf.get(shape.dataset.fips).dataset.state === state).map((shape) => shape.getBBox()) : []);
});
byId("show-sites").addEventListener("change", (event) => maps.classList.toggle("bare", !event.target.checked));
new ResizeObserver(draw).observe(maps);
handle(atlases[0]);
if (shapes.length) shapes[0].tabIndex = 0;
mark();
draw();
