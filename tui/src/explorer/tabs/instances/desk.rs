//! The authored instances as they are open.

use std::fmt;

use zenith_core::Zenith;
use zenith_core::publish::Authored;

/// The file of what is authored here, where it is open. Cheap to clone; all clones share it.
///
/// It stays open: closing it counts as a change to whoever watches the file, and this explorer watches it.
#[derive(Clone, Default)]
pub struct Desk(Option<Authored>);

impl Desk {
    /// The file; opened, and made, where it is not open.
    pub async fn opened(self, zenith: &Zenith) -> Result<Authored, String> {
        match self.0 {
            Some(authored) => Ok(authored),
            None => zenith.authored().await.map_err(|error| error.to_string()),
        }
    }

    /// The same, and nothing where nothing was ever authored: looking makes no file.
    pub async fn found(self, zenith: &Zenith) -> Result<Option<Authored>, String> {
        let is_there = self.0.is_some() || zenith.authored_path().exists();
        if is_there { self.opened(zenith).await.map(Some) } else { Ok(None) }
    }

    pub fn of(authored: Authored) -> Desk {
        Desk(Some(authored))
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Desk").field(&self.0.as_ref().map(Authored::folder)).finish()
    }
}
