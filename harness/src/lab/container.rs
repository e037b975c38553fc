//! The libSQL server and an S3 server in containers, where a container engine runs.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use testcontainers::core::{IntoContainerPort, WaitFor};
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, GenericImage, ImageExt};

use super::store::StoreAddress;
use super::{KEY_ID, LabError, REGION, SECRET};

/// The image and its version: the server that the local lab runs as a process.
const IMAGE: &str = "ghcr.io/tursodatabase/libsql-server";
const TAG: &str = "v0.24.32";
const READY_DEADLINE: Duration = Duration::from_secs(60);

/// A running container; removed when it is dropped.
pub struct SqldContainer {
    container: ContainerAsync<GenericImage>,
    http: SocketAddr,
    admin: SocketAddr,
    client: reqwest::Client,
}

impl SqldContainer {
    pub(super) async fn start(public_key_pem: &str) -> Result<SqldContainer, LabError> {
        let image = GenericImage::new(IMAGE, TAG)
            .with_exposed_port(8080.tcp())
            .with_exposed_port(9090.tcp())
            .with_wait_for(WaitFor::seconds(0))
            .with_cmd([
                "/bin/sqld",
                "--enable-namespaces",
                "--max-active-namespaces=1000",
                "--no-welcome",
                "--http-listen-addr=0.0.0.0:8080",
                "--admin-listen-addr=0.0.0.0:9090",
            ])
            .with_env_var("SQLD_AUTH_JWT_KEY", public_key_pem);
        let container = image.start().await.map_err(|error| LabError::Absent {
            because: format!("no container can be started here: {error}"),
        })?;
        let address = async |port: u16| -> anyhow::Result<SocketAddr> {
            let host = container.get_host_port_ipv4(port.tcp()).await?;
            Ok(SocketAddr::from(([127, 0, 0, 1], host)))
        };
        let (http, admin) = (address(8080).await?, address(9090).await?);
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(10))
            .build()
            .context("cannot make a client for the container")?;
        let started = SqldContainer { container, http, admin, client };
        started.wait_until_ready().await?;
        Ok(started)
    }

    async fn wait_until_ready(&self) -> anyhow::Result<()> {
        let deadline = Instant::now() + READY_DEADLINE;
        let health = format!("http://{}/health", self.http);
        while !self.client.get(&health).send().await.is_ok_and(|answer| answer.status().is_success()) {
            if Instant::now() > deadline {
                bail!("the container does not answer after {READY_DEADLINE:?}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    pub(super) async fn create(&self, namespace: &str) -> anyhow::Result<()> {
        let url = format!("http://{}/v1/namespaces/{namespace}/create", self.admin);
        let status = self.client.post(url).json(&serde_json::json!({})).send().await?.status();
        ensure!(status.is_success(), "the container did not make the database {namespace}: {status}");
        Ok(())
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.http
    }

    pub(super) fn admin(&self) -> SocketAddr {
        self.admin
    }

    pub(super) async fn up(&self) -> anyhow::Result<()> {
        self.container.start().await?;
        self.wait_until_ready().await
    }

    pub(super) async fn down(&self) {
        // One that is gone already is down.
        let _ = self.container.stop_with_timeout(Some(0)).await;
    }
}

/// The S3 server's image, and the bucket that it starts with.
const S3_IMAGE: &str = "minio/minio";
const S3_TAG: &str = "RELEASE.2025-04-22T22-12-26Z";
const S3_BUCKET: &str = "zenith";

/// A running S3 server; removed when it is dropped.
pub(super) struct S3Container {
    _container: ContainerAsync<GenericImage>,
    address: SocketAddr,
}

impl S3Container {
    pub(super) async fn start() -> Result<S3Container, LabError> {
        // A folder below its data is a bucket.
        let start = format!("mkdir -p /data/{S3_BUCKET} && exec minio server /data");
        let image = GenericImage::new(S3_IMAGE, S3_TAG)
            .with_entrypoint("sh")
            .with_exposed_port(9000.tcp())
            .with_wait_for(WaitFor::seconds(0))
            .with_cmd(["-c".to_string(), start])
            .with_env_var("MINIO_ROOT_USER", KEY_ID)
            .with_env_var("MINIO_ROOT_PASSWORD", SECRET);
        let container = image.start().await.map_err(|error| LabError::Absent {
            because: format!("no container can be started here: {error}"),
        })?;
        let port = container.get_host_port_ipv4(9000.tcp()).await.context("the S3 server has no port")?;
        let started =
            S3Container { _container: container, address: SocketAddr::from(([127, 0, 0, 1], port)) };
        started.wait_until_ready().await?;
        Ok(started)
    }

    async fn wait_until_ready(&self) -> anyhow::Result<()> {
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build()?;
        let health = format!("http://{}/minio/health/ready", self.address);
        let deadline = Instant::now() + READY_DEADLINE;
        while !client.get(&health).send().await.is_ok_and(|answer| answer.status().is_success()) {
            if Instant::now() > deadline {
                bail!("the S3 server's container does not answer after {READY_DEADLINE:?}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    pub(super) fn store(&self) -> StoreAddress {
        StoreAddress {
            endpoint: format!("http://{}", self.address),
            bucket: S3_BUCKET.to_string(),
            region: REGION.to_string(),
            key_id: KEY_ID.to_string(),
            secret: SECRET.into(),
            prefix: "lab".to_string(),
        }
    }
}
