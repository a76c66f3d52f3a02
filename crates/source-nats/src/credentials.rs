use std::path::PathBuf;

use async_nats::Auth;
use l0_stage::anyhow::{self, Context as _};
use l0_stage::{Context, Secret};

use crate::NatsConfig;

/// Who we are to the server, asked at every connect.
pub(crate) struct Credentials {
    user: Option<String>,
    password: Option<Secret>,
    password_file: Option<PathBuf>,
    token: Option<Secret>,
}

impl Credentials {
    pub fn of(config: &NatsConfig, context: &Context) -> Self {
        Self {
            user: config.user.clone(),
            password: config.password.clone(),
            password_file: config.password_file.as_ref().map(|file| context.path(file)),
            token: config.token.clone(),
        }
    }

    pub fn read(&self) -> anyhow::Result<Auth> {
        let mut auth = Auth::new();
        auth.username.clone_from(&self.user);
        auth.password = self.read_password()?.as_ref().map(|password| password.expose().to_owned());
        auth.token = self.token.as_ref().map(|token| token.expose().to_owned());
        Ok(auth)
    }

    fn read_password(&self) -> anyhow::Result<Option<Secret>> {
        let Some(file) = &self.password_file else { return Ok(self.password.clone()) };
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read password file `{}`", file.display()))?;
        Ok(Some(Secret::from(text.trim_end_matches(['\r', '\n']).to_owned())))
    }
}
