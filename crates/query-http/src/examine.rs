//! `l0-runtime doctor`: checks whether the port is free, and all files can be read.

use std::collections::BTreeMap;

use l0_http::{check_certificate, check_port, check_token};
use l0_stage::Context;
use l0_stage::doctor::{Check, Examination};
use l0_stage::text::in_units;

use crate::{HttpConfig, exposure};

pub(crate) async fn examine(config: &HttpConfig, context: &Context) -> Examination {
    let open = "only programs of this machine may write";
    let tls = config.tls(context);
    let mut checks = vec![check_port(&config.listen, "query.http", tls.as_ref()).await];
    checks.extend(tls.iter().flat_map(check_certificate));
    checks.extend(check_token(config.token(), context, config.is_exposed(), open));
    checks.extend(exposure::finding(config).await.map(|found| Check::warning("reach", found)));
    // An absent folder was reported before.
    checks.push(Check::fine(
        "page",
        match &config.static_dir {
            Some(folder) => format!("from folder `{}`", folder.display()),
            None => "from the binary".to_owned(),
        },
    ));
    let cache = if config.cache_size == 0 { 0 } else { config.cache_max_bytes };
    checks.push(Check::fine(
        "cache",
        match config.cache_size {
            0 => "none".to_owned(),
            entries => format!("{entries} documents, {} at most", in_units(cache as u64)),
        },
    ));
    Examination {
        checks,
        fields: Some(config.search.clone()),
        memory: BTreeMap::from([("cache_max_bytes", cache)]),
        ..Examination::default()
    }
}
