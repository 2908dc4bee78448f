//! What the local server does besides reading: start runs in processes of their own, take uploads.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use chrono::{SecondsFormat, TimeDelta, Utc};
use lotline_api::{Actions, ApiError, ErrorKind, check_source, drop_key};
use lotline_store::SettingsFiles;
use serde_json::{Value, json};

use crate::job_folder;

/// How long an upload address is said to be good for; it is good for as long as the server runs.
const UPLOAD_SECONDS: i64 = 900;

/// The exit code of a command that failed.
const FAILED: i32 = 2;
/// How long a run may take to say that it cannot start.
const TIME_TO_REFUSE: Duration = Duration::from_secs(2);

/// Actions of a lake on this machine.
pub(super) struct LocalActions {
    /// The lake's folder.
    pub(super) lake: PathBuf,
    /// The folder of job folders.
    pub(super) jobs: PathBuf,
    /// The server's own address.
    pub(super) address: String,
}

impl LocalActions {
    /// The folder of a job, its files and the sources it has.
    fn job(&self, job: &str) -> Result<(PathBuf, SettingsFiles, Vec<String>), ApiError> {
        let folder = self.jobs.join(job);
        let is_plain = !job.is_empty() && !job.contains(['/', '\\']) && !job.starts_with('.');
        match is_plain.then(|| job_folder::read(&folder)) {
            Some(Ok((files, read))) => Ok((folder, files, read.sources.into_keys().collect())),
            _ => {
                let message = format!("job: found `{job}`, expected a job folder in {}", self.jobs.display());
                Err(ApiError { kind: ErrorKind::NotFound, message })
            }
        }
    }

    /// The key of a file that is sent for a source of a job.
    pub(super) fn key(&self, job: &str, source: &str, file: &str) -> Result<String, ApiError> {
        let (_, _, sources) = self.job(job)?;
        check_source(source, sources.iter().map(String::as_str))?;
        drop_key(job, source, file)
    }
}

impl Actions for LocalActions {
    fn settings(&self, job: &str) -> Result<SettingsFiles, ApiError> {
        let (_, files, _) = self.job(job)?;
        Ok(files)
    }

    fn start_run(&self, job: &str) -> Result<Value, ApiError> {
        let (folder, _, sources) = self.job(job)?;
        let inputs = sources.iter().map(|source| (source, self.lake.join("drop").join(job).join(source)));
        let mut command = Command::new(std::env::current_exe().map_err(|error| ApiError::internal(&error))?);
        command.arg("run").arg(&folder).arg("--lake").arg(&self.lake).arg("--json");
        for (source, folder) in inputs {
            if !folder.is_dir() {
                let message = format!("source: found no file for `{source}`, expected one that was uploaded");
                return Err(ApiError { kind: ErrorKind::NotReady, message });
            }
            command.arg("--input").arg(format!("{source}={}", folder.display()));
        }
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let child = child.map_err(|error| ApiError::internal(&error))?;
        let execution = format!("process-{}", child.id());
        let (sender, ended) = mpsc::channel();
        // Someone has to wait for it, or it stays behind as a zombie.
        thread::spawn(move || sender.send(child.wait_with_output()));
        // What cannot start says so at once; a run that started is in the list of runs, with its error.
        match ended.recv_timeout(TIME_TO_REFUSE) {
            Ok(Ok(output)) if output.status.code() == Some(FAILED) => {
                let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
                Err(ApiError { kind: ErrorKind::BadRequest, message: words })
            }
            Ok(Err(error)) => Err(ApiError::internal(&error)),
            Ok(Ok(_)) | Err(_) => Ok(json!({ "execution": execution })),
        }
    }

    fn upload_url(&self, job: &str, source: &str, file: &str) -> Result<Value, ApiError> {
        let key = self.key(job, source, file)?;
        let segments: Vec<String> = key.split('/').map(encoded).collect();
        let expires = Utc::now() + TimeDelta::seconds(UPLOAD_SECONDS);
        Ok(json!({
            "url": format!("{}/{}", self.address, segments.join("/")),
            "key": key,
            "expiresAt": expires.to_rfc3339_opts(SecondsFormat::Secs, true),
        }))
    }
}

/// A segment of a path with all but unreserved characters in percent.
fn encoded(segment: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    segment.bytes().map(byte).collect()
}
