//! What of a lockfile is built on this machine, where cargo does not say: what is reached from one's own
//! code over dependencies that hold here. A lockfile locks for every platform at once.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;
use std::sync::LazyLock;

use cargo_metadata::cargo_platform::{Cfg, Platform};

use super::SourceSet;
use super::lockfile::Lockfile;

/// A dependency between two packages, by their places in the lockfile.
pub(super) struct Edge {
    pub from: usize,
    pub to: usize,
    /// It holds on any of these; everywhere, where there is none.
    pub platforms: Vec<String>,
}

/// Marks what is `untold`, by places in the lockfile, in a set and among what it misses.
pub(super) fn mark(set: &mut SourceSet, lock: &Lockfile, edges: &[Edge], untold: &HashSet<usize>) {
    let key = |at: usize| lock.packages.get(at).map(|one| (one.name.clone(), one.version.clone()));
    let told: HashSet<(String, String)> = set
        .packages
        .iter()
        .filter(|package| package.here)
        .map(|package| (package.id.name().to_owned(), package.id.version().to_owned()))
        .collect();
    let is_start = |at: usize| match lock.packages.get(at) {
        Some(one) if one.own => true,
        _ => !untold.contains(&at) && key(at).is_some_and(|key| told.contains(&key)),
    };
    let mut open: Vec<usize> = (0..lock.packages.len()).filter(|&at| is_start(at)).collect();
    // A lockfile without a package of one's own belongs to nothing that could be asked.
    if open.is_empty() {
        return;
    }
    let mut by_start: HashMap<usize, Vec<&Edge>> = HashMap::new();
    for edge in edges {
        by_start.entry(edge.from).or_default().push(edge);
    }
    let mut reached: HashSet<usize> = open.iter().copied().collect();
    while let Some(at) = open.pop() {
        for edge in by_start.get(&at).into_iter().flatten() {
            let holds = edge.platforms.is_empty() || edge.platforms.iter().any(|one| holds_here(one));
            if holds && reached.insert(edge.to) {
                open.push(edge.to);
            }
        }
    }
    let here: HashMap<(String, String), bool> =
        untold.iter().filter_map(|&at| Some((key(at)?, reached.contains(&at)))).collect();
    for package in &mut set.packages {
        let key = (package.id.name().to_owned(), package.id.version().to_owned());
        package.here = here.get(&key).copied().unwrap_or(package.here);
    }
    for missing in &mut set.missing {
        let key = (missing.name.clone(), missing.version.clone());
        missing.here = here.get(&key).copied().unwrap_or(true);
    }
}

/// Whether a platform, a name or `cfg(…)`, is this machine's. What cannot be understood is.
pub(super) fn holds_here(platform: &str) -> bool {
    match Platform::from_str(platform) {
        Ok(Platform::Name(name)) => is_host(&name),
        Ok(platform) => platform.matches("", &HOST),
        Err(_) => true,
    }
}

/// A target's name says architecture, system and, on some, environment.
fn is_host(name: &str) -> bool {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let architecture = match std::env::consts::ARCH {
        "x86" => ["i686", "i586"],
        other => [other, other],
    };
    architecture.iter().any(|one| name.split('-').next() == Some(one))
        && name.split('-').any(|part| part == system)
        && (ENVIRONMENT.is_empty() || name.ends_with(ENVIRONMENT))
}

/// `target_env`
pub(in crate::ingest) const ENVIRONMENT: &str = if cfg!(target_env = "gnu") {
    "gnu"
} else if cfg!(target_env = "musl") {
    "musl"
} else if cfg!(target_env = "msvc") {
    "msvc"
} else {
    ""
};

/// `target_vendor`
pub(in crate::ingest) const VENDOR: &str = if cfg!(target_vendor = "apple") {
    "apple"
} else if cfg!(target_vendor = "pc") {
    "pc"
} else {
    "unknown"
};

/// This machine as rustc would describe it, of which this program was built for one.
static HOST: LazyLock<Vec<Cfg>> = LazyLock::new(|| {
    let pairs = [
        ("target_os", std::env::consts::OS.to_owned()),
        ("target_arch", std::env::consts::ARCH.to_owned()),
        ("target_family", std::env::consts::FAMILY.to_owned()),
        ("target_env", ENVIRONMENT.to_owned()),
        ("target_vendor", VENDOR.to_owned()),
        ("target_pointer_width", usize::BITS.to_string()),
        ("target_endian", if cfg!(target_endian = "big") { "big" } else { "little" }.to_owned()),
        ("target_has_atomic", "8".to_owned()),
        ("target_has_atomic", "16".to_owned()),
        ("target_has_atomic", "32".to_owned()),
        ("target_has_atomic", "64".to_owned()),
        ("target_has_atomic", "ptr".to_owned()),
        ("panic", "unwind".to_owned()),
    ];
    let texts = pairs.into_iter().map(|(key, value)| format!("{key} = \"{value}\""));
    texts.chain([std::env::consts::FAMILY.to_owned()]).filter_map(|text| text.parse().ok()).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_is_this_machines_or_another() {
        assert!(holds_here(&format!("cfg({})", std::env::consts::FAMILY)));
        assert!(holds_here(&format!("cfg(target_os = \"{}\")", std::env::consts::OS)));
        assert!(holds_here(&format!(
            "cfg(all(not(target_arch = \"{0}x\"), not(windows_{0})))",
            std::env::consts::ARCH
        )));
        assert!(!holds_here("cfg(target_os = \"none such\")"));
        assert!(!holds_here("cfg(any())"));
        assert!(!holds_here("sparc64-unknown-openbsd"));
        assert!(holds_here("cfg(nonsense("), "what cannot be understood is not left out");
        #[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
        {
            assert!(holds_here("x86_64-unknown-linux-gnu"));
            assert!(!holds_here("x86_64-unknown-linux-musl") && !holds_here("x86_64-pc-windows-gnu"));
            assert!(!holds_here("cfg(windows)") && !holds_here("cfg(target_family = \"wasm\")"));
        }
    }
}
