// Minutes by car, estimated by the rule of iopdir.travel.pace: even within each ring around the place where one starts,
// slower where more people live within 10 miles.
const AROUND = 10 * MILE;
let zipXyz = null;

function peopleAround(place) {
  zipXyz ??= units(zipLon, zipLat);
  const [x, y, z] = unit(place.lon, place.lat);
  const reach = (1.01 * AROUND / 6371009) ** 2;
  let people = 0;
  for (let i = 0; i < zips.length; i += 1) {
    if (!zipTable.people[i]) continue;
    const [dx, dy, dz] = [zipXyz[3 * i] - x, zipXyz[3 * i + 1] - y, zipXyz[3 * i + 2] - z];
    if (dx * dx + dy * dy + dz * dz > reach) continue;
    if (geodesicMetres(place.lon, place.lat, zipLon[i], zipLat[i]) <= AROUND) people += zipTable.people[i];
  }
  return people;
}

// Minutes at the 10th percentile of drives, in the middle, and at the 90th.
function driveMinutes(people, metres) {
  const tenfolds = Math.log10(Math.min(Math.max(people, 300), 1e7) / 1e5);
  const out = [0, 0, 0];
  pace.start_m.forEach((start, ring) => {
    const within = Math.min(metres, pace.start_m[ring + 1] ?? Infinity) - start;
    if (within <= 0) return;
    const minutes = (within / 1000) * (pace.minutes_per_km[ring] + tenfolds * pace.by_tenfold[ring]);
    out[0] += minutes * pace.quick_ratio[ring];
    out[1] += minutes;
    out[2] += minutes * pace.slow_ratio[ring];
  });
  return out;
}
