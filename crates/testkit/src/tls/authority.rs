use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

use super::Pair;

/// An authority of a company's own, which no system knows.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its own certificate.
    pub pem: String,
}

impl Authority {
    /// One that is called so.
    ///
    /// # Panics
    /// When it cannot sign its own certificate.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// A certificate for this name or address, of a server or of a client.
    ///
    /// # Panics
    /// When it is not a name.
    #[must_use]
    pub fn issue(&self, host: &str) -> Pair {
        self.sign(host, CertificateParams::new(vec![host.to_owned()]).expect("a name"))
    }

    /// A certificate of a client that is called so (common name).
    ///
    /// # Panics
    /// When it cannot be signed.
    #[must_use]
    pub fn issue_to_client(&self, name: &str) -> Pair {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        self.sign(name, params)
    }

    fn sign(&self, host: &str, mut params: CertificateParams) -> Pair {
        let key = KeyPair::generate().expect("a key");
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let cert = params.signed_by(&key, &self.issuer).expect("a certificate").pem();
        Pair { cert, key: key.serialize_pem(), host: host.to_owned() }
    }
}
