//! A dataset's rows, checked: read where they lie on the store, or from files that were fetched.
//!
//! On the store, the manifest is in the reader's hand (it came with the contents), so that each table costs
//! three dependent steps: the end of the data file, the descriptions of the columns, the columns. Rows are
//! read once and kept by who asked; a second search asks the store nothing.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, new_null_array};
use arrow_schema::{Field, FieldRef, Schema};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::TryStreamExt;
use lance::Dataset;
use lance::dataset::builder::DatasetBuilder;
use lance_table::format::{IndexMetadata, Manifest, Transaction};
use lance_table::io::commit::{
    CommitError, CommitHandler, ManifestLocation, ManifestNamingScheme, ManifestWriter,
};
use object_store::ObjectStore;
use object_store::path::Path;
use url::Url;

use super::{Contents, Place, SharedError};
use crate::lake::columns::conformed;
use crate::lake::store::error::told;
use crate::lake::{ApiSymbol, DocChunk, Lake, PackageRows, Row, Store, from_batch};
use crate::package::PackageId;
use crate::task::alone;

/// What a search does not need of a symbol. These columns may be null, and are told to be.
const NOT_SEARCHED: [&str; 2] = ["source", "attributes"];
/// The rows of a dataset on the store with all that a search needs of them: symbols come without their
/// source. One pass over each table.
pub async fn read_searchable(
    store: &Store,
    place: &Place,
    contents: &Contents,
) -> Result<PackageRows, SharedError> {
    let remote = |why: String| SharedError::Remote {
        store: store.name().to_string(),
        package: place.id.to_string(),
        why,
    };
    let source = |table: &str, manifest: &str| -> Result<Source, SharedError> {
        let key = place.file(&format!("{table}.lance"));
        Ok(Source {
            uri: store.address(&key)?,
            client: store.client(),
            manifest: Some(STANDARD.decode(manifest).map_err(|error| remote(error.to_string()))?),
        })
    };
    let manifests = &contents.manifests;
    let symbols = source(ApiSymbol::TABLE, &manifests.api_symbols)?;
    let chunks = source(DocChunk::TABLE, &manifests.doc_chunks)?;
    rows_of(place, contents, symbols, chunks, &NOT_SEARCHED).await.map_err(remote)
}

/// All rows of a dataset that was fetched to this machine; they are what its contents say, or an error.
pub async fn read_fetched(
    store: &Store,
    place: &Place,
    contents: &Contents,
    lake: &Lake,
    dataset: &str,
) -> Result<PackageRows, SharedError> {
    let damaged = |why: String| SharedError::Damaged {
        store: store.name().to_string(),
        object: place.key.clone(),
        why,
    };
    let source = |path: std::path::PathBuf| -> Result<Source, SharedError> {
        let uri = path.to_str().ok_or_else(|| damaged("its path is not written in UTF-8".to_string()))?;
        Ok(Source { uri: uri.to_string(), client: None, manifest: None })
    };
    let symbols = source(lake.table::<ApiSymbol>(dataset)?)?;
    let chunks = source(lake.table::<DocChunk>(dataset)?)?;
    rows_of(place, contents, symbols, chunks, &[]).await.map_err(damaged)
}

/// The rows of both tables, or why they cannot be had. Each is read on a task of its own: should Lance
/// panic over strange bytes, that task ends alone; and it ends when nobody waits for it any more.
async fn rows_of(
    place: &Place,
    contents: &Contents,
    symbols: Source,
    chunks: Source,
    left_out: &'static [&'static str],
) -> Result<PackageRows, String> {
    let symbols = symbols.rows::<ApiSymbol>(&place.id, contents.symbol_count, left_out);
    let chunks = chunks.rows::<DocChunk>(&place.id, contents.chunk_count, &[]);
    let (symbols, chunks) = tokio::join!(alone(symbols), alone(chunks));
    let panicked = || "it cannot be decoded".to_string();
    Ok(PackageRows { symbols: symbols.ok_or_else(panicked)??, chunks: chunks.ok_or_else(panicked)?? })
}

/// A table and how it is reached.
struct Source {
    uri: String,
    /// Of a bucket.
    client: Option<Arc<dyn ObjectStore>>,
    manifest: Option<Vec<u8>>,
}

/// Opens a Lance table that lies under a key of a store, to read it. With its manifest in hand, in Lance's
/// own serialization, nothing is asked of the store until rows are read.
pub async fn open(store: &Store, key: &str, manifest: Option<&[u8]>) -> Result<Dataset, SharedError> {
    let opened = open_at(&store.address(key)?, store.client(), manifest).await;
    opened.map_err(|error| SharedError::Remote {
        store: store.name().to_string(),
        package: key.to_string(),
        why: told(&error),
    })
}

/// Opens a Lance table. A bucket is read through the `client` that is given: one of Lance's own would take
/// settings and keys from the environment.
#[expect(deprecated, reason = "the way that replaces it names stores by URL schemes of a process")]
pub(in crate::lake) async fn open_at(
    uri: &str,
    client: Option<Arc<dyn ObjectStore>>,
    manifest: Option<&[u8]>,
) -> lance::Result<Dataset> {
    let mut builder = DatasetBuilder::from_uri(uri);
    if let Some(manifest) = manifest {
        builder = builder.with_serialized_manifest(manifest)?.with_commit_handler(Arc::new(KnownVersion));
    }
    if let Some(client) = client {
        let url = Url::parse(uri).map_err(|error| lance::Error::invalid_input(error.to_string()))?;
        builder = builder.with_object_store(client, url, Arc::new(KnownVersion));
    }
    builder.load().await
}

/// How many rows a table has, by its manifest: before anything is read. It lies in its own folder, and has as
/// many as are `expected`, or this is an error.
pub(in crate::lake) async fn count_of(dataset: &Dataset, expected: u64) -> Result<usize, String> {
    // Another base would lead out of the dataset's folder.
    if !dataset.manifest().base_paths.is_empty() {
        return Err("it names files outside of it".to_string());
    }
    let count = dataset.count_rows(None).await.map_err(|error| told(&error))?;
    match count as u64 == expected {
        true => Ok(count),
        false => Err(format!("it has {count} rows instead of {expected}")),
    }
}

impl Source {
    /// Every row, without the columns `left_out`: as many as are `expected`, and all of one package.
    fn rows<R: Row + Send + 'static>(
        self,
        id: &PackageId,
        expected: u64,
        left_out: &'static [&'static str],
    ) -> impl Future<Output = Result<Vec<R>, String>> + Send + 'static {
        let id = id.clone();
        async move {
            let told = |error: lance::Error| told(&error);
            let dataset = open_at(&self.uri, self.client, self.manifest.as_deref()).await.map_err(told)?;
            let count = count_of(&dataset, expected).await?;
            let mut scan = dataset.scan();
            let schema = R::schema();
            let names = schema.fields().iter().map(|field| field.name().as_str());
            let wanted: Vec<&str> = names.filter(|name| !left_out.contains(name)).collect();
            scan.project(&wanted).map_err(told)?;
            let stream = scan.try_into_stream().await.map_err(told)?;
            let batches: Vec<RecordBatch> = stream.try_collect().await.map_err(told)?;
            let mut rows = Vec::with_capacity(count);
            for batch in &batches {
                let whole = completed::<R>(batch)?;
                check_package(&whole, &id)?;
                rows.extend(from_batch::<R>(&whole).map_err(|error| error.to_string())?);
            }
            match rows.len() == count {
                true => Ok(rows),
                false => Err(format!("{} of {count} rows came", rows.len())),
            }
        }
    }
}

/// A batch of the whole schema, with nulls for columns that were left out: the very columns and types, and
/// nulls only where they may be.
fn completed<R: Row>(batch: &RecordBatch) -> Result<RecordBatch, String> {
    let column = |field: &FieldRef| {
        let column = batch.column_by_name(field.name());
        let column = column.cloned().unwrap_or_else(|| new_null_array(field.data_type(), batch.num_rows()));
        (Field::new(field.name(), column.data_type().clone(), true), column)
    };
    let (fields, columns): (Vec<Field>, Vec<ArrayRef>) = R::schema().fields().iter().map(column).unzip();
    let whole = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns);
    whole.and_then(|whole| conformed::<R>(&whole)).map_err(|error| error.to_string())
}

fn check_package(batch: &RecordBatch, id: &PackageId) -> Result<(), String> {
    for (name, expected) in [("ecosystem", id.ecosystem()), ("package", id.name()), ("version", id.version())]
    {
        let column = batch
            .column_by_name(name)
            .and_then(|column| column.as_any().downcast_ref::<arrow_array::StringArray>());
        let of_it = column.is_some_and(|column| column.iter().all(|value| value == Some(expected)));
        if !of_it {
            return Err(format!("it holds rows of another package than {id}"));
        }
    }
    Ok(())
}

/// Knows where a version's manifest lies without asking the store whether it does: who was handed the
/// manifest need not look for it. It writes nothing.
#[derive(Debug)]
struct KnownVersion;

#[async_trait]
impl CommitHandler for KnownVersion {
    async fn resolve_version_location(
        &self,
        base_path: &Path,
        version: u64,
        _object_store: &dyn ObjectStore,
    ) -> lance::Result<ManifestLocation> {
        let naming_scheme = ManifestNamingScheme::V2;
        let path = naming_scheme.manifest_path(base_path, version);
        Ok(ManifestLocation { version, path, size: None, naming_scheme, e_tag: None, identity: None })
    }

    async fn commit(
        &self,
        _manifest: &mut Manifest,
        _indices: Option<Vec<IndexMetadata>>,
        _base_path: &Path,
        _object_store: &lance::io::ObjectStore,
        _manifest_writer: ManifestWriter,
        _naming_scheme: ManifestNamingScheme,
        _transaction: Option<Transaction>,
    ) -> Result<ManifestLocation, CommitError> {
        Err(CommitError::OtherError(lance::Error::not_supported("this reader writes nothing")))
    }
}

#[cfg(test)]
mod tests {
    use lance_table::format::BasePath;

    use super::*;
    use crate::catalog::CatalogEntry;
    use crate::identity::Scope;
    use crate::lake::shared::upload;
    use crate::lake::to_batch;

    fn symbol(id: &PackageId) -> ApiSymbol {
        let text = |text: &str| text.to_string();
        ApiSymbol {
            id: text("00"),
            ecosystem: text(id.ecosystem()),
            package: text(id.name()),
            version: text(id.version()),
            file_path: text("src/lib.rs"),
            kind: text("fn"),
            name: text("go"),
            path: text("p::go"),
            signature: Some(text("pub fn go()")),
            source: Some(text("pub fn go() {}")),
            doc_comment: None,
            line_start: 1,
            line_end: 1,
            visibility: text("public"),
            is_async: false,
            is_unsafe: false,
            is_error_type: false,
            returns_result: false,
            metadata: text("{}"),
            attributes: None,
            embedding: vec![0.5; crate::embed::DIMENSIONS],
            created_at: 0,
        }
    }

    /// A store with one package's dataset, of which the rows say that they are `told`'s.
    async fn shared(told: &PackageId) -> (tempfile::TempDir, Store, Place, Contents) {
        let folder = tempfile::tempdir().unwrap();
        let (lake, store) = (Lake::new(folder.path()), Store::folder(&folder.path().join("store")).unwrap());
        let id = PackageId::rust("p", "1.0.0").unwrap();
        let dataset = Lake::place(&Scope::Public, &id, "a1");
        let symbols = to_batch(&[symbol(told)]).unwrap();
        lake.write::<ApiSymbol>(&dataset, futures::stream::iter([symbols])).await.unwrap();
        let chunks = to_batch::<DocChunk>(&[]).unwrap();
        lake.write::<DocChunk>(&dataset, futures::stream::iter([chunks])).await.unwrap();
        let entry = CatalogEntry {
            symbol_count: 1,
            dataset: Some(dataset),
            embedding_model: Some("m".to_string()),
            ..CatalogEntry::ready(Scope::Public, id)
        };
        upload(&store, &lake, &entry, false).await.unwrap();
        let place = Place::of(&entry).unwrap();
        let contents = Contents::read(&store, &place).await.unwrap();
        (folder, store, place, contents)
    }

    #[tokio::test]
    async fn a_manifest_that_leads_out_of_its_folder_is_refused() {
        let id = PackageId::rust("p", "1.0.0").unwrap();
        let (_folder, store, place, contents) = shared(&id).await;
        let rows = read_searchable(&store, &place, &contents).await.unwrap();
        assert_eq!((rows.symbols[0].path.as_str(), &rows.symbols[0].source), ("p::go", &None));

        let table = place.file(&format!("{}.lance", ApiSymbol::TABLE));
        let dataset = open(&store, &table, None).await.unwrap();
        let mut forged = dataset.manifest().clone();
        let base =
            BasePath { id: 1, name: None, is_dataset_root: true, path: "file:///elsewhere".to_string() };
        forged.base_paths.insert(1, base);
        let mut leads_out = contents.clone();
        leads_out.manifests.api_symbols = STANDARD.encode(forged.serialized());
        let refused = read_searchable(&store, &place, &leads_out).await;
        assert!(refused.as_ref().is_err_and(|error| error.to_string().contains("outside")), "{refused:?}");
        for garbage in ["", "AAAA", "no base64"] {
            let mut damaged = contents.clone();
            damaged.manifests.api_symbols = garbage.to_string();
            let refused = read_searchable(&store, &place, &damaged).await;
            assert!(matches!(refused, Err(SharedError::Remote { .. })), "{garbage:?}: {refused:?}");
        }
    }

    #[tokio::test]
    async fn rows_of_another_package_are_refused() {
        let (_folder, store, place, contents) = shared(&PackageId::rust("other", "1.0.0").unwrap()).await;
        let refused = read_searchable(&store, &place, &contents).await;
        assert!(refused.is_err_and(|error| error.to_string().contains("another package")));
    }
}
