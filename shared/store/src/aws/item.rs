//! Items of the one DynamoDB table: partition key `pk`, sort key `sk`.
//!
//! | pk | sk | what |
//! |---|---|---|
//! | `RUN#<run_id>` | `STATE` | a run: owner, status, receipt |
//! | `COUNTER` | `TICKETS` | the last ticket given |
//! | `JOB#<job>` | `SETTINGS` | the newest settings and their version |
//! | `JOB#<job>` | `SETTINGS#<version>` | one version, immutable |
//! | `CATALOG` | `CURRENT` | which run's version of each table readers see |
//! | `CATALOG` | `SWITCH#<sequence>` | one switch of readers to a publication |
//! | `VALUE#<name>` | `VALUE` | a state: a cursor, watermark or budget |
//! | `PUBLICATION#<run_id>` | `PUBLICATION` | what a run offers to readers, immutable |
//!
//! The index `by_job` has `gsi1pk = JOB#<job>` and `gsi1sk` for runs, and `gsi1pk = JOBS` for jobs with settings.

use std::{collections::HashMap, io};

use aws_sdk_dynamodb::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
    types::{AttributeValue, Put, TransactWriteItem, builders::PutBuilder},
};
use serde::de::DeserializeOwned;
use tokio::runtime::Handle;

use super::fault::io_error;
use crate::StoreError;

/// Bytes of an item's one large attribute, at most: an item holds 400 KB with its keys.
pub(super) const MAX_BYTES: usize = 390_000;
/// The index of runs by job, and of jobs.
pub(super) const BY_JOB: &str = "by_job";

/// The table's client.
#[derive(Clone)]
pub(super) struct Table {
    pub(super) client: Client,
    pub(super) name: String,
    runtime: Handle,
}

/// An item as the SDK has it.
pub(super) type Item = HashMap<String, AttributeValue>;

impl Table {
    pub(super) fn new(client: Client, name: &str, runtime: Handle) -> Self {
        Self { client, name: name.to_owned(), runtime }
    }

    pub(super) fn wait<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// An error of this table that is no refusal of ours.
    pub(super) fn fault<E>(&self, error: SdkError<E>) -> StoreError
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        StoreError::from_io(format!("DynamoDB table {}", self.name), io_error(error))
    }

    /// An item of the table that is not what we write.
    pub(super) fn damaged(&self, what: &str) -> StoreError {
        let source = io::Error::new(io::ErrorKind::InvalidData, format!("item without a sound `{what}`"));
        StoreError::from_io(format!("DynamoDB table {}", self.name), source)
    }

    /// An item as of now, or none.
    pub(super) fn get(&self, pk: &str, sk: &str) -> Result<Option<Item>, StoreError> {
        let request = self
            .client
            .get_item()
            .table_name(&self.name)
            .key("pk", text(pk))
            .key("sk", text(sk))
            .consistent_read(true)
            .send();
        Ok(self.wait(request).map_err(|error| self.fault(error))?.item)
    }

    /// Items of one partition whose sort keys begin so, the greatest first.
    pub(super) fn query(&self, pk: &str, sk_prefix: &str) -> Result<Vec<Item>, StoreError> {
        let pages = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
            .expression_attribute_values(":pk", text(pk))
            .expression_attribute_values(":sk", text(sk_prefix))
            .scan_index_forward(false)
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        self.wait(pages.collect::<Result<Vec<_>, _>>()).map_err(|error| self.fault(error))
    }

    /// Items of one partition of the index, the greatest sort key first; they may lag a moment behind.
    pub(super) fn query_index(&self, gsi1pk: &str) -> Result<Vec<Item>, StoreError> {
        let pages = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(BY_JOB)
            .key_condition_expression("gsi1pk = :pk")
            .expression_attribute_values(":pk", text(gsi1pk))
            .scan_index_forward(false)
            .into_paginator()
            .items()
            .send();
        self.wait(pages.collect::<Result<Vec<_>, _>>()).map_err(|error| self.fault(error))
    }

    /// A put for a transaction.
    pub(super) fn put(&self, item: Item) -> PutBuilder {
        Put::builder().table_name(&self.name).set_item(Some(item))
    }

    /// Makes all puts or none; false when a condition did not hold or another writer was at the same items.
    pub(super) fn transact(&self, puts: Vec<PutBuilder>) -> Result<bool, StoreError> {
        let mut request = self.client.transact_write_items();
        for put in puts {
            let put = put.build().map_err(|_| self.damaged("put"))?;
            request = request.transact_items(TransactWriteItem::builder().put(put).build());
        }
        match self.wait(request.send()) {
            Ok(_) => Ok(true),
            Err(error) if lost(&error) || canceled_by_another(&error) => Ok(false),
            Err(error) => Err(self.fault(error)),
        }
    }

    /// The text of an attribute.
    pub(super) fn text(&self, item: &Item, name: &str) -> Result<String, StoreError> {
        item.get(name).and_then(|value| value.as_s().ok()).cloned().ok_or_else(|| self.damaged(name))
    }

    /// The number of an attribute.
    pub(super) fn number(&self, item: &Item, name: &str) -> Result<u64, StoreError> {
        let number = item.get(name).and_then(|value| value.as_n().ok()).and_then(|digits| digits.parse().ok());
        number.ok_or_else(|| self.damaged(name))
    }

    /// The value that an attribute has as JSON text.
    pub(super) fn json<T: DeserializeOwned>(&self, item: &Item, name: &str) -> Result<T, StoreError> {
        serde_json::from_str(&self.text(item, name)?).map_err(|_| self.damaged(name))
    }
}

/// A text attribute.
pub(super) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

/// A number attribute.
pub(super) fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// An item of these attributes.
pub(super) fn item<const N: usize>(attributes: [(&str, AttributeValue); N]) -> Item {
    attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Whether a condition of the request did not hold, or another writer was at the same items.
pub(super) fn lost<E>(error: &SdkError<E>) -> bool
where
    SdkError<E>: ProvideErrorMetadata,
{
    matches!(error.code(), Some("ConditionalCheckFailedException" | "TransactionConflictException"))
}

/// Whether a transaction was given up for what another writer did, and not for a fault of its own.
fn canceled_by_another(error: &SdkError<TransactWriteItemsError>) -> bool {
    let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) = error.as_service_error() else {
        return false;
    };
    let by_another = |code: &str| matches!(code, "ConditionalCheckFailed" | "TransactionConflict" | "None");
    let mut codes = canceled.cancellation_reasons().iter().filter_map(|reason| reason.code());
    !canceled.cancellation_reasons().is_empty() && codes.all(by_another)
}
