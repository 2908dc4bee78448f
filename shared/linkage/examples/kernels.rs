//! Measures the distance kernels beside those of `rapidfuzz`, on the same generated names:
//! `cargo run --release -p lotline-linkage --example kernels`.
//!
//! The values of a block are compared as in linking, every left one with every right one. Preparing patterns, or the
//! comparators of `rapidfuzz`, is part of what is measured.

use std::hint::black_box;
use std::io::{self, Write};
use std::str::Bytes;
use std::time::Instant;
use std::{array, fs};

use lotline_linkage::distance::{self, Pattern};
use rapidfuzz::distance::{jaro_winkler, levenshtein};

/// So many that no processor learns by heart which pairs are alike.
const BLOCKS: usize = 500;
/// The names behind the values of a block: one pair in so many is of misspellings of the same name.
const NAMES: usize = 10;
/// Values on the right of a block; on the left is every name once as it is and once misspelled.
const RIGHT: usize = 100;
const LEAST: f64 = 0.9;
const MOST: usize = 2;

struct Block {
    left: Vec<String>,
    right: Vec<String>,
}

fn main() -> io::Result<()> {
    let mut random = Random(7);
    let blocks: Vec<Block> = (0..BLOCKS).map(|_| random.block()).collect();
    let holding = |compare: fn(&str, &str) -> bool| blocks.iter().map(|block| block.texts(compare)).sum::<u64>();
    let like = holding(|left, right| distance::jaro_winkler_at_least(left, right, LEAST));
    let close = holding(|left, right| distance::levenshtein_at_most(left, right, MOST));
    let (left, pairs) = (2 * NAMES, BLOCKS * 2 * NAMES * RIGHT);
    let mut out = io::stdout().lock();
    writeln!(out, "{pairs} pairs of names of 5 to 15 letters in blocks of {left} by {RIGHT}, one pair in {NAMES} of")?;
    writeln!(
        out,
        "the same name misspelled; {like} reach Jaro-Winkler {LEAST}, {close} are at most {MOST} edits apart\n"
    )?;
    writeln!(out, "million pairs a CPU-second   rapidfuzz  its comparators  texts  patterns")?;
    similarity(&mut out, &blocks)?;
    similarity_at_least(&mut out, &blocks)?;
    edits_at_most(&mut out, &blocks)
}

fn similarity(out: &mut impl Write, blocks: &[Block]) -> io::Result<()> {
    let sum = |values: Vec<f64>| values.into_iter().sum::<f64>();
    let speeds = [
        speed(blocks, |block| block.texts(|left, right| jaro_winkler::similarity(left.bytes(), right.bytes()) > LEAST)),
        speed(blocks, |block| {
            block.comparators(jaro_winkler::BatchComparator::new, |left, right| left.similarity(right.bytes()) > LEAST)
        }),
        speed(blocks, |block| block.texts(|left, right| distance::jaro_winkler(left, right) > LEAST)),
        speed(blocks, |block| block.patterns(|left, right| sum(left.jaro_winkler_each(right)) as u64)),
    ];
    report(out, "Jaro-Winkler", speeds)
}

fn similarity_at_least(out: &mut impl Write, blocks: &[Block]) -> io::Result<()> {
    let cut = jaro_winkler::Args::default().score_cutoff(LEAST);
    let speeds = [
        speed(blocks, |block| {
            block.texts(|left, right| jaro_winkler::similarity_with_args(left.bytes(), right.bytes(), &cut).is_some())
        }),
        speed(blocks, |block| {
            block.comparators(jaro_winkler::BatchComparator::new, |left, right| {
                left.similarity_with_args(right.bytes(), &cut).is_some()
            })
        }),
        speed(blocks, |block| block.texts(|left, right| distance::jaro_winkler_at_least(left, right, LEAST))),
        speed(blocks, |block| {
            block.patterns(|left, right| count(right, |right| left.jaro_winkler_at_least(right, LEAST)))
        }),
    ];
    report(out, "Jaro-Winkler at least 0.9", speeds)
}

fn edits_at_most(out: &mut impl Write, blocks: &[Block]) -> io::Result<()> {
    let cut = levenshtein::Args::default().score_cutoff(MOST);
    let speeds = [
        speed(blocks, |block| {
            block.texts(|left, right| levenshtein::distance_with_args(left.bytes(), right.bytes(), &cut).is_some())
        }),
        speed(blocks, |block| {
            block.comparators(levenshtein::BatchComparator::new, |left, right| {
                left.distance_with_args(right.bytes(), &cut).is_some()
            })
        }),
        speed(blocks, |block| block.texts(|left, right| distance::levenshtein_at_most(left, right, MOST))),
        speed(blocks, |block| {
            block.patterns(|left, right| count(right, |right| left.levenshtein_at_most(right, MOST)))
        }),
    ];
    report(out, "Levenshtein at most 2", speeds)
}

fn report(out: &mut impl Write, name: &str, speeds: [f64; 4]) -> io::Result<()> {
    let [texts, comparators, our_texts, patterns] = speeds;
    writeln!(out, "{name:<28} {texts:>9.1} {comparators:>16.1} {our_texts:>6.1} {patterns:>9.1}")
}

fn count(rights: &[Pattern<'_>], holds: impl Fn(&Pattern<'_>) -> bool) -> u64 {
    rights.iter().map(|right| u64::from(holds(right))).sum()
}

impl Block {
    /// In how many pairs something holds, asked of the texts.
    fn texts(&self, holds: impl Fn(&str, &str) -> bool) -> u64 {
        let right = |left: &str| self.right.iter().map(|right| u64::from(holds(left, right))).sum::<u64>();
        self.left.iter().map(|left| right(left)).sum()
    }

    /// In how many pairs something holds, asked of what is made once of each left value.
    fn comparators<'a, C>(&'a self, make: impl Fn(Bytes<'a>) -> C, holds: impl Fn(&C, &str) -> bool) -> u64 {
        let right = |left: C| self.right.iter().map(|right| u64::from(holds(&left, right))).sum::<u64>();
        self.left.iter().map(|left| right(make(left.bytes()))).sum()
    }

    /// The sum over the left values of something asked of patterns.
    fn patterns(&self, ask: impl Fn(&Pattern<'_>, &[Pattern<'_>]) -> u64) -> u64 {
        let rights: Vec<Pattern> = self.right.iter().map(|right| Pattern::new(right)).collect();
        self.left.iter().map(|left| ask(&Pattern::new(left), &rights)).sum()
    }

    fn pairs(&self) -> usize {
        self.left.len() * self.right.len()
    }
}

/// Million pairs a CPU-second, the best of five rounds of two fifths of a second or more.
fn speed(blocks: &[Block], work: impl Fn(&Block) -> u64) -> f64 {
    let round = || {
        let (start, mut pairs) = (Clock::start(), 0);
        while start.seconds() < 0.4 {
            for block in blocks {
                black_box(work(black_box(block)));
                pairs += block.pairs();
            }
        }
        pairs as f64 / start.seconds() / 1e6
    };
    array::from_fn::<f64, 5, _>(|_| round()).into_iter().fold(0.0, f64::max)
}

/// Processor time of this thread where the kernel tells it, else time by the clock on the wall.
struct Clock {
    wall: Instant,
    processor: Option<f64>,
}

impl Clock {
    fn start() -> Self {
        Self { wall: Instant::now(), processor: processor_seconds() }
    }

    fn seconds(&self) -> f64 {
        match (self.processor, processor_seconds()) {
            (Some(start), Some(now)) => now - start,
            _ => self.wall.elapsed().as_secs_f64(),
        }
    }
}

fn processor_seconds() -> Option<f64> {
    let nanoseconds: f64 = fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}

/// SplitMix64 (Steele, Lea & Flood 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((word ^ (word >> 31)) % bound as u64) as usize
    }

    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    fn block(&mut self) -> Block {
        let names: Vec<String> = (0..NAMES).map(|_| self.name()).collect();
        let misspelled: Vec<String> = names.iter().map(|name| self.misspelled(name)).collect();
        let chosen: Vec<usize> = (0..RIGHT).map(|_| self.below(NAMES)).collect();
        let right = chosen.into_iter().map(|name| self.misspelled(&names[name])).collect();
        Block { left: [names, misspelled].concat(), right }
    }

    /// A name of 5 to 15 letters, all lengths alike, with the letters and syllables of English names.
    fn name(&mut self) -> String {
        let (len, mut name) = (5 + self.below(11), String::new());
        while name.len() < len {
            name += self.pick(&[
                "B", "BR", "C", "CH", "D", "F", "G", "H", "J", "K", "L", "M", "N", "P", "R", "S", "ST", "T", "W",
            ]);
            name += self.pick(&["A", "A", "E", "E", "I", "O", "U", "AI", "EA", "EE"]);
            name += self.pick(&["", "", "", "L", "LL", "M", "N", "NG", "R", "RD", "S", "SON", "T", "TON"]);
        }
        name.truncate(len);
        name
    }

    /// A name with one or two letters replaced, doubled, left out or exchanged.
    fn misspelled(&mut self, name: &str) -> String {
        let mut letters = name.as_bytes().to_vec();
        for _ in 0..1 + self.below(2) {
            let place = self.below(letters.len() - 1);
            match self.below(4) {
                0 => letters[place] = b'A' + self.below(26) as u8,
                1 if letters.len() < 15 => letters.insert(place, letters[place]),
                2 if letters.len() > 5 => drop(letters.remove(place)),
                _ => letters.swap(place, place + 1),
            }
        }
        letters.into_iter().map(char::from).collect()
    }
}
