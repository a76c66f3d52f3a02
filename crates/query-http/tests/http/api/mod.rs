//! The routes below `/api`, for the page and for programs.

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
mod unlisted;
