//! The demo's dice: the same for the same throw, in every run and on every machine.

/// A throw for something: what it is about, and for what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draw(u64);

impl Draw {
    /// The throw about these, for a purpose.
    pub(super) fn about(keys: &[i64], purpose: &str) -> Self {
        let words = keys.iter().map(|key| key.cast_unsigned());
        let letters = purpose.bytes().map(u64::from);
        Self(
            words
                .chain(letters)
                .fold(SEED, |state, word| mix(state ^ word)),
        )
    }

    /// A number below a bound; 0 for the bound 0.
    pub(super) fn below(self, bound: u64) -> u64 {
        self.0.checked_rem(bound).unwrap_or(0)
    }

    /// A number from the first to the last.
    pub(super) fn between(self, first: i64, last: i64) -> i64 {
        let width = last.abs_diff(first).saturating_add(1);
        first.saturating_add_unsigned(self.below(width))
    }

    /// One of these, each as likely as its weight.
    pub(super) fn weighed<T: Copy>(self, choices: &[(u64, T)], otherwise: T) -> T {
        let mut rest = self.below(choices.iter().map(|(weight, _)| weight).sum());
        for (weight, choice) in choices {
            match rest.checked_sub(*weight) {
                Some(left) => rest = left,
                None => return *choice,
            }
        }
        otherwise
    }

    /// One of these texts.
    pub(super) fn among(self, texts: &[&'static str]) -> &'static str {
        let at = usize::try_from(self.below(texts.len() as u64)).unwrap_or(0);
        texts.get(at).copied().unwrap_or_default()
    }
}

/// Another seed is another year.
const SEED: u64 = 2022;

/// The step of SplitMix64 (Steele, Lea and Flood 2014), which leaves no pattern between neighbouring keys.
fn mix(state: u64) -> u64 {
    let mut word = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_throw_is_the_same_again_and_differs_for_another_purpose() {
        let throw = |purpose| Draw::about(&[7, 6], purpose).below(1_000_000);
        assert_eq!(throw("fate"), throw("fate"));
        assert_ne!(throw("fate"), throw("day"));
    }

    #[test]
    fn weights_are_kept() {
        let mut heads = 0;
        for key in 0..10_000 {
            heads += Draw::about(&[key], "coin").weighed(&[(3, 1), (1, 0)], 0);
        }
        assert!((7_300..7_700).contains(&heads), "{heads}");
        assert_eq!(Draw::about(&[1], "").weighed(&[], 'x'), 'x');
    }
}
