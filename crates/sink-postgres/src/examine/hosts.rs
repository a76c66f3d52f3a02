//! Looks at each of several hosts: whether it is the primary, or could become it.

use l0_stage::Finding;
use l0_stage::doctor::Check;
use sqlx::Connection as _;

use super::topics;
use crate::link::connect::Connector;
use crate::link::hosts::Address;
use crate::link::unopened::Unopened;

/// One check per host, if there is more than one.
pub(super) async fn checks(workers: &Connector) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut primary = None;
    if workers.addresses().len() < 2 {
        return checks;
    }
    for address in workers.addresses() {
        checks.push(match workers.to(address).try_writing().await {
            Ok(connection) => {
                // The server admitted the session. An error while closing it does not matter.
                let _ = connection.close().await;
                of_primary(address, primary.get_or_insert(address))
            }
            Err(refusal) => of_refusal(&refusal),
        });
    }
    checks
}

fn of_primary(address: &Address, first: &Address) -> Check {
    if address == first {
        return topics::HOSTS.fine(format!("postgres at {address} is the primary"));
    }
    let message = format!("postgres at {address} takes writes, and so does postgres at {first}");
    let help = "name one cluster: of its servers only the primary may take writes. An old primary \
                that came back must be made a standby";
    topics::HOSTS.warning(Finding::new("host", message).help(help))
}

fn of_refusal(refusal: &Unopened) -> Check {
    let message = refusal.error.to_string();
    if refusal.refuses_writes {
        return topics::HOSTS.fine(format!("{message}: it is passed over"));
    }
    let help = "make it answer and let the role in: otherwise sessions cannot move there when it \
                becomes the primary";
    topics::HOSTS.warning(Finding::new("host", message).help(help))
}
