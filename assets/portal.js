// Finds the commune in which somebody stands. The position stays in the browser: the areas are fetched as they are for
// everybody, and the place is looked for here.
const box = document.querySelector("[data-position]");

/** Whether a point lies within a ring: how often a line to the east crosses it. */
function within([x, y], ring) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [[xi, yi], [xj, yj]] = [ring[i], ring[j]];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/** Within the first ring of a part and in none of its holes. */
const covers = (feature, point) =>
  feature.geometry.coordinates.some(([outer, ...holes]) => within(point, outer) && !holes.some((hole) => within(point, hole)));

if (box && navigator.geolocation) {
  const say = (text) => { box.querySelector("[role=status]").textContent = text; };
  box.hidden = false;
  box.querySelector("button").addEventListener("click", () => {
    say(box.dataset.looking);
    navigator.geolocation.getCurrentPosition(async ({ coords }) => {
      try {
        const answer = await fetch(box.dataset.areas);
        if (!answer.ok) throw new Error(answer.status);
        const { features } = await answer.json();
        const found = features.find((feature) => covers(feature, [coords.longitude, coords.latitude]));
        if (found) location.assign(box.dataset.to + found.properties.key + box.dataset.query);
        else say(box.dataset.away);
      } catch {
        say(box.dataset.failed);
      }
    }, (refused) => say(refused.code === refused.PERMISSION_DENIED ? box.dataset.denied : box.dataset.failed), { timeout: 20000, maximumAge: 300000 });
  });
}
