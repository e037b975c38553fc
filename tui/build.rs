//! Says where else the program looks for DuckDB's library: in `lib/zenith` beside the `bin` that it lies in, which is
//! where packages of pip, of npm and of distributions have room for it.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let beside = match std::env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("linux") => "$ORIGIN/../lib/zenith",
        Ok("macos") => "@loader_path/../lib/zenith",
        _ => return,
    };
    println!("cargo:rustc-link-arg-bins=-Wl,-rpath,{beside}");
}
