//! Weak bridges: links that hold two groups of records together alone, and links that were cut.

use super::{Clusters, Link};

pub(super) fn find(_pairs: &[Link], _threshold: f64, _clusters: &mut Clusters) {}
