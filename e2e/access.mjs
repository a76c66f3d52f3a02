// What axe and the keyboard find out about a page.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { widthAt320 } from "./browser.mjs";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

const EVERYTHING = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** All that colours can spoil. */
export const COLOURS = ["color-contrast", "link-in-text-block"];

/** What axe finds wrong by these rules, one line each. */
export async function violations(page, rules) {
  await page.addScriptTag({ path: AXE });
  const { violations: found } = await page.evaluate((runOnly) => window.axe.run({ runOnly }), rules);
  return found.flatMap(({ id, nodes }) => nodes.filter((node) => !isExempt(id, node)).map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`));
}

/** The folds of JSON are lines of text, and a larger button folds them too. */
function isExempt(id, { target }) {
  return id === "target-size" && target.at(-1).endsWith("> summary");
}

/** Axe finds nothing wrong in both themes and languages, and the page fits into 320 px. It is English, and Russian after. */
export async function assertAccessible(page) {
  const { width, height } = page.viewportSize();
  assert.deepEqual(await violations(page, EVERYTHING), []);
  await page.emulateMedia({ colorScheme: "dark" });
  assert.deepEqual(await violations(page, COLOURS), [], "in dark colours");
  assert.equal(await widthAt320(page), 320);

  await page.getByRole("button", { name: "Русский" }).click();
  await page.locator("html[lang=ru]").waitFor();
  assert.equal(await widthAt320(page), 320);
  await page.setViewportSize({ width, height });
  assert.deepEqual(await violations(page, EVERYTHING), [], "in Russian");
}

/** What has the focus: its text, and whether the focus can be seen; undefined where nothing has it. */
export function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (element === document.body) return undefined;
    const frame = element.matches("#find") ? element.closest(".search") : element;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(frame);
    const seen = (outlineStyle !== "none" && parseFloat(outlineWidth) >= 1) || boxShadow !== "none";
    return { text: (element.labels?.[0] ?? element).textContent.trim(), seen };
  });
}

/** Where Tab leads, `count` times or to the end of the page. */
export async function tabs(page, count) {
  const found = [];
  while (found.length < count) {
    await page.keyboard.press("Tab");
    const one = await focused(page);
    if (!one) break;
    found.push(one);
  }
  return found;
}
