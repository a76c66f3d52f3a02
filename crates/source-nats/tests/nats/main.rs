//! The source against a real nats-server.
#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod backlog;
mod buckets;
mod cluster;
mod config;
mod conformance;
mod credentials;
mod doctor;
mod domains;
mod faults;
mod frozen;
mod headers;
mod limits;
mod measures;
mod objects;
mod oldest;
mod permissions;
mod poison;
mod publish;
mod receive;
mod replace;
mod room;
mod settle;
mod subjects;
mod support;
mod tls;
