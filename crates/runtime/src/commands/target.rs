use std::path::Path;

use anyhow::bail;
use l0_engine::{Needs, Pipeline};
use l0_http::Trust;

use crate::cli::Cli;
use crate::exit::Exit;

/// The address of an instance, and how its server proves that it is this instance.
#[derive(Debug, Clone)]
pub struct Target {
    pub url: String,
    pub trust: Trust,
}

impl Target {
    /// The instance that the configuration of a command describes.
    pub fn configured(cli: &Cli) -> Result<Self, Exit> {
        let (_, pipeline) = cli.load(Needs::HEALTH)?;
        Self::of(&pipeline).ok_or_else(|| {
            Exit::usage("no instance to ask: the configuration has neither [query.*] nor [observe]")
        })
    }

    /// The instance that a pipeline describes, at the address of its query stage, otherwise of
    /// `[observe]`. With TLS, only a server with the configured certificate is accepted.
    pub fn of(Pipeline { query, observe, context, .. }: &Pipeline) -> Option<Self> {
        let stage = query.as_ref().or(observe.as_ref())?;
        let trust = match stage.certificate() {
            Some(file) => Trust::Certificate(context.path(file)),
            None => Trust::Plain,
        };
        Some(Self { url: stage.url()?, trust })
    }

    /// The instance at a URL that the user named. With TLS, the server must prove its name by an
    /// authority of the system or of `ca`.
    ///
    /// # Errors
    /// The file of authorities cannot be read, or `ca` is given for a URL without TLS.
    pub fn named(url: &str, ca: Option<&Path>) -> anyhow::Result<Self> {
        let trust = match (url.starts_with("https://"), ca) {
            (true, ca) => Trust::authorities(ca)?,
            (false, None) => Trust::Plain,
            (false, Some(_)) => bail!("`--ca` is for a URL that starts with https://"),
        };
        Ok(Self { url: url.to_owned(), trust })
    }
}
