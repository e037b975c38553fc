//! Honest tokens, valid from now.

use std::time::Duration;

use anyhow::Result;
use secrecy::SecretString;
use serde_json::Value;
use zenith_core::identity::IssuerKind;
use zenith_core::identity::service::Access;

use super::claims::{self, Person, Validity};
use super::draft::Draft;
use super::lab::{Lab, now};

pub(super) fn identity(
    lab: &Lab,
    kind: IssuerKind,
    shape: fn(&str, &Person, Validity) -> Value,
    person: &Person,
    lifetime: Duration,
) -> Result<SecretString> {
    let key = lab.key(kind);
    let claims = shape(&lab.config(kind).issuer(), person, Validity::new(now(), lifetime));
    Ok(Draft::new(&key, claims).signed_by(&key)?.into())
}

pub(super) fn database(lab: &Lab, grants: &[(&str, Access)], lifetime: Duration) -> Result<SecretString> {
    let claims = claims::database(grants, Validity::new(now(), lifetime))?;
    Ok(Draft::new(&lab.database, claims).signed_by(&lab.database)?.into())
}
