//! The two tables as Parquet files: columns, their types, and what each means.
//!
//! Everything is derived from [`for_each_candidate_column!`](lamarck_model::for_each_candidate_column), so that a
//! column added to the model is written, read, compared and documented without a change here.
//!
//! | in memory | in the file | why |
//! |---|---|---|
//! | `u64` | `INT64` | unsigned columns are read differently by DuckDB, Spark and pandas; ids, times and bytes stay far below 2^63, and a value above is an error |
//! | `u32` | `INT32` | as above; at most 2^31 - 1 |
//! | `u16` | `INT32` | `INT32` annotated as 16 bits would cap choices at 32,767 and saves nothing on disk |
//! | numbers of words (`origin`, `status`, `cached`) | `STRING` | readable without a table of numbers; costs a few bits a row |
//! | identity of a layer, `u128` | `STRING` of 32 hexadecimal digits | pandas joins and groups on strings; fixed binary is an object of bytes there. Costs 36 bytes for each *distinct* identity of a row group |
//! | choices | `LIST` of `INT32` | Parquet knows no list of fixed length |
//!
//! `point` and `replicate` come first and are the same in all rows of a part: a constant column costs some twenty
//! bytes, and files of many runs can be read as one table.

use super::error::Unencodable;
use super::file::{PartEncoder, group_rows};
use super::layout::{RunKey, Table};
use lamarck_model::{Columns, LayerColumns, LayerSource, Origin, Status, for_each_candidate_column};
use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::file::metadata::KeyValue;
use parquet::schema::types::{SchemaDescPtr, SchemaDescriptor, Type};
use std::sync::Arc;

/// The version of both tables. It rises when a column changes its type or meaning; a new column does not raise it.
pub const SCHEMA_VERSION: u32 = 1;

/// The keys of a part's footer, the checksum apart.
pub(super) const VERSION_KEY: &str = "lamarck.schema";
const TABLE_KEY: &str = "lamarck.table";
const COLUMNS_KEY: &str = "lamarck.columns";

/// The type of a column in the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// `INT32`.
    Int32,
    /// `INT64`.
    Int64,
    /// `DOUBLE`.
    Double,
    /// `STRING`.
    Text,
    /// `LIST` of `INT32`.
    Choices,
}

/// A column in the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnSpec {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: ColumnType,
    /// Whether every row has a value.
    pub required: bool,
    /// What it means.
    pub doc: &'static str,
}

macro_rules! candidate_columns {
    ($($kind:ident $type:ident $name:ident $doc:literal;)*) => {
        /// The columns of `candidates`, in the order of the files.
        pub const CANDIDATE_COLUMNS: &[ColumnSpec] = &[
            POINT,
            REPLICATE,
            $(ColumnSpec {
                name: stringify!($name),
                kind: candidate_columns!(@type $type),
                required: candidate_columns!(@required $kind),
                doc: candidate_columns!(@doc $name $doc),
            },)*
            ColumnSpec {
                name: "choices",
                kind: ColumnType::Choices,
                required: true,
                doc: "Its vector: for each decision the option chosen, from 0.",
            },
        ];

        /// Encodes some rows as one row group.
        fn candidate_group(
            part: &mut PartEncoder,
            key: RunKey,
            columns: &Columns<'_>,
            from: usize,
            rows: usize,
        ) -> Result<(), Unencodable> {
            constants(part, key, rows)?;
            $(candidate_columns!(@encode $kind $type part, stringify!($name), rows, slice(columns.$name, from, rows));)*
            let width = columns.width;
            part.lists(rows, width, columns.choices.get(from * width..(from + rows) * width).unwrap_or_default())
        }
    };
    (@type u8) => { ColumnType::Text };
    (@type u16) => { ColumnType::Int32 };
    (@type u32) => { ColumnType::Int32 };
    (@type u64) => { ColumnType::Int64 };
    (@type f64) => { ColumnType::Double };
    // In the files these two are words, and the model's text is of numbers. A test holds the lists against the types.
    (@doc origin $doc:literal) => {
        "Where its vector came from: sample, mutation, recombination, exact or import."
    };
    (@doc status $doc:literal) => {
        "How it ended: ok, failed, missing (no value in the data), lost (its worker was) or interrupted."
    };
    (@doc $name:ident $doc:literal) => { $doc };
    (@required must) => { true };
    (@required may) => { false };
    (@encode must u8 $part:expr, $name:expr, $rows:expr, $slice:expr) => {
        $part.coded($name, &words($name), false, $slice)?
    };
    (@encode must u64 $part:expr, $name:expr, $rows:expr, $slice:expr) => { $part.all_whole($name, $slice)? };
    (@encode may f64 $part:expr, $name:expr, $rows:expr, $slice:expr) => { $part.floats($rows, $slice)? };
    (@encode may $type:ident $part:expr, $name:expr, $rows:expr, $slice:expr) => {
        $part.whole($name, $rows, $slice)?
    };
}

const POINT: ColumnSpec = ColumnSpec {
    name: "point",
    kind: ColumnType::Int32,
    required: true,
    doc: "The point of the study's sweep, from 0.",
};
const REPLICATE: ColumnSpec = ColumnSpec {
    name: "replicate",
    kind: ColumnType::Int32,
    required: true,
    doc: "The replicate of the run, from 0.",
};

for_each_candidate_column!(candidate_columns);

/// The columns of `layers`, in the order of the files.
pub const LAYER_COLUMNS: &[ColumnSpec] = &[
    POINT,
    REPLICATE,
    ColumnSpec { name: "candidate", kind: ColumnType::Int64, required: true, doc: "The candidate." },
    ColumnSpec {
        name: "identity",
        kind: ColumnType::Text,
        required: true,
        doc: "The layer's identity, 32 hexadecimal digits.",
    },
    ColumnSpec {
        name: "owner",
        kind: ColumnType::Int64,
        required: true,
        doc: "The candidate that trained the layer and stores it.",
    },
    ColumnSpec { name: "bytes", kind: ColumnType::Int64, required: true, doc: "Bytes of its tensors." },
    ColumnSpec {
        name: "cached",
        kind: ColumnType::Text,
        required: false,
        doc: "Where the candidate read it: local, node or repository; null when it trained the layer itself.",
    },
];

/// The words of a column that holds numbers of words in memory.
pub(super) fn words(column: &str) -> Vec<&'static str> {
    match column {
        "origin" => Origin::ALL.iter().map(|origin| origin.as_str()).collect(),
        "status" => Status::ALL.iter().map(|status| status.as_str()).collect(),
        // `trained`, the first, is a null.
        "cached" => LayerSource::ALL.iter().skip(1).map(|source| source.as_str()).collect(),
        _ => Vec::new(),
    }
}

/// The columns of a table, in the order of the files.
pub fn columns(table: Table) -> &'static [ColumnSpec] {
    match table {
        Table::Candidates => CANDIDATE_COLUMNS,
        Table::Layers => LAYER_COLUMNS,
    }
}

/// An encoder for parts of this table.
pub(super) fn encoder(table: Table) -> Result<PartEncoder, Unencodable> {
    let docs: serde_json::Map<String, serde_json::Value> =
        columns(table).iter().map(|column| (column.name.to_owned(), column.doc.into())).collect();
    let metadata = vec![
        KeyValue::new(VERSION_KEY.to_owned(), SCHEMA_VERSION.to_string()),
        KeyValue::new(TABLE_KEY.to_owned(), table.folder().to_owned()),
        KeyValue::new(COLUMNS_KEY.to_owned(), serde_json::Value::Object(docs).to_string()),
    ];
    PartEncoder::new(descriptor(table)?, metadata, table == Table::Layers)
}

/// Encodes a part of `candidates`.
pub(super) fn encode_candidates<'a>(
    part: &'a mut PartEncoder,
    key: RunKey,
    columns: &Columns<'_>,
) -> Result<&'a [u8], Unencodable> {
    if !columns.is_consistent() {
        return Err(Unencodable::Uneven);
    }
    part.start();
    let most = group_rows(columns.width);
    for from in (0..columns.rows).step_by(most) {
        let rows = most.min(columns.rows - from);
        candidate_group(part, key, columns, from, rows)?;
        part.end_group(rows)?;
    }
    part.finish()
}

/// Encodes a part of `layers`.
pub(super) fn encode_layers<'a>(
    part: &'a mut PartEncoder,
    key: RunKey,
    layers: &LayerColumns,
) -> Result<&'a [u8], Unencodable> {
    let all = layers.len();
    if [layers.identity.len(), layers.owner.len(), layers.bytes.len(), layers.source.len()] != [all; 4] {
        return Err(Unencodable::Uneven);
    }
    part.start();
    let most = group_rows(1);
    for from in (0..all).step_by(most) {
        let rows = most.min(all - from);
        constants(part, key, rows)?;
        part.all_whole("candidate", slice(&layers.candidate, from, rows))?;
        part.identities(slice(&layers.identity, from, rows))?;
        part.all_whole("owner", slice(&layers.owner, from, rows))?;
        part.all_whole("bytes", slice(&layers.bytes, from, rows))?;
        part.coded("cached", &words("cached"), true, slice(&layers.source, from, rows))?;
        part.end_group(rows)?;
    }
    part.finish()
}

fn constants(part: &mut PartEncoder, key: RunKey, rows: usize) -> Result<(), Unencodable> {
    for (column, value) in [("point", key.point), ("replicate", key.replicate)] {
        let value = i32::try_from(value).map_err(|_| Unencodable::TooLarge {
            column,
            value: u64::from(value),
            most: u64::from(i32::MAX.cast_unsigned()),
        })?;
        part.constant(rows, value)?;
    }
    Ok(())
}

/// Rows of a column, or nothing of one that is empty.
fn slice<T>(values: &[T], from: usize, rows: usize) -> &[T] {
    values.get(from..from + rows).unwrap_or_default()
}

fn descriptor(table: Table) -> Result<SchemaDescPtr, Unencodable> {
    let fields = columns(table).iter().map(|column| field(column).map(Arc::new)).collect::<Result<_, _>>()?;
    let root = Type::group_type_builder("schema").with_fields(fields).build()?;
    Ok(Arc::new(SchemaDescriptor::new(Arc::new(root))))
}

fn field(column: &ColumnSpec) -> Result<Type, parquet::errors::ParquetError> {
    let repetition = if column.required { Repetition::REQUIRED } else { Repetition::OPTIONAL };
    let primitive = |name: &'static str, physical| {
        Type::primitive_type_builder(name, physical).with_repetition(repetition)
    };
    match column.kind {
        ColumnType::Int32 => primitive(column.name, Physical::INT32).build(),
        ColumnType::Int64 => primitive(column.name, Physical::INT64).build(),
        ColumnType::Double => primitive(column.name, Physical::DOUBLE).build(),
        ColumnType::Text => {
            primitive(column.name, Physical::BYTE_ARRAY).with_logical_type(Some(LogicalType::String)).build()
        }
        ColumnType::Choices => {
            let element = Type::primitive_type_builder("element", Physical::INT32)
                .with_repetition(Repetition::REQUIRED)
                .build()?;
            let list = Type::group_type_builder("list")
                .with_repetition(Repetition::REPEATED)
                .with_fields(vec![Arc::new(element)])
                .build()?;
            Type::group_type_builder(column.name)
                .with_repetition(Repetition::REQUIRED)
                .with_logical_type(Some(LogicalType::List))
                .with_fields(vec![Arc::new(list)])
                .build()
        }
    }
}
