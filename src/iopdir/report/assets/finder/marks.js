// What stands on the map: the place searched, the ring of the range, and one mark for each listing.
const marks = {
  all: [], here: null, chosen: null,

  // Listings that share a point fan out around it; by state those within a kilometre are one mark with their number.
  show(hits, here, numbered) {
    const groups = new Map();
    const digits = numbered ? 5 : 2;
    hits.forEach((hit, order) => {
      const key = `${lon[hit.i].toFixed(digits)} ${lat[hit.i].toFixed(digits)}`;
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push({ i: hit.i, order });
    });
    const centre = here ? `${here.lon.toFixed(5)} ${here.lat.toFixed(5)}` : "";
    this.all = [...groups].flatMap(([key, group]) => (numbered ? this.fan(group, key === centre) : [this.heap(group)]));
    this.here = here && { node: this.hereMark(here), lon: here.lon, lat: here.lat };
    this.chosen = null;
  },
  fan(group, occupied) {
    const small = group.every(({ order }) => order >= 20);
    const apart = (small ? 7 : 12.5) / Math.sin(Math.PI / Math.max(2, group.length)); // each beside the next
    const radius = group.length > 1 || occupied ? Math.max(occupied ? 24 : 0, apart) : 0;
    return group.map(({ i, order }, turn) => {
      const angle = (2 * Math.PI * turn) / group.length - Math.PI / 2;
      const [dx, dy] = [radius * Math.cos(angle), radius * Math.sin(angle)];
      const node = drawn("g", { class: order < 20 ? "mark" : "mark small", "data-order": order });
      if (radius) node.append(drawn("path", { class: "leg", d: `M0 0L${dx.toFixed(1)} ${dy.toFixed(1)}` }));
      const head = drawn("g", { transform: `translate(${dx.toFixed(1)} ${dy.toFixed(1)})` });
      head.append(drawn("title", {}, data.name[i]), drawn("circle", {}));
      if (order < 20) head.append(drawn("text", {}, String(order + 1)));
      node.append(head);
      return this.mark(node, [i], dx, dy);
    });
  },
  heap(group) {
    const node = drawn("g", { class: group.length > 1 ? "mark heap" : "mark small" });
    node.append(drawn("title", {}, group.length > 1 ? say("together", { n: group.length }) : data.name[group[0].i]), drawn("circle", {}));
    if (group.length > 1) node.append(drawn("text", {}, String(group.length)));
    return this.mark(node, group.map(({ i }) => i), 0, 0);
  },
  mark(node, listings, dx, dy) {
    node.addEventListener("click", () => page.choose(listings[0]));
    return { node, listings, lon: lon[listings[0]], lat: lat[listings[0]], dx, dy };
  },
  hereMark(here) {
    const node = drawn("g", { class: "here" });
    node.append(drawn("circle", { r: 8 }), drawn("text", { y: 26 }, here.device ? say("you_are_here") : here.label));
    return node;
  },

  // Put them into the drawing for this view, the first of the list on top; give the boxes they take.
  place() {
    const nodes = [];
    const taken = [[0, map.height - 36, 170, map.height], [map.width - 62, 0, map.width, 160]]; // scale, buttons
    if (this.here && Number.isFinite(map.range)) {
      this.ring = drawn("g", { class: "ring" });
      this.ring.append(drawn("circle", {}), drawn("text", {}, say("ring", { n: map.range })));
      nodes.push(this.ring);
    } else this.ring = null;
    if (this.here) {
      const [x, y] = map.inWindow(map.onSheet(this.here.lon, this.here.lat));
      const half = 4 * this.here.node.textContent.length;
      taken.push([x - half, y - 10, x + half, y + 32]);
    }
    for (const { node, lon: east, lat: north, dx, dy } of this.all) {
      const [x, y] = map.inWindow(map.onSheet(east, north));
      const half = node.classList.contains("small") ? 6 : 13;
      taken.push([x + dx - half, y + dy - half, x + dx + half, y + dy + half]);
    }
    nodes.push(...this.all.map(({ node }) => node).reverse());
    if (this.here) nodes.push(this.here.node);
    byId("map-marks").replaceChildren(...nodes);
    this.raise();
    return taken;
  },
  follow() {
    for (const { node, lon: east, lat: north } of this.here ? [...this.all, this.here] : this.all) {
      const [x, y] = map.inWindow(map.onSheet(east, north));
      node.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
    }
    if (!this.ring) return;
    const [x, y] = map.inWindow([0, 0]);
    const radius = (map.range * MILE) / map.view.scale;
    const [circle, text] = this.ring.children;
    this.ring.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
    circle.setAttribute("r", radius.toFixed(1));
    text.setAttribute("y", (14 - radius).toFixed(1));
  },
  // The listing that somebody reads stands out, and the map goes where it is.
  choose(i) {
    this.chosen?.node.classList.remove("chosen");
    this.chosen = this.all.find(({ listings }) => listings.includes(i)) ?? null;
    if (!this.chosen) return;
    map.reveal(this.chosen.lon, this.chosen.lat);
    this.raise();
  },
  raise() {
    if (!this.chosen) return;
    this.chosen.node.classList.add("chosen");
    byId("map-marks").append(this.chosen.node);
  },
};
