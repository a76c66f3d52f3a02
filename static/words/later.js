// The words of what is not on the first screen.

export { default as found } from "./found.js";
export { default as letters } from "./letters.js";
export { default as pipeline } from "./pipeline.js";
export { default as system } from "./system.js";
export { default as token } from "./token.js";
export { default as wrong } from "./wrong.js";
