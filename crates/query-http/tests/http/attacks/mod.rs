//! Attacks, each against a real server, while a good client must be answered.

mod cold;
mod crowds;
mod paths;
mod readers;
mod requests;
mod slow;
