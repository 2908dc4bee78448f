//! Streaming writes to S3: parts are uploaded while the next one fills, and the object appears when all are joined.

use std::{
    collections::VecDeque,
    io::{self, Write},
};

use aws_sdk_s3::{
    Client,
    primitives::ByteStream,
    types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart},
};
use tokio::{runtime::Handle, task::JoinHandle};

use super::fault::io_error;
use crate::{ObjectWriter, StoreError};

/// Bytes of a part: 10,000 of them, which is the most S3 joins, make 80 GiB.
const PART: usize = 8 << 20;
/// Parts on their way at once; memory is one more.
const IN_FLIGHT: usize = 2;

/// An object being written. Dropped without a commit, its upload is given up; the bucket's lifecycle rule removes what
/// a killed process leaves.
pub(super) struct MultipartWriter {
    client: Client,
    bucket: String,
    key: String,
    runtime: Handle,
    buffer: Vec<u8>,
    upload: Option<String>,
    sent: i32,
    flying: VecDeque<JoinHandle<io::Result<CompletedPart>>>,
    parts: Vec<CompletedPart>,
}

impl MultipartWriter {
    pub(super) fn new(client: Client, bucket: &str, key: &str, runtime: Handle) -> Self {
        Self {
            client,
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            runtime,
            buffer: Vec::new(),
            upload: None,
            sent: 0,
            flying: VecDeque::new(),
            parts: Vec::new(),
        }
    }

    fn begin(&mut self) -> io::Result<String> {
        if let Some(upload) = &self.upload {
            return Ok(upload.clone());
        }
        let request = self
            .client
            .create_multipart_upload()
            .bucket(&self.bucket)
            .key(&self.key)
            .checksum_algorithm(ChecksumAlgorithm::Crc32)
            .send();
        let upload = self.runtime.block_on(request).map_err(io_error)?.upload_id;
        let upload = upload.ok_or_else(|| io::Error::other("S3 began an upload without a name"))?;
        Ok(self.upload.insert(upload).clone())
    }

    /// Sends the buffer on its way as the next part.
    fn send(&mut self) -> io::Result<()> {
        let upload = self.begin()?;
        while self.flying.len() >= IN_FLIGHT {
            self.land()?;
        }
        self.sent += 1;
        let number = self.sent;
        let request = self
            .client
            .upload_part()
            .bucket(&self.bucket)
            .key(&self.key)
            .upload_id(upload)
            .part_number(number)
            .checksum_algorithm(ChecksumAlgorithm::Crc32)
            .body(ByteStream::from(std::mem::take(&mut self.buffer)));
        self.flying.push_back(self.runtime.spawn(async move {
            let part = request.send().await.map_err(io_error)?;
            let done = CompletedPart::builder().part_number(number).set_e_tag(part.e_tag);
            Ok(done.set_checksum_crc32(part.checksum_crc32).build())
        }));
        Ok(())
    }

    /// Waits for the part that was sent first.
    fn land(&mut self) -> io::Result<()> {
        if let Some(part) = self.flying.pop_front() {
            self.parts.push(self.runtime.block_on(part).map_err(io::Error::other)??);
        }
        Ok(())
    }

    fn complete(&mut self) -> io::Result<()> {
        if self.upload.is_none() {
            let body = ByteStream::from(std::mem::take(&mut self.buffer));
            let request = self.client.put_object().bucket(&self.bucket).key(&self.key).body(body).send();
            return self.runtime.block_on(request).map(drop).map_err(io_error);
        }
        if !self.buffer.is_empty() {
            self.send()?;
        }
        while !self.flying.is_empty() {
            self.land()?;
        }
        let parts = CompletedMultipartUpload::builder().set_parts(Some(std::mem::take(&mut self.parts))).build();
        let request = self
            .client
            .complete_multipart_upload()
            .bucket(&self.bucket)
            .key(&self.key)
            .set_upload_id(self.upload.clone())
            .multipart_upload(parts)
            .send();
        self.runtime.block_on(request).map_err(io_error)?;
        self.upload = None;
        Ok(())
    }
}

impl Write for MultipartWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(PART - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..taken]);
        if self.buffer.len() == PART {
            self.send()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl ObjectWriter for MultipartWriter {
    fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        let place = format!("s3://{}/{}", self.bucket, self.key);
        self.complete().map_err(|source| StoreError::from_io(place, source))
    }
}

impl Drop for MultipartWriter {
    fn drop(&mut self) {
        let Some(upload) = self.upload.take() else { return };
        self.flying.drain(..).for_each(|part| part.abort());
        let request = self.client.abort_multipart_upload().bucket(&self.bucket).key(&self.key).upload_id(upload);
        // Nobody waits for the answer: an upload that stays behind shows nothing and ends by the lifecycle rule.
        drop(self.runtime.spawn(request.send()));
    }
}
