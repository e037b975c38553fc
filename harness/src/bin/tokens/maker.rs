//! The keys of the corpus, its honest drafts, and what a case is.

use anyhow::Result;
use serde::Serialize;
use serde_json::{Value, json};
use zenith_core::identity::IssuerKind;
use zenith_harness::issuer::Person;
use zenith_harness::issuer::claims::{self, Validity};
use zenith_harness::issuer::draft::Draft;
use zenith_harness::issuer::keys::SigningKey;

/// When every case is judged, in seconds since 1970.
pub const NOW: u64 = 1_800_000_000;
pub const CLERK: &str = "https://clerk.zenith.test";
pub const SUPABASE: &str = "https://lab.supabase.test";
/// The one origin that may ask Clerk for tokens.
pub const PARTY: &str = "https://app.zenith.test";

/// The one application that may obtain Supabase's tokens.
pub const SUPABASE_CLIENT: &str = "0c11e27a-0000-4000-8000-0000000000a9";

/// One line of the corpus.
#[derive(Serialize)]
pub struct Case {
    pub name: String,
    pub issuer: IssuerKind,
    pub now: u64,
    pub token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Accepted>,
    pub why: String,
}

/// The identity that a valid token gives.
#[derive(Serialize)]
pub struct Accepted {
    pub subject: String,
    pub organisation: Option<String>,
    pub role: Option<String>,
}

impl Case {
    pub fn refused(issuer: IssuerKind, name: &str, token: String, reason: &'static str, why: &str) -> Case {
        let name = format!("{}/{name}", kind_name(issuer));
        Case { name, issuer, now: NOW, token, refused: Some(reason), accepted: None, why: why.to_string() }
    }

    pub fn accepted(issuer: IssuerKind, name: &str, token: String, accepted: Accepted, why: &str) -> Case {
        let name = format!("{}/valid/{name}", kind_name(issuer));
        Case { name, issuer, now: NOW, token, refused: None, accepted: Some(accepted), why: why.to_string() }
    }
}

fn kind_name(kind: IssuerKind) -> &'static str {
    match kind {
        IssuerKind::Clerk => "clerk",
        IssuerKind::Supabase => "supabase",
    }
}

pub struct Maker {
    pub clerk: SigningKey,
    /// In Clerk's set as well, as during a rotation.
    pub clerk_next: SigningKey,
    /// In Clerk's set, for encryption.
    pub clerk_encryption: SigningKey,
    pub supabase: SigningKey,
    pub supabase_rsa: SigningKey,
    /// In no set, under the ids of Clerk's and Supabase's keys.
    pub forger_rsa: SigningKey,
    pub forger_p256: SigningKey,
    pub ed25519: SigningKey,
}

impl Maker {
    pub fn new() -> Result<Maker> {
        Ok(Maker {
            clerk: SigningKey::rsa("ins_corpus")?,
            clerk_next: SigningKey::rsa("ins_corpus_next")?,
            clerk_encryption: SigningKey::rsa("ins_corpus_enc")?,
            supabase: SigningKey::p256("7e57ab1e-0000-4000-8000-000000000001")?,
            supabase_rsa: SigningKey::rsa("7e57ab1e-0000-4000-8000-000000000002")?,
            forger_rsa: SigningKey::rsa("ins_corpus")?,
            forger_p256: SigningKey::p256("7e57ab1e-0000-4000-8000-000000000001")?,
            ed25519: SigningKey::ed25519("ins_corpus")?,
        })
    }

    /// The issuers as the verifiers of the corpus are set up.
    pub fn settings(&self) -> Value {
        let mut encryption = self.clerk_encryption.public_jwk();
        encryption["use"] = json!("enc");
        json!({
            "clerk": {
                "url": CLERK,
                "authorized_parties": [PARTY],
                "keys": [self.clerk.public_jwk(), self.clerk_next.public_jwk(), encryption],
            },
            "supabase": {
                "url": SUPABASE,
                "authorized_parties": [SUPABASE_CLIENT],
                "keys": [self.supabase.public_jwk(), self.supabase_rsa.public_jwk()],
            },
        })
    }

    pub fn key(&self, issuer: IssuerKind) -> &SigningKey {
        match issuer {
            IssuerKind::Clerk => &self.clerk,
            IssuerKind::Supabase => &self.supabase,
        }
    }

    /// An honest token of the issuer's usual shape: Clerk's of version 2, with an organisation.
    pub fn draft(&self, issuer: IssuerKind) -> Draft {
        let claims = match issuer {
            IssuerKind::Clerk => {
                let mut claims = claims::clerk_v2(CLERK, &ada(), validity());
                claims["azp"] = json!(PARTY);
                claims
            }
            IssuerKind::Supabase => {
                claims::supabase(&format!("{SUPABASE}/auth/v1"), &Person::new(UUID), validity())
            }
        };
        Draft::new(self.key(issuer), claims)
    }

    /// The same of Clerk's version 1.
    pub fn draft_v1(&self) -> Draft {
        Draft::new(&self.clerk, claims::clerk_v1(CLERK, &ada(), validity()))
    }
}

pub const UUID: &str = "0a5e1f00-1234-4abc-8def-00000000ada0";

pub fn ada() -> Person {
    Person::new("user_2ada").of("org_2engine", "engine", "admin")
}

pub fn validity() -> Validity {
    Validity { issued_at: NOW - 10, expires_at: NOW + 50 }
}
