//! Tables as Athena sees them: the Glue Data Catalog, every update guarded by the version that it was made from.

use aws_sdk_glue::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    types::{Column, SerDeInfo, StorageDescriptor, TableInput},
};
use tokio::runtime::Handle;

use super::{AwsLake, fault::io_error};
use crate::{StoreError, TableVersion};

/// Table parameter with the sequence number of the switch that the table shows.
const SEQUENCE: &str = "lotline.sequence";

/// The tables of one Glue database.
pub(super) struct GlueTables {
    pub(super) client: Client,
    pub(super) lake: AwsLake,
    pub(super) runtime: Handle,
}

impl GlueTables {
    /// Makes a table show a version, unless it shows one of a later switch already.
    pub(super) fn show(&self, version: &TableVersion, sequence: u64) -> Result<(), StoreError> {
        loop {
            let done = match self.shown(&version.table)? {
                None => self.create(version, sequence)?,
                Some(shown) if shown.sequence >= sequence => true,
                Some(shown) => self.update(version, sequence, shown.version_id)?,
            };
            // Not done: another writer was faster, and what it left decides.
            if done {
                return Ok(());
            }
        }
    }

    fn shown(&self, table: &str) -> Result<Option<Shown>, StoreError> {
        let request = self.client.get_table().database_name(&self.lake.database).name(table).send();
        match self.runtime.block_on(request) {
            Ok(found) => Ok(found.table.map(|table| Shown {
                sequence: table
                    .parameters
                    .and_then(|parameters| parameters.get(SEQUENCE)?.parse().ok())
                    .unwrap_or_default(),
                version_id: table.version_id,
            })),
            Err(error) if error.code() == Some("EntityNotFoundException") => Ok(None),
            Err(error) => Err(self.fault(table, error)),
        }
    }

    fn create(&self, version: &TableVersion, sequence: u64) -> Result<bool, StoreError> {
        let input = self.input(version, sequence)?;
        let request = self.client.create_table().database_name(&self.lake.database).table_input(input).send();
        self.won(&version.table, self.runtime.block_on(request).map(drop), "AlreadyExistsException")
    }

    fn update(&self, version: &TableVersion, sequence: u64, seen: Option<String>) -> Result<bool, StoreError> {
        let input = self.input(version, sequence)?;
        let request = self
            .client
            .update_table()
            .database_name(&self.lake.database)
            .table_input(input)
            .set_version_id(seen)
            .skip_archive(true)
            .send();
        self.won(&version.table, self.runtime.block_on(request).map(drop), "ConcurrentModificationException")
    }

    /// Whether a write went through; false when it lost against another one, as the given code says.
    fn won<E>(&self, table: &str, answer: Result<(), SdkError<E>>, lost: &str) -> Result<bool, StoreError>
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        match answer {
            Ok(()) => Ok(true),
            Err(error) if error.code() == Some(lost) => Ok(false),
            Err(error) => Err(self.fault(table, error)),
        }
    }

    fn input(&self, version: &TableVersion, sequence: u64) -> Result<TableInput, StoreError> {
        let columns =
            version.columns.iter().map(|column| Column::builder().name(&column.name).r#type(&column.kind).build());
        let columns = columns.collect::<Result<Vec<_>, _>>();
        let serde = SerDeInfo::builder()
            .serialization_library("org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe")
            .parameters("serialization.format", "1")
            .build();
        let storage = |columns| {
            StorageDescriptor::builder()
                .location(self.lake.url(&version.location))
                .set_columns(Some(columns))
                .input_format("org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat")
                .output_format("org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat")
                .serde_info(serde)
                .build()
        };
        let input = columns.and_then(|columns| {
            TableInput::builder()
                .name(&version.table)
                .table_type("EXTERNAL_TABLE")
                .set_partition_keys(Some(Vec::new()))
                .parameters("EXTERNAL", "TRUE")
                .parameters("classification", "parquet")
                .parameters("compressionType", "zstd")
                .parameters("recordCount", version.rows.to_string())
                .parameters(SEQUENCE, sequence.to_string())
                .storage_descriptor(storage(columns))
                .build()
        });
        input.map_err(|error| StoreError::from_io(self.place(&version.table), std::io::Error::other(error)))
    }

    fn place(&self, table: &str) -> String {
        format!("Glue table {}.{table}", self.lake.database)
    }

    fn fault<E>(&self, table: &str, error: SdkError<E>) -> StoreError
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        StoreError::from_io(self.place(table), io_error(error))
    }
}

/// What a table shows.
struct Shown {
    sequence: u64,
    version_id: Option<String>,
}
