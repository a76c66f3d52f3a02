// The words of the views that are not on the first screen.

export { default as letters } from "./letters.js";
export { default as pipeline } from "./pipeline.js";
export { default as system } from "./system.js";
