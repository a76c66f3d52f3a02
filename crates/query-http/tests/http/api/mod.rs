//! What the page and programs ask for under `/api`.

mod documents;
mod events;
mod find;
mod hosts;
mod letters;
mod mend;
mod openapi;
mod operate;
mod protect;
mod status;
