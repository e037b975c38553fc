//! What each bench is held to. A ratio to a peer that is measured in the same run is the gate; what stands beside it is
//! the aim, where it is missed yet. Absolute times are tripwires, far above what is measured, since machines differ.

use std::time::Duration;

/// The lookup of one package through the library, of what the bare prepared statement takes. 1.5 is the aim.
pub const LOOKUP_OF_PREPARED_MAX: f64 = 2.5;
/// The lookup of a project's packages, of as many bare prepared statements.
pub const LOOKUP_MANY_OF_PREPARED_MAX: f64 = 1.2;
/// All that somebody sees, of the bare statement that reads the same columns.
pub const LISTING_OF_PREPARED_MAX: f64 = 2.5;
/// A claim that nobody contends for and its release, of a bare insert and delete.
pub const CLAIM_OF_INSERT_MAX: f64 = 2.0;
/// A lookup goes by the key: it grows by the depth of a tree, never by the rows.
pub const LOOKUP_GROWTH_MAX: f64 = 0.3;
/// A scoped lookup of 100 packages among the most; 2 ms is the aim.
pub const LOOKUP_HUNDRED_MAX: Duration = Duration::from_millis(10);

/// The lookup of a project's packages in a replica, of as many bare prepared statements over the same file.
pub const REPLICA_LOOKUP_OF_PREPARED_MAX: f64 = 1.2;
/// A sync that finds nothing new asks the server for its log's identity, and for frames.
pub const NO_OP_SYNC_REQUESTS_MAX: u64 = 2;
/// The same, with the server on this machine.
pub const NO_OP_SYNC_MAX: Duration = Duration::from_millis(100);

/// A dataset of Lance's that is written, of lancedb's own write of the same batches. 1.2 is the aim.
pub const LANCE_OF_BARE_WRITE_MAX: f64 = 1.5;
/// An export of that dataset as Parquet, of the bare write of the same batches. 1.2 is the aim; an export reads the dataset
/// first, checks it, hashes its file and puts a manifest.
pub const PARQUET_OF_BARE_WRITE_MAX: f64 = 1.8;
/// What an export takes grows by at most the rows.
pub const EXPORT_GROWTH_MAX: f64 = 1.2;
/// All rows of a dataset, and one of them, of what lancedb takes for the same.
pub const LANCE_SCAN_OF_BARE_MAX: f64 = 1.5;
pub const LANCE_POINT_OF_BARE_MAX: f64 = 1.5;
/// The nearest ten of a dataset by DuckDB's extension, of what lancedb takes.
pub const LANCE_NEAREST_BY_DUCKDB_MAX: f64 = 3.0;
/// All rows of a package that was exported, checked against hash and scope, of DuckDB's scan of the same file.
pub const PARQUET_SCAN_OF_DUCKDB_MAX: f64 = 3.0;
/// What DuckDB takes over a file of ours, of what it takes over one that it wrote itself of the same rows.
pub const PARQUET_OF_OWN_FILE_MAX: f64 = 1.5;

/// A scan of quantized vectors, of the same scan in `f32`.
pub const QUANTIZED_SCAN_OF_PLAIN_MAX: f64 = 0.3;
/// A scan of vectors that lie in no cache, of reading as many bytes and nothing else: what the memory's bandwidth allows.
pub const SCAN_OF_READING_MAX: f64 = 3.0;
/// The nearest ten by a search of meaning, of the bare scan of the same 8-bit vectors. 1.5 is the aim.
pub const NEAREST_OF_QUANTIZED_SCAN_MAX: f64 = 3.5;
/// The same, of what Lance takes without an index.
pub const NEAREST_OF_LANCE_MAX: f64 = 0.1;
/// The nearest ten by meaning that are among the nearest ten in `f32`.
pub const RECALL_MIN: f64 = 0.99;
/// Ten results by words, of the ten of a plain index of the same tokens. 2 is the aim.
pub const TEXT_OF_TANTIVY_MAX: f64 = 32.0;
/// A search of one package, of a search of that and three more on the same shelf. At 20,000 rows the filter's fixed cost
/// shows (1.3 measured); with more it vanishes.
pub const SEARCH_OF_ONE_OF_ALL_MAX: f64 = 2.0;
/// A warm hybrid search over 20,000 rows.
pub const HYBRID_SEARCH_MAX: Duration = Duration::from_millis(100);
/// A hybrid search grows by at most the rows.
pub const SEARCH_GROWTH_MAX: f64 = 1.0;

/// A thousand short texts through the shipped model.
pub const EMBED_THOUSAND_MAX: Duration = Duration::from_millis(500);
/// What a package yields, of the bare parse of its files.
pub const INGEST_OF_PARSE_MAX: f64 = 1.1;
/// What ingesting takes grows by at most the bytes.
pub const INGEST_GROWTH_MAX: f64 = 1.3;

/// A token that is verified, of what the bare library takes that checks the same signature.
pub const VERIFY_OF_BARE_MAX: f64 = 1.5;

/// A tenant's secret, sealed and opened: 5 µs is the aim.
pub const SEAL_AND_OPEN_MAX: Duration = Duration::from_micros(25);
/// Who has a job that is due, among 100,000 tenants: 2 ms is the aim.
pub const DUE_AMONG_MANY_MAX: Duration = Duration::from_millis(10);
/// The same, of the bare prepared statement that finds the same rows.
pub const DUE_OF_PREPARED_MAX: f64 = 3.0;
/// An index decides who is due, and not how many there are.
pub const DUE_GROWTH_MAX: f64 = 0.3;

/// A schedule that is read: 2 µs is the aim.
pub const SCHEDULE_READ_MAX: Duration = Duration::from_micros(20);
/// Its next time: 1 µs is the aim.
pub const NEXT_FIRE_MAX: Duration = Duration::from_micros(10);
/// The same of the rarest schedule: 50 µs is the aim.
pub const NEXT_FIRE_WORST_MAX: Duration = Duration::from_micros(500);
/// A next time, of croner's. 0.5 is the aim.
pub const NEXT_FIRE_OF_CRONER_MAX: f64 = 1.0;
/// A job that many have costs little memory.
pub const SCHEDULE_BYTES_MAX: u64 = 64;
/// How late 99 of 100 jobs start where a thousand are due at one instant: 250 ms is the aim, on cores that do nothing else.
pub const START_AFTER_DUE_MAX: Duration = Duration::from_secs(2);

/// The nearest of 10,000 notes, of what a plain loop over the same vectors takes.
pub const NEAREST_OF_SCAN_MAX: f64 = 3.0;
/// The file of 10,000 notes made anew, of what the bare statements take that make the same.
pub const REBUILD_OF_INSERTS_MAX: f64 = 2.0;
/// One edit into that file, of what making all of it takes.
pub const EDIT_OF_REBUILD_MAX: f64 = 1.0 / 20.0;
/// An edit of one of 10,000 notes until it is found.
pub const SEARCHABLE_MAX: Duration = Duration::from_millis(250);

/// Where an id leads: 100 ns is the aim.
pub const ROUTE_MAX: Duration = Duration::from_micros(1);
/// A configuration that is checked and kept, of the bare commit of the same bytes. 2 is the aim.
pub const SAVE_OF_COMMIT_MAX: f64 = 3.2;
/// How all instances stand grows by how many there are.
pub const STANDINGS_GROWTH_MAX: f64 = 1.2;

/// A frame of 120×40 over 3,000 rows.
pub const FRAME_MAX: Duration = Duration::from_millis(4);
/// A key until its frame is drawn, over as many.
pub const KEY_TO_FRAME_MAX: Duration = Duration::from_millis(4);
/// A frame over 100,000 rows, of one over a hundred. 1.5 is the aim: what does not show is to cost nothing, and does.
pub const FRAME_OF_MANY_OF_FEW_MAX: f64 = 25.0;
/// Either grows by at most this power of the list. 0.1 is the aim.
pub const FRAME_GROWTH_MAX: f64 = 0.6;
