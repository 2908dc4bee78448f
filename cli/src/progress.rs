//! Progress on a terminal: one bar a stage; nothing where standard error is no terminal or `--json` asks for quiet.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Bars for the stages of one run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Progress {
    shown: bool,
}

impl Progress {
    /// Bars on standard error when it is a terminal and `wanted`.
    pub(crate) fn new(wanted: bool) -> Self {
        Self { shown: wanted }
    }

    /// A count of pages, whose number nobody knows before.
    pub(crate) fn pages(self, source: &str) -> ProgressBar {
        let target = if self.shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        let style = ProgressStyle::with_template("  {prefix:<24} {spinner} {pos:>4} pages {msg} {elapsed:>5}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_prefix(format!("pull {source}"));
        bar.enable_steady_tick(Duration::from_millis(100));
        bar
    }

    /// The bar of a stage of `steps` steps.
    pub(crate) fn stage(self, name: &str, steps: usize) -> ProgressBar {
        let target = if self.shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(steps as u64), target);
        let style = ProgressStyle::with_template("  {prefix:<24} {bar:30.cyan/dim} {pos:>4}/{len} {elapsed:>5}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_prefix(name.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        bar
    }
}
