// Which listings fit, and how far they are.
const MASKS = ["level", "payment", "age", "medication", "population", "setting"];
const ASKED = [...MASKS, "telehealth", "language"];

function choices() {
  const chosen = Object.fromEntries(ASKED.map((name) => [name, byId(name).value]));
  const masks = MASKS.filter((name) => chosen[name])
    .map((name) => [data[name], 1 << Object.keys(speech[name]).indexOf(chosen[name])]);
  const speaks = chosen.language ? data.languages.map((names) => names.includes(chosen.language)) : null;
  const range = byId("range").value === "" ? Infinity : Number(byId("range").value);
  return { masks, speaks, telehealth: Boolean(chosen.telehealth), range };
}
function fits(i, wanted) {
  for (const [column, bit] of wanted.masks) if (!(column[i] & bit)) return false;
  return (!wanted.telehealth || data.telehealth[i]) && (!wanted.speaks || wanted.speaks[data.language[i]]);
}

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
    if (Number.isNaN(lon[i]) || !fits(i, wanted)) continue;
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

// Every listing of a state, by town.
function searchState(code, wanted) {
  const found = [];
  for (let i = 0; i < total; i += 1) if (stateName(i) === code && fits(i, wanted)) found.push({ i, distance: null });
  const { compare } = new Intl.Collator(speech.lang);
  const name = (i) => cityName(i) ?? "\uffff";
  return found.sort((a, b) => compare(name(a.i), name(b.i)) || compare(data.name[a.i], data.name[b.i]));
}
