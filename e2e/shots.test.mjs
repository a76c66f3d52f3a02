// Screenshots of the views and of states worth seeing, for people to look at: e2e/shots/.

import { after, before } from "node:test";
import { setTimeout as rest } from "node:timers/promises";
import { VIEWS, launch, pageTests, settled, shoot } from "./browser.mjs";
import { Demo, SAMPLE, order } from "./demo.mjs";

const LOOKS = {
  light: {},
  dark: { colorScheme: "dark" },
  320: { viewport: { width: 320, height: 800 } },
  ru: { locale: "ru-RU" },
};
const PEOPLE = ["Anna Sokolova", "Иван Петров", "Noa Levi", "Émile Dubois", "Мария Ким", "Test Testov"];
const GOODS = [["Mascara", "Vivienne Sabo", 453, 30], ["Running shoes", "Demix", 2990, 15], ["Чайник", "Polaris", 1890, 0], ["Backpack", "Fjällräven", 7990, 10]];

/** The longest flow comes last, so that its chart has something to show. */
const ADDRESSES = { order: "/?id=2", letters: "/dead-letters?letter=2", system: VIEWS.system, pipeline: VIEWS.pipeline };
const SIGNS = { order: ".trace small", letters: "article.panel .json", system: ".config tbody tr", pipeline: ".flow:has(.stage:not(.idle)) ~ .two canvas" };

let browser, demo, stopFlow;
const pageTest = pageTests(() => ({ browser, base: demo.url }));

before(async () => {
  [browser, demo] = await Promise.all([launch(), Demo.start()]);
  await demo.store(Array.from({ length: 64 }, (_, n) => purchase(n)));
  await demo.post([
    "{\"order_uid\": \"9c1e77d0f2a64b31\", \"track_number\": \"WBIL0CUT\", \"items\": [",
    purchase(90, { delivery: "Ploshad Mira 15" }),
    purchase(3, { entry: "WEB" }),
    purchase(91, { payment: { ...SAMPLE.payment, amount: "18,17" } }),
  ]);
  for (const id of [1, 1, 2, 3]) await demo.get(`/get-json?id=${id}`);
  stopFlow = flow(demo);
});

after(async () => {
  await stopFlow?.();
  await browser?.close();
  await demo?.remove();
});

/** An order as a shop could have it. */
function purchase(n, changes) {
  const track = `WBIL${(1_000_000 + n * 7919).toString(36).toUpperCase()}`;
  const items = GOODS.slice(0, 1 + (n % GOODS.length)).map(([name, brand, price, sale], k) => ({ ...SAMPLE.items[0], chrt_id: 9_934_930 + k, track_number: track, name, brand, price, sale, total_price: Math.round(price * (100 - sale)) / 100 }));
  const goods = items.reduce((sum, item) => sum + item.total_price, 0);
  const uid = `b563feb7b2b84b6${(n >> 1).toString(16).padStart(4, "0")}`;
  return order(track, {
    order_uid: uid,
    delivery: { ...SAMPLE.delivery, name: PEOPLE[n % PEOPLE.length] },
    payment: { ...SAMPLE.payment, transaction: uid, amount: goods + 1500, goods_total: goods },
    items,
    date_created: new Date(Date.UTC(2026, 8, 1, 6, 22, 19) + n * 5_400_000).toISOString(),
    ...changes,
  });
}

/** Orders without a break until the function that this answers is called. */
function flow(demo) {
  let flows = true;
  const flown = (async () => {
    for (let n = 1000; flows; n += 4) {
      await demo.store([0, 1, 2, 3].map((k) => purchase(n + k)));
      await demo.get(`/get-json?id=${1 + (n % 7)}`);
      await rest(20 + 30 * Math.sin(n / 200) ** 2);
    }
  })();
  return () => {
    flows = false;
    return flown;
  };
}

for (const [view, path] of Object.entries(ADDRESSES)) {
  for (const [name, look] of Object.entries(LOOKS)) {
    pageTest(`the ${view} view, ${name}`, path, look, async (page) => {
      await settled(page);
      await page.locator(SIGNS[view]).first().waitFor();
      await shoot(page, `${view}-${name}.png`, { fullPage: name === "320" });
    });
  }
}

/** States that come with an address of their own. */
const STATES = {
  start: "/",
  several: `/?find=${purchase(2).order_uid}`,
  "not-found": "/?find=WBILNOBODY",
};

for (const [name, path] of Object.entries(STATES)) {
  pageTest(`the state ${name}`, path, {}, async (page) => {
    await settled(page);
    await page.locator("#found, .answer .empty").first().waitFor();
    await shoot(page, `state-${name}.png`);
  });
}

pageTest("the state of a server that is gone", "/pipeline", {}, async (page) => {
  await settled(page);
  await stopFlow();
  await demo.kill();
  await page.locator("#live.stale").waitFor();
  await shoot(page, "state-stale.png");
  await demo.run();
  await page.locator("#live.live").waitFor();
});

pageTest("the state of a database that is not free", "/pipeline", {}, async (page) => {
  const release = await demo.holdWrites();
  const stored = demo.store([purchase(900), purchase(901)]);
  try {
    await page.locator(".stalled").waitFor();
    await shoot(page, "state-stalled.png");
    await page.getByRole("link", { name: "Order" }).click();
    await page.locator(".notices .banner").waitFor();
    await shoot(page, "state-banner.png");
  } finally {
    await release();
    await stored;
  }
});
