// Opens a timeline in a headless Chromium and prints what it shows, as JSON.
// Arguments: the page, a file for a picture of it.
import chromium from "@sparticuz/chromium";
import { chromium as driver } from "playwright-core";

const [file, picture] = process.argv.slice(2);
const errors = [];
const browser = await driver.launch({
  executablePath: await chromium.executablePath(),
  args: chromium.args,
  headless: true,
});
const page = await browser.newPage({ viewport: { width: 1000, height: 400 } });
page.on("pageerror", error => errors.push(error.message));
page.on("request", request => { if (!request.url().startsWith("file:")) errors.push(request.url()); });
await page.goto(`file://${file}`);

// Every colour on the canvas that covers more than a few pixels.
const colours = () => page.evaluate(() => {
  const canvas = document.querySelector("canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 24, canvas.width, canvas.height - 24);
  const counts = {};
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3]) {
      const colour = data.slice(at, at + 3).join(",");
      counts[colour] = (counts[colour] || 0) + 1;
    }
  }
  return Object.keys(counts).filter(colour => counts[colour] > 20);
});
const legend = await page.evaluate(() => [...document.querySelectorAll("#legend span")].map(span => ({
  name: span.textContent,
  colour: getComputedStyle(span.firstChild).backgroundColor.replace(/[^\d,]/g, ""),
})));
const first = await page.evaluate(() => {
  const box = document.querySelector("canvas").getBoundingClientRect(), row = rows[0];
  return { x: box.left + place(row[START] + row[TIME] / 2), y: box.top + AXIS + row[LANE] * ROW + 5 };
});
const before = await colours();
await page.mouse.move(first.x, first.y);
const tip = await page.evaluate(() => {
  const tip = document.getElementById("tip");
  return getComputedStyle(tip).display === "none" ? "" : tip.textContent;
});
await page.screenshot({ path: picture });
await page.mouse.wheel(0, -800);
await page.waitForFunction(() => to - from < end / 2);
const zoomed = await page.evaluate(() => (to - from) / end);
await page.mouse.dblclick(first.x, first.y);
const whole = await page.evaluate(() => (to - from) / end);
console.log(JSON.stringify({
  title: await page.textContent("#title"), legend, colours: before, tip, zoomed, whole, errors,
}));
await browser.close();
