//! `l0-runtime doctor`: whether the port is free, and the certificate and the token can be
//! read.

use std::collections::BTreeMap;

use l0_http::{check_certificate, check_port, check_token};
use l0_stage::Context;
use l0_stage::doctor::Examination;

use crate::HttpConfig;

pub(crate) async fn examine(config: &HttpConfig, context: &Context) -> Examination {
    let tls = config.tls(context);
    let mut checks = vec![check_port(&config.listen, "source.http", tls.as_ref()).await];
    checks.extend(tls.iter().flat_map(check_certificate));
    let open = "every program that can reach the address may post";
    checks.extend(check_token(config.token(), context, config.is_exposed(), open));
    let memory = BTreeMap::from([("max_pending_bytes", config.max_pending_bytes)]);
    Examination { checks, memory, ..Examination::default() }
}
