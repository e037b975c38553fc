//! The libSQL server in a container, where a container engine runs.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use testcontainers::core::{IntoContainerPort, WaitFor};
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, GenericImage, ImageExt};

use super::LabError;

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

    pub(super) async fn up(&self) -> anyhow::Result<()> {
        self.container.start().await?;
        self.wait_until_ready().await
    }

    pub(super) async fn down(&self) {
        // One that is gone already is down.
        let _ = self.container.stop_with_timeout(Some(0)).await;
    }
}
