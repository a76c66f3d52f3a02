use l0_stage::{Context, Finding};

use crate::config::{Credentials, Migrate, PostgresConfig};
use crate::link::tls::read_authorities;
use crate::tables::fit::below_table;

/// Everything wrong with the section that can be known without a server.
pub(crate) fn findings(config: &PostgresConfig, context: &Context) -> Vec<Finding> {
    let mut findings = below_table(config.table.check());
    findings.extend(passwords(config));
    findings.extend(authority(config, context));
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

fn authority(config: &PostgresConfig, context: &Context) -> Option<Finding> {
    let file = context.path(config.tls_ca_file.as_ref()?);
    if !config.tls.verifies(&config.host) {
        let message = "certificates are not verified, so this key has no effect";
        let help = "set `tls = \"verify-full\"`, or remove this key";
        return Some(Finding::new("tls_ca_file", message).help(help));
    }
    let error = read_authorities(&file).err()?;
    let help = "name a PEM file with the certificate of the authority";
    Some(Finding::new("tls_ca_file", format!("{error:#}")).help(help))
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
