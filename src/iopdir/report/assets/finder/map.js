// The map: an azimuthal equidistant sheet around one place, so that every move of it is a shift and a scale.
// `view` is the place of the sheet in the middle of the window, in metres, and metres a pixel.
const EARTH = 6371009;
const NEAREST = 4; // metres a pixel; the borders hold no more
const FARTHEST = 20000;
const LEAST = 6500; // metres that are always in sight around a place

const map = {
  centre: null, view: null, whole: null, drawnAt: null, range: Infinity, width: 640, height: 520, names: [], timer: 0,

  // Around a place, as far as the farthest point that must be seen; without a place, just these points.
  show(centre, points, range, fit) {
    Object.assign(this, { centre, range, radiusLat: [Math.sin(centre.lat * RAD), Math.cos(centre.lat * RAD)] });
    byId("map").hidden = false;
    Object.assign(this, { view: null, whole: null });
    this.measure();
    const spots = points.map(([east, north]) => this.onSheet(east, north));
    const box = (k) => [Math.min(...spots.map((spot) => spot[k])), Math.max(...spots.map((spot) => spot[k]))];
    const [[west, rightmost], [south, top]] = [box(0), box(1)];
    const far = Math.max(LEAST, ...spots.map((spot) => Math.hypot(...spot)));
    const ring = Number.isFinite(range) && far > 0.45 * range * MILE ? range * MILE * 1.06 : far * 1.15;
    const sides = fit ? [Math.max(LEAST, rightmost - west) * 0.58, Math.max(LEAST, top - south) * 0.58] : [ring, ring];
    const scale = Math.max(sides[0] / (this.width / 2), sides[1] / (this.height / 2));
    this.whole = { x: fit ? (west + rightmost) / 2 : 0, y: fit ? (south + top) / 2 : 0, scale: Math.min(FARTHEST, scale) };
    this.view = { ...this.whole };
    this.redraw();
  },
  hide() {
    byId("map").hidden = true;
    this.view = null;
  },
  // As large as the window of the map, or as the paper; what was in sight stays in sight.
  measure(size) {
    const { clientWidth, clientHeight } = byId("sheet");
    const before = Math.min(this.width, this.height);
    [this.width, this.height] = size ?? (clientWidth ? [clientWidth, clientHeight] : [this.width, this.height]);
    byId("drawing").setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    for (const view of [this.view, this.whole]) if (view) view.scale *= before / Math.min(this.width, this.height);
    this.redraw();
  },

  onSheet(east, north) {
    const [sin0, cos0] = this.radiusLat;
    const [sin1, cos1] = [Math.sin(north * RAD), Math.cos(north * RAD)];
    const turn = (east - this.centre.lon) * RAD;
    const along = sin0 * sin1 + cos0 * cos1 * Math.cos(turn);
    const angle = Math.acos(Math.max(-1, Math.min(1, along)));
    const k = (angle < 1e-9 ? 1 : angle / Math.sin(angle)) * EARTH;
    return [k * cos1 * Math.sin(turn), k * (cos0 * sin1 - sin0 * cos1 * Math.cos(turn))];
  },
  onGlobe(x, y) {
    const [sin0, cos0] = this.radiusLat;
    const angle = Math.min(Math.PI, Math.hypot(x, y) / EARTH);
    if (angle < 1e-12) return [this.centre.lon, this.centre.lat];
    const [a, b] = [x / Math.hypot(x, y), y / Math.hypot(x, y)];
    const north = Math.asin(Math.max(-1, Math.min(1, Math.cos(angle) * sin0 + b * Math.sin(angle) * cos0)));
    const east = Math.atan2(a * Math.sin(angle), cos0 * Math.cos(angle) - b * sin0 * Math.sin(angle));
    return [this.centre.lon + east / RAD, north / RAD];
  },
  inWindow([x, y]) {
    return [this.width / 2 + (x - this.view.x) / this.view.scale, this.height / 2 - (y - this.view.y) / this.view.scale];
  },

  // Everything for the view as it is now.
  redraw() {
    clearTimeout(this.timer);
    if (!this.view) return;
    const { x, y, scale } = this.view;
    const put = (east, north) => this.inWindow(this.onSheet(east, north));
    const seen = around(...this.onGlobe(x, y), 0.75 * scale * Math.hypot(this.width, this.height));
    this.drawnAt = { ...this.view };
    byId("map-land").removeAttribute("transform");
    drawLand(seen, put, scale);
    const taken = marks.place();
    this.names = drawNames(seen, put, scale, this.width, this.height, taken);
    byId("map-names").replaceChildren(...this.names.map(({ node }) => node));
    this.follow();
    drawScale(scale, this.width, this.height);
  },
  // While it moves: what was drawn is shifted and scaled, and drawn anew when it rests.
  move() {
    const s = this.drawnAt.scale / this.view.scale;
    const dx = (this.width / 2) * (1 - s) + (this.drawnAt.x - this.view.x) / this.view.scale;
    const dy = (this.height / 2) * (1 - s) - (this.drawnAt.y - this.view.y) / this.view.scale;
    byId("map-land").setAttribute("transform", `translate(${dx} ${dy}) scale(${s})`);
    this.follow();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.redraw(), 140);
  },
  follow() {
    for (const { node, lon: east, lat: north } of this.names) {
      const [x, y] = this.inWindow(this.onSheet(east, north));
      node.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
    }
    marks.follow();
  },
  pan(right, down) {
    this.view.x -= right * this.view.scale;
    this.view.y += down * this.view.scale;
    this.move();
  },
  // Bigger or smaller by a factor, the place under a point of the window staying where it is.
  zoom(factor, at = [this.width / 2, this.height / 2]) {
    const scale = Math.max(NEAREST, Math.min(FARTHEST, this.view.scale / factor));
    const [right, up] = [at[0] - this.width / 2, this.height / 2 - at[1]];
    this.view.x += right * (this.view.scale - scale);
    this.view.y += up * (this.view.scale - scale);
    this.view.scale = scale;
    this.move();
  },
  reset() {
    this.view = { ...this.whole };
    this.redraw();
  },
  // Bring a place into the window if it is outside.
  reveal(east, north) {
    const [x, y] = this.inWindow(this.onSheet(east, north));
    if (x > 20 && x < this.width - 20 && y > 20 && y < this.height - 20) return;
    [this.view.x, this.view.y] = this.onSheet(east, north);
    this.redraw();
  },
};

{
  const sheet = byId("sheet");
  const spot = ({ clientX, clientY }) => {
    const { left, top } = sheet.getBoundingClientRect();
    return [clientX - left, clientY - top];
  };
  let held = null;
  let dragged = 0; // pixels; after a drag, letting go chooses no mark
  sheet.setAttribute("aria-label", say("map_keys"));
  sheet.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse" && event.button === 0 && !event.target.closest("button")) held = spot(event);
    dragged = 0;
  });
  addEventListener("pointermove", (event) => {
    if (!held || event.pointerType !== "mouse") return;
    const now = spot(event);
    map.pan(now[0] - held[0], now[1] - held[1]);
    dragged += Math.hypot(now[0] - held[0], now[1] - held[1]);
    held = now;
  });
  sheet.addEventListener("click", (event) => dragged > 4 && event.stopPropagation(), true);
  addEventListener("pointerup", () => { held = null; });
  sheet.addEventListener("wheel", (event) => {
    // the page scrolls under the wheel until the map was taken hold of
    if (!event.ctrlKey && !sheet.contains(document.activeElement)) return;
    event.preventDefault();
    map.zoom(1.0015 ** -event.deltaY, spot(event));
  }, { passive: false });
  sheet.addEventListener("dblclick", (event) => event.target.closest("button") || map.zoom(2, spot(event)));

  // Two fingers move and zoom; one finger scrolls the page.
  let fingers = null;
  const both = ({ touches: [a, b] }) => {
    const [p, q] = [spot(a), spot(b)];
    return { at: [(p[0] + q[0]) / 2, (p[1] + q[1]) / 2], apart: Math.hypot(p[0] - q[0], p[1] - q[1]) };
  };
  sheet.addEventListener("touchstart", (event) => { fingers = event.touches.length === 2 ? both(event) : null; }, { passive: true });
  sheet.addEventListener("touchmove", (event) => {
    if (!fingers || event.touches.length !== 2) return;
    event.preventDefault();
    const now = both(event);
    map.pan(now.at[0] - fingers.at[0], now.at[1] - fingers.at[1]);
    map.zoom(now.apart / fingers.apart, now.at);
    fingers = now;
  }, { passive: false });
  sheet.addEventListener("touchend", () => { fingers = null; });

  const KEYS = {
    ArrowLeft: () => map.pan(60, 0), ArrowRight: () => map.pan(-60, 0), ArrowUp: () => map.pan(0, 60), ArrowDown: () => map.pan(0, -60),
    "+": () => map.zoom(1.5), "=": () => map.zoom(1.5), "-": () => map.zoom(1 / 1.5), 0: () => map.reset(),
  };
  sheet.addEventListener("keydown", (event) => {
    if (!(event.key in KEYS) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    KEYS[event.key]();
  });
  byId("zoom-in").addEventListener("click", () => map.zoom(1.6));
  byId("zoom-out").addEventListener("click", () => map.zoom(1 / 1.6));
  byId("zoom-whole").addEventListener("click", () => map.reset());
  new ResizeObserver(() => {
    if (!map.view || byId("sheet").clientWidth === map.width) return;
    map.measure();
  }).observe(sheet);
}
