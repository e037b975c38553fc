//! What each bench is held to. Ratios to a peer measured in the same run are the gates; the
//! absolute figures are tripwires, far above what is measured, since machines differ.

use std::time::Duration;

/// A scan of quantized vectors takes at most this share of the time of the same scan in `f32`.
pub const QUANTIZED_SCAN_OF_PLAIN_MAX: f64 = 0.9;

/// Adding packages that the asker does not search makes a search at most this much slower: the
/// cost is in what is searched.
pub const SEARCH_BESIDE_OTHERS_MAX: f64 = 1.5;

/// A warm hybrid search over 20,000 rows.
pub const HYBRID_SEARCH_MAX: Duration = Duration::from_millis(100);

/// A thousand short texts through the shipped model.
pub const EMBED_THOUSAND_MAX: Duration = Duration::from_millis(500);
