// Where: a ZIP, degrees, a state, a city, a county, by the words people use.
const SHORT = { st: "saint", ste: "sainte", ft: "fort", mt: "mount" }; // in names; MT alone is Montana
const split = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/['’.]/g, "")
  .split(/[^a-z0-9]+/).filter(Boolean);
const spelled = (words) => words.map((word) => SHORT[word] ?? word).join(" ");

const stateCodes = new Map();
for (const [code, name] of Object.entries(data.state_names)) {
  stateCodes.set(code.toLowerCase(), code);
  stateCodes.set(split(name).join(" "), code);
}
function byName(keys) {
  const found = new Map();
  keys.forEach((key, i) => {
    if (found.has(key)) found.get(key).push(i);
    else found.set(key, [i]);
  });
  return found;
}
const cityKeys = cityTable.name.map((name) => spelled(split(name)));
const citiesByName = byName(cityKeys);
const countiesByName = byName(countyTable.name.map((name) => spelled(split(name))));
const labelled = (table, i) => `${table.name[i]}, ${data.states[table.state[i]]}`;
const cityPlace = (i, others = []) => ({ kind: "city", lon: cityLon[i], lat: cityLat[i], label: labelled(cityTable, i), others });
const countyPlace = (i, others = []) => ({
  kind: "county", lon: countyLon[i], lat: countyLat[i], label: labelled(countyTable, i), others, note: say("middle_of_county"),
});
const statePlace = (code, others = []) => ({ kind: "state", code, label: data.state_names[code], others });

function zipIndex(wanted) {
  let low = 0;
  let high = zips.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (zips[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
function zipPlace(text) {
  const wanted = Number(text);
  const at = zipIndex(wanted);
  const place = (i, note) => ({
    kind: "zip", lon: zipLon[i], lat: zipLat[i], label: `${labelled(cityTable, zipTable.city[i])} ${text}`, query: text, others: [], note,
  });
  if (zips[at] === wanted) return place(at);
  const near = [at - 1, at].filter((i) => i in zips && Math.floor(zips[i] / 100) === Math.floor(wanted / 100));
  if (!near.length) return null;
  near.sort((a, b) => Math.abs(zips[a] - wanted) - Math.abs(zips[b] - wanted));
  return place(near[0], say("near_zip", { zip: text, other: zipText(near[0]) }));
}
function statePlaceOf(words) {
  const named = words.at(-1) === "state" ? words.slice(0, -1) : words;
  const code = stateCodes.get(named.join(" "));
  return code ? statePlace(code) : null;
}

// A city or a county, with or without its state; where several have the name, the one with most people.
function namedPlace(words, table, known, make) {
  for (let cut = words.length; cut > 0; cut -= 1) {
    const state = stateCodes.get(words.slice(cut).join(" "));
    if (cut < words.length && !state) continue;
    let found = known.get(spelled(words.slice(0, cut))) ?? [];
    if (state) found = found.filter((i) => data.states[table.state[i]] === state);
    if (found.length) return make(found[0], found.slice(1, 7).map((i) => make(i)));
  }
  return null;
}
const cityOf = (words) => namedPlace(words, cityTable, citiesByName, cityPlace);

function findPlace(text) {
  const trimmed = text.trim();
  const zip = /^(\d{5})(?:-?\d{4})?$/.exec(trimmed);
  if (zip) return zipPlace(zip[1]);
  const degrees = /^(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)$/.exec(trimmed);
  if (degrees) {
    const [north, east] = [Number(degrees[1]), Number(degrees[2])];
    return Math.abs(north) <= 90 && Math.abs(east) <= 180
      ? { kind: "point", lon: east, lat: north, label: trimmed, others: [] } : null;
  }
  const words = split(trimmed);
  const nick = data.nicknames[words.join(" ")];
  const state = statePlaceOf(words);
  const city = nick ? cityOf(split(nick)) : cityOf(words);
  if (nick && state) return { ...city, others: [state] };
  if (state) return { ...state, others: city && city.label !== state.label ? [city] : [] };
  return city ?? namedPlace(words, countyTable, countiesByName, countyPlace);
}

function suggestions(text) {
  const words = split(text);
  const wanted = [...spelled(words.slice(0, -1)).split(" ").filter(Boolean), ...words.slice(-1)].join(" ");
  const found = [];
  if (wanted.length < 2 || /^\d/.test(wanted)) return found;
  for (const name of Object.values(data.state_names)) {
    if (split(name).join(" ").startsWith(wanted)) found.push(name);
  }
  for (let i = 0; i < cityTable.name.length && found.length < 8; i += 1) {
    const key = `${cityKeys[i]} ${data.states[cityTable.state[i]].toLowerCase()}`;
    if (key.startsWith(wanted)) found.push(labelled(cityTable, i));
  }
  return found;
}
