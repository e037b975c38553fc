//! The program's allocator: indexing allocates much from many threads, which the system's is slow at.
//!
//! What was freed it keeps for a while, since whoever searches asks for the same again at once. A run that indexes
//! frees as much all the time, on threads of which each keeps its own: while one goes on, the system has it back
//! without delay. Of 999 packages that was the difference between 844 and 684 MiB at most.

use std::ffi::{c_int, c_long};

use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Mimalloc's number of the option that says for how many milliseconds it keeps what was freed.
const PURGE_DELAY: c_int = 15;

// SAFETY: these read and set a number of the allocator that is linked, whichever the option is.
unsafe extern "C" {
    safe fn mi_option_get(option: c_int) -> c_long;
    safe fn mi_option_set(option: c_int, value: c_long);
}

/// As long as it lives, nothing that was freed is kept. There is one of it at a time.
pub struct Sparing {
    before: c_long,
}

impl Sparing {
    pub fn begin() -> Sparing {
        let before = mi_option_get(PURGE_DELAY);
        mi_option_set(PURGE_DELAY, 0);
        Sparing { before }
    }
}

impl Drop for Sparing {
    fn drop(&mut self) {
        mi_option_set(PURGE_DELAY, self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_freed_is_kept_again_after_a_run() {
        // No other option of the version that is locked has this default.
        assert_eq!(mi_option_get(PURGE_DELAY), 1000, "the option has another number now");
        let sparing = Sparing::begin();
        assert_eq!(mi_option_get(PURGE_DELAY), 0);
        drop(sparing);
        assert_eq!(mi_option_get(PURGE_DELAY), 1000);
    }
}
