//! Objects on S3.

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex, PoisonError},
};

use aws_sdk_s3::{Client, primitives::ByteStream};
use bytes::Bytes;
use lotline_formats::ranged::RangedRead;
use tokio::runtime::Handle;

use super::{
    fault::{io_error, status},
    multipart::MultipartWriter,
};
use crate::{ObjectMeta, ObjectWriter, Objects, Opened, StoreError, objects::check_key};

/// Bytes that a small read fetches, so that the reads after it need no request of their own.
const BLOCK: u64 = 256 << 10;
/// Bytes that it fetches at most, where reads follow one another.
const LONGEST_BLOCK: u64 = 1 << 20;
/// Blocks that an open object keeps.
const BLOCKS: usize = 4;

/// The objects of one versioned bucket.
pub(super) struct S3Objects {
    client: Client,
    bucket: String,
    runtime: Handle,
}

impl S3Objects {
    pub(super) fn new(client: Client, bucket: &str, runtime: Handle) -> Self {
        Self { client, bucket: bucket.to_owned(), runtime }
    }

    fn place(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.bucket)
    }

    /// Length and version of an object, or none when there is no such object.
    fn head(&self, key: &str, version: Option<&str>) -> Result<Option<(u64, Option<String>)>, StoreError> {
        check_key(key)?;
        let request = self.client.head_object().bucket(&self.bucket).key(key);
        let request = request.set_version_id(version.map(str::to_owned)).send();
        match self.runtime.block_on(request) {
            Ok(head) => {
                Ok(Some((head.content_length.and_then(|len| u64::try_from(len).ok()).unwrap_or(0), head.version_id)))
            }
            Err(error) if status(&error) == 404 => Ok(None),
            Err(error) => Err(StoreError::from_io(self.place(key), io_error(error))),
        }
    }
}

impl Objects for S3Objects {
    fn open(&self, key: &str) -> Result<Arc<dyn RangedRead>, StoreError> {
        Ok(self.open_version(key, None)?.file)
    }

    fn open_version(&self, key: &str, version: Option<&str>) -> Result<Opened, StoreError> {
        let Some((len, version)) = self.head(key, version)? else {
            return Err(StoreError::NotFound { key: key.to_owned() });
        };
        let file = Arc::new(S3Object {
            client: self.client.clone(),
            bucket: self.bucket.clone(),
            key: key.to_owned(),
            version: version.clone(),
            len,
            blocks: Mutex::default(),
            runtime: self.runtime.clone(),
        });
        Ok(Opened { file, version })
    }

    fn create(&self, key: &str) -> Result<Box<dyn ObjectWriter>, StoreError> {
        check_key(key)?;
        Ok(Box::new(MultipartWriter::new(self.client.clone(), &self.bucket, key, self.runtime.clone())))
    }

    fn put(&self, key: &str, bytes: &[u8]) -> Result<(), StoreError> {
        check_key(key)?;
        let body = ByteStream::from(bytes.to_vec());
        let request = self.client.put_object().bucket(&self.bucket).key(key).body(body).send();
        let put = self.runtime.block_on(request);
        put.map(drop).map_err(|error| StoreError::from_io(self.place(key), io_error(error)))
    }

    fn put_if_absent(&self, key: &str, bytes: &[u8]) -> Result<bool, StoreError> {
        check_key(key)?;
        loop {
            let body = ByteStream::from(bytes.to_vec());
            let request = self.client.put_object().bucket(&self.bucket).key(key).if_none_match("*").body(body).send();
            match self.runtime.block_on(request) {
                Ok(_) => return Ok(true),
                Err(error) if status(&error) == 412 => return Ok(false),
                // Somebody else writes at this moment; who was first is known when they are done.
                Err(error) if status(&error) == 409 => {}
                Err(error) => return Err(StoreError::from_io(self.place(key), io_error(error))),
            }
        }
    }

    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        check_key(key)?;
        let request = self.client.get_object().bucket(&self.bucket).key(key).send();
        self.runtime.block_on(async {
            match request.await {
                Ok(object) => {
                    let body = object.body.collect().await;
                    let body = body.map_err(|error| StoreError::from_io(self.place(key), broken(error)))?;
                    Ok(Some(body.into_bytes().to_vec()))
                }
                Err(error) if status(&error) == 404 => Ok(None),
                Err(error) => Err(StoreError::from_io(self.place(key), io_error(error))),
            }
        })
    }

    fn exists(&self, key: &str) -> Result<bool, StoreError> {
        Ok(self.head(key, None)?.is_some())
    }

    fn list(&self, prefix: &str) -> Result<Vec<ObjectMeta>, StoreError> {
        let mut pages = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix).into_paginator().send();
        self.runtime.block_on(async {
            let mut found = Vec::new();
            while let Some(page) = pages.next().await {
                let page = page.map_err(|error| StoreError::from_io(self.place(prefix), io_error(error)))?;
                found.extend(page.contents.into_iter().flatten().filter_map(|object| {
                    let len = object.size.and_then(|len| u64::try_from(len).ok()).unwrap_or(0);
                    Some(ObjectMeta { key: object.key?, len })
                }));
            }
            Ok(found)
        })
    }

    fn delete(&self, key: &str) -> Result<(), StoreError> {
        check_key(key)?;
        let request = self.client.delete_object().bucket(&self.bucket).key(key).send();
        let deleted = self.runtime.block_on(request);
        deleted.map(drop).map_err(|error| StoreError::from_io(self.place(key), io_error(error)))
    }
}

/// A body that broke off: the same request may get it whole.
fn broken(error: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, error.to_string())
}

/// One version of an object, read by ranges.
struct S3Object {
    client: Client,
    bucket: String,
    key: String,
    version: Option<String>,
    len: u64,
    /// The last blocks fetched, the newest last.
    blocks: Mutex<VecDeque<Block>>,
    runtime: Handle,
}

impl S3Object {
    /// Bytes from `start` to before `end`, which lie inside the object.
    fn fetch(&self, start: u64, end: u64) -> io::Result<Bytes> {
        let request = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(&self.key)
            .set_version_id(self.version.clone())
            .range(format!("bytes={start}-{}", end - 1))
            .send();
        let body = self.runtime.block_on(async {
            let object = request.await.map_err(io_error)?;
            object.body.collect().await.map(|body| body.into_bytes()).map_err(broken)
        })?;
        if body.len() as u64 == end - start { Ok(body) } else { Err(broken("a range came back short")) }
    }

    /// A block with the byte at an offset, which lies inside the object.
    fn block(&self, at: u64) -> io::Result<Block> {
        let blocks = || self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        let held = blocks().iter().find(|block| (block.start..block.end()).contains(&at)).cloned();
        if let Some(held) = held {
            return Ok(held);
        }
        let (start, length) = match blocks().back() {
            Some(last) if last.end() == at => (at, LONGEST_BLOCK.min(2 * last.bytes.len() as u64)),
            _ => (at / BLOCK * BLOCK, BLOCK),
        };
        let block = Block { start, bytes: self.fetch(start, self.len.min(start + length))? };
        let mut blocks = blocks();
        if blocks.len() == BLOCKS {
            blocks.pop_front();
        }
        blocks.push_back(block.clone());
        Ok(block)
    }
}

/// A part of an object.
#[derive(Clone)]
struct Block {
    start: u64,
    bytes: Bytes,
}

impl Block {
    fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl RangedRead for S3Object {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let end = self.len.min(offset.saturating_add(buffer.len() as u64));
        if offset >= end {
            return Ok(0);
        }
        let count = usize::try_from(end - offset).unwrap_or(usize::MAX);
        if end - offset >= BLOCK {
            buffer[..count].copy_from_slice(&self.fetch(offset, end)?);
            return Ok(count);
        }
        let mut filled = 0;
        while filled < count {
            let at = offset + filled as u64;
            let block = self.block(at)?;
            let from = usize::try_from(at - block.start).unwrap_or(usize::MAX);
            let part = (block.bytes.len() - from).min(count - filled);
            buffer[filled..filled + part].copy_from_slice(&block.bytes[from..from + part]);
            filled += part;
        }
        Ok(count)
    }
}
