//! Words to the user: the one that shows until the next key, and those before it.

use crate::explorer::parts::out::{Logged, Notice};

/// Words that are kept.
const LOG_MAX: usize = 200;

#[derive(Debug, Default)]
pub struct Notices {
    is_shown: bool,
    log: Vec<Logged>,
}

impl Notices {
    /// Shows a word in place of the one before.
    pub fn tell(&mut self, notice: Notice, at_ms: i64) {
        self.is_shown = true;
        self.log.push(Logged { at_ms, notice });
        let surplus = self.log.len().saturating_sub(LOG_MAX);
        self.log.drain(..surplus);
    }

    /// The word that shows was read.
    pub fn dismiss(&mut self) {
        self.is_shown = false;
    }

    /// The word that shows, if one does.
    pub fn shown(&self) -> Option<&Notice> {
        self.log.last().filter(|_| self.is_shown).map(|logged| &logged.notice)
    }

    /// What was said, the newest last.
    pub fn log(&self) -> &[Logged] {
        &self.log
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_shows_until_it_is_read_and_is_kept_in_a_bounded_log() {
        let mut notices = Notices::default();
        assert_eq!(notices.shown(), None);
        for number in 0..300 {
            notices.tell(Notice::Done(number.to_string()), number);
        }
        assert_eq!(notices.shown(), Some(&Notice::Done("299".to_string())));
        notices.dismiss();
        assert_eq!(notices.shown(), None);
        assert_eq!((notices.log().len(), notices.log()[0].at_ms), (LOG_MAX, 100));
    }
}
