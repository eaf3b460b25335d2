//! Assessment of units (考核): what a unit's score is made of, and how scores are ranked (domain.md §7 and §8).
//!
//! A score is 0 to 100 points, the sum of its parts; a part gives its weight's share of them, as far as it is achieved. A
//! part of which nothing was asked (no report due, none reviewed) says nothing about a unit: its weight goes to the
//! others. Points are exact in hundredths, so that equal scores are equal.

use crate::refusal::{Reason, Refusal};

/// How many of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// So many.
    pub part: i64,
    /// Of so many.
    pub whole: i64,
}

impl Share {
    /// The ratio, rounded to four decimals; none of nothing.
    pub fn ratio(self) -> Option<f64> {
        (self.whole != 0).then(|| rounded(self.part, self.whole, 4))
    }
}

/// A quotient, rounded half up to so many decimals. Both numbers count rows and are not below zero.
pub fn rounded(dividend: i64, divisor: i64, decimals: u32) -> f64 {
    let scale = 10_i128.pow(decimals);
    let (dividend, divisor) = (i128::from(dividend), i128::from(divisor).max(1));
    // Numbers of rows and percents: far below the 53 bits that are exact.
    half_up(dividend * scale, divisor) as f64 / scale as f64
}

fn half_up(dividend: i128, divisor: i128) -> i128 {
    (2 * dividend + divisor).div_euclid(2 * divisor)
}

/// What a score is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScorePart {
    /// Reports on time, of the reports due from the unit (报送及时率).
    Timeliness,
    /// Reports accepted at their first review, of those reviewed (一次通过率).
    FirstTimeAcceptance,
    /// Targets completed, ahead or on schedule, of those that the unit leads (序时进度).
    Progress,
}

impl ScorePart {
    /// All parts, in the order in which they are listed.
    pub const ALL: [Self; 3] = [Self::Timeliness, Self::FirstTimeAcceptance, Self::Progress];

    /// Its place in `ALL`.
    const fn place(self) -> usize {
        match self {
            Self::Timeliness => 0,
            Self::FirstTimeAcceptance => 1,
            Self::Progress => 2,
        }
    }
}

/// How much each part weighs, against the sum of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Weights {
    /// Of [`ScorePart::Timeliness`].
    pub timeliness: i32,
    /// Of [`ScorePart::FirstTimeAcceptance`].
    pub first_time_acceptance: i32,
    /// Of [`ScorePart::Progress`].
    pub progress: i32,
}

impl Default for Weights {
    /// Reporting and progress alike, half as much for reports that are good at once. Domain.md names none.
    fn default() -> Self {
        Self {
            timeliness: 40,
            first_time_acceptance: 20,
            progress: 40,
        }
    }
}

impl Weights {
    /// The most that a weight may be.
    pub const MOST: i32 = 1000;

    /// What is wrong with the weights, found in an argument of this name; nothing when they can be used.
    pub fn problems(&self, argument: &str) -> Vec<Refusal> {
        let named = [
            ("timeliness", self.timeliness),
            ("firstTimeAcceptance", self.first_time_acceptance),
            ("progress", self.progress),
        ];
        let mut problems: Vec<Refusal> = named
            .into_iter()
            .filter(|(_, weight)| !(0..=Self::MOST).contains(weight))
            .map(|(name, _)| Refusal {
                field: vec![argument.to_owned(), name.to_owned()],
                reason: Reason::OutOfRange {
                    least: 0,
                    most: i64::from(Self::MOST),
                },
            })
            .collect();
        if problems.is_empty() && named.iter().all(|(_, weight)| *weight == 0) {
            problems.push(Reason::NoWeight.at(argument));
        }
        problems
    }

    const fn of(&self, part: ScorePart) -> i32 {
        match part {
            ScorePart::Timeliness => self.timeliness,
            ScorePart::FirstTimeAcceptance => self.first_time_acceptance,
            ScorePart::Progress => self.progress,
        }
    }
}

/// What a unit has achieved, part by part, in the order of [`ScorePart::ALL`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Achieved(pub [Share; 3]);

/// A unit's score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// In hundredths of a point, 0 to 10 000; none when none of the parts that weigh anything can be measured.
    pub hundredths: Option<i64>,
    /// Its parts, in the order of [`ScorePart::ALL`].
    pub parts: [PartScore; 3],
}

/// One part of a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartScore {
    /// Which.
    pub part: ScorePart,
    /// What was achieved of what was asked.
    pub share: Share,
    /// The most that it can give this unit, in hundredths of a point; 0 when it weighs nothing or cannot be measured.
    pub weight: i64,
    /// What it gives, in hundredths of a point, rounded.
    pub points: i64,
}

/// The score for what a unit has achieved.
pub fn score(achieved: &Achieved, weights: &Weights) -> Score {
    let share = |part: ScorePart| achieved.0[part.place()];
    let weight = |part: ScorePart| {
        let measured = share(part).whole > 0;
        i128::from(if measured { weights.of(part).max(0) } else { 0 })
    };
    let sum: i128 = ScorePart::ALL.into_iter().map(weight).sum();
    let hundredths = |dividend: i128, divisor: i128| {
        let rounded = half_up(10_000 * dividend, divisor.max(1));
        i64::try_from(rounded).unwrap_or(i64::MAX)
    };
    // The parts over one denominator, so that the whole is rounded once and three thirds are one.
    let wholes = |but: Option<ScorePart>| -> i128 {
        ScorePart::ALL
            .into_iter()
            .filter(|part| weight(*part) > 0 && Some(*part) != but)
            .map(|part| i128::from(share(part).whole))
            .product()
    };
    let whole: i128 = ScorePart::ALL
        .into_iter()
        .map(|part| weight(part) * i128::from(share(part).part) * wholes(Some(part)))
        .sum();
    Score {
        hundredths: (sum > 0).then(|| hundredths(whole, sum * wholes(None))),
        parts: ScorePart::ALL.map(|part| {
            let Share { part: of, whole } = share(part);
            PartScore {
                part,
                share: share(part),
                weight: hundredths(weight(part), sum),
                points: hundredths(
                    weight(part) * i128::from(of),
                    sum * i128::from(whole.max(1)),
                ),
            }
        }),
    }
}

/// The rank of each score, from 1: equal scores share a rank, and the next one comes as many ranks later. What has no
/// score has no rank.
pub fn ranks(scores: &[Option<i64>]) -> Vec<Option<i32>> {
    let rank = |score: i64| {
        let better = scores.iter().flatten().filter(|other| **other > score);
        i32::try_from(better.count() + 1).unwrap_or(i32::MAX)
    };
    scores.iter().map(|score| score.map(rank)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn share(part: i64, whole: i64) -> Share {
        Share { part, whole }
    }

    const fn weights(timeliness: i32, first_time_acceptance: i32, progress: i32) -> Weights {
        Weights {
            timeliness,
            first_time_acceptance,
            progress,
        }
    }

    #[test]
    fn scores_by_hand() {
        let default = Weights::default();
        for (achieved, weights, score_of, points) in [
            // Everything, nothing, half of it.
            (
                [share(3, 3), share(2, 2), share(5, 5)],
                default,
                Some(10_000),
                [4000, 2000, 4000],
            ),
            (
                [share(0, 3), share(0, 2), share(0, 5)],
                default,
                Some(0),
                [0, 0, 0],
            ),
            (
                [share(1, 2), share(1, 2), share(2, 4)],
                default,
                Some(5000),
                [2000, 1000, 2000],
            ),
            // 40 × 9/12 + 20 × 4/5 + 40 × 1/3.
            (
                [share(9, 12), share(4, 5), share(1, 3)],
                default,
                Some(5933),
                [3000, 1600, 1333],
            ),
            // Nothing reviewed: 40 and 40 become 50 and 50.
            (
                [share(1, 2), share(0, 0), share(1, 1)],
                default,
                Some(7500),
                [2500, 0, 5000],
            ),
            (
                [share(1, 2), share(0, 0), share(0, 0)],
                default,
                Some(5000),
                [5000, 0, 0],
            ),
            // Nothing that weighs anything can be measured.
            (
                [share(1, 2), share(0, 0), share(1, 1)],
                weights(0, 1, 0),
                None,
                [0, 0, 0],
            ),
            // Three thirds are one.
            (
                [share(1, 1), share(7, 7), share(2, 2)],
                weights(1, 1, 1),
                Some(10_000),
                [3333, 3333, 3333],
            ),
            (
                [share(1, 1), share(0, 7), share(0, 2)],
                weights(1, 0, 0),
                Some(10_000),
                [10_000, 0, 0],
            ),
        ] {
            let score = score(&Achieved(achieved), &weights);
            assert_eq!(score.hundredths, score_of, "{achieved:?} {weights:?}");
            assert_eq!(
                score.parts.map(|part| part.points),
                points,
                "{achieved:?} {weights:?}"
            );
        }
    }

    #[test]
    fn equal_scores_share_a_rank() {
        assert_eq!(
            ranks(&[Some(50), Some(70), None, Some(50), Some(10), Some(70)]),
            [Some(3), Some(1), None, Some(3), Some(5), Some(1)]
        );
        assert_eq!(ranks(&[]), []);
    }

    #[test]
    fn weights_that_make_no_sense_are_named() {
        let fields = |weights: Weights| -> Vec<String> {
            let problems = weights.problems("weights");
            problems
                .iter()
                .map(|refusal| refusal.field.join("."))
                .collect()
        };
        assert_eq!(fields(Weights::default()), Vec::<String>::new());
        assert_eq!(fields(weights(0, 0, 1)), Vec::<String>::new());
        assert_eq!(fields(weights(1000, 0, 0)), Vec::<String>::new());
        assert_eq!(fields(weights(0, 0, 0)), ["weights"]);
        assert_eq!(
            fields(weights(-1, 0, 1001)),
            ["weights.timeliness", "weights.progress"]
        );
    }

    #[test]
    fn ratios_have_four_decimals_and_none_of_nothing() {
        assert_eq!(share(0, 0).ratio(), None);
        assert_eq!(share(2, 3).ratio(), Some(0.6667));
        assert_eq!(share(1, 3).ratio(), Some(0.3333));
        assert_eq!(share(3, 3).ratio(), Some(1.0));
        assert_eq!(share(1, 8).ratio(), Some(0.125));
        assert_eq!(rounded(200, 3, 2), 66.67);
    }

    fn any_share() -> impl Strategy<Value = Share> {
        (0..200_i64).prop_flat_map(|whole| (0..=whole).prop_map(move |part| Share { part, whole }))
    }

    fn any_weights() -> impl Strategy<Value = Weights> {
        (0..=1000, 0..=1000, 0..=1000).prop_map(|(a, b, c)| weights(a, b, c))
    }

    proptest! {
        #[test]
        fn points_explain_the_score(a in any_share(), b in any_share(), c in any_share(), weights in any_weights()) {
            let score = score(&Achieved([a, b, c]), &weights);
            let sum: i64 = score.parts.iter().map(|part| part.points).sum();
            let most: i64 = score.parts.iter().map(|part| part.weight).sum();
            match score.hundredths {
                Some(hundredths) => {
                    prop_assert!((0..=10_000).contains(&hundredths));
                    prop_assert!((sum - hundredths).abs() <= 2, "{score:?}");
                    prop_assert!((most - 10_000).abs() <= 2, "{score:?}");
                }
                None => prop_assert_eq!((sum, most), (0, 0)),
            }
            for part in score.parts {
                prop_assert!(part.points <= part.weight);
            }
        }

        #[test]
        fn more_achieved_is_never_less_and_weights_are_relative(a in any_share(), b in any_share(), c in any_share(), weights in any_weights(), at in 0..3_usize) {
            let before = Achieved([a, b, c]);
            let mut after = before;
            after.0[at].part = (after.0[at].part + 1).min(after.0[at].whole);
            prop_assert!(score(&after, &weights).hundredths >= score(&before, &weights).hundredths);
            let tripled = Weights {
                timeliness: weights.timeliness * 3,
                first_time_acceptance: weights.first_time_acceptance * 3,
                progress: weights.progress * 3,
            };
            prop_assert_eq!(score(&before, &tripled), score(&before, &weights));
        }

        #[test]
        fn ranks_follow_scores(scores in proptest::collection::vec(proptest::option::of(0..5_i64), 0..20)) {
            let ranks = ranks(&scores);
            for (one, rank) in scores.iter().zip(&ranks) {
                prop_assert_eq!(one.is_some(), rank.is_some());
                for (other, other_rank) in scores.iter().zip(&ranks) {
                    if let (Some(one), Some(other), Some(rank), Some(other_rank)) = (one, other, rank, other_rank) {
                        prop_assert_eq!(one.cmp(other), other_rank.cmp(rank));
                    }
                }
            }
        }
    }
}
