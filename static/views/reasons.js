// Why the pipeline cannot work, as far as it is worth telling.

/** Without those that merely start where something is wrong: they wait for that. */
export function worthTelling(reasons) {
  const wrong = reasons.filter(({ code }) => code !== "starting");
  return wrong.length > 0 ? wrong : reasons;
}
