// One listing of the list: what it is, how far, whom to call, and what it states.
function dial(phone) {
  const [number, extension] = phone.split(/\s*x\s*/);
  const digits = number.replace(/\D/g, "");
  if (digits.length < 10) return null;
  return `tel:+${digits.length === 10 ? "1" : ""}${digits}${extension ? `;ext=${extension.replace(/\D/g, "")}` : ""}`;
}
function call(phone, style, text) {
  const link = dial(phone);
  return link ? element("a", { class: style, href: link }, text) : element("span", {}, text);
}
const newTab = () => element("span", { class: "hidden-text" }, say("new_tab"));
const outside = (href, ...text) => element("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...text, newTab());
function website(text) {
  let target;
  try {
    target = new URL(text);
  } catch {
    return null;
  }
  if (!/^https?:$/.test(target.protocol)) return null;
  return outside(target.href, target.hostname.replace(/^www\./, ""));
}

// By the address in words, since a point may be the middle of a ZIP code; where the person starts is not told.
function directions(i) {
  const words = encodeURIComponent(address(i));
  const point = data.rough[i] ? "0,0" : `${lat[i].toFixed(6)},${lon[i].toFixed(6)}`;
  const web = data.rough[i]
    ? `https://www.openstreetmap.org/search?query=${words}`
    : `https://www.openstreetmap.org/directions?to=${encodeURIComponent(point)}`;
  return element("span", { class: "directions" }, `${say("directions")}: `,
    element("a", { href: `geo:${point}?q=${words}` }, say("directions_app")), " · ", outside(web, say("directions_web")));
}
function farText(place, people, { i, distance }) {
  if (data.rough[i] && distance < MILE) return say("about_a_mile");
  const away = say("away", { miles: miles(distance), wind: wind(place, i) });
  const [low, middle, high] = driveMinutes(people, distance).map((minutes) => Math.max(1, Math.round(minutes)));
  const car = say(data.rough[i] ? "rough_minutes" : "minutes", { n: middle, low, high });
  return `${data.rough[i] ? "~" : ""}${away} · ${car}`;
}

function listing(hit, rank, place, people) {
  const { i, distance } = hit;
  const far = distance === null ? null : element("p", { class: "far" }, farText(place, people, hit));
  const reach = element("p", { class: "reach" });
  if (data.phone[i]) reach.append(call(data.phone[i], "button", say("call", { phone: data.phone[i] })));
  if (data.intake[i] && data.intake[i] !== data.phone[i]) {
    reach.append(element("span", {}, `${say("intake")} `, call(data.intake[i], "", data.intake[i])));
  }
  if (!reach.childNodes.length) reach.append(say("no_phone"));
  const site = data.website[i] ? website(data.website[i]) : null;
  if (site) reach.append(site);
  reach.append(shortlist.button(i));
  const pair = (name, text) => [element("dt", {}, say(name)), element("dd", {}, text || say("not_stated"))];
  const facts = element("dl", {}, ...pair("services", named(data.service[i], "service")),
    ...pair("medications", named(data.medication[i], "medication")),
    ...pair("payment", named(data.payment[i], "payment")));
  const more = element("details", {}, element("summary", {}, say("more")), element("dl", {},
    ...pair("care", named(data.level[i], "level")), ...pair("ages", named(data.age[i], "age")),
    ...pair("populations", named(data.population[i], "population")),
    ...pair("settings", named(data.setting[i], "setting")),
    ...pair("telehealth", data.telehealth[i] ? say("yes") : ""),
    ...pair("languages", data.languages[data.language[i]].map(languageName).join("; "))));
  const who = element("div", {},
    element("h3", {}, rank ? element("span", { class: "rank" }, String(rank)) : "", data.name[i]),
    data.program[i] ? element("p", {}, data.program[i]) : "",
    far,
    element("p", {}, address(i) || say("no_address"), address(i) && !Number.isNaN(lon[i]) ? directions(i) : ""),
    reach);
  const what = element("div", {}, facts, more,
    element("p", { class: "quiet" }, element("b", {}, say("confirm")), ` ${say("listed_in", { source: data.sources[data.source[i]] })}`,
      data.rough[i] ? ` ${say("rough")}` : ""));
  const card = element("li", {}, element("article", { class: "listing", id: `f${i}` }, who, what));
  if (distance !== null) card.dataset.distanceM = distance.toFixed(2);
  return card;
}
