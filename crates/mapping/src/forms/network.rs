//! Checks IP addresses, networks and hardware addresses.

use std::net::IpAddr;

/// Whether the text is an IP address, with or without a prefix length.
pub(crate) fn is_inet(text: &str) -> bool {
    parse(text).is_some()
}

/// Whether the text is an IP address whose bits beyond its prefix are zero.
pub(crate) fn is_cidr(text: &str) -> bool {
    parse(text).is_some_and(|(address, prefix)| {
        let (bits, width) = match address {
            IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
            IpAddr::V6(address) => (address.to_bits(), 128),
        };
        bits.trailing_zeros().min(width) >= width - prefix
    })
}

fn parse(text: &str) -> Option<(IpAddr, u32)> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let width = if address.is_ipv4() { 32 } else { 128 };
    let prefix = match prefix {
        Some(digits) if is_number(digits) && digits.len() <= 3 => {
            digits.parse().ok().filter(|prefix| *prefix <= width)?
        }
        Some(_) => return None,
        None => width,
    };
    Some((address, prefix))
}

fn is_number(digits: &str) -> bool {
    let has_zero = digits.len() > 1 && digits.starts_with('0');
    !has_zero && digits.bytes().all(|it| it.is_ascii_digit())
}

/// Whether the text is `bytes` pairs of hexadecimal digits, separated by colons or by hyphens.
pub(crate) fn is_mac_address(text: &str, bytes: usize) -> bool {
    [':', '-'].into_iter().any(|between| {
        let mut pairs = text.split(between);
        let is_pair = |it: &str| it.len() == 2 && it.bytes().all(|it| it.is_ascii_hexdigit());
        pairs.clone().count() == bytes && pairs.all(is_pair)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_no_bits_beyond_its_prefix() {
        for text in ["10.1.2.3", "10.1.2.3/8", "::1", "2001:db8::/32", "::ffff:1.2.3.4/120"] {
            assert!(is_inet(text), "{text}");
        }
        for text in ["10.0.0.0/8", "10.1.2.3", "0.0.0.0/0", "2001:db8::/32", "::/0"] {
            assert!(is_cidr(text), "{text}");
        }
        assert!(!is_cidr("10.1.2.3/8") && !is_cidr("2001:db8::1/32"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "10.1",
            "10.1.2.256",
            "10.1.2.3/33",
            "10.1.2.3/+8",
            "::1/08",
            "::1/129",
            "fe80::1%e",
        ] {
            assert!(!is_inet(text), "{text}");
        }
    }

    #[test]
    fn a_hardware_address_has_pairs_with_the_same_sign_between() {
        assert!(is_mac_address("08:00:2b:01:02:03", 6) && is_mac_address("08-00-2B-01-02-03", 6));
        assert!(is_mac_address("08:00:2b:01:02:03:04:05", 8));
        for text in ["08:00-2b:01:02:03", "08:00:2b:01:02", "08002b010203", "8:0:2b:1:2:3"] {
            assert!(!is_mac_address(text, 6), "{text}");
        }
    }
}
