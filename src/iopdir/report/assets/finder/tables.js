// What the page carries: columns of whole numbers, each the step from the one before.
const byId = (id) => document.getElementById(id);
const read = (id) => JSON.parse(byId(id).textContent);
const speech = read("speech");
const data = read("directory");
const zipTable = read("zips");
const cityTable = read("cities");
const countyTable = read("counties");
const outlines = read("outlines");
const pace = read("pace");
const RAD = Math.PI / 180;
const MILE = 1609.344;

function summed(steps, scale) {
  const out = new Float64Array(steps.length);
  let at = 0;
  for (let i = 0; i < steps.length; i += 1) {
    if (steps[i] === null) out[i] = NaN;
    else out[i] = (at += steps[i]) / scale;
  }
  return out;
}
// A place on the unit sphere; the chord between two is short where the way is short.
function unit(east, north) {
  const around = Math.cos(north * RAD);
  return [around * Math.cos(east * RAD), around * Math.sin(east * RAD), Math.sin(north * RAD)];
}
function units(east, north) {
  const out = new Float64Array(3 * east.length);
  for (let i = 0; i < east.length; i += 1) {
    const around = Math.cos(north[i] * RAD);
    out[3 * i] = around * Math.cos(east[i] * RAD);
    out[3 * i + 1] = around * Math.sin(east[i] * RAD);
    out[3 * i + 2] = Math.sin(north[i] * RAD);
  }
  return out;
}
const total = data.name.length;
const lon = summed(data.lon, 1e6);
const lat = summed(data.lat, 1e6);
const xyz = units(lon, lat);
const zips = summed(zipTable.zip, 1);
const zipLon = summed(zipTable.lon, 1e6);
const zipLat = summed(zipTable.lat, 1e6);
const zipText = (i) => String(zips[i]).padStart(5, "0");
// A city is the middle of its ZIPs by people, or the plain one where nobody lives, as in Python's find_place.
const [cityLon, cityLat, cityPeople] = [0, 1, 2].map(() => new Float64Array(cityTable.name.length));
zipTable.city.forEach((c, i) => { cityPeople[c] += zipTable.people[i]; });
const cityWeights = new Float64Array(cityTable.name.length);
zipTable.city.forEach((c, i) => {
  const weight = cityPeople[c] ? zipTable.people[i] : 1;
  cityLon[c] += weight * zipLon[i];
  cityLat[c] += weight * zipLat[i];
  cityWeights[c] += weight;
});
cityWeights.forEach((weight, c) => {
  cityLon[c] /= weight;
  cityLat[c] /= weight;
});
const countyLon = summed(countyTable.lon, 1e4);
const countyLat = summed(countyTable.lat, 1e4);

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
