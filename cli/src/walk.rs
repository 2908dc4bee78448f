//! Walking a job's stages in order, the steps of a stage side by side on a bounded pool of workers.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use lotline_stages::{
    Manifest, StageError, ingest, link,
    publish::{self, PublishRequest},
    receipt::Receipt,
    summarize::{self, SummarizeRequest},
    validate,
};
use lotline_store::Stores;

use crate::{output::peak_rss_bytes, progress::Progress};

/// One run on this machine.
pub(crate) struct Walk<'a> {
    pub(crate) stores: &'a Stores,
    pub(crate) manifest: &'a Manifest,
    pub(crate) threads: usize,
    pub(crate) progress: Progress,
    pub(crate) started: Instant,
}

impl Walk<'_> {
    /// Ingest, validate, link, summarize, publish.
    pub(crate) fn run(&self) -> Result<Receipt, StageError> {
        let job = self.manifest.job()?;
        let run_id = &self.manifest.run_id;
        self.sources(job.sources.keys())?;
        validate::gate(self.stores, self.manifest)?;
        if job.link.is_some() {
            self.link()?;
        }
        self.stage("summarize", &[()], |()| {
            summarize::run(self.stores, &SummarizeRequest { run_id: run_id.clone() }).map(drop)
        })?;
        let receipt = Mutex::new(None);
        self.stage("publish", &[()], |()| {
            let request = PublishRequest {
                run_id: run_id.clone(),
                elapsed_s: Some(self.started.elapsed().as_secs_f64()),
                peak_rss_bytes: Some(peak_rss_bytes()),
            };
            let published = publish::run(self.stores, &request)?;
            if let Ok(mut slot) = receipt.lock() {
                *slot = Some(published);
            }
            Ok(())
        })?;
        let receipt = receipt.into_inner().ok().flatten();
        receipt.ok_or_else(|| StageError::Internal("publish left no receipt".to_owned()))
    }

    fn sources<'s>(&self, sources: impl Iterator<Item = &'s String>) -> Result<(), StageError> {
        let sources: Vec<&String> = sources.collect();
        let files: Vec<(&String, usize)> = (sources.iter())
            .flat_map(|source| {
                let count = self.manifest.inputs.get(*source).map_or(0, Vec::len);
                (0..count).map(|file| (*source, file))
            })
            .collect();
        self.stage("ingest", &files, |(source, file)| {
            ingest::file(self.stores, self.manifest, source, *file).map(drop)
        })?;
        for source in sources {
            let chunks = validate::chunks(self.stores, self.manifest, source)?;
            self.stage(&format!("validate {source}"), &chunks, |(file, chunk)| {
                validate::chunk(self.stores, self.manifest, source, *file, *chunk).map(drop)
            })?;
            let buckets: Vec<u32> = (0..validate::buckets(self.manifest, source)).collect();
            self.stage(&format!("latest {source}"), &buckets, |bucket| {
                validate::bucket(self.stores, self.manifest, source, *bucket).map(drop)
            })?;
            self.stage(&format!("merge {source}"), &[()], |()| {
                validate::table(self.stores, self.manifest, source).map(drop)
            })?;
        }
        Ok(())
    }

    /// Plan, project, train, match, settle.
    pub(crate) fn link(&self) -> Result<(), StageError> {
        self.stage("link: plan", &[()], |()| link::plan(self.stores, self.manifest).map(drop))?;
        let parts: Vec<usize> = (0..link::plan_report(self.stores, self.manifest)?.parts.len()).collect();
        self.stage("link: project", &parts, |part| link::project(self.stores, self.manifest, *part).map(drop))?;
        self.stage("link: train", &[()], |()| link::train(self.stores, self.manifest).map(drop))?;
        let shards: Vec<u32> = (0..link::plan_report(self.stores, self.manifest)?.shards).collect();
        self.stage("link: match", &shards, |shard| link::match_shard(self.stores, self.manifest, *shard).map(drop))?;
        self.stage("link: settle", &[()], |()| link::settle(self.stores, self.manifest).map(drop))
    }

    /// Does every step, on as many workers as there are threads; after the first failure no new step starts.
    fn stage<T: Sync>(
        &self,
        name: &str,
        steps: &[T],
        step: impl Fn(&T) -> Result<(), StageError> + Sync,
    ) -> Result<(), StageError> {
        let bar = self.progress.stage(name, steps.len());
        let next = AtomicUsize::new(0);
        let failed = AtomicBool::new(false);
        let worker = || -> Result<(), StageError> {
            while !failed.load(Ordering::Relaxed) {
                let Some(item) = steps.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                let stop = StopUnlessDone(&failed);
                step(item)?;
                std::mem::forget(stop);
                bar.inc(1);
            }
            Ok(())
        };
        let results: Vec<_> = thread::scope(|scope| {
            let workers: Vec<_> = (0..self.threads.min(steps.len())).map(|_| scope.spawn(worker)).collect();
            workers.into_iter().map(thread::ScopedJoinHandle::join).collect()
        });
        bar.finish();
        results.into_iter().try_for_each(|result| {
            result.unwrap_or_else(|_| Err(StageError::Internal(format!("a worker of `{name}` panicked"))))
        })
    }
}

/// Tells the other workers to stop when it is dropped: by a step's error or by its panic.
struct StopUnlessDone<'a>(&'a AtomicBool);

impl Drop for StopUnlessDone<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
