//! Opens a connection at one host, and looks whether it can be used.

use std::sync::atomic::Ordering;
use std::time::Duration;

use l0_stage::anyhow::anyhow;
use l0_stage::{Error, Findings, Secret, Why};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection as _};
use tokio::time::timeout;

use super::connect::Connector;
use super::hosts::Address;
use super::server::{self, INVALID_PASSWORD, Server, code, is_unknown_setting};
use super::session::Session;
use super::tls::{TlsTexts, distrust};
use super::unopened::Unopened;
use super::{acting, pooler, said};

/// Longest time to wait for a connection at one host.
const CONNECT: Duration = Duration::from_secs(5);

/// The password, certificates and key with which a client logs in, read from their files at this
/// connect.
pub(super) struct Login {
    password: Option<Secret>,
    tls: TlsTexts,
}

impl Connector {
    pub(super) fn login(&self) -> Result<Login, Error> {
        let password = self.read_password();
        let password = password.map_err(|error| Error::retryable(Why::Denied, error))?;
        let tls = self.files.read().map_err(|finding| Error::mismatch(Findings(vec![finding])))?;
        Ok(Login { password, tls })
    }

    /// `failed` says what was attempted.
    pub(super) async fn open_at(
        &self,
        address: &Address,
        login: &Login,
        session: &Session,
        failed: &str,
    ) -> Result<PgConnection, Unopened> {
        let options = self.options(address, login);
        let opening = async {
            let mut connection = options.connect().await?;
            let lost = session.settle(&mut connection).await?;
            let mut server = Server::ask(&mut connection).await?;
            if self.addresses.len() > 1 && server.is_primary() {
                server.timeline = server::timeline(&mut connection).await?;
            }
            let lacking = acting::lacking(&mut connection, &self.tables).await?;
            Ok((connection, lost, server, lacking))
        };
        let (connection, lost, server, lacking) = match timeout(CONNECT, opening).await {
            Ok(Ok(opened)) => opened,
            Ok(Err(error)) => return Err(self.refused(error, address, failed)),
            Err(_) => return Err(Unopened::of(too_late(failed))),
        };
        if let Some(setting) = lost {
            let sign = format!("the session loses `{setting}` between two transactions");
            return Err(Unopened::of(pooler::finding(address, &sign)));
        }
        if let Some(message) = server.refuses(session, address) {
            return Err(Unopened::refusing_writes(message));
        }
        if let Some(message) = self.outdated(server.timeline, address) {
            return Err(Unopened::refusing_writes(message));
        }
        let unfit = server.unfit(&self.database);
        let unfit = unfit.map(|message| Error::retryable(Why::Mismatch, anyhow!(message)));
        match unfit.or_else(|| Some(lacking?.error(&self.user))) {
            Some(error) => Err(Unopened::of(error)),
            None => Ok(connection),
        }
    }

    /// Why the writer must not use a primary: another server was promoted in its place, so
    /// documents written here would be lost. Every promotion begins a new timeline.
    fn outdated(&self, timeline: i64, address: &Address) -> Option<String> {
        let newest = self.newest.fetch_max(timeline, Ordering::Relaxed);
        (self.addresses.len() > 1 && timeline < newest).then(|| {
            format!(
                "postgres at {address} is a former primary: its timeline {timeline} is older than \
                 {newest}, which another host had"
            )
        })
    }

    /// Whether the server accepts the password. `false` if the role has another one.
    pub async fn is_let_in(&self) -> Result<bool, Error> {
        let login = self.login()?;
        let address = self.address();
        let failed = self.failure(address);
        match timeout(CONNECT, self.options(address, &login).connect()).await {
            Ok(Ok(connection)) => {
                // The server admitted the session. An error while closing it does not matter.
                let _ = connection.close().await;
                Ok(true)
            }
            Ok(Err(error)) if code(&error).as_deref() == Some(INVALID_PASSWORD) => Ok(false),
            Ok(Err(error)) => Err(self.refused(error, address, &failed).error),
            Err(_) => Err(too_late(&failed)),
        }
    }

    fn refused(&self, error: sqlx::Error, address: &Address, failed: &str) -> Unopened {
        if let Some(distrust) = distrust(&error, address, &self.files) {
            return Unopened::of(distrust);
        }
        if code(&error).is_some_and(|code| pooler::is_sign(&code)) {
            let sign = said::plain(error).to_string();
            return Unopened::of(pooler::finding(address, &sign));
        }
        let failed = if is_unknown_setting(&error) {
            format!("postgres at {address} is older than 14, or not postgres")
        } else {
            failed.to_owned()
        };
        Unopened::of_answer(error, failed)
    }

    /// Sets every field that says where and as whom to connect, so that no `PG*` variable decides
    /// it. The session's settings override `PGOPTIONS`. The driver does not let us take back
    /// `PGSSLCERT` and `PGSSLKEY`. The start of the session contains no setting that a pooler would
    /// refuse or drop.
    pub(super) fn options(&self, address: &Address, login: &Login) -> PgConnectOptions {
        let password = login.password.as_ref().map_or("", Secret::expose);
        let TlsTexts { authorities, own } = &login.tls;
        let options = PgConnectOptions::new_without_pgpass()
            .host(&address.host)
            .port(address.port)
            .database(&self.database)
            .username(&self.user)
            .password(password)
            .ssl_mode(self.tls.mode(&address.host))
            .ssl_root_cert_from_pem(authorities.clone().into_bytes())
            .application_name(&self.application)
            .extra_float_digits(None)
            .disable_statement_logging();
        match own {
            None => options,
            Some((cert, key)) => {
                options.ssl_client_cert_from_pem(cert).ssl_client_key_from_pem(key.expose())
            }
        }
    }
}

fn too_late(failed: &str) -> Error {
    Error::retryable(Why::TimedOut, anyhow!("{failed}: no answer in {} s", CONNECT.as_secs()))
}
