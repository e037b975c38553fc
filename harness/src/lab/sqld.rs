//! The libSQL server as a process of its own: started on free ports, ready when it answers, stopped
//! and started again where a spike asks what happens while it is away.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::sync::Mutex;

/// How long a server may take until it answers.
const READY_DEADLINE: Duration = Duration::from_secs(20);
/// Between two looks at whether it answers.
const READY_STEP: Duration = Duration::from_millis(20);
/// Starts that are tried again because another process took a port meanwhile.
const STARTS_MAX: usize = 4;

/// A libSQL server with its folder and its ports. Both stay when it is stopped and started again.
pub struct Sqld {
    program: PathBuf,
    folder: PathBuf,
    http: SocketAddr,
    grpc: SocketAddr,
    admin: SocketAddr,
    process: Mutex<Option<Child>>,
    client: reqwest::Client,
    /// Databases that are kept open at once.
    open_max: usize,
}

impl Sqld {
    /// Starts a server that keeps its databases below `folder`, `open_max` of them open at once, and accepts the tokens of
    /// one key.
    pub async fn start(
        program: PathBuf,
        folder: &Path,
        public_key_pem: &str,
        open_max: usize,
    ) -> anyhow::Result<Sqld> {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        std::fs::write(folder.join("key.pem"), public_key_pem).context("cannot write the server's key")?;
        for _ in 1..STARTS_MAX {
            let sqld = Sqld::at_free_ports(program.clone(), folder, open_max)?;
            // A port can be lost between its choice and its use: then others are chosen.
            if sqld.up().await.is_ok() {
                return Ok(sqld);
            }
            sqld.down().await;
        }
        let sqld = Sqld::at_free_ports(program, folder, open_max)?;
        sqld.up().await?;
        Ok(sqld)
    }

    fn at_free_ports(program: PathBuf, folder: &Path, open_max: usize) -> anyhow::Result<Sqld> {
        // Held together, so that the three differ.
        let held: Vec<TcpListener> = (0..3)
            .map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
            .collect::<Result<_, _>>()
            .context("cannot find a free port on loopback")?;
        let ports: Vec<SocketAddr> = held.iter().map(TcpListener::local_addr).collect::<Result<_, _>>()?;
        let [http, grpc, admin] = ports[..] else { bail!("three ports were asked for") };
        Ok(Sqld {
            program,
            folder: folder.to_path_buf(),
            http,
            grpc,
            admin,
            process: Mutex::new(None),
            client: reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build()?,
            open_max,
        })
    }

    /// Starts the process, and returns when it answers.
    pub async fn up(&self) -> anyhow::Result<()> {
        let mut process = self.process.lock().await;
        ensure!(process.is_none(), "the server is up already");
        let log = File::options().create(true).append(true).open(self.folder.join("sqld.log"))?;
        let mut command = Command::new(&self.program);
        command
            .arg("--db-path")
            .arg(self.folder.join("data"))
            .args(["--http-listen-addr", &self.http.to_string()])
            .args(["--grpc-listen-addr", &self.grpc.to_string()])
            .args(["--admin-listen-addr", &self.admin.to_string()])
            .arg("--auth-jwt-key-file")
            .arg(self.folder.join("key.pem"))
            .args(["--max-active-namespaces", &self.open_max.to_string()])
            .args(["--enable-namespaces", "--no-welcome"])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true);
        die_with_us(&mut command);
        let mut child =
            command.spawn().with_context(|| format!("cannot start {}", self.program.display()))?;
        let deadline = Instant::now() + READY_DEADLINE;
        let health = format!("http://{}/health", self.http);
        loop {
            if let Some(status) = child.try_wait()? {
                bail!("sqld ended at once ({status}); its log: {}", self.log_tail());
            }
            if self.client.get(&health).send().await.is_ok_and(|answer| answer.status().is_success()) {
                *process = Some(child);
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("sqld does not answer after {READY_DEADLINE:?}; its log: {}", self.log_tail());
            }
            tokio::time::sleep(READY_STEP).await;
        }
    }

    /// Stops the process as a machine that loses power does; its folder stays.
    pub async fn down(&self) {
        if let Some(mut child) = self.process.lock().await.take() {
            // It may have ended by itself: then there is nothing to stop.
            let _ = child.kill().await;
        }
    }

    /// Stops the process where it stands, as a machine that is frozen: its connections stay, and nothing answers. It can
    /// still be taken [`Sqld::down`].
    pub async fn freeze(&self) -> anyhow::Result<()> {
        let process = self.process.lock().await;
        let id = process.as_ref().and_then(Child::id).context("the server is not up")?;
        let id = Pid::from_raw(i32::try_from(id)?).context("the server has no number")?;
        Ok(kill_process(id, Signal::STOP)?)
    }

    /// Makes a database. Namespaces are the first label of the host's name.
    pub async fn create(&self, namespace: &str) -> anyhow::Result<()> {
        let url = format!("http://{}/v1/namespaces/{namespace}/create", self.admin);
        let answer = self.client.post(url).json(&serde_json::json!({})).send().await?;
        let status = answer.status();
        ensure!(status.is_success(), "sqld did not make the database {namespace}: {status}");
        Ok(())
    }

    /// Where HTTP is answered.
    pub fn address(&self) -> SocketAddr {
        self.http
    }

    /// Where its admin API is answered.
    pub fn admin(&self) -> SocketAddr {
        self.admin
    }

    fn log_tail(&self) -> String {
        let log = std::fs::read_to_string(self.folder.join("sqld.log")).unwrap_or_default();
        let mut lines: Vec<&str> = log.lines().rev().take(5).collect();
        lines.reverse();
        lines.join(" | ")
    }
}

/// The kernel stops the server when this program ends without having done so, whatever ended it.
#[cfg(target_os = "linux")]
fn die_with_us(command: &mut Command) {
    use rustix::process::set_parent_process_death_signal;
    // SAFETY: between fork and exec this makes one system call and touches no memory of ours.
    unsafe {
        command.pre_exec(|| Ok(set_parent_process_death_signal(Some(Signal::KILL))?));
    }
}

#[cfg(not(target_os = "linux"))]
fn die_with_us(_: &mut Command) {}
