//! A server of databases that the service starts, guards and supervises itself.
//!
//! It is started from a thread that lives as long as the supervision: the kernel ends the server with the thread that
//! started it, so that no server outlives a service that was killed. Its admin port and replication port are on
//! loopback and chosen anew at each start; its databases' port stays, since members' sessions name it. The admin key is
//! random at each start and passed in the environment. A database without a key of its own would take tokens of the
//! server's: that key's private half is thrown away, so nobody has any.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use url::Url;
use uuid::Uuid;

use super::start::ServiceError;
use crate::private::write_private;
use crate::tenancy::{SqldAddress, throwaway_public_pem};

/// How long a server may take until it answers: it looks at every database that it has.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// How long it may take to end when it is asked to.
const END_WITHIN: Duration = Duration::from_secs(5);
/// Between two looks at whether it still runs.
const LOOK: Duration = Duration::from_millis(100);
/// Before it is started again; doubles while it ends soon.
const AGAIN_AFTER: Duration = Duration::from_millis(200);
const AGAIN_AFTER_MAX: Duration = Duration::from_secs(10);
/// A server that ran for so long is not one that ends soon.
const LASTED: Duration = Duration::from_secs(60);
/// Databases that are kept open at once. Beyond it the server lets go of some, and says of a few that they are not there.
const DATABASES_OPEN_MAX: usize = 1000;

/// The file of a running server's address and admin key, for its owner alone.
const ADDRESS: &str = "admin.json";

#[derive(Serialize, Deserialize)]
struct AddressKept {
    url: Url,
    admin: Url,
    key: String,
}

/// Where the server of a service that runs is.
pub(super) fn running(folder: &Path) -> Result<SqldAddress, ServiceError> {
    let bytes = std::fs::read(folder.join(ADDRESS)).map_err(ServiceError::folder(folder))?;
    let kept: AddressKept = serde_json::from_slice(&bytes)
        .map_err(|error| ServiceError::folder(folder)(std::io::Error::other(error)))?;
    Ok(SqldAddress { url: kept.url, admin: kept.admin, admin_key: Some(kept.key.into()) })
}

/// How the server stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerState {
    Starting,
    Up,
    /// It ended by itself, and is started again.
    Down {
        times: u32,
        why: String,
    },
}

/// A supervised server. It ends with this value.
pub struct EmbeddedServer {
    address: watch::Receiver<SqldAddress>,
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Supervision {
    program: PathBuf,
    folder: PathBuf,
    http: SocketAddr,
    /// What its databases are reached by.
    url: Url,
    address: watch::Sender<SqldAddress>,
    state: watch::Sender<ServerState>,
    stop: mpsc::Receiver<()>,
}

impl EmbeddedServer {
    /// Starts the program, with its databases below `folder`, and comes back when it answers. They are reached by `named`,
    /// where members call it otherwise than by its address.
    pub async fn start(
        program: &Path,
        folder: &Path,
        listen: &str,
        named: Option<&Url>,
    ) -> Result<EmbeddedServer, ServiceError> {
        std::fs::create_dir_all(folder).map_err(ServiceError::folder(folder))?;
        let pem = throwaway_public_pem()?;
        write_private(&folder.join("nobody.pem"), pem.as_bytes()).map_err(ServiceError::folder(folder))?;
        let http =
            free(listen).map_err(|source| ServiceError::Listen { address: listen.to_string(), source })?;
        let named = named.cloned().map_or_else(|| url(http), Ok)?;
        let first = SqldAddress { url: named.clone(), admin: url(http)?, admin_key: None };
        let (address, address_seen) = watch::channel(first);
        let (state, mut state_seen) = watch::channel(ServerState::Starting);
        let (stop, stopped) = mpsc::channel();
        let supervision = Supervision {
            program: program.to_path_buf(),
            folder: folder.to_path_buf(),
            http,
            url: named,
            address,
            state,
            stop: stopped,
        };
        let thread = std::thread::Builder::new()
            .name("databases".to_string())
            .spawn(move || supervision.run())
            .map_err(ServiceError::folder(folder))?;
        let server = EmbeddedServer { address: address_seen, stop: Some(stop), thread: Some(thread) };
        let ready = state_seen.wait_for(|state| *state != ServerState::Starting);
        match tokio::time::timeout(READY_WITHIN, ready).await {
            Ok(Ok(state)) if *state == ServerState::Up => {}
            _ => return Err(ServiceError::Databases { log: folder.join("sqld.log") }),
        }
        Ok(server)
    }

    pub fn address(&self) -> watch::Receiver<SqldAddress> {
        self.address.clone()
    }
}

impl Drop for EmbeddedServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It ends within a bound, and a panic of it is no concern of the end.
            let _ = thread.join();
        }
    }
}

impl Supervision {
    fn run(self) {
        let (mut times, mut again_after) = (0, AGAIN_AFTER);
        loop {
            let began = Instant::now();
            let why = match self.up() {
                Ok(mut child) => {
                    if self.is_ready(&mut child) {
                        self.state.send_replace(ServerState::Up);
                    }
                    match self.watch(&mut child) {
                        Some(why) => why,
                        None => return,
                    }
                }
                Err(error) => error.to_string(),
            };
            if began.elapsed() > LASTED {
                again_after = AGAIN_AFTER;
            }
            times += 1;
            tracing::warn!(times, why, "the server of databases ended, and is started again");
            self.state.send_replace(ServerState::Down { times, why });
            if self.is_stopped_within(again_after) {
                return;
            }
            again_after = (again_after * 2).min(AGAIN_AFTER_MAX);
        }
    }

    fn up(&self) -> std::io::Result<Child> {
        let (grpc, admin) = (free("127.0.0.1:0")?, free("127.0.0.1:0")?);
        let key = SecretString::from(Uuid::new_v4().simple().to_string());
        let log = File::options().create(true).append(true).open(self.folder.join("sqld.log"))?;
        let mut command = Command::new(&self.program);
        command
            .arg("--db-path")
            .arg(self.folder.join("data"))
            .args(["--http-listen-addr", &self.http.to_string()])
            .args(["--grpc-listen-addr", &grpc.to_string()])
            .args(["--admin-listen-addr", &admin.to_string()])
            .arg("--auth-jwt-key-file")
            .arg(self.folder.join("nobody.pem"))
            .args(["--max-active-namespaces", &DATABASES_OPEN_MAX.to_string()])
            .args(["--enable-namespaces", "--no-welcome"])
            .env_clear()
            .env("LIBSQL_ADMIN_AUTH_KEY", key.expose_secret())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        die_with_us(&mut command);
        let child = command.spawn()?;
        let at = |address| url(address).map_err(|_| std::io::ErrorKind::AddrNotAvailable);
        let address = SqldAddress { url: self.url.clone(), admin: at(admin)?, admin_key: Some(key) };
        // For whoever runs the service and asks beside it; it is worth nothing after the next start.
        let kept = AddressKept {
            url: address.url.clone(),
            admin: address.admin.clone(),
            key: address.admin_key.as_ref().map(|key| key.expose_secret().to_string()).unwrap_or_default(),
        };
        write_private(&self.folder.join(ADDRESS), &serde_json::to_vec(&kept)?)?;
        self.address.send_replace(address);
        Ok(child)
    }

    /// Whether it answers, in time.
    fn is_ready(&self, child: &mut Child) -> bool {
        let deadline = Instant::now() + READY_WITHIN;
        let admin = self.address.borrow().admin.socket_addrs(|| None).unwrap_or_default();
        while Instant::now() < deadline {
            if matches!(child.try_wait(), Ok(Some(_))) {
                return false;
            }
            // Members ask the one, the service the other: a crowded machine opens them at different times.
            let answers = |address| std::net::TcpStream::connect_timeout(address, LOOK).is_ok();
            if answers(&self.http) && admin.iter().all(answers) {
                return true;
            }
            if self.is_stopped_within(LOOK / 4) {
                return false;
            }
        }
        false
    }

    /// Waits until the server ends, and says how; `None` where the service does.
    fn watch(&self, child: &mut Child) -> Option<String> {
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return Some(status.to_string()),
                Ok(None) => {}
                Err(error) => return Some(error.to_string()),
            }
            if self.is_stopped_within(LOOK) {
                end(child);
                return None;
            }
        }
    }

    fn is_stopped_within(&self, time: Duration) -> bool {
        matches!(self.stop.recv_timeout(time), Ok(()) | Err(RecvTimeoutError::Disconnected))
    }
}

/// Asks the server to end, and ends it where it does not.
fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        // It may have ended meanwhile.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
    }
    let deadline = Instant::now() + END_WITHIN;
    while Instant::now() < deadline {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        std::thread::sleep(LOOK / 4);
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// The kernel ends the server when the thread that started it is gone, whatever ended that.
#[cfg(target_os = "linux")]
fn die_with_us(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    // SAFETY: between fork and exec this makes one system call and touches no memory of ours.
    unsafe {
        command.pre_exec(|| {
            let signal = Some(rustix::process::Signal::KILL);
            Ok(rustix::process::set_parent_process_death_signal(signal)?)
        });
    }
}

#[cfg(not(target_os = "linux"))]
fn die_with_us(_: &mut Command) {}

/// An address that nobody listens on: that one, or on a port of the system's choice where it names port 0.
fn free(address: &str) -> std::io::Result<SocketAddr> {
    TcpListener::bind(address)?.local_addr()
}

fn url(address: SocketAddr) -> Result<Url, ServiceError> {
    let address = match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => SocketAddr::from((Ipv4Addr::LOCALHOST, v4.port())),
        address => address,
    };
    Url::parse(&format!("http://{address}/")).map_err(|_| ServiceError::Url { address: address.to_string() })
}
