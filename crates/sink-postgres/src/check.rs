use l0_stage::section::certificate_pair;
use l0_stage::{Context, Finding};

use crate::Tls;
use crate::config::{Credentials, Migrate, PostgresConfig};
use crate::link::tls::TlsFiles;
use crate::tables::fit::below_table;

/// Everything wrong with the section that can be known without a server.
pub(crate) fn findings(config: &PostgresConfig, context: &Context) -> Vec<Finding> {
    let mut findings = below_table(config.table.check());
    findings.extend(passwords(config));
    findings.extend(host(config));
    findings.extend(certificates(config, context));
    findings.extend(roles(config));
    findings.extend(connections(context));
    findings.extend(directory(config, context));
    findings
}

fn connections(context: &Context) -> Option<Finding> {
    (PostgresConfig::readers(context.workers) == 0).then(|| {
        let most = PostgresConfig::MAX_CONNECTIONS;
        let message = format!(
            "{} workers and a reader need more than the {most} connections of one instance",
            context.workers
        );
        let help = format!(
            "set pipeline.workers to at most {}; for more workers, run more instances",
            most - 1
        );
        Finding::new("", message).help(help)
    })
}

fn passwords(config: &PostgresConfig) -> impl Iterator<Item = Finding> {
    let letters = config.dead_letters.as_ref().map(Credentials::password);
    let migrate = config.migrate.as_ref().map(Migrate::password);
    let roles = [Some(config.password()), letters, migrate].into_iter().flatten();
    roles.filter_map(|password| password.finding())
}

fn host(config: &PostgresConfig) -> Option<Finding> {
    let help = "write `host`, `host:port`, or several in a list or between commas";
    Some(Finding::new("host", config.host.problem()?).help(help))
}

/// What is wrong with the files of TLS, or with keys that have no effect.
fn certificates(config: &PostgresConfig, context: &Context) -> Option<Finding> {
    let pair = certificate_pair(config.tls_cert_file.as_deref(), config.tls_key_file.as_deref());
    let pair = pair.or_else(|| {
        let is_useless = config.tls_cert_file.is_some() && config.tls == Tls::Disable;
        is_useless.then(|| {
            let message = "connections are not encrypted, so this key has no effect";
            Finding::new("tls_cert_file", message)
                .help("set `tls` to another value, or remove this key")
        })
    });
    let addresses = config.host.addresses(config.port);
    let verifies = addresses.iter().any(|address| config.tls.verifies(&address.host));
    let authority = (config.tls_ca_file.is_some() && !verifies).then(|| {
        let message = "certificates are not verified, so this key has no effect";
        let help = "set `tls = \"verify-full\"`, or remove this key";
        Finding::new("tls_ca_file", message).help(help)
    });
    pair.or(authority).or_else(|| TlsFiles::of(config, context).read().err())
}

fn roles(config: &PostgresConfig) -> Option<Finding> {
    let letters = config.dead_letters.as_ref()?;
    (letters.user == config.user).then(|| {
        let message = format!("role `{}` is the workers' role too", config.user);
        let help =
            "name another role: workers may only bury letters, this role marks and deletes them";
        Finding::new("dead_letters.user", message).help(help)
    })
}

fn directory(config: &PostgresConfig, context: &Context) -> Option<Finding> {
    let directory = &config.migrate.as_ref()?.directory;
    (!context.path(directory).is_dir()).then(|| {
        let message = format!("folder `{}` not found", directory.display());
        Finding::new("migrate.directory", message)
            .help("create it, or name the folder that holds the migrations")
    })
}
