//! Generators: from the texts of an instance to the same in another locale. They see texts and return texts; where these
//! belong, and whether they may, is not theirs to say.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde_json::Value;

use super::canonical::Sha256;
use super::file::read_file;
use super::locale::Locale;
use crate::json;

/// A file of all texts in a locale is larger than one overlay.
const FILE_BYTES_MAX: usize = 16 << 20;

/// The locale of texts that are only made to look foreign.
const PSEUDO: &str = "en-XA";

/// Why nothing was generated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GenerateError {
    #[error("the translations in {path} cannot be used: {why}; mend the file, or remove it")]
    File { path: PathBuf, why: String },
    #[error("the translator cannot be asked: {0}")]
    Away(String),
    #[error("the translator answered with something else than texts for these places")]
    Answer,
}

/// Texts that are wanted in another locale, by place.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    pub public_id: &'a str,
    pub widget_type: &'a str,
    pub from: &'a Locale,
    pub to: &'a Locale,
    pub texts: &'a BTreeMap<String, String>,
    /// What was generated for some of them before, of the very same texts: who pays for each needs not do it again.
    pub known: &'a BTreeMap<String, String>,
}

/// What was generated, by place, and what kept it from being all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Generated {
    pub texts: BTreeMap<String, String>,
    pub failed: Option<GenerateError>,
}

impl From<BTreeMap<String, String>> for Generated {
    fn from(texts: BTreeMap<String, String>) -> Generated {
        Generated { texts, failed: None }
    }
}

/// What makes texts in another locale.
#[async_trait]
pub trait Generator: Send + Sync {
    /// What its answers depend on besides the texts: while it stays, so do they.
    fn fingerprint(&self, to: &Locale) -> Result<String, GenerateError>;

    /// A run begins: what was read or heard before is asked for anew.
    fn begin(&self) {}

    /// Texts for those places that it has any for.
    async fn generate(&self, wanted: &Wanted<'_>) -> Generated;
}

/// Files of translations, `{locale}.json` each: from a text of the base to the same text in the locale. What is keyed by
/// the text itself cannot be stale. Each is read once a run.
#[derive(Debug)]
pub struct Files {
    folder: PathBuf,
    read: Mutex<BTreeMap<Locale, Arc<Read>>>,
}

/// A file as it was read: what it is called, and what it says.
type Read = Result<(String, BTreeMap<String, String>), GenerateError>;

impl Files {
    pub fn new(folder: &Path) -> Files {
        Files { folder: folder.to_path_buf(), read: Mutex::default() }
    }

    fn of(&self, to: &Locale) -> Arc<Read> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.folder.join(format!("{to}.json"));
        read.entry(to.clone()).or_insert_with(|| Arc::new(read_translations(path))).clone()
    }
}

fn read_translations(path: PathBuf) -> Read {
    let bytes = match read_file(&path, FILE_BYTES_MAX) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(("no file".to_string(), BTreeMap::new()));
        }
        Err(error) => return Err(GenerateError::File { path, why: error.to_string() }),
    };
    let fail = |why: String| GenerateError::File { path: path.clone(), why };
    if bytes.len() > FILE_BYTES_MAX {
        return Err(fail(format!("it has more than {FILE_BYTES_MAX} bytes")));
    }
    let said = json::object(&bytes).map_err(|why| fail(why.to_string()))?;
    let mut texts = BTreeMap::new();
    for (text, translated) in said {
        let Value::String(translated) = translated else {
            return Err(fail(format!("what {text:?} is translated as is no text")));
        };
        texts.insert(text, translated);
    }
    Ok((format!("file {}", Sha256::of(&bytes)), texts))
}

#[async_trait]
impl Generator for Files {
    fn fingerprint(&self, to: &Locale) -> Result<String, GenerateError> {
        self.of(to).as_ref().as_ref().map(|(name, _)| name.clone()).map_err(Clone::clone)
    }

    fn begin(&self) {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    async fn generate(&self, wanted: &Wanted<'_>) -> Generated {
        match self.of(wanted.to).as_ref() {
            Ok((_, said)) => {
                let translated = |(at, text): (&String, &String)| Some((at.clone(), said.get(text)?.clone()));
                Generated::from(wanted.texts.iter().filter_map(translated).collect::<BTreeMap<_, _>>())
            }
            Err(error) => Generated { texts: BTreeMap::new(), failed: Some(error.clone()) },
        }
    }
}

/// Texts that are still readable and look foreign: for trying without a translator.
#[derive(Clone, Copy, Debug)]
pub struct Pseudo;

#[async_trait]
impl Generator for Pseudo {
    fn fingerprint(&self, _: &Locale) -> Result<String, GenerateError> {
        Ok("pseudo 1".to_string())
    }

    async fn generate(&self, wanted: &Wanted<'_>) -> Generated {
        if wanted.to.as_str() != PSEUDO {
            return Generated::default();
        }
        let texts = wanted.texts.iter().map(|(at, text)| (at.clone(), pseudo(text)));
        Generated::from(texts.collect::<BTreeMap<_, _>>())
    }
}

/// `[Ƭéxţ one]`: accents on vowels, a third longer, in brackets that show where a text is cut.
fn pseudo(text: &str) -> String {
    let accented = |c: char| match c {
        'a' => 'á',
        'e' => 'é',
        'i' => 'í',
        'o' => 'ö',
        'u' => 'ü',
        'A' => 'Å',
        'E' => 'É',
        'I' => 'Î',
        'O' => 'Ø',
        'U' => 'Û',
        c => c,
    };
    let longer = " one".repeat((text.chars().count() / 12).clamp(1, 40));
    format!("[{}{longer}]", text.chars().map(accented).collect::<String>())
}

/// What was generated before and still fits: in place of a translator that is not to be asked.
#[derive(Clone, Copy, Debug)]
pub struct Known;

#[async_trait]
impl Generator for Known {
    fn fingerprint(&self, _: &Locale) -> Result<String, GenerateError> {
        Ok("known".to_string())
    }

    async fn generate(&self, wanted: &Wanted<'_>) -> Generated {
        Generated::from(wanted.known.clone())
    }
}

/// Several, the first that has a text for a place being asked first. Once one cannot be asked, those after it are not:
/// what it would have said may be theirs to be paid for.
pub struct Several(pub Vec<Box<dyn Generator>>);

impl Several {
    /// What needs nobody else: the files of a folder, and the pseudo-locale.
    pub fn offline(folder: &Path) -> Several {
        Several(vec![Box::new(Files::new(folder)), Box::new(Pseudo)])
    }
}

#[async_trait]
impl Generator for Several {
    fn fingerprint(&self, to: &Locale) -> Result<String, GenerateError> {
        let all: Result<Vec<String>, GenerateError> = self.0.iter().map(|one| one.fingerprint(to)).collect();
        Ok(all?.join(", "))
    }

    fn begin(&self) {
        self.0.iter().for_each(|one| one.begin());
    }

    async fn generate(&self, wanted: &Wanted<'_>) -> Generated {
        let mut found = Generated::default();
        for one in &self.0 {
            let left = wanted.texts.iter().filter(|(at, _)| !found.texts.contains_key(*at));
            let left: BTreeMap<String, String> = left.map(|(at, text)| (at.clone(), text.clone())).collect();
            if left.is_empty() || found.failed.is_some() {
                break;
            }
            let more = one.generate(&Wanted { texts: &left, ..wanted.clone() }).await;
            found.texts.extend(more.texts);
            found.failed = more.failed;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::trial::locale;

    #[tokio::test]
    async fn a_file_translates_texts_wherever_they_stand() {
        let folder = tempfile::tempdir().unwrap();
        let several = Several::offline(folder.path());
        let (en, de, xa) = (locale("en"), locale("de"), locale("en-XA"));
        let texts =
            BTreeMap::from([("/a".to_string(), "Yes".to_string()), ("/b".to_string(), "No".to_string())]);
        let known = BTreeMap::new();
        let wanted = Wanted {
            public_id: "wgt_main_faq",
            widget_type: "faq",
            from: &en,
            to: &de,
            texts: &texts,
            known: &known,
        };
        assert_eq!(several.generate(&wanted).await, Generated::default());
        let before = several.fingerprint(&de).unwrap();
        let write = |text: &str| {
            std::fs::write(folder.path().join("de.json"), text).unwrap();
            several.begin();
        };
        // Keyed by texts, which may be called as JavaScript calls its own.
        write(r#"{"Yes":"Ja","Maybe":"Vielleicht","prototype":"Prototyp"}"#);
        assert_ne!(several.fingerprint(&de).unwrap(), before);
        let one = BTreeMap::from([("/a".to_string(), "Ja".to_string())]);
        assert_eq!(several.generate(&wanted).await, Generated::from(one));
        let pseudo = several.generate(&Wanted { to: &xa, ..wanted.clone() }).await.texts;
        assert_eq!(pseudo["/a"], "[Yés one]");
        for bad in [r#"{"Yes":1}"#, r#"{"Yes":"a","Yes":"b"}"#, "[]"] {
            write(bad);
            let failed = several.generate(&wanted).await.failed;
            assert!(matches!(failed, Some(GenerateError::File { .. })), "{bad}");
        }
    }

    /// What one has is not lost by another that cannot be asked.
    #[tokio::test]
    async fn what_was_found_before_a_failure_counts() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("de.json"), r#"{"Yes":"Ja"}"#).unwrap();
        let mut several = Several::offline(folder.path());
        let gone = crate::publish::Endpoint::new("http://127.0.0.1:1/".parse().unwrap()).unwrap();
        several.0.push(Box::new(gone));
        let (en, de) = (locale("en"), locale("de"));
        let texts =
            BTreeMap::from([("/a".to_string(), "Yes".to_string()), ("/b".to_string(), "No".to_string())]);
        let (public_id, widget_type, known) = ("wgt_main_faq", "faq", BTreeMap::new());
        let wanted = Wanted { public_id, widget_type, from: &en, to: &de, texts: &texts, known: &known };
        let found = several.generate(&wanted).await;
        assert_eq!(found.texts, BTreeMap::from([("/a".to_string(), "Ja".to_string())]));
        assert!(matches!(found.failed, Some(GenerateError::Away(_))));
    }
}
