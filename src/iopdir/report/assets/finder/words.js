// Words of the page's language, with numbers put in.
const { format: count } = new Intl.NumberFormat(speech.lang === "es" ? "es-US" : "en-US");
const say = (key, values = {}) => speech.say[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
const many = (key, n, values = {}) => say(n === 1 ? `${key}_one` : n || !(`${key}_none` in speech.say) ? key : `${key}_none`, { n: count(n), ...values });
const winds = say("winds").split(",");

function wind(from, i) {
  const turn = (lon[i] - from.lon) * RAD;
  const [a, b] = [from.lat * RAD, lat[i] * RAD];
  const east = Math.sin(turn) * Math.cos(b);
  const north = Math.cos(a) * Math.sin(b) - Math.sin(a) * Math.cos(b) * Math.cos(turn);
  return winds[Math.round(Math.atan2(east, north) / (Math.PI / 4) + 8) % 8];
}
function miles(distance) {
  const far = distance / MILE;
  if (far < 0.1) return say("under");
  const text = far < 9.95 ? far.toFixed(1) : count(Math.round(far));
  return say(text === "1.0" ? "mile" : "miles", { n: text });
}
const named = (mask, table) => Object.values(speech[table]).filter((_, bit) => mask & (1 << bit)).join(", ");
const languageName = (name) => speech.language[name] ?? name;
const cityName = (i) => data.cities[data.city[i]];
const stateName = (i) => data.states[data.state[i]];
const town = (i) => [cityName(i), stateName(i)].filter(Boolean).join(", ");
function address(i) {
  const street = [data.street[i], cityName(i)].filter(Boolean).join(", ");
  return [street, [stateName(i), data.zip[i]].filter(Boolean).join(" ")].filter(Boolean).join(", ");
}
