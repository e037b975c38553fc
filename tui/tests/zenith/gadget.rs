//! A project that depends on a package with several versions, and a registry folder that has them.

use crate::support::{Place, Run};

const FIRST: &str = "
pub mod parts {
    pub struct Wheel { pub radius: u32, spokes: u8 }
    impl Wheel {
        pub fn turn(&self, times: u32) -> u32 { times }
        pub fn stop(&self) {}
    }
    pub struct Bolt;
    impl Bolt { pub fn tighten(&self) {} }
    pub struct Gone;
    impl Gone { pub fn vanish(&self) {} }
    pub fn make() -> u8 { 0 }
}
pub use parts::make;
pub fn old_way() {}
pub fn keep(amount: u8) {}
pub const LIMIT: u8 = 1;
pub struct Sealed(u8);
fn inside() {}
#[doc(hidden)]
pub fn hidden() {}
";

const SECOND: &str = "
pub mod parts {
    pub struct Wheel { pub radius: u64, spokes: u16 }
    impl Wheel {
        pub fn turn(&self, count: u64) -> u64 { count }
        pub fn stop(&self) {}
    }
    pub fn make() -> u8 { 0 }
}
pub mod pieces {
    pub struct Bolt;
    impl Bolt { pub fn tighten(&self) {} }
}
pub use parts::{make, Wheel};
#[deprecated(note = \"use `keep`\u{1b}[31m\")]
pub fn old_way() {}
pub fn keep(renamed: u8) {}
pub const LIMIT: u8 = 2;
pub struct Sealed(u16);
pub fn fresh() {}
";

/// A registry folder with `gadget` 1.0.0, 1.1.0 (the same) and 2.0.0, and a project `app` that locks the first.
pub fn workshop() -> Place {
    let place = Place::new();
    for (version, code) in [("1.0.0", FIRST), ("1.1.0", FIRST), ("2.0.0", SECOND)] {
        released(&place, "gadget", version, code);
    }
    place.write(
        "Cargo.toml",
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\ngadget = \"*\"\n",
    );
    place.write(
        "src/lib.rs",
        "use gadget::parts::Wheel;\n/// Drives.\npub fn drive(wheel: &Wheel) { wheel.turn(1); gadget::old_way(); }\n",
    );
    lock(&place, &[("gadget", "1.0.0")]);
    place
}

/// Puts a package into the registry folder.
pub fn released(place: &Place, name: &str, version: &str, code: &str) {
    let folder = format!("../home/registry/src/index.crates.io-1949cf8c6b5b557f/{name}-{version}");
    let manifest = format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2024\"\n");
    place.write(&format!("{folder}/Cargo.toml"), &manifest);
    place.write(&format!("{folder}/src/lib.rs"), code);
}

/// Has `app` lock these packages, all of them direct.
pub fn lock(place: &Place, packages: &[(&str, &str)]) {
    let names: Vec<String> = packages.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let mut text = format!(
        "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [{}]\n",
        names.join(", ")
    );
    for (name, version) in packages {
        text += &entry(name, version, &[]);
    }
    place.write("Cargo.lock", &text);
}

/// A released package in a lockfile.
pub fn entry(name: &str, version: &str, dependencies: &[&str]) -> String {
    let needs: Vec<String> = dependencies.iter().map(|name| format!("\"{name}\"")).collect();
    format!(
        "[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n\
         source = \"registry+https://github.com/rust-lang/crates.io-index\"\ndependencies = [{}]\n",
        needs.join(", ")
    )
}

/// The program where that registry folder is cargo's, and cargo itself does not answer.
pub fn run(place: &Place, arguments: &[&str]) -> Run {
    Run::of(command(place, arguments).output().unwrap())
}

pub fn command(place: &Place, arguments: &[&str]) -> std::process::Command {
    let mut command = place.command(arguments);
    command.env("CARGO", "no-such-cargo").env("CARGO_HOME", place.project().join("../home"));
    command
}
