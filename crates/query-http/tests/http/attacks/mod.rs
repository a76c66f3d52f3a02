//! What the world does to a server, each against a real one, while a good client is answered.

mod cold;
mod crowds;
mod paths;
mod readers;
mod requests;
mod slow;
