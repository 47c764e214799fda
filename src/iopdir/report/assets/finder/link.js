// A link that opens the same search. What a person typed and chose is in it; where the device is never is.
const PARTS = [...ASKED, "range"];

function linkText(place) {
  const parts = new URLSearchParams();
  if (place?.kind === "state") parts.set("state", place.code);
  else if (place && !place.device && place.kind !== "point") parts.set("place", place.query ?? place.label);
  for (const name of PARTS) {
    const field = byId(name);
    const usual = [...field.options].find((option) => option.defaultSelected)?.value ?? field.options[0].value;
    if (field.value !== usual) parts.set(name, field.value);
  }
  return `${location.href.split("#")[0]}#${parts}`;
}
// Take over what a link says; give its place, null if it names none, undefined if it is no search.
function readLink() {
  const parts = new URLSearchParams(location.hash.slice(1));
  if (![...parts.keys()].some((name) => ["place", "state", ...PARTS].includes(name))) return undefined;
  for (const name of PARTS) {
    const value = parts.get(name);
    if (value !== null && [...byId(name).options].some((option) => option.value === value)) byId(name).value = value;
  }
  const code = parts.get("state");
  if (code in data.state_names) return statePlace(code);
  return parts.get("place") ? findPlace(parts.get("place")) : null;
}
