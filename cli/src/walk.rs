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
    Manifest, StageError, ingest,
    link::{self, LinkForecast, PlanReport},
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

    /// Plan, project, count where blocks may be left out, train, match, settle.
    pub(crate) fn link(&self) -> Result<(), StageError> {
        let plan = self.project()?;
        let shards: Vec<u32> = (0..plan.shards).collect();
        if plan.counts {
            self.count(&shards)?;
        }
        self.train()?;
        self.match_shards(&shards)?;
        self.stage("link: settle", &[()], |()| link::settle(self.stores, self.manifest).map(drop))
    }

    /// The same up to a single shard, from which the rest is foretold. Nothing is done in vain: linking goes on from
    /// there.
    pub(crate) fn forecast(&self) -> Result<LinkForecast, StageError> {
        let shards: Vec<u32> = (0..self.project()?.shards).collect();
        self.count(&shards)?;
        self.train()?;
        self.match_shards(&[link::trial_shard(self.stores, self.manifest)?])?;
        link::forecast(self.stores, self.manifest)
    }

    fn project(&self) -> Result<PlanReport, StageError> {
        self.stage("link: plan", &[()], |()| link::plan(self.stores, self.manifest).map(drop))?;
        let plan = link::plan_report(self.stores, self.manifest)?;
        let parts: Vec<usize> = (0..plan.parts.len()).collect();
        self.stage("link: project", &parts, |part| link::project(self.stores, self.manifest, *part).map(drop))?;
        Ok(plan)
    }

    fn count(&self, shards: &[u32]) -> Result<(), StageError> {
        self.stage("link: count", shards, |shard| link::count(self.stores, self.manifest, *shard).map(drop))
    }

    fn train(&self) -> Result<(), StageError> {
        self.stage("link: train", &[()], |()| link::train(self.stores, self.manifest).map(drop))
    }

    fn match_shards(&self, shards: &[u32]) -> Result<(), StageError> {
        self.stage("link: match", shards, |shard| link::match_shard(self.stores, self.manifest, *shard).map(drop))
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
