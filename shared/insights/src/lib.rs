//! Lotline insights.
