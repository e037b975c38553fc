//! What the lab's bucket counts, and how it fails when it is told to.

/// What passed since the last [`Bucket::reset`](super::Bucket::reset).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub gets: u64,
    pub heads: u64,
    pub lists: u64,
    pub puts: u64,
    pub deletes: u64,
    /// Bytes of bodies that were answered to GETs.
    pub bytes_read: u64,
    /// Bytes of bodies that were put.
    pub bytes_written: u64,
}

/// What becomes of some requests. Requests are counted from the moment when the plan is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultPlan {
    /// The number of the first request that it befalls; the first request is 0.
    pub at: u64,
    /// How many requests it befalls.
    pub times: u64,
    pub fault: Fault,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection is cut before anything is done.
    CutBefore,
    /// It is done, and then the connection is cut: the answer is lost.
    CutAfter,
    /// Half of the body is answered, and then the connection is cut.
    CutWithin,
    /// Nothing is done, and this status is answered.
    Answer(u16),
    /// Nothing is done and nothing is answered, until who asked is gone.
    HangBefore,
    /// It is done, and nothing is answered.
    HangAfter,
}

impl FaultPlan {
    /// Once, at request `at`.
    pub fn once(at: u64, fault: Fault) -> FaultPlan {
        FaultPlan { at, times: 1, fault }
    }

    /// From request `at` on, for good.
    pub fn from(at: u64, fault: Fault) -> FaultPlan {
        FaultPlan { at, times: u64::MAX, fault }
    }
}

impl Count {
    pub fn requests(&self) -> u64 {
        self.gets + self.heads + self.lists + self.puts + self.deletes
    }
}
