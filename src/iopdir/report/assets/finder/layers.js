// What lies under the marks: borders, water and names, drawn for one view of the map.
let decoded = null;

function shape(steps) {
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
}
function unpack() {
  decoded ??= {
    ...Object.fromEntries(["abroad", "counties", "states", "lakes", "rivers"].map((name) => [name, outlines[name].map(shape)])),
    label: [summed(countyTable.label_lon, outlines.scale), summed(countyTable.label_lat, outlines.scale)],
  };
  return decoded;
}

// What a circle around a place can show, in degrees; east and west wrap around the globe.
function around(lon0, lat0, metres) {
  const high = metres / 110000;
  const wide = Math.min(180, (1.3 * high) / Math.max(0.05, Math.cos(Math.min(89, Math.abs(lat0) + high) * RAD)));
  const apart = (a, b) => Math.abs(((a - b + 540) % 360) - 180);
  return {
    point: (east, north) => Math.abs(north - lat0) <= high && apart(east, lon0) <= wide,
    box: ([west, south, east, north]) => south <= lat0 + high && north >= lat0 - high &&
      apart((west + east) / 2, lon0) <= wide + (east - west) / 2,
  };
}

// One path of many shapes; a corner less than a pixel from the last one is left out.
function pathOf(shapes, seen, put, closed) {
  const parts = [];
  for (const { points, box } of shapes) {
    if (!seen.box(box)) continue;
    let [lastX, lastY] = [Infinity, Infinity];
    let text = "";
    const end = points.length - 2;
    for (let i = 0; i <= end; i += 2) {
      const [x, y] = put(points[i], points[i + 1]);
      if (i && i < end && Math.abs(x - lastX) + Math.abs(y - lastY) < 1) continue;
      text += `${text ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
      [lastX, lastY] = [x, y];
    }
    parts.push(closed ? `${text}Z` : text);
  }
  return parts.join("");
}

function drawLand(seen, put, metresAPixel) {
  const land = unpack();
  const far = metresAPixel > 1200;
  byId("map-land").replaceChildren(
    drawn("path", { class: "abroad", d: pathOf(land.abroad, seen, put, true) }),
    drawn("path", { class: "land", d: pathOf(far ? land.states : land.counties, seen, put, true) }),
    drawn("path", { class: "lake", d: pathOf(land.lakes, seen, put, true) }),
    drawn("path", { class: "river", d: pathOf(land.rivers, seen, put, false) }),
    drawn("path", { class: "state-line", d: far ? "" : pathOf(land.states, seen, put, true) }),
  );
}

// Names where there is room: cities first, those with most people largest, then counties, rivers and ZIP codes.
const CITY = [[16, "city first"], [14.5, "city second"], [13, "city"], [12, "city small"]];
function* names(seen, metresAPixel) {
  const { label } = unpack();
  for (let i = 0; i < cityTable.name.length; i += 1) {
    if (!seen.point(cityLon[i], cityLat[i])) continue;
    const larger = cityTable.larger.findIndex((last) => i < last);
    const [size, kind] = CITY[larger < 0 ? 3 : larger];
    yield { text: cityTable.name[i], lon: cityLon[i], lat: cityLat[i], size, kind, dot: true };
  }
  if (metresAPixel > 15 && metresAPixel < 450) {
    for (let i = 0; i < countyTable.name.length; i += 1) {
      if (seen.point(label[0][i], label[1][i])) yield { text: countyTable.name[i], lon: label[0][i], lat: label[1][i], size: 12, kind: "county", dot: false };
    }
  }
  if (metresAPixel < 1200) {
    const done = new Set();
    for (const [i, { points, box }] of decoded.rivers.entries()) {
      const text = outlines.river_names[i];
      if (!text || done.has(text) || !seen.box(box)) continue;
      const middle = (points.length >> 2) * 2;
      for (const j of [middle, ...points.keys()]) {
        if (j % 2 || !seen.point(points[j], points[j + 1])) continue;
        done.add(text);
        yield { text, lon: points[j], lat: points[j + 1], size: 12, kind: "river-name", dot: false };
        break;
      }
    }
  }
  if (metresAPixel < 70) {
    for (let i = 0; i < zips.length; i += 1) {
      if (zipTable.people[i] && seen.point(zipLon[i], zipLat[i])) yield { text: zipText(i), lon: zipLon[i], lat: zipLat[i], size: 11.5, kind: "zip", dot: false };
    }
  }
}
const MOST_NAMES = { city: 26, county: 8, "river-name": 4, zip: 14 };

// Boxes already taken are [left, top, right, bottom]; what would cover one is left out.
function drawNames(seen, put, metresAPixel, width, height, taken) {
  const nodes = [];
  const numbers = { city: 0, county: 0, "river-name": 0, zip: 0 };
  const least = width < 480 ? 0.6 : 1;
  for (const name of names(seen, metresAPixel)) {
    const sort = name.kind.split(" ")[0];
    if (numbers[sort] >= MOST_NAMES[sort] * least) continue;
    const [x, y] = put(name.lon, name.lat);
    const wide = name.size * 0.58 * name.text.length;
    if (x < 8 || x > width - 8 || y < 14 || y > height - 8) continue;
    const start = name.dot ? (x + 7 + wide > width ? x - 7 - wide : x + 7) : x - wide / 2;
    const box = [start - 3, y - name.size * 0.7, start + wide + 3, y + name.size * 0.7];
    if (box[0] < 0 || box[2] > width) continue;
    if (taken.some((t) => t[0] < box[2] && t[2] > box[0] && t[1] < box[3] && t[3] > box[1])) continue;
    taken.push(box);
    numbers[sort] += 1;
    const node = drawn("g", { class: name.kind });
    if (name.dot) node.append(drawn("circle", { r: 2 }));
    node.append(drawn("text", { x: (start - x).toFixed(1), y: (name.size * 0.36).toFixed(1), "font-size": name.size }, name.text));
    nodes.push({ node, lon: name.lon, lat: name.lat });
  }
  return nodes;
}

const BARS = [0.25, 0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000];
function drawScale(metresAPixel, width, height) {
  const length = BARS.findLast((bar) => (bar * MILE) / metresAPixel <= Math.min(150, width / 3)) ?? BARS[0];
  const wide = (length * MILE) / metresAPixel;
  const base = height - 12;
  byId("map-scale").replaceChildren(
    drawn("path", { d: `M12 ${base - 6}v6h${wide.toFixed(1)}v-6` }),
    drawn("text", { x: 16, y: base - 6 }, say(length === 1 ? "mile" : "miles", { n: length })),
  );
}
