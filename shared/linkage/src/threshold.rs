//! Thresholds chosen without labels: how many of the pairs above a match weight the model expects to be true.

use std::collections::BTreeMap;

use crate::model::Model;

/// Buckets a bit of match weight is cut into.
const BUCKETS_PER_BIT: f64 = 16.0;

/// Weights beyond this many bits are as good as certain, and share a bucket.
const MOST_BITS: f64 = 64.0;

/// How far off, in bits, all weights of a model may well be: what its expectations are tried against.
const MODEL_ERROR: f64 = 1.0;

/// How many pairs have which match weight, in buckets of a sixteenth of a bit. Counts add up, so that any split of the
/// pairs gives the same histogram.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WeightHistogram {
    counts: BTreeMap<i32, u64>,
}

/// A threshold and what to expect of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExpectedLinks {
    /// The least match weight of a link.
    pub match_weight: f64,
    /// Pairs of at least that weight.
    pub links: u64,
    /// The share of them that are true, as the model expects: their mean match probability.
    pub precision: f64,
    /// The true share may well be so much lower or higher: twice the spread that chance gives it, and what an error of
    /// one bit in all match weights would change.
    pub uncertainty: f64,
}

impl WeightHistogram {
    /// Counts a pair. One-to-one links are counted with the weight that their rivals leave them.
    pub fn count(&mut self, match_weight: f64) {
        let bucket = (match_weight.clamp(-MOST_BITS, MOST_BITS) * BUCKETS_PER_BIT).floor();
        *self.counts.entry(bucket as i32).or_default() += 1;
    }

    /// Adds the counts of other pairs.
    pub fn add(&mut self, other: &Self) {
        for (bucket, count) in &other.counts {
            *self.counts.entry(*bucket).or_default() += count;
        }
    }

    /// What to expect of the pairs of at least this match weight, taken down to the edge of its bucket.
    pub fn expect(&self, match_weight: f64) -> ExpectedLinks {
        let bucket = (match_weight.clamp(-MOST_BITS, MOST_BITS) * BUCKETS_PER_BIT).floor() as i32;
        let mut sums = Sums::default();
        self.counts.range(bucket..).rev().for_each(|(bucket, count)| sums.add(*bucket, *count));
        sums.expected(bucket)
    }

    /// The lowest threshold whose links are expected to be true at least by this share; none when not even the heaviest
    /// pairs are.
    pub fn choose(&self, expected_precision: f64) -> Option<ExpectedLinks> {
        let mut sums = Sums::default();
        let mut chosen = None;
        for (bucket, count) in self.counts.iter().rev() {
            sums.add(*bucket, *count);
            let expected = sums.expected(*bucket);
            // Each bucket is less probable than the one before, so that the mean only falls.
            if expected.precision < expected_precision {
                break;
            }
            chosen = Some(expected);
        }
        chosen
    }
}

/// Sums over buckets from the heaviest down, always in that order.
#[derive(Debug, Default)]
struct Sums {
    links: u64,
    matches: f64,
    variance: f64,
    lower: f64,
    upper: f64,
}

impl Sums {
    fn add(&mut self, bucket: i32, count: u64) {
        // The lower edge stands for the bucket: the expectation is rather too low than too high.
        let weight = f64::from(bucket) / BUCKETS_PER_BIT;
        let probability = Model::match_probability(weight);
        let pairs = count as f64;
        self.links += count;
        self.matches += pairs * probability;
        self.variance += pairs * probability * (1.0 - probability);
        self.lower += pairs * Model::match_probability(weight - MODEL_ERROR);
        self.upper += pairs * Model::match_probability(weight + MODEL_ERROR);
    }

    fn expected(&self, bucket: i32) -> ExpectedLinks {
        let links = self.links.max(1) as f64;
        let model = (self.matches - self.lower).max(self.upper - self.matches) / links;
        ExpectedLinks {
            match_weight: f64::from(bucket) / BUCKETS_PER_BIT,
            links: self.links,
            precision: self.matches / links,
            uncertainty: 2.0 * self.variance.sqrt() / links + model,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::WeightHistogram;

    fn histogram(weights: &[(f64, usize)]) -> WeightHistogram {
        let mut histogram = WeightHistogram::default();
        for (weight, count) in weights {
            (0..*count).for_each(|_| histogram.count(*weight));
        }
        histogram
    }

    #[test]
    fn the_lowest_threshold_that_keeps_the_precision() {
        // Ten all but certain pairs, ten at even odds: both together are 0.75 true.
        let histogram = histogram(&[(20.0, 10), (0.0, 10), (-5.0, 10)]);
        let strict = histogram.choose(0.9).unwrap();
        assert_eq!((strict.links, strict.match_weight), (10, 20.0));
        let loose = histogram.choose(0.74).unwrap();
        assert_eq!((loose.links, loose.match_weight), (20, 0.0));
        assert!((loose.precision - 0.75).abs() < 1e-6);
    }

    #[test]
    fn no_threshold_makes_certain_what_is_not() {
        assert_eq!(histogram(&[(3.0, 100)]).choose(0.95), None);
        assert_eq!(WeightHistogram::default().choose(0.5), None);
    }

    #[test]
    fn few_and_doubtful_links_are_less_certain() {
        let few = histogram(&[(2.0, 10)]).expect(0.0);
        let many = histogram(&[(2.0, 1000)]).expect(0.0);
        let sure = histogram(&[(12.0, 10)]).expect(0.0);
        assert!(few.uncertainty > many.uncertainty && few.uncertainty > sure.uncertainty);
        assert!(many.uncertainty > 0.05, "a bit less makes 0.8 of links 0.67");
    }

    #[test]
    fn any_split_adds_up_to_the_same() {
        let (mut one, other) = (histogram(&[(1.0, 3), (-80.0, 1)]), histogram(&[(1.03, 2), (90.0, 1)]));
        one.add(&other);
        assert_eq!(one, histogram(&[(90.0, 1), (1.03, 2), (1.0, 3), (-80.0, 1)]));
        assert_eq!(one.expect(1.0).links, 6);
    }
}
