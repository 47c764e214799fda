// Distance over the WGS84 ellipsoid in metres, by the inverse formula of T. Vincenty, Survey Review 23 (1975).
function geodesicMetres(lon1, lat1, lon2, lat2) {
  const a = 6378137, f = 1 / 298.257223563, b = a * (1 - f), rad = Math.PI / 180;
  const L = Math.atan2(Math.sin((lon2 - lon1) * rad), Math.cos((lon2 - lon1) * rad));
  const tan1 = (1 - f) * Math.tan(lat1 * rad), cos1 = 1 / Math.sqrt(1 + tan1 * tan1), sin1 = tan1 * cos1;
  const tan2 = (1 - f) * Math.tan(lat2 * rad), cos2 = 1 / Math.sqrt(1 + tan2 * tan2), sin2 = tan2 * cos2;
  let lambda = L;
  for (let step = 0; step < 60; step += 1) {
    const sinL = Math.sin(lambda), cosL = Math.cos(lambda);
    const [p, q] = [cos2 * sinL, cos1 * sin2 - sin1 * cos2 * cosL];
    const sinSigma = Math.sqrt(p * p + q * q);
    if (sinSigma === 0) return 0;
    const cosSigma = sin1 * sin2 + cos1 * cos2 * cosL;
    const sigma = Math.atan2(sinSigma, cosSigma);
    const sinAlpha = (cos1 * cos2 * sinL) / sinSigma;
    const cosSqAlpha = 1 - sinAlpha * sinAlpha;
    const cos2Mid = cosSqAlpha === 0 ? 0 : cosSigma - (2 * sin1 * sin2) / cosSqAlpha;
    const C = (f / 16) * cosSqAlpha * (4 + f * (4 - 3 * cosSqAlpha));
    const next = L + (1 - C) * f * sinAlpha *
      (sigma + C * sinSigma * (cos2Mid + C * cosSigma * (2 * cos2Mid * cos2Mid - 1)));
    const change = Math.abs(next - lambda);
    lambda = next;
    if (change > 1e-12) continue;
    const u = (cosSqAlpha * (a * a - b * b)) / (b * b);
    const A = 1 + (u / 16384) * (4096 + u * (-768 + u * (320 - 175 * u)));
    const B = (u / 1024) * (256 + u * (-128 + u * (74 - 47 * u)));
    const mid = cos2Mid * cos2Mid;
    const delta = B * sinSigma * (cos2Mid + (B / 4) * (cosSigma * (2 * mid - 1) -
      (B / 6) * cos2Mid * (4 * sinSigma * sinSigma - 3) * (4 * mid - 3)));
    return b * A * (sigma - delta);
  }
  return Math.PI * b; // nearly antipodal, where the formula does not settle; no two US places are
}
