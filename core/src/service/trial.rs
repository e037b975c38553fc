//! An issuer for trying: it signs two members in without asking anything. Its key lies in the service's folder, for its
//! owner alone, and its tokens are believed by a service that was started for trying, on this machine.

use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RsaPublicKeyComponents};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::start::ServiceError;
use crate::identity::{IssuerConfig, IssuerKind};
use crate::private::write_private;

const KEY_ID: &str = "trial";
/// Long enough to try it for a week.
const LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);
const ORGANISATION: &str = "org_trial";
const MEMBERS: [&str; 2] = ["ada", "ben"];

/// The issuer.
pub struct Trial {
    key_set: Value,
    config: IssuerConfig,
    members: Vec<TrialMember>,
}

/// A member of the trial's organisation, whose identity token lies in a file for its owner alone.
#[derive(Clone, Debug)]
pub struct TrialMember {
    pub name: &'static str,
    pub token: PathBuf,
}

impl Trial {
    /// The issuer of a service at `url`; its key and its members' tokens lie in `folder`.
    pub(super) fn new(folder: &Path, url: &Url, now: u64) -> Result<Trial, ServiceError> {
        let failed = |_| ServiceError::Trial("its key could not be made or used");
        let file = folder.join("trial.pem");
        let pem = match std::fs::read_to_string(&file) {
            Ok(pem) => SecretString::from(pem),
            Err(_) => {
                let pair = KeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
                let der: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
                let pem = pem(der.as_ref());
                write_private(&file, pem.expose_secret().as_bytes()).map_err(ServiceError::folder(folder))?;
                pem
            }
        };
        let damaged =
            || ServiceError::Trial("its key is damaged; remove trial.pem from the service's folder");
        let pair = KeyPair::from_pkcs8(&der(&pem).ok_or_else(damaged)?).map_err(|_| damaged())?;
        let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
        let base64url = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let key_set = json!({"keys": [{
            "kty": "RSA", "n": base64url(&public.n), "e": base64url(&public.e),
            "kid": KEY_ID, "use": "sig", "alg": "RS256",
        }]});
        let issuer = Url::parse(&format!("{}/trial", url.as_str().trim_end_matches('/')))
            .map_err(|_| ServiceError::Trial("the service's address is none"))?;
        let config = IssuerConfig::new(issuer, IssuerKind::Clerk);
        let key = EncodingKey::from_rsa_pem(pem.expose_secret().as_bytes()).map_err(|_| damaged())?;
        let header = Header { kid: Some(KEY_ID.to_string()), ..Header::new(Algorithm::RS256) };
        let members = MEMBERS.map(|name| {
            let claims = json!({
                "iss": config.issuer(), "sub": format!("user_{name}"), "v": 2, "sts": "active",
                "o": {"id": ORGANISATION, "slg": "trial", "rol": "member"},
                "iat": now, "nbf": now, "exp": now + LIFETIME.as_secs(),
            });
            let token = jsonwebtoken::encode(&header, &claims, &key)
                .map_err(|_| ServiceError::Trial("a member's token could not be made"))?;
            let file = folder.join(format!("{name}.token"));
            write_private(&file, token.as_bytes()).map_err(ServiceError::folder(folder))?;
            Ok(TrialMember { name, token: file })
        });
        let members = members.into_iter().collect::<Result<_, ServiceError>>()?;
        Ok(Trial { key_set, config, members })
    }

    pub fn members(&self) -> &[TrialMember] {
        &self.members
    }

    pub(super) fn config(&self) -> IssuerConfig {
        self.config.clone()
    }

    pub(super) fn key_set(&self) -> &Value {
        &self.key_set
    }
}

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

fn pem(der: &[u8]) -> SecretString {
    format!("{BEGIN}\n{}\n{END}\n", STANDARD.encode(der)).into()
}

fn der(pem: &SecretString) -> Option<Vec<u8>> {
    let inside = pem.expose_secret().trim().strip_prefix(BEGIN)?.strip_suffix(END)?;
    STANDARD.decode(inside.trim()).ok()
}
