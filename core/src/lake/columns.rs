//! What columns are made of, and how those of earlier versions become those of this one.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, BooleanArray, FixedSizeListArray, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, TimeUnit};

use super::Row;
use crate::embed::DIMENSIONS;

/// The key of a field's metadata that says what the column holds.
pub(super) const DESCRIPTION: &str = "description";
const UTC: &str = "UTC";

/// A column that has a value in every row.
fn column(name: &str, kind: DataType, what: &str) -> Field {
    Field::new(name, kind, false).with_metadata(HashMap::from([(DESCRIPTION.to_string(), what.to_string())]))
}

pub(super) fn text(name: &str, what: &str) -> Field {
    column(name, DataType::Utf8, what)
}

/// Long text, which is worth compressing.
pub(super) fn prose(name: &str, what: &str) -> Field {
    let mut field = text(name, what);
    let mut metadata = field.metadata().clone();
    metadata.insert("lance-encoding:compression".to_string(), "zstd".to_string());
    field.set_metadata(metadata);
    field
}

pub(super) fn boolean(name: &str, what: &str) -> Field {
    column(name, DataType::Boolean, what)
}

pub(super) fn integer(name: &str, what: &str) -> Field {
    column(name, DataType::Int32, what)
}

pub(super) fn long(name: &str, what: &str) -> Field {
    column(name, DataType::Int64, what)
}

pub(super) fn time(name: &str, what: &str) -> Field {
    column(name, DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())), what)
}

/// A vector has all of its components or is null.
pub(super) fn embedding() -> Field {
    let what = "384 numbers of length 1 that stand for what the text means; null where it means nothing to the model";
    column("embedding", DataType::FixedSizeList(component(), size()), what).with_nullable(true)
}

fn component() -> FieldRef {
    Arc::new(Field::new("item", DataType::Float32, false))
}

fn size() -> i32 {
    i32::try_from(DIMENSIONS).expect("384 fits")
}

/// A line or a place in a list.
pub(super) fn number(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// Vectors on their way to a row's column and back. Inside, a text that means nothing has the zero vector,
/// which is near nothing; for other tools it would be nearer than most, or the distance to it no number.
pub(super) mod vector {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::embed::DIMENSIONS;

    pub fn serialize<S: Serializer>(vector: &[f32], serializer: S) -> Result<S::Ok, S::Error> {
        match vector.iter().all(|component| *component == 0.0) {
            true => serializer.serialize_none(),
            false => serializer.serialize_some(vector),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f32>, D::Error> {
        let vector = Option::<Vec<f32>>::deserialize(deserializer)?;
        Ok(vector.unwrap_or_else(|| vec![0.0; DIMENSIONS]))
    }
}

/// A batch with the columns of this version or an earlier one as a batch of this one's schema. Until the
/// second version times had no zone (and were UTC), and zero vectors were not null. Lance does not keep
/// that a vector has all of its components; it is looked at here.
pub(crate) fn conformed<R: Row>(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let schema = R::schema();
    if batch.num_columns() != schema.fields().len() {
        let (found, expected) = (batch.num_columns(), schema.fields().len());
        return Err(ArrowError::SchemaError(format!("it has {found} columns instead of {expected}")));
    }
    let column = |field: &FieldRef| {
        let column = batch.column_by_name(field.name());
        let column =
            column.ok_or_else(|| ArrowError::SchemaError(format!("it has no column {}", field.name())))?;
        conformed_column(column, field)
    };
    let columns: Vec<ArrayRef> = schema.fields().iter().map(column).collect::<Result<_, _>>()?;
    RecordBatch::try_new(schema, columns)
}

fn conformed_column(column: &ArrayRef, field: &FieldRef) -> Result<ArrayRef, ArrowError> {
    match (column.data_type(), field.data_type()) {
        (found, expected) if found == expected => Ok(column.clone()),
        (
            DataType::Timestamp(TimeUnit::Microsecond, None),
            DataType::Timestamp(TimeUnit::Microsecond, Some(_)),
        ) => {
            let times = column.as_primitive::<TimestampMicrosecondType>().clone();
            Ok(Arc::new(times.with_timezone(UTC)))
        }
        (DataType::FixedSizeList(item, found), DataType::FixedSizeList(expected, size))
            if found == size && item.data_type() == expected.data_type() =>
        {
            Ok(Arc::new(vectors(column.as_fixed_size_list(), expected, *size)?))
        }
        (found, expected) => {
            Err(ArrowError::SchemaError(format!("{} is {found} instead of {expected}", field.name())))
        }
    }
}

/// Vectors with all of their components each; what is zero is null.
fn vectors(
    column: &FixedSizeListArray,
    item: &FieldRef,
    size: i32,
) -> Result<FixedSizeListArray, ArrowError> {
    let components = column.values().as_primitive_opt::<Float32Type>();
    let components =
        components.ok_or_else(|| ArrowError::SchemaError("its vectors are no f32".to_string()))?;
    let width = usize::try_from(size).unwrap_or(1).max(1);
    let rows = (0..column.len()).zip(components.values().chunks_exact(width));
    let means = |(row, vector): (usize, &[f32])| {
        column.is_valid(row) && vector.iter().any(|component| *component != 0.0)
    };
    let valid = BooleanArray::from(rows.map(means).collect::<Vec<bool>>());
    let nulls = (valid.true_count() < valid.len()).then(|| valid.values().clone().into());
    FixedSizeListArray::try_new(item.clone(), size, column.values().clone(), nulls)
}

#[cfg(test)]
pub(crate) mod tests {
    use arrow_schema::Schema;

    use super::*;
    use crate::ingest::Chunk;
    use crate::lake::{DocChunk, from_batch, to_batch};
    use crate::package::PackageId;

    /// A batch as the first version wrote it: times without a zone, zero vectors that are not null.
    pub(crate) fn of_first_version(batch: &RecordBatch) -> RecordBatch {
        let schema = batch.schema();
        let (mut fields, mut columns) = (Vec::new(), Vec::new());
        for (field, column) in schema.fields().iter().zip(batch.columns()) {
            let (kind, column): (DataType, ArrayRef) = match field.data_type() {
                DataType::Timestamp(unit, _) => {
                    let times = column.as_primitive::<TimestampMicrosecondType>().clone();
                    (DataType::Timestamp(*unit, None), Arc::new(times.with_timezone_opt(None::<&str>)))
                }
                DataType::FixedSizeList(_, size) => {
                    let item: FieldRef = Arc::new(Field::new("item", DataType::Float32, true));
                    let values = column.as_fixed_size_list().values().clone();
                    let vectors = FixedSizeListArray::new(item.clone(), *size, values, None);
                    (DataType::FixedSizeList(item, *size), Arc::new(vectors))
                }
                other => (other.clone(), column.clone()),
            };
            let nullable = field.is_nullable() && field.name() != "embedding";
            fields.push(Field::new(field.name(), kind, nullable));
            columns.push(column);
        }
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
    }

    /// Two rows, the second of which means nothing.
    pub(crate) fn chunks(id: &PackageId) -> Vec<DocChunk> {
        let chunk = |chunk_index| Chunk {
            file_path: "README.md".to_string(),
            section_title: "About".to_string(),
            content: "text".to_string(),
            chunk_index,
            line_start: 1,
        };
        vec![
            DocChunk::new(id, &chunk(0), vec![0.05; DIMENSIONS], 7),
            DocChunk::new(id, &chunk(1), vec![0.0; DIMENSIONS], 8),
        ]
    }

    #[test]
    fn a_zero_vector_is_null_outside_and_zero_inside() {
        let rows = chunks(&PackageId::rust("p", "1.0.0").unwrap());
        let batch = to_batch(&rows).unwrap();
        let column = batch.column_by_name("embedding").unwrap();
        assert_eq!((column.is_valid(0), column.is_valid(1)), (true, false));
        assert_eq!(from_batch::<DocChunk>(&batch).unwrap(), rows);
    }

    #[test]
    fn a_batch_of_the_first_version_becomes_one_of_this() {
        let rows = chunks(&PackageId::rust("p", "1.0.0").unwrap());
        let batch = to_batch(&rows).unwrap();
        let old = of_first_version(&batch);
        assert_ne!(old.schema(), batch.schema());
        assert_eq!(from_batch::<DocChunk>(&old).unwrap(), rows, "read as they are");
        let conformed = conformed::<DocChunk>(&old).unwrap();
        assert_eq!(conformed.schema(), DocChunk::schema());
        assert_eq!(conformed.columns(), batch.columns());
    }

    #[test]
    fn other_columns_and_vectors_with_holes_are_refused() {
        let rows = chunks(&PackageId::rust("p", "1.0.0").unwrap());
        let batch = to_batch(&rows).unwrap();
        let fewer = batch.project(&[0, 1, 2]).unwrap();
        assert!(conformed::<DocChunk>(&fewer).is_err());
        let at = batch.schema().index_of("embedding").unwrap();
        let item: FieldRef = Arc::new(Field::new("item", DataType::Float32, true));
        let mut holes: Vec<Option<f32>> = vec![Some(0.5); 2 * DIMENSIONS];
        holes[3] = None;
        let holes: ArrayRef = Arc::new(arrow_array::Float32Array::from(holes));
        let holes = FixedSizeListArray::new(item.clone(), size(), holes, None);
        let mut fields: Vec<Field> =
            batch.schema().fields().iter().map(|field| Field::clone(field)).collect();
        fields[at] = Field::new("embedding", DataType::FixedSizeList(item, size()), true);
        let mut columns = batch.columns().to_vec();
        columns[at] = Arc::new(holes);
        let torn = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap();
        assert!(conformed::<DocChunk>(&torn).is_err());
    }
}
