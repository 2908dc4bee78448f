//! The aggregate functions: percentiles, spread, and counts of conditions.

use rusqlite::{
    Error, Result,
    functions::{Aggregate, Context},
    types::{Type, ValueRef},
};

/// `approx_percentile(x, p)`: nulls are left out, and nothing but nulls gives null.
///
/// Exact, with linear interpolation at `p * (n - 1)` as in PERCENTILE_CONT, so the median of an even
/// count is the mean of the two middle values; the answer is a real even for integers. Athena's may
/// differ by its approximation. Holds 8 bytes a value of each group being computed.
pub(crate) struct Percentile;

#[derive(Default)]
pub(crate) struct Values {
    values: Vec<f64>,
    share: f64,
}

impl Aggregate<Values, Option<f64>> for Percentile {
    fn init(&self, _: &mut Context<'_>) -> Result<Values> {
        Ok(Values::default())
    }

    #[expect(clippy::cast_precision_loss, reason = "SQL arithmetic on reals")]
    fn step(&self, context: &mut Context<'_>, all: &mut Values) -> Result<()> {
        all.share = context.get(1)?;
        if !(0.0..=1.0).contains(&all.share) {
            let message = format!("approx_percentile: `{}` is not between 0 and 1", all.share);
            return Err(Error::UserFunctionError(message.into()));
        }
        match context.get_raw(0) {
            ValueRef::Integer(value) => all.values.push(value as f64),
            ValueRef::Real(value) => all.values.push(value),
            ValueRef::Null => {}
            other => return Err(Error::InvalidFunctionParameterType(0, other.data_type())),
        }
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, all: Option<Values>) -> Result<Option<f64>> {
        Ok(all.and_then(|mut all| percentile(&mut all.values, all.share)))
    }
}

/// Mean and spread of numbers, as Welford's method updates them.
#[derive(Clone, Copy, Default)]
pub(crate) struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

/// `stddev`, `variance` and their kin: what to make of count and sum of squared deviations.
pub(crate) struct Spread {
    pub(crate) sample: bool,
    pub(crate) root: bool,
}

impl Aggregate<Moments, Option<f64>> for Spread {
    fn init(&self, _: &mut Context<'_>) -> Result<Moments> {
        Ok(Moments::default())
    }

    fn step(&self, context: &mut Context<'_>, moments: &mut Moments) -> Result<()> {
        if context.get_raw(0).data_type() != Type::Null {
            let value: f64 = context.get(0)?;
            moments.count += 1.0;
            let off = value - moments.mean;
            moments.mean += off / moments.count;
            moments.squares += off * (value - moments.mean);
        }
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, moments: Option<Moments>) -> Result<Option<f64>> {
        let Some(moments) = moments else { return Ok(None) };
        let divisor = moments.count - if self.sample { 1.0 } else { 0.0 };
        let variance = (divisor > 0.0).then(|| moments.squares / divisor);
        Ok(if self.root { variance.map(f64::sqrt) } else { variance })
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the place lies between 0 and the count"
)]
fn percentile(values: &mut [f64], share: f64) -> Option<f64> {
    let place = share * values.len().checked_sub(1)? as f64;
    let below = place.floor() as usize;
    let (_, lower, above) = values.select_nth_unstable_by(below, f64::total_cmp);
    let lower = *lower;
    let upper = above.iter().copied().min_by(f64::total_cmp).unwrap_or(lower);
    Some(lower + (upper - lower) * place.fract())
}

/// How often a condition was known and how often true.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) count: i64,
    pub(crate) true_count: i64,
}

/// What to make of a tally; null where nothing was known.
pub(crate) type Verdict = fn(&Tally) -> Option<i64>;

/// `count_if` and its kin.
pub(crate) struct Conditions(pub(crate) Verdict);

impl Aggregate<Tally, Option<i64>> for Conditions {
    fn init(&self, _: &mut Context<'_>) -> Result<Tally> {
        Ok(Tally::default())
    }

    fn step(&self, context: &mut Context<'_>, tally: &mut Tally) -> Result<()> {
        if let Some(met) = context.get::<Option<bool>>(0)? {
            tally.count += 1;
            tally.true_count += i64::from(met);
        }
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, tally: Option<Tally>) -> Result<Option<i64>> {
        Ok((self.0)(&tally.unwrap_or_default()))
    }
}
