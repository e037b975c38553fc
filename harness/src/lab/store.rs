//! Where a lab's bucket is, whoever serves it, and who may use it.

use anyhow::Context;
use futures::TryStreamExt;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use secrecy::{ExposeSecret, SecretString};

use super::LabError;
use zenith_core::lake::{Location, Store, StoreCredentials, StoreSettings, Surroundings};

/// A place in a bucket: everything that a client of any kind needs.
#[derive(Clone, Debug)]
pub struct StoreAddress {
    /// With its scheme: `http://127.0.0.1:9000`.
    pub endpoint: String,
    pub bucket: String,
    pub region: String,
    pub key_id: String,
    pub secret: SecretString,
    /// What every key of this lab begins with, without a slash at its end.
    pub prefix: String,
}

impl StoreAddress {
    /// A prefix of R2, in the account that `ZENITH_R2__*` names; absent where it names none.
    pub(super) fn from_environment() -> Result<StoreAddress, LabError> {
        StoreAddress::resolve(super::variable)
    }

    fn resolve(variable: impl Fn(&str) -> Option<String>) -> Result<StoreAddress, LabError> {
        let needed = |name: &str| {
            variable(name).ok_or_else(|| LabError::Absent {
                because: format!("{name} is not set; the cloud lab reaches its bucket with it"),
            })
        };
        Ok(StoreAddress {
            key_id: needed("ZENITH_R2__ACCESS_KEY_ID")?,
            secret: SecretString::from(needed("ZENITH_R2__SECRET_ACCESS_KEY")?),
            endpoint: format!("https://{}.r2.cloudflarestorage.com", needed("ZENITH_R2__ACCOUNT_ID")?),
            bucket: needed("ZENITH_R2__BUCKET")?,
            region: "auto".to_string(),
            // Nobody else's key begins with it, so that whatever does may be deleted.
            prefix: format!("zenith-spike-{}", uuid::Uuid::new_v4().simple()),
        })
    }

    /// The URL of a key below the prefix.
    pub fn url(&self, key: &str) -> String {
        format!("s3://{}/{}/{key}", self.bucket, self.prefix)
    }

    /// The path of a key below the prefix, for [`StoreAddress::client`].
    pub fn path(&self, key: &str) -> Path {
        Path::from(format!("{}/{key}", self.prefix))
    }

    /// The place as the product opens it.
    pub fn store(&self) -> anyhow::Result<Store> {
        let location = format!("s3://{}/{}", self.bucket, self.prefix);
        let settings = StoreSettings {
            location: Some(Location::parse(&location, Surroundings::default())?),
            endpoint: Some(self.endpoint.clone()),
            region: Some(self.region.clone()),
            credentials: Some(StoreCredentials {
                key_id: self.key_id.clone(),
                secret: self.secret.clone(),
                session_token: None,
            }),
            ..StoreSettings::default()
        };
        Ok(Store::open(&settings, std::path::Path::new(""))?)
    }

    /// A plain client of the bucket.
    pub fn client(&self) -> anyhow::Result<AmazonS3> {
        AmazonS3Builder::new()
            .with_endpoint(&self.endpoint)
            .with_allow_http(self.endpoint.starts_with("http://"))
            .with_bucket_name(&self.bucket)
            .with_region(&self.region)
            .with_access_key_id(&self.key_id)
            .with_secret_access_key(self.secret.expose_secret())
            .build()
            .context("cannot make a client for the bucket")
    }

    /// How many bytes lie below a key.
    pub async fn bytes_below(&self, key: &str) -> anyhow::Result<u64> {
        let client = self.client()?;
        let path = self.path(key);
        let sizes: Vec<u64> = client.list(Some(&path)).map_ok(|object| object.size).try_collect().await?;
        Ok(sizes.iter().sum())
    }

    /// Removes what lies below the prefix, and nothing else.
    pub(super) async fn remove_all(&self) -> anyhow::Result<()> {
        let client = self.client()?;
        let prefix = Path::from(self.prefix.as_str());
        let objects: Vec<_> = client.list(Some(&prefix)).try_collect().await?;
        for object in objects {
            client.delete(&object.location).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_account_the_bucket_is_absent_and_says_what_is_missing() {
        let absent = StoreAddress::resolve(|_| None).err();
        assert!(matches!(absent, Some(LabError::Absent { because }) if because.contains("ZENITH_R2__")));
    }

    #[test]
    fn every_lab_has_a_prefix_of_its_own_and_shows_no_secret() {
        let address = || StoreAddress::resolve(|name| Some(format!("value-of-{name}"))).unwrap();
        let (one, other) = (address(), address());
        assert_ne!(one.prefix, other.prefix);
        assert!(one.url("a/b").starts_with("s3://value-of-ZENITH_R2__BUCKET/zenith-spike-"));
        assert!(!format!("{one:?}").contains("value-of-ZENITH_R2__SECRET"));
    }

    #[tokio::test]
    async fn what_is_removed_lies_below_the_prefix() {
        let folder = tempfile::tempdir().unwrap();
        let bucket = super::super::Bucket::start(folder.path(), "zenith").await.unwrap();
        let address = bucket.store();
        let client = address.client().unwrap();
        let others = [Path::from("laboratory/a"), Path::from("somebody/elses")];
        for path in others.iter().chain([&address.path("a"), &address.path("b/c")]) {
            client.put(path, vec![7].into()).await.unwrap();
        }
        address.remove_all().await.unwrap();
        let left: Vec<_> = client.list(None).map_ok(|object| object.location).try_collect().await.unwrap();
        assert_eq!(left, others);
    }
}
