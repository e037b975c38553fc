//! Claims that are wrong: one claim of an honest token is set or taken away, and it is signed.

use IssuerKind::{Clerk, Supabase};
use anyhow::Result;
use serde_json::{Value, json};
use zenith_core::identity::IssuerKind;
use zenith_harness::issuer::draft::Draft;

use crate::maker::{CLERK, Case, Maker, NOW, PARTY, SUPABASE, SUPABASE_CLIENT};

mod people;
mod places;
mod times;

/// The claim, its name in the corpus, its value (none takes it away), the reason, and why.
type Row = (&'static str, &'static str, Option<Value>, &'static str, &'static str);

pub fn cases(maker: &Maker) -> Result<Vec<Case>> {
    let (clerk, supabase, v1) = (maker.draft(Clerk), maker.draft(Supabase), maker.draft_v1());
    let tables: Vec<(IssuerKind, &str, &Draft, Vec<Row>)> = vec![
        (Clerk, "time", &clerk, times::rows()),
        (Supabase, "time", &supabase, times::essential_rows()),
        (Clerk, "place", &clerk, places::clerk()),
        (Supabase, "place", &supabase, places::supabase()),
        (Clerk, "subject", &clerk, people::subjects()),
        (Supabase, "subject", &supabase, people::subjects()),
        (Clerk, "session", &clerk, people::sessions()),
        (Clerk, "organisation-v2", &clerk, people::organisations_v2()),
        (Clerk, "organisation-v1", &v1, people::organisations_v1()),
        (Supabase, "role", &supabase, people::roles()),
    ];
    let mut cases = Vec::new();
    for (issuer, table, draft, rows) in tables {
        for (claim, name, value, reason, why) in rows {
            let token = draft.with_claim(claim, value)?.signed_by(maker.key(issuer))?;
            cases.push(Case::refused(issuer, &format!("{table}/{claim}-{name}"), token, reason, why));
        }
    }
    cases.extend(project_keys(maker)?);
    Ok(cases)
}

/// The keys that every Supabase project hands out: they look like tokens and stand for nobody.
fn project_keys(maker: &Maker) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for role in ["anon", "service_role"] {
        let mut draft = maker.draft(Supabase);
        draft.claims =
            json!({"iss": "supabase", "ref": "lab", "role": role, "iat": NOW - 10, "exp": NOW + 86_400});
        let token = draft.signed_by(&maker.supabase)?;
        let why = "a key of the project is not a user, even signed by the right key";
        cases.push(Case::refused(Supabase, &format!("project/{role}-key"), token, "not_a_user", why));

        draft.header = json!({"alg": "HS256", "typ": "JWT"});
        let token = draft.authenticated_by(b"the secret of a project of the older kind", "HS256")?;
        let why = "a key of the project as older projects sign it: by a shared secret, without a key id";
        cases.push(Case::refused(Supabase, &format!("project/{role}-legacy-key"), token, "not_a_user", why));
    }
    Ok(cases)
}
