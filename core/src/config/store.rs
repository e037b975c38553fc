//! Where shared data lies, and whose key opens it.
//!
//! A key signs for the store that is named with it, and for no other: R2's (`ZENITH_R2__*`) for R2's bucket or
//! at the account's own address, AWS's (variables, or a profile of AWS's files) everywhere else. What cannot be
//! used is not an error here: it is told when a store is opened, and what needs none goes on.

use std::path::{Path, PathBuf};

use url::Url;

use super::aws;
use crate::lake::{KeyOrigin, Location, StoreCredentials, StoreSettings, StoreStyle, Surroundings};

/// What the file of settings says of a store.
#[derive(Default)]
pub(super) struct InFile {
    pub store: Option<String>,
    pub store_endpoint: Option<String>,
    pub store_region: Option<String>,
    pub store_style: Option<StoreStyle>,
}

/// What the environment and the file say. `variable` gives a variable's text without blanks and line breaks
/// around it; a relative folder in the file is below the folder `beside` it.
pub(super) fn store(
    variable: &impl Fn(&str) -> Option<String>,
    file: InFile,
    home: Option<&Path>,
    beside: Option<&Path>,
) -> StoreSettings {
    let named = match (variable("ZENITH_STORE"), trimmed(&file.store)) {
        (Some(text), _) => Some((text, Surroundings { home, below: None })),
        (None, Some(text)) => Some((text, Surroundings { home, below: beside })),
        (None, None) => None,
    };
    let unusable = |why| StoreSettings { unusable: Some(why), ..StoreSettings::default() };
    resolve(variable, &file, named, home).unwrap_or_else(unusable)
}

/// The same of a bucket that is named elsewhere.
pub(super) fn at(
    bucket: &Location,
    variable: &impl Fn(&str) -> Option<String>,
    file: InFile,
    home: Option<&Path>,
) -> StoreSettings {
    let named = |name: &str| match name {
        "ZENITH_STORE" => Some(bucket.to_string()),
        name => variable(name),
    };
    store(&named, file, home, None)
}

fn trimmed(value: &Option<String>) -> Option<String> {
    value.as_deref().map(str::trim).filter(|value| !value.is_empty()).map(str::to_string)
}

fn resolve(
    variable: &impl Fn(&str) -> Option<String>,
    file: &InFile,
    named: Option<(String, Surroundings<'_>)>,
    home: Option<&Path>,
) -> Result<StoreSettings, String> {
    let r2 = R2::read(variable);
    let location = match &named {
        Some((text, surroundings)) => {
            Location::parse(text, *surroundings).map_err(|error| error.to_string())?
        }
        None => match &r2.bucket {
            Some(bucket) => Location::parse(&format!("s3://{bucket}"), Surroundings::default())
                .map_err(|error| format!("ZENITH_R2__BUCKET: {error}"))?,
            None => return Ok(StoreSettings::default()),
        },
    };
    let settings = StoreSettings { location: Some(location.clone()), ..StoreSettings::default() };
    let Location::Bucket { bucket, .. } = &location else { return Ok(settings) };
    let endpoint = variable("ZENITH_STORE_ENDPOINT").or_else(|| trimmed(&file.store_endpoint));
    let region = variable("ZENITH_STORE_REGION").or_else(|| trimmed(&file.store_region));
    let ca_bundle = variable("AWS_CA_BUNDLE").map(PathBuf::from);
    let settings = StoreSettings { style: style(variable, file)?, ca_bundle, ..settings };
    let is_r2s = named.is_none() || r2.has(bucket, endpoint.as_deref(), variable);
    match is_r2s {
        true => r2.opens(settings, endpoint, region, variable),
        false => of_aws(settings, endpoint, region, variable, home, &r2),
    }
}

fn style(variable: &impl Fn(&str) -> Option<String>, file: &InFile) -> Result<StoreStyle, String> {
    match variable("ZENITH_STORE_STYLE").map(|style| style.to_ascii_lowercase()).as_deref() {
        None => Ok(file.store_style.unwrap_or_default()),
        Some("path") => Ok(StoreStyle::Path),
        Some("virtual") => Ok(StoreStyle::Virtual),
        Some(other) => {
            let other: String = other.chars().take(80).collect();
            Err(format!("ZENITH_STORE_STYLE says {other:?}; it can be path or virtual"))
        }
    }
}

const R2_HOST: &str = "r2.cloudflarestorage.com";

/// The seeds' variables for R2: they say all at once.
struct R2 {
    account: Option<String>,
    bucket: Option<String>,
    key_id: Option<String>,
    secret: Option<String>,
}

impl R2 {
    fn read(variable: &impl Fn(&str) -> Option<String>) -> R2 {
        R2 {
            account: variable("ZENITH_R2__ACCOUNT_ID"),
            bucket: variable("ZENITH_R2__BUCKET"),
            key_id: variable("ZENITH_R2__ACCESS_KEY_ID"),
            secret: variable("ZENITH_R2__SECRET_ACCESS_KEY"),
        }
    }

    /// Whether a bucket is the one that these variables speak of: by its service's address, where that is
    /// named; else by its name; and where they name none, if nothing speaks of AWS.
    fn has(&self, bucket: &str, endpoint: Option<&str>, variable: &impl Fn(&str) -> Option<String>) -> bool {
        let Some(account) = &self.account else { return false };
        if let Some(endpoint) = endpoint {
            let host = Url::parse(endpoint).ok().and_then(|url| url.host_str().map(str::to_string));
            // Also of a jurisdiction: ACCOUNT.eu.r2.…
            let is_accounts = |host: &String| host.starts_with(&format!("{}.", account.to_ascii_lowercase()));
            return host.is_some_and(|host| is_r2(&host) && is_accounts(&host));
        }
        const OF_AWS: [&str; 4] =
            ["AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"];
        match &self.bucket {
            Some(own) => own == bucket,
            None => !OF_AWS.iter().any(|name| variable(name).is_some()),
        }
    }

    fn opens(
        self,
        settings: StoreSettings,
        endpoint: Option<String>,
        region: Option<String>,
        variable: &impl Fn(&str) -> Option<String>,
    ) -> Result<StoreSettings, String> {
        let missing = |name: &str| format!("the store is R2's, and {name} is not set");
        let endpoint = match (endpoint, self.account) {
            (Some(endpoint), _) => endpoint,
            (None, Some(account)) => format!("https://{account}.{R2_HOST}"),
            (None, None) => return Err(missing("ZENITH_R2__ACCOUNT_ID")),
        };
        let (credentials, key_origin) = match (self.key_id, self.secret) {
            (Some(key_id), Some(secret)) => {
                let secret = secret.into();
                (StoreCredentials { key_id, secret, session_token: None }, KeyOrigin::R2)
            }
            (Some(_), None) => return Err(missing("ZENITH_R2__SECRET_ACCESS_KEY")),
            (None, Some(_)) => return Err(missing("ZENITH_R2__ACCESS_KEY_ID")),
            // R2's key may be in AWS's variables, where these name a bucket alone.
            (None, None) => {
                let key = key_of_variables(variable)?.ok_or_else(|| missing("ZENITH_R2__ACCESS_KEY_ID"))?;
                (key, KeyOrigin::Environment)
            }
        };
        Ok(StoreSettings {
            endpoint: Some(endpoint),
            region: Some(region.unwrap_or_else(|| "auto".to_string())),
            credentials: Some(credentials),
            key_origin,
            ..settings
        })
    }
}

fn is_r2(host: &str) -> bool {
    host.strip_suffix(R2_HOST).is_some_and(|host| host.ends_with('.'))
}

/// AWS's settings, which other services' users use too.
fn of_aws(
    settings: StoreSettings,
    endpoint: Option<String>,
    region: Option<String>,
    variable: &impl Fn(&str) -> Option<String>,
    home: Option<&Path>,
    r2: &R2,
) -> Result<StoreSettings, String> {
    let key = key_of_variables(variable)?;
    let region = region.or_else(|| {
        let of_r2 = endpoint.as_deref().and_then(|endpoint| Url::parse(endpoint).ok());
        let is_r2s = of_r2.is_some_and(|url| url.host_str().is_some_and(is_r2));
        let of_variables = || variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
        if is_r2s { Some("auto".to_string()) } else { of_variables() }
    });
    // Files that nothing is needed from may be as they like.
    let is_asked = key.is_none() || region.is_none() || variable("AWS_PROFILE").is_some();
    let profile = if is_asked { aws::profile(variable, home)? } else { None };
    let ignores =
        variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").is_some_and(|is| is.eq_ignore_ascii_case("true"));
    let configured = || {
        let of_profile = || profile.as_ref().and_then(|profile| profile.endpoint.clone());
        variable("AWS_ENDPOINT_URL_S3").or_else(|| variable("AWS_ENDPOINT_URL")).or_else(of_profile)
    };
    let endpoint = endpoint.or_else(|| if ignores { None } else { configured() });
    let settings = StoreSettings {
        endpoint,
        region: region.or_else(|| profile.as_ref().and_then(|profile| profile.region.clone())),
        ca_bundle: settings
            .ca_bundle
            .or_else(|| profile.as_ref().and_then(|profile| profile.ca_bundle.clone())),
        ..settings
    };
    match (key, profile) {
        (Some(key), _) => Ok(StoreSettings { credentials: Some(key), ..settings }),
        (None, Some(profile)) => Ok(StoreSettings {
            credentials: profile.key,
            profile: profile.lends,
            key_origin: KeyOrigin::Profile(profile.name),
            ..settings
        }),
        (None, None) if r2.key_id.is_some() => Err(
            "the key of ZENITH_R2__ACCESS_KEY_ID is for R2's store alone, and the store that is named is another; \
             set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
                .to_string(),
        ),
        (None, None) => Ok(settings),
    }
}

/// The key in AWS's variables: all of it, or none.
fn key_of_variables(variable: &impl Fn(&str) -> Option<String>) -> Result<Option<StoreCredentials>, String> {
    let half =
        |there: &str, missing: &str| Err(format!("{there} is set, and {missing} is not; a key is both"));
    match (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) {
        (Some(key_id), Some(secret)) => Ok(Some(StoreCredentials {
            key_id,
            secret: secret.into(),
            session_token: variable("AWS_SESSION_TOKEN").map(Into::into),
        })),
        (Some(_), None) => half("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
        (None, Some(_)) => half("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"),
        (None, None) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn read(variables: &[(&str, &str)]) -> StoreSettings {
        let variable = |name: &str| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.trim().to_string())
        };
        store(&variable, InFile::default(), None, None)
    }

    const AWS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "of-aws"), ("AWS_SECRET_ACCESS_KEY", "hush")];
    const R2_KEY: [(&str, &str); 3] = [
        ("ZENITH_R2__ACCESS_KEY_ID", "of-r2"),
        ("ZENITH_R2__SECRET_ACCESS_KEY", "hush"),
        ("ZENITH_R2__ACCOUNT_ID", "acc"),
    ];
    const R2_BUCKET: (&str, &str) = ("ZENITH_R2__BUCKET", "zenith");
    const R2_ENDPOINT: &str = "https://acc.r2.cloudflarestorage.com";

    /// Whose key signs, and where.
    fn signs(parts: &[&[(&str, &str)]]) -> (String, String, String) {
        let settings = read(&parts.concat());
        assert_eq!(settings.unusable, None);
        let endpoint = settings.endpoint.unwrap_or_else(|| "AWS".to_string());
        let key = settings.credentials.map_or_else(String::new, |key| key.key_id);
        (key, endpoint, settings.region.unwrap_or_default())
    }

    #[test]
    fn a_key_signs_for_the_store_that_is_named_with_it_alone() {
        let is = |key: &str, endpoint: &str, region: &str| -> (String, String, String) {
            (key.into(), endpoint.into(), region.into())
        };
        let of_r2 = is("of-r2", R2_ENDPOINT, "auto");
        let at = |location| ("ZENITH_STORE", location);
        let minio = ("ZENITH_STORE_ENDPOINT", "https://minio.example");
        let region = ("AWS_REGION", "eu-west-1");
        for (parts, expected) in [
            // R2's alone, its bucket named by its own variables, by ours, or by nobody but ours.
            (&[&R2_KEY[..], &[R2_BUCKET]][..], of_r2.clone()),
            (&[&R2_KEY, &[R2_BUCKET, at("s3://zenith/team")]], of_r2.clone()),
            (&[&R2_KEY, &[at("s3://other/team")]], of_r2.clone()),
            // Both are set.
            (&[&AWS, &R2_KEY, &[R2_BUCKET]], of_r2.clone()),
            (&[&AWS, &R2_KEY, &[R2_BUCKET, at("s3://zenith/p")]], of_r2.clone()),
            (&[&AWS, &R2_KEY, &[R2_BUCKET, at("s3://other"), region]], is("of-aws", "AWS", "eu-west-1")),
            (&[&AWS, &R2_KEY, &[at("s3://other"), region]], is("of-aws", "AWS", "eu-west-1")),
            (
                &[&AWS, &R2_KEY, &[R2_BUCKET, at("s3://zenith"), minio]],
                is("of-aws", "https://minio.example", ""),
            ),
            (
                &[
                    &AWS,
                    &R2_KEY,
                    &[R2_BUCKET, at("s3://other"), ("AWS_ENDPOINT_URL_S3", "https://s3.example")],
                ],
                is("of-aws", "https://s3.example", ""),
            ),
            (&[&AWS, &R2_KEY, &[at("s3://other"), ("ZENITH_STORE_ENDPOINT", R2_ENDPOINT)]], of_r2.clone()),
            (
                &[
                    &AWS,
                    &R2_KEY,
                    &[at("s3://b"), ("ZENITH_STORE_ENDPOINT", "https://acc2.r2.cloudflarestorage.com")],
                ],
                is("of-aws", "https://acc2.r2.cloudflarestorage.com", "auto"),
            ),
            (
                &[
                    &AWS,
                    &R2_KEY,
                    &[at("s3://b"), ("ZENITH_STORE_ENDPOINT", "https://acc.r2.cloudflarestorage.com.x")],
                ],
                is("of-aws", "https://acc.r2.cloudflarestorage.com.x", ""),
            ),
            // AWS's alone.
            (&[&AWS, &[at("s3://b"), region]], is("of-aws", "AWS", "eu-west-1")),
            (&[&AWS, &[at("s3://b"), region, ("ZENITH_STORE_REGION", "x")]], is("of-aws", "AWS", "x")),
        ] {
            assert_eq!(signs(parts), expected, "{parts:?}");
        }
        let minio = read(&[&R2_KEY[..], &[R2_BUCKET, at("s3://b"), minio]].concat());
        assert!(minio.unusable.unwrap().contains("for R2's store alone"));
    }

    #[test]
    fn a_bucket_that_is_named_elsewhere_has_the_keys_that_it_would_have_as_the_store() {
        let bucket = Location::parse("s3://mine/notes", Surroundings::default()).unwrap();
        let found = |variables: &[(&str, &str)], file: InFile| {
            at(
                &bucket,
                &|name: &str| Some(variables.iter().find(|(key, _)| *key == name)?.1.to_string()),
                file,
                None,
            )
        };
        let signs = |settings: StoreSettings| {
            assert_eq!((settings.unusable, settings.location.as_ref()), (None, Some(&bucket)));
            settings.credentials.map(|key| key.key_id)
        };
        assert_eq!(signs(found(&AWS, InFile::default())), Some("of-aws".to_string()), "no store is named");
        assert_eq!(signs(found(&R2_KEY, InFile::default())), Some("of-r2".to_string()));
        // A store that is no bucket, or that cannot be used, is another one.
        for store in ["/srv/shared", "s3//torn"] {
            let variables = [&AWS[..], &[("ZENITH_STORE", store)]].concat();
            assert_eq!(signs(found(&variables, InFile::default())), Some("of-aws".to_string()), "{store}");
        }
        let file = InFile { store_region: Some("eu-west-1".to_string()), ..InFile::default() };
        assert_eq!(found(&AWS, file).region.as_deref(), Some("eu-west-1"));
    }

    #[test]
    fn what_is_read_from_files_of_secrets_ends_in_line_breaks() {
        let settings = read(&[
            ("ZENITH_STORE", " s3://b/p\n"),
            ("ZENITH_STORE_ENDPOINT", "https://x.example\r\n"),
            ("ZENITH_STORE_REGION", "eu-west-1\n"),
            ("AWS_ACCESS_KEY_ID", "id\n"),
            ("AWS_SECRET_ACCESS_KEY", "hush\n"),
            ("AWS_SESSION_TOKEN", "lent\n"),
        ]);
        let key = settings.credentials.unwrap();
        assert_eq!((key.key_id.as_str(), key.secret.expose_secret()), ("id", "hush"));
        assert_eq!(key.session_token.unwrap().expose_secret(), "lent");
        assert_eq!(
            (settings.location.unwrap().to_string().as_str(), settings.region.as_deref()),
            ("s3://b/p", Some("eu-west-1"))
        );
        assert_eq!(settings.endpoint.as_deref(), Some("https://x.example"));
    }

    #[test]
    fn a_folder_is_the_one_that_its_url_says_blanks_and_all() {
        let settings = read(&[("ZENITH_STORE", "file:///srv/a%20")]);
        assert_eq!(settings.location, Some(Location::Folder(PathBuf::from("/srv/a "))));
    }

    #[test]
    fn what_cannot_be_used_is_told_when_a_store_is_needed() {
        let unusable = |variables: &[(&str, &str)]| {
            let settings = read(variables);
            assert!(settings.is_named(), "it is named");
            settings.unusable.unwrap()
        };
        for (variables, says) in [
            (&[("ZENITH_STORE", "s3a://b")][..], "did you mean s3://b?"),
            (&[("ZENITH_STORE", "store")], "begins with ./"),
            (&[("ZENITH_STORE", "s3://b"), AWS[0]], "AWS_SECRET_ACCESS_KEY is not"),
            (&[("ZENITH_STORE", "s3://b"), AWS[1]], "AWS_ACCESS_KEY_ID is not"),
            (&[R2_BUCKET, R2_KEY[0], R2_KEY[1]], "ZENITH_R2__ACCOUNT_ID is not set"),
            (&[R2_BUCKET, R2_KEY[0], R2_KEY[2]], "ZENITH_R2__SECRET_ACCESS_KEY is not set"),
            (&[R2_BUCKET, R2_KEY[2]], "ZENITH_R2__ACCESS_KEY_ID is not set"),
            (
                &[("ZENITH_STORE", "s3://b"), AWS[0], AWS[1], ("ZENITH_STORE_STYLE", "host")],
                "path or virtual",
            ),
        ] {
            let why = unusable(variables);
            assert!(why.contains(says) && !why.contains("hush"), "{why}");
        }
        // A folder asks for no key, and nothing that speaks of one is in its way.
        assert_eq!(read(&[("ZENITH_STORE", "/srv/x"), AWS[0]]).unusable, None);
    }
}
