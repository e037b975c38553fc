//! What a token must say, for each kind of issuer. Every claim that is read has one type, and what
//! is missing is refused rather than guessed.

use serde_json::{Map, Value};

use super::error::TokenError;
use super::issuer::{IssuerConfig, IssuerKind};
use super::{LOCAL_SUBJECT, User};
use crate::package::check_segment;

/// How far the clocks of an issuer and of this machine may differ.
pub(super) const LEEWAY_S: u64 = 30;
/// Nothing here can revoke a token, so it must end by itself. Clerk's sessions last a minute,
/// Supabase's at most a week: a month is generous, and whatever lasts longer was made for machines.
pub(super) const LIFETIME_S_MAX: u64 = 31 * 24 * 60 * 60;
/// The end of the year 9999: a time beyond it is a mistake or an attempt to overflow.
const TIME_S_MAX: u64 = 253_402_300_799;

type Claims = Map<String, Value>;

/// What `iss` must say. Looked at before the signature, so that a token from elsewhere is called
/// that, and never makes this machine ask anyone for keys.
pub(super) fn check_issuer(claims: &Claims, config: &IssuerConfig) -> Result<(), TokenError> {
    let expected = config.issuer();
    match claims.get("iss") {
        Some(Value::String(issuer)) if *issuer == expected => Ok(()),
        Some(Value::String(issuer)) if config.kind == IssuerKind::Supabase && issuer == "supabase" => {
            Err(TokenError::NotAUser("it is a key of the project, not somebody's session"))
        }
        _ => Err(TokenError::UnknownIssuer { expected }),
    }
}

/// Checks when a token is valid, and returns when it ends, in seconds since 1970.
pub(super) fn check_times(claims: &Claims, now: u64) -> Result<u64, TokenError> {
    let expires = time(claims, "exp", f64::floor)?.ok_or(TokenError::Claims("it never expires"))?;
    if now >= expires.saturating_add(LEEWAY_S) {
        return Err(TokenError::Expired);
    }
    let latest = now.saturating_add(LEEWAY_S);
    if time(claims, "nbf", f64::ceil)?.is_some_and(|not_before| not_before > latest) {
        return Err(TokenError::NotYetValid);
    }
    if time(claims, "iat", f64::ceil)?.is_some_and(|issued| issued > latest) {
        return Err(TokenError::IssuedInFuture);
    }
    if expires > latest.saturating_add(LIFETIME_S_MAX) {
        return Err(TokenError::TooLongLived);
    }
    Ok(expires)
}

/// A NumericDate. A fraction is rounded to the side on which the token is valid for less time.
fn time(claims: &Claims, name: &str, round: fn(f64) -> f64) -> Result<Option<u64>, TokenError> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let seconds = match value {
        Value::Number(number) => match (number.as_u64(), number.as_f64()) {
            (Some(whole), _) => Some(whole),
            // Bounded before it is cast, since a cast saturates.
            (None, Some(float)) if (0.0..=TIME_S_MAX as f64).contains(&float) => Some(round(float) as u64),
            _ => None,
        },
        _ => None,
    };
    match seconds {
        Some(seconds) if seconds <= TIME_S_MAX => Ok(Some(seconds)),
        _ => Err(TokenError::Claims("a time of it is not a number of seconds in a sensible range")),
    }
}

/// Checks whom the token is for and whom it stands for.
pub(super) fn user(claims: &Claims, config: &IssuerConfig) -> Result<User, TokenError> {
    check_audience(claims, config)?;
    check_client(claims, config)?;
    // Whoever acts in a user's place, support staff say, would see private code that "only its
    // owner sees".
    if claims.get("act").is_some_and(|actor| !actor.is_null()) {
        return Err(TokenError::Impersonated);
    }
    match config.kind {
        IssuerKind::Clerk => clerk_user(claims, config),
        IssuerKind::Supabase => supabase_user(claims),
    }
}

fn clerk_user(claims: &Claims, config: &IssuerConfig) -> Result<User, TokenError> {
    match claims.get("azp") {
        None => {}
        Some(Value::String(party))
            if config.authorized_parties.is_empty() || config.authorized_parties.contains(party) => {}
        Some(_) => return Err(TokenError::AuthorizedParty),
    }
    match claims.get("sts") {
        None => {}
        Some(Value::String(status)) if status == "active" => {}
        Some(_) => return Err(TokenError::Pending),
    }
    let subject = subject(claims)?;
    if subject.starts_with("mch_") {
        return Err(TokenError::NotAUser("it is a machine's"));
    }
    let (organisation, role) = clerk_organisation(claims)?;
    Ok(User { subject, organisation, role, on_this_machine: false })
}

/// The organisation and the role in it. Only the claims of the token's own version are read: an
/// application may add any other name with any meaning to its tokens.
fn clerk_organisation(claims: &Claims) -> Result<(Option<String>, Option<String>), TokenError> {
    let (id, slug, role) = match claims.get("v") {
        None => (claims.get("org_id"), claims.get("org_slug"), claims.get("org_role")),
        Some(Value::Number(version)) if version.as_u64() == Some(1) => {
            (claims.get("org_id"), claims.get("org_slug"), claims.get("org_role"))
        }
        Some(Value::Number(version)) if version.as_u64() == Some(2) => match claims.get("o") {
            None | Some(Value::Null) => (None, None, None),
            Some(Value::Object(o)) if o.get("id").is_some_and(Value::is_string) => {
                (o.get("id"), o.get("slg"), o.get("rol"))
            }
            Some(_) => return Err(TokenError::Organisation("it is not an object with an id")),
        },
        Some(_) => return Err(TokenError::Claims("its version is not 1 or 2")),
    };
    optional_text(slug)?;
    let role = optional_text(role)?;
    let Some(id) = optional_text(id)? else {
        return Ok((None, None));
    };
    let segment = |text: &str| {
        let why = "it is not 1 to 128 letters, digits and _ - . + without ..";
        check_segment("organisation", text).map_err(|_| TokenError::Organisation(why))
    };
    segment(id)?;
    let role = role.map(|role| role.strip_prefix("org:").unwrap_or(role));
    if let Some(role) = role {
        segment(role)?;
    }
    Ok((Some(id.to_string()), role.map(str::to_string)))
}

/// Templates write null for what a session does not have.
fn optional_text(value: Option<&Value>) -> Result<Option<&str>, TokenError> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(TokenError::Organisation("a part of it is not text")),
    }
}

/// Supabase knows no organisations. What a project puts into `user_metadata` is the user's own
/// word, and for `app_metadata` there is no convention: neither opens a team's tier.
fn supabase_user(claims: &Claims) -> Result<User, TokenError> {
    match claims.get("role") {
        Some(Value::String(role)) if role == "authenticated" => {}
        _ => return Err(TokenError::NotAUser("its role is not authenticated")),
    }
    Ok(User { subject: subject(claims)?, organisation: None, role: None, on_this_machine: false })
}

fn subject(claims: &Claims) -> Result<String, TokenError> {
    let Some(Value::String(subject)) = claims.get("sub") else {
        return Err(TokenError::Subject("it is missing, or not text"));
    };
    if check_segment("subject", subject).is_err() {
        return Err(TokenError::Subject("it is not 1 to 128 letters, digits and _ - . + without .."));
    }
    // In any case, since a file system may not tell the cases apart.
    if subject.eq_ignore_ascii_case(LOCAL_SUBJECT) {
        return Err(TokenError::Subject("it is the name of this machine's own user"));
    }
    Ok(subject.clone())
}

/// The address that the issuer names, for who runs a service to find a user by. It decides nothing.
pub(super) fn email(claims: &Claims) -> Option<String> {
    let email = claims.get("email")?.as_str()?;
    let is_address =
        email.len() <= 254 && email.contains('@') && !email.contains(|c: char| c.is_control() || c == ' ');
    is_address.then(|| email.to_string())
}

/// Who obtained the token, where it says so (RFC 9068): a session of the issuer's own does not, so a client is
/// somebody else's application, whom the user let in for its own purposes. It may sign users in here where it is
/// among the authorized parties.
fn check_client(claims: &Claims, config: &IssuerConfig) -> Result<(), TokenError> {
    match claims.get("client_id") {
        None => Ok(()),
        Some(Value::String(client)) if config.authorized_parties.contains(client) => Ok(()),
        Some(_) => Err(TokenError::AuthorizedParty),
    }
}

/// RFC 7519 4.1.3: who is not named by an `aud` that is there must refuse the token. One that names others too
/// is refused as well: any of them could have handed it on.
fn check_audience(claims: &Claims, config: &IssuerConfig) -> Result<(), TokenError> {
    let named: Vec<&str> = match claims.get("aud") {
        None => Vec::new(),
        Some(Value::String(audience)) => vec![audience],
        Some(Value::Array(audiences)) => match audiences.iter().map(Value::as_str).collect() {
            Some(named) => named,
            None => return Err(TokenError::Audience),
        },
        Some(_) => return Err(TokenError::Audience),
    };
    let pinned = (config.kind == IssuerKind::Supabase).then_some("authenticated");
    let required: Vec<&str> = pinned.into_iter().chain(config.audience.as_deref()).collect();
    let is_for_us = required.iter().all(|audience| named.contains(audience));
    let is_for_others = named.iter().any(|audience| !required.contains(audience));
    // An empty list names nobody.
    let is_for_nobody = named.is_empty() && claims.contains_key("aud");
    if is_for_us && !is_for_others && !is_for_nobody { Ok(()) } else { Err(TokenError::Audience) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn config(kind: IssuerKind, audience: &str) -> IssuerConfig {
        let url = "https://issuer.example".parse().unwrap();
        IssuerConfig { audience: Some(audience.to_string()), ..IssuerConfig::new(url, kind) }
    }

    fn is_for(config: &IssuerConfig, audience: Value) -> bool {
        let claims = json!({"aud": audience, "sub": "ada", "role": "authenticated"});
        user(claims.as_object().unwrap(), config).is_ok()
    }

    #[test]
    fn a_configured_audience_is_required() {
        let clerk = config(IssuerKind::Clerk, "zenith");
        assert!(is_for(&clerk, json!("zenith")));
        assert!(is_for(&clerk, json!(["zenith"])));
        assert!(!is_for(&clerk, json!(["api", "zenith"])), "it could have been handed on");
        assert!(!is_for(&clerk, json!("zenith.forger")));
        assert!(!is_for(&clerk, json!(["api"])));
        assert!(user(json!({"sub": "ada"}).as_object().unwrap(), &clerk).is_err());
    }

    #[test]
    fn on_supabase_a_configured_audience_comes_on_top() {
        let supabase = config(IssuerKind::Supabase, "zenith");
        assert!(is_for(&supabase, json!(["authenticated", "zenith"])));
        assert!(!is_for(&supabase, json!("authenticated")));
        assert!(!is_for(&supabase, json!("zenith")));
    }

    #[test]
    fn a_token_that_an_application_obtained_needs_one_that_is_listed() {
        for kind in [IssuerKind::Clerk, IssuerKind::Supabase] {
            let config = IssuerConfig {
                audience: None,
                authorized_parties: vec!["our-app".to_string()],
                ..config(kind, "")
            };
            let obtained_by = |client: Value| {
                let mut claims = json!({"sub": "ada", "role": "authenticated", "client_id": client});
                if kind == IssuerKind::Supabase {
                    claims["aud"] = json!("authenticated");
                }
                user(claims.as_object().unwrap(), &config).map(|_| ())
            };
            assert_eq!(obtained_by(json!("our-app")), Ok(()));
            for other in [json!("their-app"), json!(""), json!(["our-app"]), Value::Null, json!(7)] {
                assert_eq!(obtained_by(other.clone()), Err(TokenError::AuthorizedParty), "{other}");
            }
        }
    }

    #[test]
    fn without_authorized_parties_any_origin_will_do_if_it_is_text() {
        let clerk = config(IssuerKind::Clerk, "zenith");
        let asked_by = |party: Value| {
            let claims = json!({"aud": "zenith", "sub": "ada", "azp": party});
            user(claims.as_object().unwrap(), &clerk).is_ok()
        };
        assert!(asked_by(json!("https://any.example")));
        assert!(!asked_by(json!(["https://any.example"])));
    }
}
