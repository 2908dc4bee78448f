//! The properties that exist: streets with neighbors, buildings with units, families and landlords.

use super::{
    names,
    places::{CITIES, City, STREETS, SUFFIXES},
    random::Random,
};

/// One dwelling as it truly is, before any office writes it down.
#[derive(Clone)]
pub(crate) struct Property {
    pub(crate) address: Address,
    pub(crate) city: &'static City,
    pub(crate) zip: u32,
    pub(crate) owner: Person,
    pub(crate) bedrooms: u64,
    /// Half bathrooms count 1, full ones 2.
    pub(crate) half_baths: u64,
    pub(crate) sqft: u64,
    pub(crate) year_built: u64,
    pub(crate) value: u64,
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
}

/// Where a dwelling stands; `direction` and `suffix` are rows of the tables in `places`.
#[derive(Clone)]
pub(crate) struct Address {
    pub(crate) number: u64,
    pub(crate) direction: Option<usize>,
    pub(crate) street: &'static str,
    pub(crate) suffix: usize,
    pub(crate) unit: Option<String>,
}

#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) first: &'static str,
    pub(crate) middle: Option<char>,
    pub(crate) last: &'static str,
}

impl Person {
    pub(crate) fn any(random: &mut Random) -> Self {
        Self {
            first: *random.pick(names::FIRST),
            middle: random.chance(0.1).then(|| char::from(b'A' + random.below(26) as u8)),
            last: *random.pick(names::LAST),
        }
    }

    /// Owners along a street: some own the next lot too, some live beside their family.
    fn beside(random: &mut Random, neighbor: &Self) -> Self {
        match random.below(100) {
            0..5 => neighbor.clone(),
            5..13 => Self { last: neighbor.last, ..Self::any(random) },
            _ => Self::any(random),
        }
    }
}

/// All properties, street by street, without end; at most one street is in memory.
pub(crate) struct World {
    seed: u64,
    streets: u64,
    waiting: std::vec::IntoIter<Property>,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, streets: 0, waiting: Vec::new().into_iter() }
    }
}

impl Iterator for World {
    type Item = Property;

    fn next(&mut self) -> Option<Property> {
        loop {
            if let Some(property) = self.waiting.next() {
                return Some(property);
            }
            self.waiting = Street::new(self.seed, self.streets).properties().into_iter();
            self.streets += 1;
        }
    }
}

/// One stretch of a street, with what its houses have in common.
struct Street {
    random: Random,
    city: &'static City,
    zip: u32,
    address: Address,
    year_built: u64,
    dollars_per_sqft: f64,
    latitude: f64,
    longitude: f64,
}

/// House numbers a stretch may use, so that the next stretch of the same street never repeats one.
const STRETCH: u64 = 200;

impl Street {
    /// Streets come in twins that share name and numbers: `Oak St` and `Oak Ave`, or N and S.
    fn new(seed: u64, index: u64) -> Self {
        let cities = CITIES.len() as u64;
        let (place, nth) = (index % cities, index / cities);
        let (pair, second) = (nth / 2, nth % 2 == 1);
        let mut shared = Random::part(seed, 2 * (pair * cities + place));
        let mut random = Random::part(seed, 2 * index + 1);
        let city = &CITIES[place as usize];
        let (street, first_number) = street_of(seed, place, pair);
        let zip = city.first_zip + shared.below(u64::from(city.zips)) as u32;
        let (direction, suffix) = twin(&mut shared, second);
        let rough = f64::from((zip * 7) % 5) * 0.1;
        Self {
            city,
            zip,
            address: Address { number: first_number, direction, street, suffix, unit: None },
            year_built: random.between(1905, 2018),
            dollars_per_sqft: city.dollars_per_sqft * (0.8 + rough),
            latitude: city.latitude + 0.1 * (random.unit() - 0.5),
            longitude: city.longitude + 0.1 * (random.unit() - 0.5),
            random,
        }
    }

    fn properties(mut self) -> Vec<Property> {
        let mut properties = Vec::new();
        let mut owner = Person::any(&mut self.random);
        for _ in 0..self.random.between(25, 45) {
            self.address.number += self.random.between(1, 3);
            self.latitude += 0.0002;
            if self.random.chance(0.04) {
                self.building(&mut properties);
            } else {
                owner = Person::beside(&mut self.random, &owner);
                let plan = Plan::house(&mut self.random);
                let year = self.year_built + self.random.below(8);
                properties.push(self.property(None, owner.clone(), &plan, year));
            }
        }
        properties
    }

    /// Units above each other share a floor plan, so only unit, owner and value tell them apart.
    fn building(&mut self, properties: &mut Vec<Property>) {
        let floors = self.random.between(2, 6);
        let lines = self.random.between(2, 4);
        let lettered = self.random.chance(0.6);
        let plans: Vec<Plan> = (0..lines).map(|_| Plan::flat(&mut self.random)).collect();
        let landlord = Person::any(&mut self.random);
        let year = self.year_built + self.random.below(8);
        for floor in 1..=floors {
            for (line, plan) in (1u8..).zip(&plans) {
                let unit = match lettered {
                    true => format!("{floor}{}", char::from(b'A' + line - 1)),
                    false => format!("{floor}{line:02}"),
                };
                let owner = match self.random.chance(0.12) {
                    true => landlord.clone(),
                    false => Person::any(&mut self.random),
                };
                properties.push(self.property(Some(unit), owner, plan, year));
            }
        }
    }

    fn property(&mut self, unit: Option<String>, owner: Person, plan: &Plan, year_built: u64) -> Property {
        let value = self.random.jitter(plan.sqft as f64 * self.dollars_per_sqft, 0.15);
        Property {
            address: Address { unit, ..self.address.clone() },
            city: self.city,
            zip: self.zip,
            owner,
            bedrooms: plan.bedrooms,
            half_baths: plan.half_baths,
            sqft: plan.sqft,
            year_built,
            value: (value / 100.0).round() as u64 * 100,
            latitude: self.latitude,
            longitude: self.longitude,
        }
    }
}

/// Name and first number of a city's pair of streets; no two pairs of a city share a number.
fn street_of(seed: u64, place: u64, pair: u64) -> (&'static str, u64) {
    let count = STREETS.len() as u64;
    let name = (pair + Random::part(seed, place).below(count)) * 37 % count;
    let start = Random::part(seed, place * count + name).below(40) * 100;
    (STREETS[name as usize], start + pair / count * STRETCH)
}

fn twin(shared: &mut Random, second: bool) -> (Option<usize>, usize) {
    let count = SUFFIXES.len() as u64;
    // The smaller of two draws makes the common suffixes common.
    let suffix = shared.below(count).min(shared.below(count));
    let pole = 2 * shared.below(2);
    if shared.chance(0.3) {
        return (Some((pole + u64::from(second)) as usize), suffix as usize);
    }
    let direction = shared.chance(0.25).then_some(pole as usize);
    let other = (suffix + shared.between(1, 3)) % count;
    (direction, if second { other } else { suffix } as usize)
}

/// What the inside looks like.
struct Plan {
    bedrooms: u64,
    half_baths: u64,
    sqft: u64,
}

impl Plan {
    fn house(random: &mut Random) -> Self {
        Self::of(random.between(2, 4) + random.below(3) / 2, random)
    }

    fn flat(random: &mut Random) -> Self {
        Self::of(random.between(1, 3), random)
    }

    fn of(bedrooms: u64, random: &mut Random) -> Self {
        Self {
            bedrooms,
            half_baths: 2 + random.below(2 * bedrooms),
            sqft: random.jitter(350.0 + 420.0 * bedrooms as f64, 0.3) as u64,
        }
    }
}
