use async_nats::ServerAddr;

/// `host:port` of a URL, without anything else that it contains.
pub(crate) fn address(url: &str) -> String {
    match url.parse::<ServerAddr>() {
        Ok(server) if server.host().contains(':') => {
            format!("[{}]:{}", server.host(), server.port())
        }
        Ok(server) => format!("{}:{}", server.host(), server.port()),
        Err(_) => "an invalid address".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_shows_neither_user_nor_password() {
        assert_eq!(address("nats://user:canary@example.org"), "example.org:4222");
        assert_eq!(address("tls://canary@[::1]:4333"), "[::1]:4333");
        assert_eq!(address("nats://user:canary@:x"), "an invalid address");
    }
}
