//! A value that is made elsewhere, of which only the newest counts.

/// What is wanted, what is there, and whether the one is the other.
///
/// The old value stays until the new one is there, so that nothing flickers; an answer to a question
/// that is no longer asked is dropped.
#[derive(Debug)]
pub struct Latest<K, T> {
    wanted: Option<K>,
    generation: u64,
    pending: bool,
    value: Option<T>,
}

impl<K, T> Default for Latest<K, T> {
    fn default() -> Self {
        Latest { wanted: None, generation: 0, pending: false, value: None }
    }
}

impl<K: PartialEq, T> Latest<K, T> {
    /// Asks for something else than before: the generation to answer with. `None` where it is what
    /// was asked for already.
    pub fn want(&mut self, key: K) -> Option<u64> {
        if self.wanted.as_ref() == Some(&key) {
            return None;
        }
        self.wanted = Some(key);
        self.generation += 1;
        self.pending = true;
        Some(self.generation)
    }

    /// Wants nothing, and drops what is there.
    pub fn clear(&mut self) {
        (self.wanted, self.value, self.pending) = (None, None, false);
        self.generation += 1;
    }

    /// Wants nothing for now, and keeps what is there.
    pub fn rest(&mut self) {
        (self.wanted, self.pending) = (None, false);
        self.generation += 1;
    }

    /// The same for other questions: an answer to one of these is dropped there.
    pub fn renewed(&self) -> Latest<K, T> {
        Latest { generation: self.generation, ..Latest::default() }
    }

    /// Takes an answer; `false` where it is one to an older question. A question may be answered
    /// more than once, better each time.
    pub fn arrive(&mut self, generation: u64, value: T) -> bool {
        let current = generation == self.generation && self.wanted.is_some();
        if current {
            (self.value, self.pending) = (Some(value), false);
        }
        current
    }

    /// What the newest question is answered with.
    #[cfg(test)]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    pub fn wanted(&self) -> Option<&K> {
        self.wanted.as_ref()
    }

    /// What is there, be it the newest or the one before.
    pub fn value(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// Whether the newest question has no answer yet.
    pub fn is_pending(&self) -> bool {
        self.pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_to_an_older_question_is_dropped() {
        let mut latest: Latest<&str, u8> = Latest::default();
        let first = latest.want("a").unwrap();
        assert!(latest.arrive(first, 1));
        let second = latest.want("b").unwrap();
        assert!(!latest.arrive(first, 9) && latest.is_pending());
        assert_eq!(latest.value(), Some(&1), "the old value stays until the new one is there");
        assert!(latest.arrive(second, 2) && !latest.is_pending());
        assert_eq!(latest.want("b"), None, "the same question is asked once");
        latest.rest();
        assert!(!latest.arrive(second, 3) && latest.value() == Some(&2), "what is there stays");
        let third = latest.want("b").unwrap();
        latest.clear();
        assert!(!latest.arrive(third, 4));
        assert!(!latest.arrive(second, 3) && latest.value().is_none());
        let third = latest.want("b").unwrap();
        let mut renewed = latest.renewed();
        renewed.want("a").unwrap();
        assert!(!renewed.arrive(third, 4) && renewed.value().is_none());
    }
}
